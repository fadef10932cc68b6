import { keyOf, type Clock, type LiveView } from "@gitops-toolkit/kube"
import type { SettleTarget } from "../report.ts"
import type { Seen } from "./judge.ts"

interface Options {
  readonly clock: Clock
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** Verdicts that depend on age (a pod that nobody schedules) are renewed this often. */
const renewMs = 5000

/** Every change that the view sees, and now and then the state as it is, until nobody listens or the deadline. */
export async function* watchSource(
  live: LiveView,
  targets: readonly SettleTarget[],
  { clock, deadline, signal }: Options,
): AsyncGenerator<readonly Seen[], void, void> {
  const ended = new AbortController()
  const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  const changes = live.changes(targets, { signal: stop })[Symbol.asyncIterator]()
  const last = new Map<string, Seen>()
  const pause = (): Promise<"pause"> =>
    clock.sleep(Math.max(0, Math.min(renewMs, deadline - clock.now())), { signal: stop }).then(() => "pause" as const)
  let [change, timer] = [changes.next(), pause()]
  try {
    for (;;) {
      const next = await Promise.race([change, timer])
      if (next === "pause") {
        yield [...last.values()]
        if (clock.now() >= deadline) return
        timer = pause()
      } else {
        if (next.done) return
        const seen: Seen = { ref: next.value.ref, object: next.value.object }
        last.set(keyOf(seen.ref), seen)
        yield [seen]
        change = changes.next()
      }
    }
  } finally {
    ended.abort()
    // Both end with the abort; nobody is interested in how.
    await Promise.allSettled([change, timer, changes.return?.()])
  }
}
