import { retryDelay, type ObjectRef } from "@gitops-toolkit/kube"
import { refFor, tell, type Corrections, type RunnerState } from "./state.ts"

/** How many corrections of one object follow at once; then each waits longer than the last. */
const patience = 3
/** The waits of further corrections. */
const backoff = { baseMs: 2000, factor: 3, maxMs: 300_000, jitter: 0.1 }
/** After this long without drift of the object all is forgotten. */
const forgetMs = 600_000
/** Objects whose corrections are remembered. */
const maxRemembered = 10_000

/** A watched object moved: its owners look at it now, or when they are done with what they do. */
export function noticeMove(self: RunnerState, ref: ObjectRef): void {
  const prefix = `${self.controller.name}:`
  for (const owner of self.live.owners(ref)) {
    if (!owner.startsWith(prefix)) continue
    const key = owner.slice(prefix.length)
    const active = self.running.get(key)
    if (active === undefined) lookForDrift(self, key, ref)
    else active.moved.set(textOf(ref), ref)
  }
}

/**
 * Reconciles the owner when `ref` is not as it was confirmed: at once, but ever later when somebody keeps changing it
 * back. An owner that is failing is tried again anyhow.
 */
export function lookForDrift(self: RunnerState, key: string, ref: ObjectRef): void {
  const drift = self.live.drift(ref)
  const object = self.store.get(refFor(self, key))
  if (drift === undefined || object === undefined || self.queue.failures(key) > 0) return
  const { corrections, clock, queue } = self
  const now = clock.now()
  const known = corrections.get(textOf(ref)) ?? { count: 0, lastAt: now, dueAt: now }
  // Every change of an object that waits for its correction is the same drift.
  if (now < known.dueAt) return queue.addAfter(key, known.dueAt - now)
  const count = now - known.lastAt < forgetMs ? known.count + 1 : 1
  const delayMs = count > patience ? retryDelay(count - patience, self.random(), backoff) : 0
  remember(self, textOf(ref), { count, lastAt: now, dueAt: now + delayMs })
  tell(self, object, { type: "drift.seen", ...drift })
  if (delayMs > 0) tell(self, object, { type: "drift.fought", ...drift, corrections: count, retryInMs: delayMs })
  queue.addAfter(key, delayMs)
}

function remember({ corrections }: RunnerState, key: string, value: Corrections): void {
  corrections.delete(key)
  corrections.set(key, value)
  if (corrections.size > maxRemembered) corrections.delete(corrections.keys().next().value!)
}

function textOf({ apiVersion, kind, namespace = "", name }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`
}
