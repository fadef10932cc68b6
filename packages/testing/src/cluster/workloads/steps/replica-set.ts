import type { KubeObject } from "@gitops-toolkit/kube"
import {
  availability,
  type Condition,
  controllerReference,
  hasEnded,
  isActive,
  isLeaving,
  isReady,
  type LabelSelector,
  type Labels,
  picks,
  type Pod,
  type PodTemplate,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { podOf } from "../template.ts"
import { createPod, deletePod, teller } from "./tell.ts"

/** The parts of a ReplicaSet that its controller reads. */
export interface ReplicaSetSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly selector?: LabelSelector
  readonly template: PodTemplate
}

interface Status {
  readonly conditions?: readonly Condition[]
}

interface Seen {
  readonly active: readonly KubeObject[]
  readonly leaving: readonly KubeObject[]
  readonly view: View
}

/** Makes the missing Pods, deletes those too many, counts them in the status; adopts and releases Pods by their labels. */
export const stepReplicaSet: Step = (object, view) => stepReplicas(object, view, "replicaset-controller")

/** The same for a ReplicationController, whose selector is a plain map of labels. */
export const stepReplicationController: Step = (object, view) => {
  const spec = object.spec as { readonly selector?: Labels }
  const selector = { matchLabels: spec.selector ?? {} }
  const actions = stepReplicas({ ...object, spec: { ...spec, selector } } as KubeObject, view, "replication-controller")
  return actions.map((action) => (action.type === "status" ? withoutTerminating(action.object) : action))
}

function withoutTerminating(object: KubeObject): Action {
  const { terminatingReplicas: _, ...status } = object.status as { readonly terminatingReplicas?: number }
  return { type: "status", object: { ...object, status } as KubeObject }
}

function stepReplicas(object: KubeObject, view: View, by: string): readonly Action[] {
  const { replicas = 1, selector, template } = object.spec as ReplicaSetSpec
  const tell = teller(by, object)
  const isSelected = picks(selector)
  const owned = view.controlledBy(object.metadata.uid!, "pods")
  const kept = owned.filter((pod) => isSelected(pod))
  const active = kept.filter(isActive)
  const leaving = kept.filter((pod) => isLeaving(pod) && !hasEnded(pod))
  const actions: Action[] = []
  const status = statusOf(object, { active, leaving, view })
  if (!isLeaving(object)) {
    const strays = owned.filter((pod) => !isSelected(pod) && !isLeaving(pod))
    const found = view.orphans("pods", object.metadata.namespace!).filter((pod) => isActive(pod) && isSelected(pod))
    for (const pod of strays) actions.push({ type: "update", object: released(pod, object) })
    for (const pod of found) actions.push({ type: "update", object: adopted(pod, object) })
    const missing = replicas - active.length - found.length
    const otherwise = (message: string): readonly Action[] => [withFailure(status, message, view)]
    for (let i = 0; i < missing; i++) actions.push(createPod(podOf(object, template), tell, { view, otherwise }))
    for (const pod of missing < 0 ? leastWanted(active).slice(0, -missing) : []) actions.push(...deletePod(pod, tell))
  }
  const { minReadySeconds } = object.spec as ReplicaSetSpec
  return [...actions, status, ...availability(active, { minReadySeconds, nowMs: view.nowMs }).wakes]
}

function statusOf(object: KubeObject, { active, leaving, view }: Seen): Extract<Action, { type: "status" }> {
  const { minReadySeconds, template } = object.spec as ReplicaSetSpec
  const { available } = availability(active, { minReadySeconds, nowMs: view.nowMs })
  const labels = Object.entries(template.metadata?.labels ?? {})
  const isLabeled = (pod: KubeObject): boolean => labels.every(([name, value]) => pod.metadata.labels?.[name] === value)
  const { conditions = [] } = (object.status ?? {}) as Status
  const rest = conditions.filter(({ type }) => type !== failureType)
  const status = {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: active.filter(isLabeled).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: available.length,
    }),
    observedGeneration: object.metadata.generation,
    terminatingReplicas: leaving.length,
    ...(rest.length > 0 ? { conditions: rest } : {}),
  }
  return { type: "status", object: { ...object, status } as KubeObject }
}

const failureType = "ReplicaFailure"

/** The status that says why Pods are missing; the first reason stays. */
function withFailure({ object }: { readonly object: KubeObject }, message: string, { get, now }: View): Action {
  const { namespace, name } = object.metadata
  const live = get("replicasets.apps", namespace, name!) ?? object
  const before = ((live.status ?? {}) as Status).conditions?.find(({ type }) => type === failureType)
  const failure = { type: failureType, status: "True", reason: "FailedCreate", message, lastTransitionTime: now }
  const status = { ...(object.status as Status), conditions: [before ?? failure] }
  return { type: "status", object: { ...object, status } as KubeObject }
}

/** `object` with `owner` as its controller. */
export function adopted(object: KubeObject, owner: KubeObject): KubeObject {
  const { ownerReferences = [], ...metadata } = object.metadata
  return { ...object, metadata: { ...metadata, ownerReferences: [...ownerReferences, controllerReference(owner)] } }
}

function released(object: KubeObject, owner: KubeObject): KubeObject {
  const { ownerReferences = [], ...metadata } = object.metadata
  const rest = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid)
  return { ...object, metadata: { ...metadata, ...(rest.length > 0 ? { ownerReferences: rest } : {}) } }
}

const costKey = "controller.kubernetes.io/pod-deletion-cost"

/** Those without a node first, then those not running, not ready, cheap to delete, beside others, and the youngest. */
function leastWanted(pods: readonly KubeObject[]): KubeObject[] {
  const nodeOf = (pod: KubeObject): string | undefined => (pod as Pod).spec?.nodeName
  const neighbours = (pod: KubeObject): number =>
    pods.filter((each) => nodeOf(each) === nodeOf(pod) && isReady(each)).length
  const ranks = (pod: KubeObject): readonly number[] => [
    nodeOf(pod) === undefined ? 0 : 1,
    (pod as Pod).status?.phase === "Running" ? 1 : 0,
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.[costKey] ?? 0),
    -neighbours(pod),
    -Date.parse(pod.metadata.creationTimestamp ?? ""),
  ]
  const ranked = pods.map((pod) => ({ pod, rank: ranks(pod) }))
  const compared = ranked.toSorted((a, b) => {
    const at = a.rank.findIndex((value, i) => value !== b.rank[i])
    return at < 0 ? 0 : a.rank[at]! - b.rank[at]!
  })
  return compared.map(({ pod }) => pod)
}
