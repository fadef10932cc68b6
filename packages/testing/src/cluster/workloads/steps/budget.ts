import type { KubeObject } from "@gitops-toolkit/kube"
import {
  type Condition,
  controllerOf,
  isActive,
  isReady,
  type LabelSelector,
  picks,
  share,
  withCondition,
} from "../shapes.ts"
import type { Step } from "../step.ts"

interface BudgetSpec {
  readonly minAvailable?: number | string
  readonly maxUnavailable?: number | string
  readonly selector?: LabelSelector
}

/** Counts the Pods of a disruption budget, and how many of them may go. */
export const stepBudget: Step = (object, view) => {
  const { minAvailable, maxUnavailable, selector } = object.spec as BudgetSpec
  const { namespace } = object.metadata
  const pods = view.list("pods", namespace).filter((pod) => isActive(pod) && picks(selector)(pod))
  const owners = new Set(pods.map((pod) => controllerOf(pod)?.uid ?? ""))
  const scale = ["replicasets.apps", "statefulsets.apps"]
    .flatMap((table) => view.list(table, namespace))
    .filter(({ metadata }) => owners.has(metadata.uid!))
    .reduce((total, { spec }) => total + ((spec as { readonly replicas?: number }).replicas ?? 1), 0)
  const isByCount = typeof minAvailable === "number"
  const expectedPods = isByCount || scale === 0 ? pods.length : scale
  const desiredHealthy =
    maxUnavailable === undefined
      ? share(minAvailable, expectedPods, true)
      : Math.max(0, expectedPods - share(maxUnavailable, expectedPods, true))
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
  return [{ type: "status", object: { ...object, status: { ...counts, conditions } } as KubeObject }]
}
