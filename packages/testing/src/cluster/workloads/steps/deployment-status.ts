import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, withCondition, withoutZeros } from "../shapes.ts"
import type { View } from "../step.ts"
import { bounds, type DeploymentSpec, type ReplicaSet, revisionKey, revisionNumber, sum } from "./deployment-parts.ts"

interface Status {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly conditions?: readonly Condition[]
}

interface Seen {
  readonly sets: readonly ReplicaSet[]
  readonly current?: ReplicaSet | undefined
  readonly view: View
}

/** The Deployment with the status that its ReplicaSets give it, and the revision of the current one. */
export function deploymentStatus(deployment: KubeObject<DeploymentSpec>, { sets, current, view }: Seen): KubeObject {
  const before = (deployment.status ?? {}) as Status
  const replicas = sum(sets, (set) => set.status?.replicas ?? 0)
  const availableReplicas = sum(sets, (set) => set.status?.availableReplicas ?? 0)
  const next: Status = {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation,
      replicas,
      updatedReplicas: current?.status?.replicas ?? 0,
      readyReplicas: sum(sets, (set) => set.status?.readyReplicas ?? 0),
      availableReplicas,
      unavailableReplicas: Math.max(0, replicas - availableReplicas),
    }),
  }
  let conditions = before.conditions ?? []
  const set = (condition: Condition): void =>
    void (conditions = withCondition(conditions, condition, { now: view.now, updates: true }))
  set(availabilityOf(deployment.spec!, availableReplicas))
  const progress = progressOf(deployment, { before, next, current, nowMs: view.nowMs })
  if (progress) set(progress)
  const annotations = current
    ? { ...deployment.metadata.annotations, [revisionKey]: String(revisionNumber(current)) }
    : deployment.metadata.annotations
  return {
    ...deployment,
    metadata: { ...deployment.metadata, ...(annotations ? { annotations } : {}) },
    status: { ...next, conditions },
  } as KubeObject
}

function availabilityOf(spec: DeploymentSpec, available: number): Condition {
  const isEnough = available >= (spec.replicas ?? 1) - bounds(spec).unavailable
  const [reason, message] = isEnough
    ? ["MinimumReplicasAvailable", "Deployment has minimum availability."]
    : ["MinimumReplicasUnavailable", "Deployment does not have minimum availability."]
  return { type: "Available", status: isEnough ? "True" : "False", reason: reason!, message: message! }
}

interface Progress {
  readonly before: Status
  readonly next: Status
  readonly current: ReplicaSet | undefined
  readonly nowMs: number
}

/** What Progressing says now; undefined when it stays as it is. */
function progressOf(deployment: KubeObject<DeploymentSpec>, seen: Progress): Condition | undefined {
  const { before, next, current, nowMs } = seen
  const spec = deployment.spec!
  const known = before.conditions?.find(({ type }) => type === "Progressing")
  const condition = (status: string, reason: string, message: string): Condition => ({
    type: "Progressing",
    status,
    reason,
    message,
  })
  if (spec.paused) {
    return known?.reason === "ProgressDeadlineExceeded"
      ? undefined
      : condition("Unknown", "DeploymentPaused", "Deployment is paused")
  }
  const { replicas = 1 } = spec
  const name = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const counts = [next.updatedReplicas, next.replicas, next.availableReplicas].map((count) => count ?? 0)
  if (current && counts.every((count) => count === replicas)) {
    return condition("True", "NewReplicaSetAvailable", `${name} has successfully progressed.`)
  }
  if (!current) return known ? undefined : condition("True", "NewReplicaSetCreated", "Created new replica set")
  const isNew = known?.reason === "NewReplicaSetAvailable" && (next.updatedReplicas ?? 0) < replicas
  if (isNew || hasProgressed(before, next)) return condition("True", "ReplicaSetUpdated", `${name} is progressing.`)
  if (known?.reason === "DeploymentPaused") return condition("Unknown", "DeploymentResumed", "Deployment is resumed")
  const limit = spec.progressDeadlineSeconds ?? 600
  const overdue = known && Date.parse(known.lastUpdateTime ?? "") + limit * 1000 < nowMs
  if (!overdue || known.reason === "NewReplicaSetAvailable") return undefined
  return condition("False", "ProgressDeadlineExceeded", `${name} has timed out progressing.`)
}

function hasProgressed(before: Status, next: Status): boolean {
  const more = (name: "updatedReplicas" | "readyReplicas" | "availableReplicas"): boolean =>
    (next[name] ?? 0) > (before[name] ?? 0)
  const old = (status: Status): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return more("updatedReplicas") || more("readyReplicas") || more("availableReplicas") || old(next) < old(before)
}
