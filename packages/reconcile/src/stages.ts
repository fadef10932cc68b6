import { compareBytes, groupOf, refOf, type KindRef, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"

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

/** A kind without its version. */
export interface GroupKind {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
}

/** Options of `stages`. */
export interface StagesOptions {
  /** Kinds with a stage of their own between the classes and the rest (Flux's `--custom-apply-stage-kinds`). */
  readonly custom?: readonly GroupKind[]
}

/** The stage of a kind: 0 what others need to exist, 1 classes, 2 the custom kinds, 3 the rest. */
export function stageOf({ apiVersion, kind }: KindRef, { custom = [] }: StagesOptions = {}): 0 | 1 | 2 | 3 {
  if (definitions.has(kind)) return 0
  if (kind.endsWith("Class")) return 1
  const group = groupOf(apiVersion)
  return custom.some((one) => one.kind === kind && one.group === group) ? 2 : 3
}

/** The stages there are, in their order. */
export const allStages = [0, 1, 2, 3] as const

/**
 * Kinds written as `group/Kind` (`Kind` for the core group) and joined by commas; each once, in their order.
 *
 * @example
 * parseGroupKinds("Secret,apps/Deployment")   // [{ group: "", kind: "Secret" }, { group: "apps", kind: "Deployment" }]
 */
export function parseGroupKinds(text: string): GroupKind[] {
  if (text === "") return []
  const kinds = text.split(",").map((part): GroupKind => {
    const trimmed = part.trim()
    const slash = trimmed.indexOf("/")
    return slash < 0 ? { group: "", kind: trimmed } : { group: trimmed.slice(0, slash), kind: trimmed.slice(slash + 1) }
  })
  return [...new Map(kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind])).values()]
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

/**
 * The objects in order of application, Flux's; deletion uses the exact reverse. Pure.
 *
 * @example
 * const objects = ["Deployment", "ConfigMap", "Namespace"].map((kind) => ({ apiVersion: "v1", kind, metadata: { name: "web" } }))
 * sortForApply(objects).map(({ kind }) => kind)   // ["Namespace", "ConfigMap", "Deployment"]
 */
export function sortForApply(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .map((object) => ({ object, ref: refOf(object) }))
    .toSorted((a, b) => compareForApply(a.ref, b.ref))
    .map(({ object }) => object)
}

/**
 * The objects in stages, each to be ready before the next begins: definitions, Namespaces and ClusterRoles; classes
 * (`StorageClass`, …); the `custom` kinds; everything else. Sorted inside; empty stages are left out. Pure.
 *
 * @example
 * const objects = ["Deployment", "ConfigMap", "Namespace"].map((kind) => ({ apiVersion: "v1", kind, metadata: { name: "web" } }))
 * stages(objects).map((stage) => stage.map(({ kind }) => kind))   // [["Namespace"], ["ConfigMap", "Deployment"]]
 */
export function stages(objects: readonly KubeObject[], options: StagesOptions = {}): KubeObject[][] {
  const sorted = sortForApply(objects)
  const all = allStages.map((stage) => sorted.filter((object) => stageOf(object, options) === stage))
  return all.filter((stage) => stage.length > 0)
}
