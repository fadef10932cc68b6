import type { Cluster } from "@gitops-toolkit/kube"
import { createElection, hold, tryAcquire, type AcquireOptions, type HeldLease } from "./lease/election.ts"

export type { AcquireOptions, HeldLease, LeaseOptions } from "./lease/election.ts"

/**
 * Waits until this process holds the Lease, and renews it from then on. client-go's rules and defaults (15 s, 10 s, 2 s):
 * a holder is trusted as long as *its renewals are seen to move* within the duration, measured on our own clock, so
 * that clocks need not agree; every write is bound to the version that was read. No two processes hold it at a time, as
 * long as each stops within `durationMs − renewDeadlineMs` after `lost` aborted.
 *
 * Throws `ControllerError` `InvalidOptions` for durations that contradict each other.
 *
 * @example
 * const lease = await acquireLease(cluster, { name: "my-controller", namespace: "system", signal })
 * await work(AbortSignal.any([signal, lease.lost]))
 * await lease.release()
 */
export async function acquireLease(cluster: Cluster, options: AcquireOptions): Promise<HeldLease> {
  const election = createElection(cluster, options)
  const { clock, random, retryMs, onFailure } = election
  for (;;) {
    options.signal?.throwIfAborted()
    try {
      if (await tryAcquire(election, options.signal)) break
    } catch (error) {
      options.signal?.throwIfAborted()
      onFailure(error)
    }
    // client-go's jitter: replicas that wait must not all ask at the same moment.
    await clock.sleep(retryMs * (1 + 1.2 * random()), { signal: options.signal })
  }
  return hold(election)
}
