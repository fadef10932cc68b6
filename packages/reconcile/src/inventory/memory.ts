import { ClusterError, equalJson, type Inventory, type InventoryState, type ObjectRef } from "@gitops-toolkit/kube"

/**
 * An inventory that lives as long as the process: for tests, and for work that owns nothing beyond itself. `save` throws
 * `ClusterError` `Conflict` when the version is not the present one.
 *
 * @example
 * const inventory = memoryInventory([{ apiVersion: "v1", kind: "ConfigMap", namespace: "prod", name: "settings" }])
 * await inventory.load().then(({ refs }) => refs.map(formatRef))   // ["ConfigMap/prod/settings"]
 */
export function memoryInventory(refs: readonly ObjectRef[] = []): Inventory {
  let state: InventoryState = { refs, version: "1" }
  return {
    load: async () => state,
    save: async (next, { ifVersion }) => {
      if (state.version !== ifVersion) {
        throw new ClusterError("Conflict", "the inventory was changed by somebody else", { retryable: true })
      }
      if (!equalJson(state.refs, next)) state = { refs: next, version: String(Number(state.version) + 1) }
      return state
    },
  }
}
