import { compareBytes, groupOf, refOf, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"

// Flux's order (fluxcd/pkg, ssa/sort.go): by kind alone, whatever the group.
const firstKinds = [
  "CustomResourceDefinition",
  "Namespace",
  "ClusterRole",
  "ClusterClass",
  "RuntimeClass",
  "PriorityClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRoleBinding",
  "ResourceQuota",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "LimitRange",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
]
const lastKinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
const ranks: ReadonlyMap<string, number> = new Map([
  ...firstKinds.map((kind, index) => [kind, index] as const),
  ...lastKinds.map((kind, index) => [kind, firstKinds.length + 1 + index] as const),
])
const definitions: ReadonlySet<string> = new Set(["CustomResourceDefinition", "Namespace", "ClusterRole"])

/** The place of a kind in the order of application; kinds without a place of their own share one near the end. */
export function rankOf(kind: string): number {
  return ranks.get(kind) ?? firstKinds.length
}

/** The stage of a kind: 0 what others need to exist, 1 classes, 2 the rest. */
export function stageOf(kind: string): 0 | 1 | 2 {
  if (definitions.has(kind)) return 0
  return kind.endsWith("Class") ? 1 : 2
}

/** Orders two references for application: kind order, then group, kind, namespace and name, bytewise. */
export function compareForApply(a: ObjectRef, b: ObjectRef): number {
  return (
    rankOf(a.kind) - rankOf(b.kind) ||
    compareBytes(groupOf(a.apiVersion), groupOf(b.apiVersion)) ||
    compareBytes(a.kind, b.kind) ||
    compareBytes(a.namespace ?? "", b.namespace ?? "") ||
    compareBytes(a.name, b.name)
  )
}

/** The objects in order of application, Flux's; deletion uses the exact reverse. Pure. */
export function sortForApply(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .map((object) => ({ object, ref: refOf(object) }))
    .toSorted((a, b) => compareForApply(a.ref, b.ref))
    .map(({ object }) => object)
}

/**
 * The objects in stages, each to be ready before the next begins: definitions, Namespaces and ClusterRoles; classes
 * (`StorageClass`, …); everything else. Sorted inside; empty stages are left out. Pure.
 *
 * @example
 * stages([deployment, namespace]).map((stage) => stage.map(({ kind }) => kind))   // [["Namespace"], ["Deployment"]]
 */
export function stages(objects: readonly KubeObject[]): KubeObject[][] {
  const sorted = sortForApply(objects)
  const all = [0, 1, 2].map((stage) => sorted.filter(({ kind }) => stageOf(kind) === stage))
  return all.filter((stage) => stage.length > 0)
}
