import {
  ClusterError,
  decodeInventory,
  encodeInventory,
  isClusterError,
  keyOf,
  parseJson,
  printJson,
  type Cluster,
  type Inventory,
  type InventoryState,
  type KubeObject,
  type ObjectRef,
  type RequestOptions,
} from "@gitops-toolkit/kube"

const field = "inventory.json"
const absent = "absent"

/**
 * An inventory kept in the ConfigMap `ref` (created when first saved), in Flux's format under `inventory.json`. Every
 * save carries the resourceVersion and uid that was loaded, so that two processes never overwrite each other:
 * the later one gets `Conflict`. A ConfigMap that was deleted is an empty inventory.
 * Throws what the requests throw; `InvalidInventory` when the stored text cannot be read.
 *
 * @example
 * const inventory = configMapInventory(cluster, { namespace: "prod", name: "shop-inventory" })
 */
export function configMapInventory(
  cluster: Cluster,
  ref: { readonly namespace: string; readonly name: string },
): Inventory {
  const target: ObjectRef = { apiVersion: "v1", kind: "ConfigMap", ...ref }
  let stored: KubeObject | undefined
  const load = async ({ signal }: RequestOptions = {}): Promise<InventoryState> => {
    stored = await cluster.get(target, { signal })
    return stateOf(stored)
  }
  return {
    load,
    save: async (refs, { ifVersion, signal }) => {
      if (stateOf(stored).version !== ifVersion) await load({ signal })
      const state = stateOf(stored)
      if (state.version !== ifVersion) throw conflict()
      if (sameRefs(state.refs, refs)) return state
      stored = await write(cluster, { target, stored, refs }, { signal })
      return stateOf(stored)
    },
  }
}

interface Write {
  readonly target: ObjectRef
  readonly stored: KubeObject | undefined
  readonly refs: readonly ObjectRef[]
}

async function write(cluster: Cluster, { target, stored, refs }: Write, options: RequestOptions): Promise<KubeObject> {
  const { apiVersion, kind, name, namespace = "" } = target
  const data = { [field]: printJson(encodeInventory(refs)) }
  if (stored) return cluster.update({ ...stored, data }, options)
  try {
    return await cluster.create({ apiVersion, kind, metadata: { name, namespace }, data }, options)
  } catch (error) {
    throw isClusterError(error, "AlreadyExists") ? conflict() : error
  }
}

function stateOf(stored: KubeObject | undefined): InventoryState {
  if (stored === undefined) return { refs: [], version: absent }
  const data = stored["data"] as { readonly [name: string]: unknown } | undefined
  const text = data?.[field]
  const refs = decodeInventory(typeof text === "string" ? parseJson(text) : undefined)
  return { refs, version: `${stored.metadata.uid ?? ""}/${stored.metadata.resourceVersion ?? ""}` }
}

function sameRefs(a: readonly ObjectRef[], b: readonly ObjectRef[]): boolean {
  return a.length === b.length && a.every((ref, index) => sameEntry(ref, b[index]))
}

function sameEntry(a: ObjectRef, b: ObjectRef | undefined): boolean {
  return b !== undefined && keyOf(a) === keyOf(b) && a.apiVersion === b.apiVersion
}

function conflict(): ClusterError {
  return new ClusterError("Conflict", "the inventory was changed by somebody else", { retryable: true })
}
