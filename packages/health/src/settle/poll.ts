import { isClusterError, messageOf, ToolkitError, type Clock, type Cluster } from "@gitops-toolkit/kube"
import { failed, unknown } from "../health.ts"
import type { SettleTarget } from "../report.ts"
import type { Judge, Seen } from "./judge.ts"

interface Options {
  readonly clock: Clock
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly intervalMs: number
  readonly signal: AbortSignal | undefined
}

/** Requests in flight at once. */
const concurrency = 8

/** Asks for every target that is pending, round after round, until nobody listens or the deadline has passed. */
export async function* pollSource(
  cluster: Cluster,
  judge: Judge,
  { clock, deadline, intervalMs, signal }: Options,
): AsyncGenerator<readonly Seen[], void, void> {
  for (;;) {
    yield* lookAtAll(cluster, judge.pending(), signal)
    const left = deadline - clock.now()
    if (left <= 0) return
    await clock.sleep(Math.min(intervalMs, left), { signal })
  }
}

async function* lookAtAll(
  cluster: Cluster,
  targets: readonly SettleTarget[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Seen[], void, void> {
  const seen: Seen[] = []
  for (let index = 0; index < targets.length; index += concurrency) {
    const batch = targets.slice(index, index + concurrency)
    seen.push(...(await Promise.all(batch.map((target) => look(cluster, target, signal)))))
  }
  yield seen
}

async function look(cluster: Cluster, ref: SettleTarget, signal: AbortSignal | undefined): Promise<Seen> {
  try {
    return { ref, object: await cluster.get(ref, { signal }) }
  } catch (error) {
    signal?.throwIfAborted()
    if (isClusterError(error, "KindNotFound")) return { ref }
    if (!(error instanceof ToolkitError)) throw error
    const health = error.retryable ? unknown(error.code, messageOf(error)) : failed(error.code, messageOf(error))
    return { ref, health }
  }
}
