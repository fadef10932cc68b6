import type { KubeObject } from "@gitops-toolkit/kube"
import {
  availability,
  controllerReference,
  isActive,
  isLeaving,
  isReady,
  type LabelSelector,
  picks,
  type Pod,
  type PodTemplate,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step } from "../step.ts"
import { podOf } from "../template.ts"

/** The parts of a ReplicaSet that its controller reads. */
export interface ReplicaSetSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly selector?: LabelSelector
  readonly template: PodTemplate
}

/** Makes the missing Pods, deletes those too many, counts them in the status; adopts Pods that nobody controls. */
export const stepReplicaSet: Step = (object, view) => {
  const { replicas = 1, minReadySeconds, selector, template } = object.spec as ReplicaSetSpec
  const isSelected = picks(selector)
  const pods = view.controlledBy(object.metadata.uid!, "pods").filter(isActive)
  const actions: Action[] = []
  if (!isLeaving(object)) {
    const found = view.orphans("pods", object.metadata.namespace!).filter((pod) => isActive(pod) && isSelected(pod))
    for (const pod of found) actions.push({ type: "update", object: adopted(pod, object) })
    const missing = replicas - pods.length - found.length
    for (let i = 0; i < missing; i++) actions.push({ type: "create", object: podOf(object, template) })
    if (missing < 0)
      for (const pod of leastWanted(pods).slice(0, -missing)) actions.push({ type: "delete", object: pod })
  }
  const { available, wakes } = availability(pods, { minReadySeconds, nowMs: view.nowMs })
  const labels = Object.entries(template.metadata?.labels ?? {})
  const counts = withoutZeros({
    fullyLabeledReplicas: pods.filter((pod) => labels.every(([name, value]) => pod.metadata.labels?.[name] === value))
      .length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: available.length,
  })
  const status = { replicas: pods.length, ...counts, observedGeneration: object.metadata.generation }
  return [...actions, { type: "status", object: { ...object, status } as KubeObject }, ...wakes]
}

/** `object` with `owner` as its controller. */
export function adopted(object: KubeObject, owner: KubeObject): KubeObject {
  const { ownerReferences = [], ...metadata } = object.metadata
  return { ...object, metadata: { ...metadata, ownerReferences: [...ownerReferences, controllerReference(owner)] } }
}

/** Those without a node first, then those not ready, then the youngest. */
function leastWanted(pods: readonly KubeObject[]): KubeObject[] {
  const rank = (pod: KubeObject): number => ((pod as Pod).spec?.nodeName ? 1 : 0) + (isReady(pod) ? 2 : 0)
  const born = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? ""
  return pods.toSorted((a, b) => rank(a) - rank(b) || (born(a) < born(b) ? 1 : born(a) > born(b) ? -1 : 0))
}
