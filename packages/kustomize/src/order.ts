import { compareBytes } from "@gitops-toolkit/kube"
import { fail } from "./error.ts"
import type { SortOptions } from "./kustomization.ts"
import type { ResourceId } from "./resource/resource-id.ts"
import { currentId } from "./resource/resource.ts"
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

interface Keyed {
  readonly resource: Resource
  readonly rank: number
  readonly id: ResourceId
  readonly kindText: string
  readonly nameText: string
}

function keyed(resource: Resource, ranks: ReadonlyMap<string, number>): Keyed {
  const id = currentId(resource)
  return {
    resource,
    id,
    rank: ranks.get(id.kind) ?? 0,
    kindText: `${id.group || "~G"}_${id.version || "~V"}_${id.kind || "~K"}`,
    nameText: `${id.kind || "[noKind]"}.${id.version || "[noVer]"}.${id.group || "[noGrp]"}|${id.namespace || "~X"}|${id.name || "~N"}`,
  }
}

/** By UTF-16 units; for texts without surrogates that is the order of their bytes. */
function compareUnits(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

const surrogates = /[\ud800-\udfff]/

type CompareTexts = (a: string, b: string) => number

function compare(a: Keyed, b: Keyed, order: CompareTexts): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  const byKind = order(a.kindText, b.kindText)
  if (byKind === 0) return order(a.nameText, b.nameText)
  const bothNamespaces = a.id.kind === "Namespace" && b.id.kind === "Namespace"
  return bothNamespaces && (a.id.group === "" || b.id.group === "") ? -byKind : byKind
}

/** The resources in the legacy order: by kind, then by group, version and kind, then by namespace and name. */
export function sortLegacy(
  resources: readonly Resource[],
  kinds: { readonly orderFirst: readonly string[]; readonly orderLast: readonly string[] } = { orderFirst, orderLast },
): Resource[] {
  const ranks = new Map<string, number>()
  for (const [i, kind] of kinds.orderFirst.entries()) ranks.set(kind, i - kinds.orderFirst.length)
  for (const [i, kind] of kinds.orderLast.entries()) ranks.set(kind, i + 1)
  const entries = resources.map((resource) => keyed(resource, ranks))
  const isSpecial = entries.some(({ kindText, nameText }) => surrogates.test(kindText) || surrogates.test(nameText))
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
