import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, controllerOf, isReady, type LabelSelector, picks, share, withCondition } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { teller } from "./tell.ts"

interface BudgetSpec {
  readonly minAvailable?: number | string
  readonly maxUnavailable?: number | string
  readonly selector?: LabelSelector
}

interface Expected {
  readonly expectedPods: number
  readonly desiredHealthy: number
  /** True when Pods without controller make the counts meaningless. */
  readonly isUnsure: boolean
}

/** Counts the Pods of a disruption budget, and how many of them may go. */
export const stepBudget: Step = (object, view) => {
  const { selector } = object.spec as BudgetSpec
  const pods = view.list("pods", object.metadata.namespace).filter(picks(selector))
  const tell = teller("controllermanager", object)
  const { expectedPods, desiredHealthy, isUnsure } = expect(object.spec as BudgetSpec, pods, view)
  const notices: Action[] = pods.length === 0 ? [tell("NoPods", "No matching pods found")] : []
  if (isUnsure) notices.push(tell("UnmanagedPods", unmanaged(selector), { isWarning: true }))
  const currentHealthy = pods.filter(isReady).length
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
  const { conditions: before } = (object.status ?? {}) as { readonly conditions?: readonly Condition[] }
  const verdict =
    disruptionsAllowed > 0
      ? { status: "True", reason: "SufficientPods" }
      : { status: "False", reason: "InsufficientPods" }
  const observedGeneration = object.metadata.generation
  const condition = { type: "DisruptionAllowed", ...verdict, message: "", observedGeneration }
  const conditions = withCondition(before, condition, { now: view.now })
  const counts = { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods, observedGeneration }
  return [...notices, { type: "status", object: { ...object, status: { ...counts, conditions } } as KubeObject }]
}

/** The controllers that have a size. */
const scaled = ["replicasets.apps", "statefulsets.apps", "replicationcontrollers"]

/** What gives a Pod its size: its controller, or the Deployment above a ReplicaSet. */
function sizerOf(pod: KubeObject, view: View): KubeObject | undefined {
  const { namespace } = pod.metadata
  const controller = controllerOf(pod)
  const found = scaled
    .map((table) => controller && view.get(table, namespace, controller.name))
    .find((each) => each?.metadata.uid === controller?.uid)
  const above = found && controllerOf(found)
  return (above && view.get("deployments.apps", namespace, above.name)) ?? found
}

function expect({ minAvailable, maxUnavailable }: BudgetSpec, pods: readonly KubeObject[], view: View): Expected {
  if (typeof minAvailable === "number")
    return { expectedPods: pods.length, desiredHealthy: minAvailable, isUnsure: false }
  const sizes = new Map<string, number>()
  for (const pod of pods) {
    const sizer = sizerOf(pod, view)
    if (sizer) sizes.set(sizer.metadata.uid!, (sizer.spec as { readonly replicas?: number }).replicas ?? 1)
  }
  const expectedPods = [...sizes.values()].reduce((total, replicas) => total + replicas, 0)
  const desiredHealthy =
    maxUnavailable === undefined
      ? share(minAvailable, expectedPods, true)
      : Math.max(0, expectedPods - share(maxUnavailable, expectedPods, true))
  return { expectedPods, desiredHealthy, isUnsure: pods.some((pod) => !controllerOf(pod)) }
}

function unmanaged(selector: LabelSelector | undefined): string {
  const printed = `&LabelSelector{MatchLabels:map[string]string{${Object.entries(selector?.matchLabels ?? {})
    .map(([name, value]) => `${name}: ${value},`)
    .join("")}},MatchExpressions:[]LabelSelectorRequirement{},}`
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${printed}) were found to be unmanaged. As a result, the ` +
    "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these " +
    'pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  )
}
