import type { RunnerState } from "./state.ts"

/** How long a reconcile waits for the watches of what it owns or depends on. */
const viewWaitMs = 5000

/**
 * Waits until the view shows all kinds that `owner` tracks: the first plan after a start then needs fewer requests. A
 * kind that cannot be watched is not waited for.
 */
export async function waitForView(self: RunnerState, owner: string, signal: AbortSignal): Promise<void> {
  const ended = new AbortController()
  const ready = self.live.ready(owner, { signal: AbortSignal.any([signal, ended.signal]) })
  const late = self.clock.sleep(viewWaitMs, { signal: ended.signal }).catch(() => undefined)
  await Promise.race([ready, late])
  ended.abort()
}
