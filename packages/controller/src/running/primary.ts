import { decodeInventory, messageOf, refOf, type KubeObject } from "@gitops-toolkit/kube"
import { ControllerError } from "../error.ts"
import type { StoreChange } from "../store.ts"
import { forgetDependencies, wakeDependents } from "./dependencies.ts"
import { isSuperseded, isTrigger } from "./predicates.ts"
import { keyFor, ownerFor, tell, type RunnerState } from "./state.ts"

/** Why a reconcile was stopped: it worked on something outdated and is begun again; nothing failed. */
function superseded(why: string): ControllerError {
  return new ControllerError("Superseded", why, { retryable: true })
}

/**
 * Takes note that one of the controller's own objects changed, whether a watch told it or the answer to an own write:
 * such an answer may hold a change of others whose event is still on its way, and would then be taken for known.
 */
export function notePrimary(self: RunnerState, { ref, object, previous }: StoreChange): void {
  const { controller, queue, running } = self
  const key = keyFor(ref)
  wakeDependents(self, { ref })
  if (object === undefined) {
    letGo(self, key, "it is gone")
    return
  }
  if (!running.has(key)) track(self, object)
  if (!isTrigger(previous, object, controller)) return
  const active = running.get(key)
  if (active !== undefined && isSuperseded(active.object, object, `${controller.prefix}requestedAt`)) {
    active.stop.abort(superseded("it changed"))
  }
  // A new state deserves a new try at once, whatever happened to the old one.
  queue.forget(key)
  queue.add(key)
}

/** Takes up the objects that are this replica's by now, and lets go of those that are another's. */
export function rebalance(self: RunnerState): void {
  for (const object of self.store.objects()) {
    const key = keyFor(refOf(object))
    const owner = ownerFor(self, key)
    const isOurs = self.owns(owner)
    if (isOurs === self.held.has(key)) continue
    if (isOurs) {
      self.held.add(key)
      track(self, object)
      self.queue.add(key, "low")
    } else letGo(self, key, "another replica works on it")
  }
}

function letGo(self: RunnerState, key: string, why: string): void {
  self.held.delete(key)
  self.running.get(key)?.stop.abort(superseded(why))
  forgetDependencies(self, key)
  self.live.track(ownerFor(self, key), [])
  self.intervals.delete(key)
  self.queue.forget(key)
}

/** Tells the live view what the object has in its inventory. */
export function track(self: RunnerState, object: KubeObject): void {
  const key = keyFor(refOf(object))
  if (!self.owns(ownerFor(self, key))) return
  const entries = (object.status as { readonly inventory?: { readonly entries?: unknown } } | undefined)?.inventory
    ?.entries
  try {
    self.live.track(ownerFor(self, key), decodeInventory(entries))
  } catch (error) {
    // Its own reconcile fails on it with the same error; others must not.
    tell(self, object, { type: "inventory.unreadable", message: messageOf(error), severity: "error" })
  }
}
