import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, isLeaving, type Pod, type PodTemplate } from "../shapes.ts"

/** What a failure of a Pod means for its Job. */
export interface FailureRule {
  readonly action: string
  readonly onExitCodes?: {
    readonly containerName?: string
    readonly operator: string
    readonly values: readonly number[]
  }
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[]
}

/** The parts of a Job that its controller reads. */
export interface JobSpec {
  readonly completions?: number
  readonly parallelism?: number
  readonly backoffLimit?: number
  readonly backoffLimitPerIndex?: number
  readonly maxFailedIndexes?: number
  readonly activeDeadlineSeconds?: number
  readonly ttlSecondsAfterFinished?: number
  readonly completionMode?: string
  readonly suspend?: boolean
  readonly managedBy?: string
  readonly podReplacementPolicy?: string
  readonly podFailurePolicy?: { readonly rules: readonly FailureRule[] }
  readonly successPolicy?: {
    readonly rules: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[]
  }
  readonly template: PodTemplate
}

/** The parts of its status. */
export interface JobStatus {
  readonly succeeded?: number
  readonly failed?: number
  readonly startTime?: string
  readonly completionTime?: string
  readonly completedIndexes?: string
  readonly failedIndexes?: string
  readonly conditions?: readonly Condition[]
}

/** How a Job ends. */
export interface Verdict {
  readonly type: "Complete" | "Failed"
  readonly reason: string
  readonly message: string
}

/** The finalizer that keeps a Pod until it is counted. */
export const tracking = "batch.kubernetes.io/job-tracking"
/** The label and annotation that tell a Pod's index. */
export const indexKey = "batch.kubernetes.io/job-completion-index"
/** How often the Pods of an index failed before this one. */
export const failureCountKey = "batch.kubernetes.io/job-index-failure-count"

/** True when the status has the condition. */
export const held = (status: JobStatus, type: string): boolean =>
  status.conditions?.some((each) => each.type === type && each.status === "True") ?? false
/** The phase of a Pod. */
export const phaseOf = (pod: KubeObject): string => (pod as Pod).status?.phase ?? "Pending"
/** The index of a Pod; -1 without one. */
export const indexOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.[indexKey] ?? -1)
/** True for a Pod that is not counted yet. */
export const isTracked = (pod: KubeObject): boolean => pod.metadata.finalizers?.includes(tracking) ?? false
/** How often the Pods of this one's index failed before it. */
export const failuresBefore = (pod: KubeObject): number => Number(pod.metadata.annotations?.[failureCountKey] ?? 0)

/** True for a Pod that failed; one that is deleted while it runs has, unless only failed ones are replaced. */
export function hasFailed(spec: JobSpec, pod: KubeObject): boolean {
  if (phaseOf(pod) === "Failed") return true
  if (spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy) return false
  return isLeaving(pod) && phaseOf(pod) !== "Succeeded"
}

/** When the containers of a Pod ended. */
export function endOf(pod: KubeObject): number {
  const { containerStatuses = [], conditions = [] } = ((pod as Pod).status ?? {}) as {
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: { readonly finishedAt?: string } }
    }[]
    readonly conditions?: readonly Condition[]
  }
  const ends = containerStatuses.map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ""))
  if (ends.length > 0 && ends.every((end) => !Number.isNaN(end))) return Math.max(...ends)
  const ready = conditions.find(({ type, status }) => type === "Ready" && status === "False")
  const { deletionTimestamp, creationTimestamp } = pod.metadata
  return Date.parse(ready?.lastTransitionTime ?? deletionTimestamp ?? creationTimestamp ?? "") || 0
}

/** When Pods are made again after `failures` in a row, the last at `lastMs`. */
export function retryAt(failures: number, lastMs: number): number {
  return failures === 0 ? 0 : lastMs + Math.min(10_000 * 2 ** (failures - 1), 600_000)
}
