import type { KubeObject } from "@gitops-toolkit/kube"
import type { FailureKind } from "../options.ts"
import { type Condition, type Container, controllerOf, isLeaving, type Pod, withCondition } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { schedulePod } from "./schedule-pod.ts"

/** Scheduler and kubelet: a Pod is bound, runs, is ready; one of a Job ends; a deleted one goes. */
export const stepPod: Step = (object, view) => {
  const pod = object as Pod
  const { phase = "Pending" } = pod.status ?? {}
  if (isLeaving(pod))
    return pod.spec?.nodeName && pod.metadata.deletionGracePeriodSeconds
      ? [{ type: "delete", object: pod, now: true }]
      : []
  if (phase === "Pending") return pod.spec?.nodeName ? startPod(pod, view) : schedulePod(pod, view)
  if (phase === "Running" && pod.spec?.nodeName && isOfJob(pod)) return endPod(pod, view)
  return []
}

const isOfJob = (pod: Pod): boolean => controllerOf(pod)?.kind === "Job"

function startPod(pod: Pod, view: View): readonly Action[] {
  const failure = view.failureOf(pod)
  const delayMs = failure?.kind === "SlowStart" ? (failure.delayMs ?? 60_000) : view.delayMs
  const startsAt = Date.parse(pod.metadata.creationTimestamp ?? view.now) + delayMs
  if (delayMs > 0 && view.nowMs < startsAt)
    return [statusOf(pod, view, "ContainerCreating"), { type: "wake", atMs: startsAt }]
  if (failure?.kind === "ImagePullBackOff") return [statusOf(pod, view, "ImagePullBackOff")]
  const isFailing = failure?.kind === "CrashLoopBackOff" || (failure?.kind === "Error" && !isOfJob(pod))
  return [statusOf(pod, view, isFailing ? "CrashLoopBackOff" : "Running")]
}

function endPod(pod: Pod, view: View): readonly Action[] {
  const failure: FailureKind | undefined = view.failureOf(pod)?.kind
  if (failure === "CrashLoopBackOff") return []
  const { startTime } = pod.status as { readonly startTime?: string }
  const endsAt = Date.parse(startTime ?? view.now) + view.delayMs
  if (view.delayMs > 0 && view.nowMs < endsAt) return [{ type: "wake", atMs: endsAt }]
  return [statusOf(pod, view, failure === "Error" ? "Failed" : "Succeeded")]
}

type Stage = "ContainerCreating" | "ImagePullBackOff" | "CrashLoopBackOff" | "Running" | "Failed" | "Succeeded"

const phases: { readonly [stage in Stage]: string } = {
  ContainerCreating: "Pending",
  ImagePullBackOff: "Pending",
  CrashLoopBackOff: "Running",
  Running: "Running",
  Failed: "Failed",
  Succeeded: "Succeeded",
}

function statusOf(pod: Pod, view: View, stage: Stage): Action {
  const { now } = view
  const { containers, initContainers = [] } = pod.spec!
  const isUp = stage === "Running"
  const hasStarted = stage !== "ContainerCreating"
  const ready: Omit<Condition, "type"> = isUp
    ? { status: "True" }
    : stage === "Succeeded"
      ? { status: "False", reason: "PodCompleted" }
      : stage === "Failed"
        ? { status: "False", reason: "PodFailed" }
        : {
            status: "False",
            reason: "ContainersNotReady",
            message: `containers with unready status: [${containers.map(({ name }) => name).join(" ")}]`,
          }
  const initialized = { status: "True", ...(stage === "Succeeded" ? { reason: "PodCompleted" } : {}) }
  let conditions = pod.status?.conditions ?? []
  const rows = { PodReadyToStartContainers: { status: isUp ? "True" : "False" }, Initialized: initialized }
  for (const [type, row] of Object.entries({ ...rows, Ready: ready, ContainersReady: ready }))
    conditions = withCondition(conditions, { type, ...row }, { now })
  conditions = withCondition(conditions, { type: "PodScheduled", status: "True" }, { now })
  const podIP = pod.status?.podIP ?? (hasStarted ? view.nextAddress() : undefined)
  const place = { pod, now, stage }
  const status = {
    ...pod.status,
    phase: phases[stage],
    conditions,
    hostIP: "192.168.0.1",
    hostIPs: [{ ip: "192.168.0.1" }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: (pod.status?.["startTime"] as string | undefined) ?? now,
    ...(initContainers.length > 0
      ? { initContainerStatuses: initContainers.map((each) => containerStatus(each, { ...place, isFirst: true })) }
      : {}),
    containerStatuses: containers.map((each) => containerStatus(each, { ...place, isFirst: false })),
  }
  return { type: "status", object: { ...pod, status } as KubeObject }
}

function containerStatus(
  { name, image = "" }: Container,
  place: { readonly pod: Pod; readonly now: string; readonly stage: Stage; readonly isFirst: boolean },
): object {
  const { pod, now, stage, isFirst } = place
  const startedAt = (pod.status?.["startTime"] as string | undefined) ?? now
  const ended = (exitCode: number): object => ({
    terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt, finishedAt: now },
  })
  const crash = `back-off 10s restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
  const states: { readonly [name in Stage]: object } = {
    ContainerCreating: { waiting: { reason: isFirst ? "PodInitializing" : "ContainerCreating" } },
    ImagePullBackOff: { waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` } },
    CrashLoopBackOff: { waiting: { reason: "CrashLoopBackOff", message: crash } },
    Running: { running: { startedAt } },
    Failed: ended(1),
    Succeeded: ended(0),
  }
  const isDone = isFirst && stage !== "ContainerCreating"
  const isCrashing = stage === "CrashLoopBackOff" && !isFirst
  const isUp = stage === "Running" && !isFirst
  return {
    name,
    image,
    imageID: "",
    ready: isUp || isDone,
    restartCount: isCrashing ? 1 : 0,
    started: isUp,
    state: isDone ? ended(0) : states[stage],
    lastState: isCrashing ? ended(1) : {},
  }
}
