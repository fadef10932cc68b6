import {
  ClusterError,
  isClusterError,
  keyOf,
  systemClock,
  type Clock,
  type Cluster,
  type KubeObject,
} from "@gitops-toolkit/kube"
import type { Plan, PlanEntry } from "../entry.ts"
import { ReconcileError } from "../error.ts"
import { isOurs, otherOwnerOf } from "../ownership.ts"

/** What an object is created with. */
export interface CreateOptions {
  readonly plan: Plan
  /** False: an object that exists is a failure. */
  readonly mayExist: boolean
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** How often a kind or namespace that was made a moment ago may still be unknown to an endpoint of the server. */
const attempts = 6

/**
 * Creates an object that the plan found absent, or could not ask about since its kind or namespace comes with the same
 * plan. It is looked for first, as late as can be: one that exists by now is judged as `plan` would have. Not forced:
 * what another manager makes in the last moment is not taken from it.
 */
export async function create(
  cluster: Cluster,
  { entry, object }: { readonly entry: PlanEntry; readonly object: KubeObject },
  options: CreateOptions,
): Promise<KubeObject> {
  const { plan, clock = systemClock, signal } = options
  const { fieldManager } = plan
  for (let attempt = 1; ; attempt++) {
    try {
      const live = await cluster.get(entry.ref, { signal })
      if (!live) return await cluster.apply(object, { fieldManager, signal })
      refuseForeign(live, object, { ...options, entry })
      const bound = { ...object, metadata: { ...object.metadata, uid: live.metadata.uid ?? "" } }
      return await cluster.apply(bound, { fieldManager, force: true, signal })
    } catch (error) {
      if (!entry.waitsFor || attempt >= attempts || !isClusterError(error, "NotFound", "KindNotFound")) throw error
      await clock.sleep(100 * 2 ** (attempt - 1), { signal })
    }
  }
}

function refuseForeign(
  live: KubeObject,
  object: KubeObject,
  { plan, entry, mayExist }: CreateOptions & { readonly entry: PlanEntry },
): void {
  const { ref } = entry
  if (!mayExist) throw new ClusterError("Conflict", "it was created after the plan was made", { retryable: true })
  if (live.metadata.deletionTimestamp) {
    throw new ReconcileError("Terminating", "it is being deleted", { ref, retryable: true })
  }
  if (plan.adopt === "always") return
  const other = otherOwnerOf(live, object, plan)
  if (other !== undefined) throw new ReconcileError("OwnedByAnother", `it belongs to ${other}`, { ref })
  const known = isOurs(live, plan) || plan.inventory.refs.some((one) => keyOf(one) === keyOf(ref))
  if (plan.adopt === "unowned" || known) return
  throw new ReconcileError("NotOurs", "it exists already, and this plan may not adopt it", { ref })
}
