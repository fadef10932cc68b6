import {
  ClusterError,
  steps,
  systemClock,
  type Clock,
  type Cluster,
  type Inventory,
  type KubeObject,
  type LiveView,
  type ObjectRef,
  type Steps,
} from "@gitops-toolkit/kube"
import type { Controller, Outcome } from "./define.ts"
import { createLiveView } from "./live.ts"
import { parseResource } from "./running/parse.ts"
import type { StatusEvent } from "./status.ts"

/** Options of `reconcileOnce`. */
export interface OnceOptions {
  readonly cluster: Cluster
  /** Default: one that watches what it is asked for, ended with the work. */
  readonly live?: LiveView
  /** Default: an empty one in memory, so nothing of earlier runs is pruned. */
  readonly inventory?: Inventory
  readonly clock?: Clock
  readonly signal?: AbortSignal | undefined
}

/**
 * Reconciles one object once, without queue, status, finalizer and retries: for scripts and for tests of the function
 * alone. Yields its events (those of `saveStatus` too, which nobody stores here) and returns its outcome.
 * Throws `InvalidSpec`, and what the function throws.
 *
 * @example
 * const { events, result } = await collect(reconcileOnce(apps, app, { cluster }))
 */
export function reconcileOnce<Spec, Status, Event>(
  controller: Controller<Spec, Status, Event>,
  object: KubeObject,
  options: OnceOptions,
): Steps<Event | StatusEvent, Outcome<Status>> {
  const { cluster, clock = systemClock, signal = new AbortController().signal } = options
  return steps(async function* () {
    const resource = parseResource(object, controller.kind)
    const own = options.live === undefined ? createLiveView(cluster, { clock }) : undefined
    const live = options.live ?? own!
    const inventory = options.inventory ?? emptyInventory()
    try {
      const work = controller.reconcile(resource, { cluster, clock, signal, live, inventory })
      return (Symbol.asyncIterator in work ? yield* work : await work) ?? {}
    } finally {
      await own?.close()
    }
  })
}

function emptyInventory(): Inventory {
  let refs: readonly ObjectRef[] = []
  let version = 0
  return {
    load: async () => ({ refs, version: String(version) }),
    save: async (next, { ifVersion }) => {
      if (ifVersion !== String(version)) throw new ClusterError("Conflict", "the inventory was changed meanwhile")
      refs = next
      return { refs, version: String(++version) }
    },
  }
}
