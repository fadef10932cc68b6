import type { KubeObject } from "@gitops-toolkit/kube"
import type { Pod } from "../shapes.ts"
import { readIndexes } from "./job-indexes.ts"
import {
  endOf,
  failuresBefore,
  hasFailed,
  held,
  indexOf,
  isTracked,
  type JobSpec,
  type JobStatus,
  phaseOf,
  type Verdict,
} from "./job-parts.ts"
import { matchFailure, matchSuccess } from "./job-policy.ts"

/** What a Job's Pods came to, those that are not counted yet included. */
export interface Counted {
  readonly succeeded: number
  readonly failed: number
  readonly indexes: ReadonlySet<number>
  readonly failedIndexes: ReadonlySet<number>
  /** Tracked Pods that are done. */
  readonly done: readonly KubeObject[]
  /** Failures after the last success, and when the last one was. */
  readonly failuresInRow: number
  readonly lastFailureMs: number
}

/** True for a failure that no rule lets pass. */
export function isCounted(spec: JobSpec, pod: KubeObject): boolean {
  return matchFailure(spec, pod)?.action !== "Ignore"
}

/** Counts the Pods of a Job. */
export function countPods(spec: JobSpec, status: JobStatus, pods: readonly KubeObject[]): Counted {
  const isIndexed = spec.completionMode === "Indexed"
  const tracked = pods.filter(isTracked)
  const good = tracked.filter((pod) => phaseOf(pod) === "Succeeded")
  const bad = tracked.filter((pod) => hasFailed(spec, pod))
  const indexes = new Set(isIndexed ? readIndexes(status.completedIndexes ?? "") : [])
  for (const pod of good) indexes.add(indexOf(pod))
  const failedIndexes = new Set(readIndexes(status.failedIndexes ?? ""))
  for (const pod of bad) if (hasSpentIndex(spec, pod)) failedIndexes.add(indexOf(pod))
  const lastSuccessMs = Math.max(0, ...pods.filter((pod) => phaseOf(pod) === "Succeeded").map(endOf))
  const failures = pods.filter((pod) => hasFailed(spec, pod)).map(endOf)
  return {
    succeeded: isIndexed ? indexes.size : (status.succeeded ?? 0) + good.length,
    failed: (status.failed ?? 0) + bad.filter((pod) => isCounted(spec, pod)).length,
    indexes,
    failedIndexes,
    done: [...good, ...bad],
    failuresInRow: failures.filter((ms) => ms >= lastSuccessMs).length,
    lastFailureMs: Math.max(0, ...failures),
  }
}

/** True for a failed Pod whose index gets no other. */
function hasSpentIndex(spec: JobSpec, pod: KubeObject): boolean {
  if (spec.backoffLimitPerIndex === undefined) return false
  const action = matchFailure(spec, pod)?.action
  return action === "FailIndex" || (action !== "Ignore" && failuresBefore(pod) >= spec.backoffLimitPerIndex)
}

interface Situation {
  readonly status: JobStatus
  readonly pods: readonly KubeObject[]
  readonly counted: Counted
  readonly nowMs: number
}

const failed = (reason: string, message: string): Verdict => ({ type: "Failed", reason, message })

/** How the Job ends, as it was said before or is to be said now; undefined while it goes on. */
export function verdictOf(spec: JobSpec, { status, pods, counted, nowMs }: Situation): Verdict | undefined {
  const said = status.conditions?.find(({ type }) => type === "SuccessCriteriaMet" || type === "FailureTarget")
  if (said && held(status, said.type)) {
    const type = said.type === "FailureTarget" ? "Failed" : "Complete"
    return { type, reason: said.reason ?? "", message: said.message ?? "" }
  }
  for (const pod of pods) {
    const match = hasFailed(spec, pod) ? matchFailure(spec, pod) : undefined
    if (match?.action === "FailJob") return failed("PodFailurePolicy", match.message)
  }
  const { completions = 0, backoffLimit = 6, activeDeadlineSeconds, suspend, maxFailedIndexes } = spec
  if (counted.failed > backoffLimit || hasRestartedTooOften(spec, pods))
    return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit")
  const endMs = Date.parse(status.startTime ?? "") + (activeDeadlineSeconds ?? Infinity) * 1000
  if (nowMs >= endMs && !suspend) return failed("DeadlineExceeded", "Job was active longer than specified deadline")
  const lost = counted.failedIndexes.size
  if (lost > (maxFailedIndexes ?? Infinity))
    return failed("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
  if (lost > 0 && lost + counted.indexes.size >= completions) return failed("FailedIndexes", "Job has failed indexes")
  const text = matchSuccess(spec, counted.indexes)
  return text === undefined ? undefined : { type: "Complete", reason: "SuccessPolicy", message: text }
}

function hasRestartedTooOften({ template, backoffLimit = 6 }: JobSpec, pods: readonly KubeObject[]): boolean {
  if ((template.spec as { readonly restartPolicy?: string }).restartPolicy !== "OnFailure") return false
  let restarts = 0
  for (const pod of pods.filter((each) => phaseOf(each) === "Running" || phaseOf(each) === "Pending")) {
    const { containerStatuses = [], initContainerStatuses = [] } = ((pod as Pod).status ?? {}) as {
      readonly containerStatuses?: readonly { readonly restartCount?: number }[]
      readonly initContainerStatuses?: readonly { readonly restartCount?: number }[]
    }
    for (const { restartCount = 0 } of [...containerStatuses, ...initContainerStatuses]) restarts += restartCount
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}
