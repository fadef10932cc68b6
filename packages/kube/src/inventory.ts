import { KubeError } from "./kube-error.ts"
import { groupOf, joinApiVersion, versionOf, type ObjectRef } from "./ref.ts"

/** What an inventory holds at one version. */
export interface InventoryState {
  readonly refs: readonly ObjectRef[]
  /** Opaque; changes with every save. */
  readonly version: string
}

/**
 * Who owns what: the durable list of the objects that one owner has (or is about to have). Kept by `apply`, `prune`
 * and `remove` themselves; stored in the owner's status, a ConfigMap or memory.
 */
export interface Inventory {
  /** The stored list; empty when nothing was ever saved. */
  load(options?: { readonly signal?: AbortSignal | undefined }): Promise<InventoryState>
  /** Replaces the list. Throws `Conflict` when the stored version is not `ifVersion`. Saving an equal list writes nothing. */
  save(
    refs: readonly ObjectRef[],
    options: { readonly ifVersion: string; readonly signal?: AbortSignal | undefined },
  ): Promise<InventoryState>
}

/** One object in a stored inventory, as Flux writes it (`status.inventory.entries`). */
export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`; a colon in the name (RBAC) is written `__`. */
  readonly id: string
  /** The API version without its group. */
  readonly v: string
  /**
   * The name itself, only when `id` cannot tell it (a name with `__` of its own, or an underscore outside of RBAC). Not in Flux's format, which mistakes
   * such a name for one with a colon; other readers ignore it.
   */
  readonly n?: string
}

/**
 * The stored form of `refs`, in their order: Flux's format, so that its tools can read it.
 *
 * @example
 * encodeInventory([{ apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" }])
 * // [{ id: "prod_web_apps_Deployment", v: "v1" }]
 */
export function encodeInventory(refs: readonly ObjectRef[]): InventoryEntry[] {
  return refs.map(({ apiVersion, kind, namespace = "", name }) => {
    const written = name.replaceAll(":", "__")
    const group = groupOf(apiVersion)
    const entry = { id: `${namespace}_${written}_${group}_${kind}`, v: versionOf(apiVersion) }
    return readName(written, group) === name ? entry : { ...entry, n: name }
  })
}

/**
 * The references in a stored inventory, in their order. Throws `KubeError` `InvalidInventory` for anything that is not
 * a list of entries: an entry that cannot be read must not be forgotten, since what it names would never be pruned.
 * Undefined and null count as the empty list.
 *
 * @example
 * decodeInventory([{ id: "_prod__Namespace", v: "v1" }])   // [{ apiVersion: "v1", kind: "Namespace", name: "prod" }]
 */
export function decodeInventory(entries: unknown): ObjectRef[] {
  if (entries === undefined || entries === null) return []
  if (!Array.isArray(entries)) throw new KubeError("InvalidInventory", "an inventory's entries are not a list")
  return entries.map(decodeEntry)
}

// The namespace and, from the end, kind and group hold no underscore; whatever is between is the name.
const idForm = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/s

function decodeEntry(entry: unknown, index: number): ObjectRef {
  const { id, v, n } = (entry ?? {}) as { readonly [field in "id" | "v" | "n"]?: unknown }
  const parts = typeof id === "string" && id.length <= 2048 ? idForm.exec(id) : null
  if (!parts || typeof v !== "string" || v === "" || (n !== undefined && typeof n !== "string")) {
    throw new KubeError("InvalidInventory", `entry ${index} of an inventory is not readable`)
  }
  const [, namespace = "", written = "", group = "", kind = ""] = parts
  const name = n ?? readName(written, group)
  if (name === undefined) throw new KubeError("InvalidInventory", `entry ${index} of an inventory has too many parts`)
  if (n !== undefined && n.replaceAll(":", "__") !== written) {
    throw new KubeError("InvalidInventory", `entry ${index} of an inventory contradicts itself`)
  }
  const apiVersion = joinApiVersion(group, v)
  return namespace === "" ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}

// Only RBAC allows underscores in names; anywhere else one is the sign of an id that was put together wrongly.
function readName(written: string, group: string): string | undefined {
  const name = written.replaceAll("__", ":")
  return name.includes("_") && group !== "rbac.authorization.k8s.io" ? undefined : name
}
