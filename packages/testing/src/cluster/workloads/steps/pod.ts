import { controllerOf, isLeaving, type Pod, type PodStatus } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { toldOf, toldOfEnd } from "./pod-events.ts"
import { podStatus, type Stage } from "./pod-status.ts"
import { schedulePod } from "./schedule-pod.ts"

/** Scheduler and kubelet: a Pod is bound, runs, is ready; one of a Job ends; a deleted one goes. */
export const stepPod: Step = (object, view) => {
  const pod = object as Pod
  const { phase = "Pending" } = pod.status ?? {}
  if (isLeaving(pod)) {
    const isOurs = pod.spec?.nodeName && pod.metadata.deletionGracePeriodSeconds
    return isOurs ? [...toldOfEnd(pod), { type: "delete", object: pod, now: true }] : []
  }
  if (phase === "Pending") return pod.spec?.nodeName ? startPod(pod, view) : schedulePod(pod, view)
  if (phase !== "Running" || !pod.spec?.nodeName) return []
  if (reasonOf(pod) === "CrashLoopBackOff") return restart(pod, view)
  return isReadyLater(pod) ? startPod(pod, view) : isOfJob(pod) ? endPod(pod, view) : []
}

const isOfJob = (pod: Pod): boolean => controllerOf(pod)?.kind === "Job"
const isNeverRestarted = ({ spec }: Pod): boolean =>
  (spec as { readonly restartPolicy?: string }).restartPolicy === "Never"

interface Told extends PodStatus {
  readonly startTime?: string
  readonly containerStatuses?: readonly {
    readonly restartCount?: number
    readonly state?: { readonly waiting?: { readonly reason?: string }; readonly running?: object }
    readonly lastState?: { readonly terminated?: { readonly finishedAt?: string } }
    readonly started?: boolean
    readonly ready?: boolean
  }[]
}

const toldBy = (pod: Pod): Told => (pod.status ?? {}) as Told
const firstOf = (pod: Pod): NonNullable<Told["containerStatuses"]>[number] => toldBy(pod).containerStatuses?.[0] ?? {}
const reasonOf = (pod: Pod): string | undefined => firstOf(pod).state?.waiting?.reason

/** True for a Pod that runs and that we said is not ready yet. */
function isReadyLater(pod: Pod): boolean {
  const { started, ready, state } = firstOf(pod)
  return state?.running !== undefined && started === true && ready === false
}

/** The stage in full: the status, and what is told of it. */
function enter(
  pod: Pod,
  view: View,
  { stage, restarts = 0 }: { readonly stage: Stage; readonly restarts?: number },
): readonly Action[] {
  const notices = isReadyLater(pod) ? [] : toldOf(pod, { stage, restarts })
  return [{ type: "status", object: podStatus(pod, view, { stage, restarts }) }, ...notices]
}

function startPod(pod: Pod, view: View): readonly Action[] {
  const failure = view.failureOf(pod)
  const isSlow = failure?.kind === "SlowStart"
  const delayMs = isSlow ? (failure.delayMs ?? 60_000) : view.delayMs
  const startsAt = Date.parse(pod.metadata.creationTimestamp ?? view.now) + delayMs
  if (delayMs > 0 && view.nowMs < startsAt) {
    // What has a readiness probe runs, and is found not to be ready; all else takes long to come.
    const isProbed = isSlow && pod.spec!.containers.some(({ readinessProbe }) => readinessProbe !== undefined)
    const isKnown = isProbed ? isReadyLater(pod) : reasonOf(pod) === "ContainerCreating"
    const actions = isKnown ? [] : enter(pod, view, { stage: isProbed ? "Unready" : "ContainerCreating" })
    return [...actions, { type: "wake", atMs: startsAt }]
  }
  if (failure?.kind === "ImagePullBackOff") {
    return reasonOf(pod) === "ImagePullBackOff" ? [] : enter(pod, view, { stage: "ImagePullBackOff" })
  }
  const isFailing = failure?.kind === "CrashLoopBackOff" || (failure?.kind === "Error" && !isOfJob(pod))
  if (isFailing && isNeverRestarted(pod)) return enter(pod, view, { stage: "Failed" })
  if (isFailing || (failure?.kind === "Error" && !isNeverRestarted(pod))) return crash(pod, view, 1)
  return enter(pod, view, { stage: "Running" })
}

/** How long a container waits that was restarted so often. */
export function backoffMs(restarts: number): number {
  return Math.min(10_000 * 2 ** (restarts - 1), 300_000)
}

function crash(pod: Pod, view: View, restarts: number): readonly Action[] {
  const wake: Action = { type: "wake", atMs: view.nowMs + backoffMs(restarts) }
  return [...enter(pod, view, { stage: "CrashLoopBackOff", restarts }), wake]
}

/** Starts a crashed container again when its time has come, in vain. */
function restart(pod: Pod, view: View): readonly Action[] {
  if (view.failureOf(pod) === undefined) return []
  const { restartCount = 1, lastState } = firstOf(pod)
  const atMs = Date.parse(lastState?.terminated?.finishedAt ?? view.now) + backoffMs(restartCount)
  return atMs > view.nowMs ? [{ type: "wake", atMs }] : crash(pod, view, restartCount + 1)
}

function endPod(pod: Pod, view: View): readonly Action[] {
  const { startTime } = toldBy(pod)
  const endsAt = Date.parse(startTime ?? view.now) + view.delayMs
  if (view.delayMs > 0 && view.nowMs < endsAt) return [{ type: "wake", atMs: endsAt }]
  const isFailing = view.failureOf(pod)?.kind === "Error"
  return [{ type: "status", object: podStatus(pod, view, { stage: isFailing ? "Failed" : "Succeeded", restarts: 0 }) }]
}
