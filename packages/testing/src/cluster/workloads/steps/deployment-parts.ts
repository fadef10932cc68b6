import type { KubeObject } from "@gitops-toolkit/kube"
import { type LabelSelector, type PodTemplate, share } from "../shapes.ts"
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

/** A ReplicaSet as its Deployment sees it. */
export type ReplicaSet = KubeObject<
  ReplicaSetSpec,
  { readonly replicas?: number; readonly readyReplicas?: number; readonly availableReplicas?: number }
>

/** Counts the templates of a Deployment, on it and on each of its ReplicaSets. */
export const revisionKey = "deployment.kubernetes.io/revision"

/** How many Pods more, and how many fewer, there may be during a roll-out. */
export function bounds(spec: DeploymentSpec): { readonly surge: number; readonly unavailable: number } {
  const { replicas = 1, strategy } = spec
  if (strategy?.type === "Recreate") return { surge: 0, unavailable: 0 }
  const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {}
  const surge = share(maxSurge, replicas, true)
  const unavailable = share(maxUnavailable, replicas, false)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) }
}

/** The revision that an object bears; 0 without one. */
export const revisionNumber = (object: KubeObject): number => Number(object.metadata.annotations?.[revisionKey] ?? 0)
/** How many Pods a ReplicaSet is to have. */
export const wantedOf = (set: ReplicaSet): number => set.spec?.replicas ?? 1
/** The sum of a count over ReplicaSets. */
export const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + count(set), 0)
