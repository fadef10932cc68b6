import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { type LabelSelector, picks } from "../shapes.ts"
import type { Step } from "../step.ts"

interface ClusterRole extends KubeObject {
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] }
  readonly rules?: readonly unknown[] | null
}

/** A role with an aggregation rule has the rules of the roles that it selects, in order of their names. */
export const stepClusterRole: Step = (object, view) => {
  const { aggregationRule, rules: before } = object as ClusterRole
  if (!aggregationRule) return []
  const rules: unknown[] = []
  for (const selector of aggregationRule.clusterRoleSelectors ?? []) {
    for (const role of view.list("clusterroles.rbac.authorization.k8s.io") as readonly ClusterRole[]) {
      if (role.metadata.name === object.metadata.name || !picks(selector)(role)) continue
      for (const rule of role.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
    }
  }
  return equalJson(rules, before ?? []) ? [] : [{ type: "update", object: { ...object, rules } as KubeObject }]
}
