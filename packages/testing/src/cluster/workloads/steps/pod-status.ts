import { createHash } from "node:crypto"
import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, type Container, type Pod, withCondition } from "../shapes.ts"
import type { View } from "../step.ts"

/** Where a Pod is in its life. */
export type Stage =
  | "ContainerCreating"
  | "ImagePullBackOff"
  | "CrashLoopBackOff"
  | "Unready"
  | "Running"
  | "Failed"
  | "Succeeded"

/** What the status of a Pod is made of. */
export interface Moment {
  readonly stage: Stage
  /** How often its containers were started again. */
  readonly restarts: number
}

const phases: { readonly [stage in Stage]: string } = {
  ContainerCreating: "Pending",
  ImagePullBackOff: "Pending",
  CrashLoopBackOff: "Running",
  Unready: "Running",
  Running: "Running",
  Failed: "Failed",
  Succeeded: "Succeeded",
}

const isUp = (stage: Stage): boolean => stage === "Running"
const hasSandbox = (stage: Stage): boolean => phases[stage] === "Running" || stage === "ImagePullBackOff"

/** The Pod with the status of a moment. */
export function podStatus(pod: Pod, view: View, moment: Moment): KubeObject {
  const { stage } = moment
  const { now } = view
  const { containers, initContainers = [] } = pod.spec!
  const hasAddress = stage !== "ContainerCreating"
  const podIP = pod.status?.podIP ?? (hasAddress ? view.nextAddress() : undefined)
  const place = { pod, now, ...moment }
  const status = {
    ...pod.status,
    phase: phases[stage],
    conditions: conditionsOf(pod, stage, now),
    hostIP: "192.168.0.1",
    hostIPs: [{ ip: "192.168.0.1" }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: (pod.status?.["startTime"] as string | undefined) ?? now,
    ...(initContainers.length > 0
      ? { initContainerStatuses: initContainers.map((each) => containerStatus(each, { ...place, isFirst: true })) }
      : {}),
    containerStatuses: containers.map((each) => containerStatus(each, { ...place, isFirst: false })),
  }
  return { ...pod, status } as KubeObject
}

/** In the kubelet's order, after those that others set. */
function conditionsOf(pod: Pod, stage: Stage, now: string): readonly Condition[] {
  const waiting = pod.spec!.containers.map(({ name }) => name).join(" ")
  const ready: Omit<Condition, "type"> = isUp(stage)
    ? { status: "True" }
    : stage === "Succeeded"
      ? { status: "False", reason: "PodCompleted" }
      : stage === "Failed"
        ? { status: "False", reason: "PodFailed" }
        : { status: "False", reason: "ContainersNotReady", message: `containers with unready status: [${waiting}]` }
  const rows: { readonly [type: string]: Omit<Condition, "type"> } = {
    PodReadyToStartContainers: { status: hasSandbox(stage) ? "True" : "False" },
    Initialized: { status: "True", ...(stage === "Succeeded" ? { reason: "PodCompleted" } : {}) },
    Ready: ready,
    ContainersReady: ready,
    PodScheduled: { status: "True" },
  }
  const before = pod.status?.conditions
  const others = (before ?? []).filter(({ type }) => !Object.hasOwn(rows, type))
  const own = Object.entries(rows).map(([type, row]) => {
    const known = before?.filter((each) => each.type === type)
    return withCondition(known, { type, ...row }, { now })[0]!
  })
  return [...others, ...own]
}

/** What a registry says of an image that it does not have. */
export function pullError(image: string): string {
  const [host = ""] = image.split("/")
  const full = !image.includes("/")
    ? `docker.io/library/${image}`
    : /[.:]|^localhost$/.test(host)
      ? image
      : `docker.io/${image}`
  return (
    `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference ` +
    `"${full}": ${full}: not found`
  )
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex")

interface Place extends Moment {
  readonly pod: Pod
  readonly now: string
  readonly isFirst: boolean
}

function containerStatus({ name, image = "" }: Container, place: Place): object {
  const { pod, now, stage, isFirst, restarts } = place
  const { name: podName, namespace, uid } = pod.metadata
  const startedAt = (pod.status?.["startTime"] as string | undefined) ?? now
  const idOf = (turn: number): string => `containerd://${digest(`${uid}/${name}/${turn}`)}`
  const ended = (exitCode: number, turn = restarts): object => ({
    terminated: {
      exitCode,
      reason: exitCode === 0 ? "Completed" : "Error",
      startedAt: turn > 0 ? now : startedAt,
      finishedAt: now,
      containerID: idOf(turn),
    },
  })
  const seconds = Math.min(10 * 2 ** (restarts - 1), 300)
  const wait = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
  const crash = `back-off ${wait} restarting failed container=${name} pod=${podName}_${namespace}(${uid})`
  const pull = `Back-off pulling image "${image}": ErrImagePull: ${pullError(image)}`
  const states: { readonly [stage in Stage]: object } = {
    ContainerCreating: { waiting: { reason: isFirst ? "PodInitializing" : "ContainerCreating" } },
    ImagePullBackOff: { waiting: { reason: "ImagePullBackOff", message: pull } },
    CrashLoopBackOff: { waiting: { reason: "CrashLoopBackOff", message: crash } },
    Unready: { running: { startedAt } },
    Running: { running: { startedAt } },
    Failed: ended(1),
    Succeeded: ended(0),
  }
  const isDone = isFirst && stage !== "ContainerCreating"
  const isCrashing = stage === "CrashLoopBackOff" && !isFirst
  const hasRun = isDone || (stage !== "ContainerCreating" && stage !== "ImagePullBackOff")
  const isRunning = (stage === "Running" || stage === "Unready") && !isFirst
  return {
    ...(hasRun ? { containerID: idOf(isDone ? 0 : restarts) } : {}),
    name,
    image,
    imageID: hasRun ? `${image.replace(/:[^/:]*$/, "")}@sha256:${digest(image)}` : "",
    ready: isUp(stage) ? true : isDone,
    restartCount: isCrashing ? restarts : 0,
    started: isRunning,
    state: isDone ? ended(0, 0) : states[stage],
    lastState: isCrashing ? ended(1) : {},
  }
}
