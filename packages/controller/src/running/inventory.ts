import { ClusterError, decodeInventory, digestOf, encodeInventory, type Inventory } from "@gitops-toolkit/kube"
import type { ObjectRef } from "@gitops-toolkit/kube"
import type { ResourceStatus } from "../kind.ts"
import type { StatusWriter } from "./status-writer.ts"

/**
 * The inventory in an object's `status.inventory.entries`, in Flux's format. Its version is the digest of the entries,
 * so that other changes of the object never conflict with it, and a change of the inventory by somebody else always
 * does. `onRefs` hears of every list that was read or stored.
 */
export function statusInventory(writer: StatusWriter, onRefs: (refs: readonly ObjectRef[]) => void): Inventory {
  return {
    load: async () => {
      const entries = entriesOf(writer.status())
      const refs = decodeInventory(entries)
      onRefs(refs)
      return { refs, version: digestOf(entries) }
    },
    async save(refs, { ifVersion, signal }) {
      const entries = encodeInventory(refs)
      const change = (status: ResourceStatus): ResourceStatus => {
        const stored = digestOf(entriesOf(status))
        if (stored === digestOf(entries)) return status
        if (stored !== ifVersion)
          throw new ClusterError("Conflict", "the inventory was changed by somebody else", { retryable: true })
        return { ...status, inventory: { entries } }
      }
      await writer.write(change, signal)
      onRefs(refs)
      return { refs, version: digestOf(entries) }
    },
  }
}

function entriesOf(status: ResourceStatus): readonly unknown[] {
  const entries: unknown = status.inventory?.entries
  return Array.isArray(entries) ? entries : []
}
