import type { KubeObject } from "@gitops-toolkit/kube"
import {
  type Condition,
  isActive,
  isLeaving,
  isReady,
  type Labels,
  type Pod,
  type PodTemplate,
  withCondition,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { podOf } from "../template.ts"

interface JobSpec {
  readonly completions?: number
  readonly parallelism?: number
  readonly backoffLimit?: number
  readonly activeDeadlineSeconds?: number
  readonly ttlSecondsAfterFinished?: number
  readonly completionMode?: string
  readonly suspend?: boolean
  readonly template: PodTemplate
}

interface JobStatus {
  readonly succeeded?: number
  readonly failed?: number
  readonly startTime?: string
  readonly completionTime?: string
  readonly completedIndexes?: string
  readonly conditions?: readonly Condition[]
}

interface Verdict {
  readonly type: "Complete" | "Failed"
  readonly reason: string
  readonly message: string
}

const tracking = "batch.kubernetes.io/job-tracking"
const indexKey = "batch.kubernetes.io/job-completion-index"

const held = (status: JobStatus, type: string): boolean =>
  status.conditions?.some((each) => each.type === type && each.status === "True") ?? false

/** Runs Pods until enough of them succeeded or too many failed; a finished Job goes after its time to live. */
export const stepJob: Step = (object, view) => {
  const status = (object.status ?? {}) as JobStatus
  const pods = view.controlledBy(object.metadata.uid!, "pods")
  if (held(status, "Complete") || held(status, "Failed")) return afterwards(object, { pods, view })
  if (isLeaving(object)) return pods.flatMap((pod) => released(pod))
  const spec = object.spec as JobSpec
  const counted = count(spec, status, pods)
  const active = pods.filter(isActive)
  const verdict = verdictOf(spec, { counted, active, status, view })
  const actions = counted.released.flatMap((pod) => released(pod))
  const isHeld = verdict !== undefined || spec.suspend === true
  for (const pod of isHeld ? active : []) actions.push({ type: "delete", object: pod })
  const missing = isHeld ? [] : missingPods(object, { counted, active, view })
  const next = statusOf(object, { counted, verdict, active: isHeld ? [] : active, view })
  return [...actions, ...missing, next, ...deadlines(spec, status, view)]
}

interface Counted {
  readonly succeeded: number
  readonly failed: number
  readonly indexes: ReadonlySet<number>
  /** Pods that are counted for good. */
  readonly released: readonly KubeObject[]
  readonly lastFailureMs: number
}

const phaseOf = (pod: KubeObject): string => (pod as Pod).status?.phase ?? "Pending"
const indexOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.[indexKey] ?? -1)

function count(spec: JobSpec, status: JobStatus, pods: readonly KubeObject[]): Counted {
  const fresh = pods.filter((pod) => pod.metadata.finalizers?.includes(tracking) && !isActive(pod))
  const done = fresh.filter((pod) => phaseOf(pod) === "Succeeded")
  const indexes = new Set(spec.completionMode === "Indexed" ? readIndexes(status.completedIndexes ?? "") : [])
  for (const pod of done) indexes.add(indexOf(pod))
  const times = pods.filter((pod) => phaseOf(pod) === "Failed").map(endOf)
  return {
    succeeded: spec.completionMode === "Indexed" ? indexes.size : (status.succeeded ?? 0) + done.length,
    // A Pod that a suspended Job takes back has not failed.
    failed:
      (status.failed ?? 0) + fresh.filter((pod) => !done.includes(pod) && !(spec.suspend && isLeaving(pod))).length,
    indexes,
    released: fresh,
    lastFailureMs: Math.max(0, ...times),
  }
}

function endOf(pod: KubeObject): number {
  const ready = (pod as Pod).status?.conditions?.find(({ type }) => type === "Ready")
  return Date.parse(ready?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? "") || 0
}

interface Situation {
  readonly counted: Counted
  readonly active: readonly KubeObject[]
  readonly status: JobStatus
  readonly view: View
}

function verdictOf(spec: JobSpec, { counted, active, status, view }: Situation): Verdict | undefined {
  const { completions, backoffLimit = 6, activeDeadlineSeconds, suspend } = spec
  if (counted.failed > backoffLimit) {
    return { type: "Failed", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" }
  }
  const started = status.startTime
  const isLate =
    activeDeadlineSeconds !== undefined &&
    started !== undefined &&
    !suspend &&
    view.nowMs >= Date.parse(started) + activeDeadlineSeconds * 1000
  if (isLate) {
    return { type: "Failed", reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" }
  }
  const isDone =
    completions === undefined ? counted.succeeded > 0 && active.length === 0 : counted.succeeded >= completions
  if (!isDone) return undefined
  return {
    type: "Complete",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  }
}

function missingPods(object: KubeObject, seen: Omit<Situation, "status">): readonly Action[] {
  const { counted, active, view } = seen
  const { completions, parallelism = 1, completionMode } = object.spec as JobSpec
  const rest = completions === undefined ? (counted.succeeded > 0 ? 0 : parallelism) : completions - counted.succeeded
  const room = Math.min(parallelism, rest) - active.length
  if (room < 0) return active.slice(room).map((pod) => ({ type: "delete", object: pod }))
  if (room === 0) return []
  const backoffMs = counted.failed === 0 ? 0 : Math.min(10_000 * 2 ** (counted.failed - 1), 600_000)
  const atMs = counted.lastFailureMs + backoffMs
  if (backoffMs > 0 && atMs > view.nowMs) return [{ type: "wake", atMs }]
  if (completionMode !== "Indexed")
    return Array.from({ length: room }, () => ({ type: "create", object: jobPod(object) }) as const)
  const taken = new Set([...counted.indexes, ...active.map(indexOf)])
  const free = Array.from({ length: completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index))
  return free.slice(0, room).map((index) => ({ type: "create", object: jobPod(object, index) }))
}

function jobPod(object: KubeObject, index?: number): KubeObject {
  const { template } = object.spec as JobSpec
  const { name } = object.metadata
  const finalizers = [...(template.metadata?.finalizers ?? []), tracking]
  const whole: PodTemplate = { ...template, metadata: { ...template.metadata, finalizers } }
  if (index === undefined) return podOf(object, whole)
  const mark: Labels = { [indexKey]: String(index) }
  const env = {
    name: "JOB_COMPLETION_INDEX",
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } },
  }
  const containers = template.spec.containers.map((each) => ({ ...each, env: [...(each.env ?? []), env] }))
  const spec = { ...template.spec, containers, hostname: `${name}-${index}` }
  const pod = podOf(object, { ...whole, spec }, { labels: mark })
  const annotations = { ...pod.metadata.annotations, ...mark }
  return { ...pod, metadata: { ...pod.metadata, annotations, generateName: `${name}-${index}-` } }
}

function statusOf(
  object: KubeObject,
  { counted, verdict, active, view }: Omit<Situation, "status"> & { readonly verdict: Verdict | undefined },
): Action {
  const before = (object.status ?? {}) as JobStatus
  const { now } = view
  const { suspend, completionMode } = object.spec as JobSpec
  let { conditions } = before
  const set = (type: string, status: string, { reason, message }: Omit<Verdict, "type">): void =>
    void (conditions = withCondition(conditions, { type, status, reason, message, lastProbeTime: now }, { now }))
  if (verdict) {
    set(verdict.type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget", "True", verdict)
    set(verdict.type, "True", verdict)
  } else if (suspend) set("Suspended", "True", { reason: "JobSuspended", message: "Job suspended" })
  else if (held(before, "Suspended")) set("Suspended", "False", { reason: "JobResumed", message: "Job resumed" })
  const isResumed = held(before, "Suspended") && !suspend
  const startTime = suspend ? undefined : isResumed ? now : (before.startTime ?? now)
  const status = {
    ...withoutZeros({
      active: active.length,
      succeeded: counted.succeeded,
      failed: counted.failed,
      completedIndexes: completionMode === "Indexed" ? printIndexes(counted.indexes) : undefined,
      startTime: verdict ? (startTime ?? now) : startTime,
      completionTime: verdict?.type === "Complete" ? now : undefined,
    }),
    ready: active.filter(isReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(conditions ? { conditions } : {}),
  }
  return { type: "status", object: { ...object, status } as KubeObject }
}

function released(pod: KubeObject): Action[] {
  const { finalizers = [], ...metadata } = pod.metadata
  if (!finalizers.includes(tracking)) return []
  const rest = finalizers.filter((name) => name !== tracking)
  return [
    { type: "update", object: { ...pod, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata } },
  ]
}

function afterwards(
  object: KubeObject,
  { pods, view }: { readonly pods: readonly KubeObject[]; readonly view: View },
): readonly Action[] {
  const actions = pods.filter((pod) => !isActive(pod)).flatMap((pod) => released(pod))
  const { ttlSecondsAfterFinished: seconds } = object.spec as JobSpec
  if (seconds === undefined || isLeaving(object)) return actions
  const { conditions = [] } = object.status as JobStatus
  const ended = conditions.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True")
  const atMs = Date.parse(ended?.lastTransitionTime ?? view.now) + seconds * 1000
  return [...actions, atMs > view.nowMs ? { type: "wake", atMs } : { type: "delete", object }]
}

function deadlines(spec: JobSpec, { startTime }: JobStatus, { now }: View): readonly Action[] {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend) return []
  return [{ type: "wake", atMs: Date.parse(startTime ?? now) + spec.activeDeadlineSeconds * 1000 }]
}

function readIndexes(text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (part === "") return []
    const [first = 0, last = first] = part.split("-").map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** `0-2,5`. */
function printIndexes(indexes: ReadonlySet<number>): string | undefined {
  const parts: [number, number][] = []
  for (const index of [...indexes].toSorted((a, b) => a - b)) {
    const last = parts.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else parts.push([index, index])
  }
  return parts.length === 0
    ? undefined
    : parts.map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a},${b}` : `${a}-${b}`)).join(",")
}
