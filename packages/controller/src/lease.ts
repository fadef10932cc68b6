import {
  formatMicroTime,
  formatRef,
  isClusterError,
  messageOf,
  systemClock,
  type Clock,
  type Cluster,
  type KubeObject,
  type ObjectRef,
  type StringMap,
} from "@gitops-toolkit/kube"
import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { ControllerError } from "./error.ts"

/** Which Lease to hold, and how. */
export interface LeaseOptions {
  readonly name: string
  readonly namespace: string
  /** Who holds it; must differ between replicas. Default: host name and a random part. */
  readonly identity?: string
  /** How long others wait after the last renewal that they saw; default 15 000 ms, whole seconds. */
  readonly durationMs?: number
  /** The lease is given up when no renewal succeeded for this long; default 10 000 ms, less than `durationMs`. */
  readonly renewDeadlineMs?: number
  /** Between two tries; default 2 000 ms. */
  readonly retryMs?: number
}

/** Options of `acquireLease`. */
export interface AcquireOptions extends LeaseOptions {
  readonly clock?: Clock
  readonly random?: () => number
  /** Ends the waiting; the promise then rejects with its reason. A lease that is held is ended by `release`. */
  readonly signal?: AbortSignal | undefined
  /** Labels of the Lease if it has to be made. */
  readonly labels?: StringMap
  /** Hears of tries that failed; they are repeated. */
  readonly onFailure?: (error: unknown) => void
}

/** A Lease that this process holds. */
export interface HeldLease {
  readonly ref: ObjectRef
  readonly identity: string
  /** Aborts with `ControllerError` `LeaseLost` as soon as the lease may belong to somebody else. Stop everything then. */
  readonly lost: AbortSignal
  /** Ends the renewals and gives the lease back, so that the next one need not wait. Idempotent. */
  release(): Promise<void>
}

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

/** One process trying to get, or holding, one Lease. */
export interface Election {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: () => number
  readonly ref: ObjectRef
  readonly identity: string
  readonly durationMs: number
  readonly renewDeadlineMs: number
  readonly retryMs: number
  readonly onFailure: (error: unknown) => void
  readonly labels: StringMap | undefined
  /** The lease as last seen, and when on our clock it last changed. */
  seen: KubeObject | undefined
  seenAt: number
}

/** The spec of a Lease, as far as it is used. */
export interface LeaseSpec {
  readonly holderIdentity?: string | null
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string | null
  readonly renewTime?: string | null
  readonly leaseTransitions?: number
}

/** Not tried yet. Throws `InvalidOptions` for durations that contradict each other. */
export function createElection(cluster: Cluster, options: AcquireOptions): Election {
  const { name, namespace, durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2_000 } = options
  if (!(retryMs > 0 && retryMs < renewDeadlineMs && renewDeadlineMs < durationMs)) {
    throw new ControllerError("InvalidOptions", "a lease needs retryMs < renewDeadlineMs < durationMs")
  }
  return {
    cluster,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    ref: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name },
    identity: options.identity ?? `${hostname()}_${randomUUID()}`,
    durationMs,
    renewDeadlineMs,
    retryMs,
    onFailure: options.onFailure ?? (() => undefined),
    labels: options.labels,
    seen: undefined,
    seenAt: 0,
  }
}

/** The spec of a Lease object. */
export function specOf(lease: KubeObject): LeaseSpec {
  return (lease.spec ?? {}) as LeaseSpec
}

function note(election: Election, lease: KubeObject): void {
  if (election.seen?.metadata.resourceVersion === lease.metadata.resourceVersion) return
  election.seen = lease
  election.seenAt = election.clock.now()
}

/** Whether the Lease is held now: it was free, or its holder was silent for its whole duration. */
export async function tryAcquire(election: Election, signal: AbortSignal | undefined): Promise<boolean> {
  const { cluster, clock, ref, identity } = election
  const lease = await cluster.get(ref, { signal })
  if (lease === undefined) return (await write(election, undefined, signal)) !== undefined
  note(election, lease)
  const { holderIdentity, leaseDurationSeconds = 0 } = specOf(lease)
  const free = !holderIdentity || holderIdentity === identity
  const expired = clock.now() >= election.seenAt + leaseDurationSeconds * 1000
  return (free || expired) && (await write(election, lease, signal)) !== undefined
}

/** The written lease; undefined when somebody else was faster. */
async function write(
  election: Election,
  before: KubeObject | undefined,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const { cluster, clock, ref, identity, durationMs, labels } = election
  const now = formatMicroTime(new Date(clock.now()))
  const old = before === undefined ? undefined : specOf(before)
  const mine = old?.holderIdentity === identity
  const spec: LeaseSpec = {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: mine ? (old.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (old?.leaseTransitions ?? 0) + (old === undefined || mine ? 0 : 1),
  }
  const { apiVersion, kind, namespace = "", name } = ref
  try {
    const written =
      before === undefined
        ? await cluster.create(
            { apiVersion, kind, metadata: { name, namespace, ...(labels ? { labels } : {}) }, spec },
            { signal },
          )
        : await cluster.update({ ...before, spec }, { signal })
    note(election, written)
    return written
  } catch (error) {
    if (isClusterError(error, "Conflict", "AlreadyExists", "NotFound")) return undefined
    throw error
  }
}

/** Renews the Lease from now on. */
export function hold(election: Election): HeldLease {
  const lost = new AbortController()
  const stop = new AbortController()
  const renewing = renew(election, stop.signal).then((why) => {
    if (why === undefined) return
    lost.abort(new ControllerError("LeaseLost", `${formatRef(election.ref)}: ${why}`, { ref: election.ref }))
  })
  let released: Promise<void> | undefined
  const release = async (): Promise<void> => {
    stop.abort()
    await renewing
    if (!lost.signal.aborted) await giveBack(election)
  }
  return {
    ref: election.ref,
    identity: election.identity,
    lost: lost.signal,
    release: () => (released ??= release()),
  }
}

/** Renews until `signal` aborts (undefined) or the lease is lost (why). Never rejects. */
async function renew(election: Election, signal: AbortSignal): Promise<string | undefined> {
  const { clock, retryMs, renewDeadlineMs } = election
  let renewedAt = clock.now()
  while (!signal.aborted) {
    await clock.sleep(retryMs, { signal }).catch(() => undefined)
    if (signal.aborted) return undefined
    const startedAt = clock.now()
    const verdict = await renewOnce(election, { signal, withinMs: renewedAt + renewDeadlineMs - startedAt })
    // The time before the request counts: the server may have stored it at once and answered late.
    if (verdict === "renewed") renewedAt = startedAt
    else if (verdict === "taken") return "somebody else holds it"
    else if (clock.now() >= renewedAt + renewDeadlineMs) return `not renewed for ${renewDeadlineMs} ms`
  }
  return undefined
}

async function renewOnce(
  election: Election,
  { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs: number },
): Promise<"renewed" | "taken" | "failed"> {
  const { clock, identity, cluster, ref, onFailure } = election
  const late = new AbortController()
  const ended = new AbortController()
  clock.sleep(Math.max(0, withinMs), { signal: ended.signal }).then(
    () => late.abort(new ControllerError("LeaseLost", "the renewal took too long")),
    () => undefined,
  )
  const both = AbortSignal.any([signal, late.signal])
  try {
    // Raced, so that not even a request that ignores its signal can keep us from noticing that time is up.
    if ((await orAborted(write(election, election.seen, both), both)) !== undefined) return "renewed"
    const lease = await orAborted(cluster.get(ref, { signal: both }), both)
    if (lease === undefined) return "failed"
    note(election, lease)
    return specOf(lease).holderIdentity === identity ? "failed" : "taken"
  } catch (error) {
    if (!signal.aborted) onFailure(error)
    return "failed"
  } finally {
    ended.abort()
  }
}

function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener("abort", stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
  })
}

async function giveBack(election: Election): Promise<void> {
  const { cluster, clock, seen, identity, onFailure } = election
  if (seen === undefined || specOf(seen).holderIdentity !== identity) return
  const now = formatMicroTime(new Date(clock.now()))
  const spec: LeaseSpec = {
    ...specOf(seen),
    holderIdentity: "",
    leaseDurationSeconds: 1,
    renewTime: now,
    acquireTime: now,
  }
  try {
    await cluster.update({ ...seen, spec }, { timeoutMs: 5000 })
  } catch (error) {
    // Others wait for its duration then; nothing is wrong.
    onFailure(new ControllerError("LeaseLost", `it could not be given back: ${messageOf(error)}`, { cause: error }))
  }
}
