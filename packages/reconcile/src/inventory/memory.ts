import { ClusterError, equalJson, type Inventory, type InventoryState, type ObjectRef } from "@gitops-toolkit/kube"

/**
 * An inventory that lives as long as the process: for tests, and for work that owns nothing beyond itself.
 *
 * @example
 * const inventory = memoryInventory()
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
