import type { ObjectRef } from "./ref.ts"

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
