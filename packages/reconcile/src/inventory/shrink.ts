import { isClusterError, type Inventory, type ObjectRef } from "@gitops-toolkit/kube"
import { subtractRefs } from "./sets.ts"

/** How often somebody else may save in between. */
const attempts = 5

/**
 * Takes `gone` out of the stored inventory, whatever else is in it by now. Does nothing for an empty list.
 */
export async function saveWithout(
  inventory: Inventory,
  gone: readonly ObjectRef[],
  { signal }: { readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (gone.length === 0) return
  for (let attempt = 1; ; attempt++) {
    const { refs, version } = await inventory.load({ signal })
    const kept = subtractRefs(refs, gone)
    if (kept.length === refs.length) return
    try {
      await inventory.save(kept, { ifVersion: version, signal })
      return
    } catch (error) {
      if (attempt >= attempts || !isClusterError(error, "Conflict")) throw error
    }
  }
}
