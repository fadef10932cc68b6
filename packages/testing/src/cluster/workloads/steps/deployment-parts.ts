import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, type LabelSelector, type PodTemplate, share } from "../shapes.ts"
import type { ReplicaSetSpec } from "./replica-set.ts"

/** The parts of a Deployment that its controller reads. */
export interface DeploymentSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly paused?: boolean
  readonly progressDeadlineSeconds?: number
  readonly revisionHistoryLimit?: number
  readonly selector: LabelSelector
  readonly strategy?: {
    readonly type?: string
    readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
  }
  readonly template: PodTemplate
}

/** The parts of its status. */
export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly terminatingReplicas?: number
  readonly conditions?: readonly Condition[]
}

/** A Deployment. */
export type Deployment = KubeObject<DeploymentSpec, DeploymentStatus>

/** A ReplicaSet as its Deployment sees it. */
export type ReplicaSet = KubeObject<
  ReplicaSetSpec,
  {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly terminatingReplicas?: number
    readonly observedGeneration?: number
    readonly conditions?: readonly Condition[]
  }
>

/** The ReplicaSets of a Deployment: that of its template, and the others. */
export interface Sets {
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

/** Counts the templates of a Deployment, on it and on each of its ReplicaSets. */
export const revisionKey = "deployment.kubernetes.io/revision"
/** How many Pods the Deployment had and could have had when its ReplicaSet was last scaled. */
export const desiredKey = "deployment.kubernetes.io/desired-replicas"
/** See `desiredKey`. */
export const maxKey = "deployment.kubernetes.io/max-replicas"

/** How many Pods more, and how many fewer, there may be during a roll-out. */
export function bounds(spec: DeploymentSpec): { readonly surge: number; readonly unavailable: number } {
  const { replicas = 1, strategy } = spec
  if (strategy?.type === "Recreate") return { surge: 0, unavailable: 0 }
  const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {}
  const surge = share(maxSurge, replicas, true)
  const unavailable = share(maxUnavailable, replicas, false)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) }
}

/** True when the roll-out is to end in time. */
export function hasDeadline({ progressDeadlineSeconds: seconds }: DeploymentSpec): boolean {
  return seconds !== undefined && seconds < 2 ** 31 - 1
}

/** The revision that an object bears; 0 without one. */
export const revisionNumber = (object: KubeObject): number => Number(object.metadata.annotations?.[revisionKey] ?? 0)
/** How many Pods a ReplicaSet is to have. */
export const wantedOf = (set: ReplicaSet): number => set.spec?.replicas ?? 1
/** How many of its Pods are available. */
export const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0
/** The sum of a count over ReplicaSets. */
export const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + count(set), 0)

/** Oldest first. */
export function byAge(a: KubeObject, b: KubeObject): number {
  const [bornA, bornB] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""]
  if (bornA !== bornB) return bornA < bornB ? -1 : 1
  return a.metadata.name! < b.metadata.name! ? -1 : 1
}
