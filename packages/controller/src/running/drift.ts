import type { ObjectRef } from "@gitops-toolkit/kube"
import { refFor, tell, type RunnerState } from "./state.ts"

/** A watched object moved: its owners look at it now, or when they are done with what they do. */
export function noticeMove(self: RunnerState, ref: ObjectRef): void {
  const prefix = `${self.controller.name}:`
  for (const owner of self.live.owners(ref)) {
    if (!owner.startsWith(prefix)) continue
    const key = owner.slice(prefix.length)
    const active = self.running.get(key)
    if (active === undefined) lookForDrift(self, key, ref)
    else active.moved.set(`${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ""}/${ref.name}`, ref)
  }
}

/** Reconciles the owner now when `ref` is not as it was confirmed. One that is failing is tried again anyhow. */
export function lookForDrift(self: RunnerState, key: string, ref: ObjectRef): void {
  const drift = self.live.drift(ref)
  const object = self.store.get(refFor(self, key))
  if (drift === undefined || object === undefined || self.queue.failures(key) > 0) return
  tell(self, object, { type: "drift.seen", ...drift })
  self.queue.add(key)
}
