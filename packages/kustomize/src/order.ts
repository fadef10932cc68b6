import { compareBytes } from "@gitops-toolkit/kube"
import { fail } from "./error.ts"
import type { SortOptions } from "./kustomization.ts"
import { oncePerKind } from "./resource/resource-id.ts"
import type { Gvk } from "./resource/resource-id.ts"
import { gvkOf, nameOf, namespaceOf } from "./resource/resource.ts"
import type { Resource } from "./resource/resource.ts"

/** The kinds that come first in the legacy order. */
export const orderFirst: readonly string[] = [
  "Namespace",
  "ResourceQuota",
  "StorageClass",
  "CustomResourceDefinition",
  "ServiceAccount",
  "PodSecurityPolicy",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Endpoints",
  "Service",
  "LimitRange",
  "PriorityClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
]

/** The kinds that come last in the legacy order. */
export const orderLast: readonly string[] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]

/** What is compared of a kind. */
interface KindKey {
  readonly rank: number
  readonly text: string
  readonly gvk: Gvk
}

interface Keyed {
  readonly resource: Resource
  readonly kind: KindKey
  readonly namespace: string
  readonly name: string
}

function kindKey(gvk: Gvk, ranks: ReadonlyMap<string, number>): KindKey {
  const { group, version, kind } = gvk
  return {
    rank: ranks.get(kind) ?? 0,
    text: `${group || "~G"}_${version || "~V"}_${kind || "~K"}`,
    gvk,
  }
}

/** By UTF-16 units; for texts without surrogates that is the order of their bytes. */
function compareUnits(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

const surrogates = /[\ud800-\udfff]/

type CompareTexts = (a: string, b: string) => number

function compare(a: Keyed, b: Keyed, order: CompareTexts): number {
  if (a.kind !== b.kind) {
    const byKind = a.kind.rank - b.kind.rank || order(a.kind.text, b.kind.text)
    if (byKind !== 0) return isReversed(a.kind.gvk, b.kind.gvk) ? -byKind : byKind
  }
  return a.namespace === b.namespace ? order(a.name, b.name) : order(idText(a), idText(b))
}

/** kustomize puts a Namespace without a group behind one with a group. */
const isReversed = (a: Gvk, b: Gvk): boolean =>
  a.kind === "Namespace" && b.kind === "Namespace" && (a.group === "" || b.group === "")

const idText = ({ namespace, name }: Keyed): string => `${namespace}|${name}`

/** The resources in the legacy order: by kind, then by group, version and kind, then by namespace and name. */
export function sortLegacy(
  resources: readonly Resource[],
  kinds: { readonly orderFirst: readonly string[]; readonly orderLast: readonly string[] } = { orderFirst, orderLast },
): Resource[] {
  const ranks = new Map<string, number>()
  for (const [i, kind] of kinds.orderFirst.entries()) ranks.set(kind, i - kinds.orderFirst.length)
  for (const [i, kind] of kinds.orderLast.entries()) ranks.set(kind, i + 1)
  const kindOf = oncePerKind((gvk) => kindKey(gvk, ranks))
  let isSpecial = false
  const entries = resources.map((resource): Keyed => {
    const [kind, name, namespace] = [kindOf(gvkOf(resource)), nameOf(resource), namespaceOf(resource)]
    isSpecial ||= surrogates.test(name) || surrogates.test(namespace) || surrogates.test(kind.text)
    return { resource, kind, namespace: namespace || "~X", name: name || "~N" }
  })
  const order = isSpecial ? compareBytes : compareUnits
  return entries.sort((a, b) => compare(a, b, order)).map(({ resource }) => resource)
}

/** The resources in the order of `sortOptions`. Throws for options that contradict each other. */
export function sortBy(resources: readonly Resource[], { order, legacySortOptions }: SortOptions): Resource[] {
  if (order !== "fifo" && order !== "legacy") fail("the field 'sortOptions.order' must be one of [fifo, legacy]")
  if (order === "legacy") return sortLegacy(resources, legacySortOptions)
  if (legacySortOptions !== undefined) {
    fail("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'")
  }
  return [...resources]
}
