import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, withoutZeros } from "../shapes.ts"
import type { View } from "../step.ts"
import {
  availableOf,
  bounds,
  type Deployment,
  type DeploymentSpec,
  type DeploymentStatus,
  hasDeadline,
  type ReplicaSet,
  revisionKey,
  revisionNumber,
  type Sets,
  sum,
  wantedOf,
} from "./deployment-parts.ts"

type Conditions = readonly Condition[]

const conditionOf = (conditions: Conditions, type: string): Condition | undefined =>
  conditions.find((each) => each.type === type)
const without = (conditions: Conditions, type: string): Conditions => conditions.filter((each) => each.type !== type)

/** A condition that says nothing new stays as it is; one that does goes to the end. */
function withCondition(conditions: Conditions, next: Condition, now: string): Conditions {
  const before = conditionOf(conditions, next.type)
  if (before && before.status === next.status && before.reason === next.reason) return conditions
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? now) : now
  return [...without(conditions, next.type), { ...next, lastUpdateTime: now, lastTransitionTime }]
}

const progressing = (status: string, reason: string, message: string): Condition => ({
  type: "Progressing",
  status,
  reason,
  message,
})

/** True when the status tells of all Pods, of this template only, all available. */
export function isComplete({ metadata, spec, status = {} }: Deployment): boolean {
  const { replicas = 1 } = spec!
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas].map((count) => count ?? 0)
  return counts.every((count) => count === replicas) && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
}

/**
 * The Deployment with the status that its ReplicaSets give it, and the revision of the current one; only a roll-out
 * is judged by its progress.
 */
export function deploymentStatus(
  deployment: Deployment,
  sets: Sets,
  { view, isRolling }: { readonly view: View; readonly isRolling: boolean },
): KubeObject {
  const { current, old } = sets
  const all = current ? [...old, current] : old
  const counts = countsOf(deployment, all, current)
  const { now } = view
  let conditions = pauseOf(deployment, current, now)
  conditions = withCondition(conditions, availabilityOf(deployment.spec!, counts.availableReplicas ?? 0), now)
  if (isRolling) {
    if (!hasDeadline(deployment.spec!)) conditions = without(conditions, "Progressing")
    else conditions = progressOf(deployment, { counts, conditions, current, view })
    const failure = failureOf(all, current)
    conditions = failure ? withCondition(conditions, failure, now) : without(conditions, "ReplicaFailure")
  }
  const annotations = current
    ? { ...deployment.metadata.annotations, [revisionKey]: String(revisionNumber(current)) }
    : deployment.metadata.annotations
  return {
    ...deployment,
    metadata: { ...deployment.metadata, ...(annotations ? { annotations } : {}) },
    status: { ...counts, conditions },
  } as KubeObject
}

function countsOf(
  { metadata }: Deployment,
  all: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
): Omit<DeploymentStatus, "conditions"> {
  const availableReplicas = sum(all, availableOf)
  return {
    ...withoutZeros({
      observedGeneration: metadata.generation,
      replicas: sum(all, ({ status }) => status?.replicas ?? 0),
      updatedReplicas: current?.status?.replicas ?? 0,
      readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas,
      unavailableReplicas: Math.max(0, sum(all, wantedOf) - availableReplicas),
    }),
    terminatingReplicas: sum(all, ({ status }) => status?.terminatingReplicas ?? 0),
  }
}

/** What the conditions say once the controller has seen that it is paused, resumed, or has a ReplicaSet. */
function pauseOf({ spec, status }: Deployment, current: ReplicaSet | undefined, now: string): Conditions {
  const conditions = status?.conditions ?? []
  if (!hasDeadline(spec!)) return conditions
  const known = conditionOf(conditions, "Progressing")
  const isPaused = known?.reason === "DeploymentPaused"
  if (known?.reason === "ProgressDeadlineExceeded") return conditions
  if (spec!.paused && !isPaused)
    return withCondition(conditions, progressing("Unknown", "DeploymentPaused", "Deployment is paused"), now)
  if (!spec!.paused && isPaused)
    return withCondition(conditions, progressing("Unknown", "DeploymentResumed", "Deployment is resumed"), now)
  if (known || !current) return conditions
  const text = `Found new replica set "${current.metadata.name}"`
  return withCondition(conditions, progressing("True", "FoundNewReplicaSet", text), now)
}

/** The Deployment with the status that it has as soon as the ReplicaSet of its template is made. */
export function startedStatus(deployment: Deployment, set: KubeObject, now: string): KubeObject {
  const { metadata, spec, status = {} } = deployment
  const text = `Created new replica set "${set.metadata.name}"`
  const before = status.conditions ?? []
  const conditions = hasDeadline(spec!)
    ? withCondition(before, progressing("True", "NewReplicaSetCreated", text), now)
    : before
  const annotations = { ...metadata.annotations, [revisionKey]: String(revisionNumber(set)) }
  return { ...deployment, metadata: { ...metadata, annotations }, status: { ...status, conditions } } as KubeObject
}

function availabilityOf(spec: DeploymentSpec, available: number): Condition {
  const isEnough = available >= (spec.replicas ?? 1) - bounds(spec).unavailable
  const [reason, message] = isEnough
    ? ["MinimumReplicasAvailable", "Deployment has minimum availability."]
    : ["MinimumReplicasUnavailable", "Deployment does not have minimum availability."]
  return { type: "Available", status: isEnough ? "True" : "False", reason: reason!, message: message! }
}

interface Seen {
  readonly counts: Omit<DeploymentStatus, "conditions">
  readonly conditions: Conditions
  readonly current: ReplicaSet | undefined
  readonly view: View
}

function progressOf(deployment: Deployment, { counts, conditions, current, view }: Seen): Conditions {
  const { metadata, spec, status: before = {} } = deployment
  const known = conditionOf(before.conditions ?? [], "Progressing")
  const isDone = (counts.replicas ?? 0) === (counts.updatedReplicas ?? 0)
  if (isDone && known?.reason === "NewReplicaSetAvailable") return conditions
  const name = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${metadata.name}"`
  if (isComplete({ ...deployment, status: counts })) {
    const text = `${name} has successfully progressed.`
    return withCondition(conditions, progressing("True", "NewReplicaSetAvailable", text), view.now)
  }
  if (hasProgressed(before, counts)) {
    const next = progressing("True", "ReplicaSetUpdated", `${name} is progressing.`)
    const lastTransitionTime = known?.status === "True" ? (known.lastTransitionTime ?? view.now) : view.now
    return [...without(conditions, "Progressing"), { ...next, lastUpdateTime: view.now, lastTransitionTime }]
  }
  const now = conditionOf(conditions, "Progressing")
  const limitMs = spec!.progressDeadlineSeconds! * 1000
  const isLate =
    now?.reason === "ProgressDeadlineExceeded" || Date.parse(now?.lastUpdateTime ?? "") + limitMs < view.nowMs
  if (!isLate || now?.reason === "NewReplicaSetAvailable") return conditions
  const text = `${name} has timed out progressing.`
  return withCondition(conditions, progressing("False", "ProgressDeadlineExceeded", text), view.now)
}

function hasProgressed(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const more = (name: "updatedReplicas" | "readyReplicas" | "availableReplicas"): boolean =>
    (next[name] ?? 0) > (before[name] ?? 0)
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return more("updatedReplicas") || more("readyReplicas") || more("availableReplicas") || old(next) < old(before)
}

/** Why a ReplicaSet cannot make its Pods, the current one's first. */
function failureOf(all: readonly ReplicaSet[], current: ReplicaSet | undefined): Condition | undefined {
  const failures = (set: ReplicaSet | undefined): Conditions =>
    (set?.status?.conditions ?? []).filter(({ type }) => type === "ReplicaFailure")
  return failures(current)[0] ?? all.flatMap(failures)[0]
}
