import { systemClock, type Clock, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { ControllerError } from "./error.ts"
import { createElection, hold, specOf, tryAcquire, type AcquireOptions, type HeldLease } from "./lease.ts"
import { reflect } from "./reflect.ts"
import { shareOf } from "./running/predicates.ts"

/** How replicas share the work. */
export interface ShardOptions extends Omit<AcquireOptions, "labels"> {
  /** How many replicas can work at a time at most; further ones stand by. One Lease each: `<name>-0`, `<name>-1`, … */
  readonly count: number
  /** How long a new member waits until the others have surely seen it; default 5 000 ms. */
  readonly settleMs?: number
}

/** One replica's place among those that share the work. */
export interface ShardMembership {
  /** The name of the Lease that it holds. */
  readonly slot: string
  /** Aborts when the Lease is lost: stop everything then. */
  readonly lost: AbortSignal
  /** The slots that are held now, as far as this replica sees. */
  members(): readonly string[]
  /** Whether the work named `key` is this replica's now. */
  owns(key: string): boolean
  /** Calls `listener` whenever `owns` may answer otherwise; returns the function that ends it. */
  subscribe(listener: () => void): () => void
  /** Gives the place back. Stop all work before. Idempotent. */
  leave(): Promise<void>
}

const label = "gitops-toolkit.dev/shards"

/**
 * Waits for a free place among `count` and takes it. Work is spread over the places that are held by rendezvous hashing:
 * when a member leaves only its work moves, and when one comes it takes its share from all. A member that dies is
 * replaced once its Lease has expired, by which time it has long seen that itself. A new member waits `settleMs` before
 * it works; should another not have heard of it by then, both may do the same for a moment: writes that must not happen
 * twice carry a resourceVersion, as the runtime's own do.
 *
 * Throws `ControllerError` `InvalidOptions`; rejects with the signal's reason.
 *
 * @example
 * const membership = await joinShards(cluster, { name: "my-controller", namespace: "system", count: 8, signal })
 * if (membership.owns("prod/web")) await work("prod/web")
 */
export async function joinShards(cluster: Cluster, options: ShardOptions): Promise<ShardMembership> {
  if (!Number.isInteger(options.count) || options.count < 1 || options.count > 1000) {
    throw new ControllerError("InvalidOptions", "shards need a count from 1 to 1000")
  }
  const { clock = systemClock, retryMs = 2000, random = Math.random } = options
  const watching = new AbortController()
  const slots = watchSlots(cluster, options, watching.signal)
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const lease = await trySlots(cluster, options, slots)
      if (lease !== undefined) return createMembership(lease, { ...options, clock, retryMs, slots, watching })
      await clock.sleep(retryMs * (1 + 1.2 * random()), { signal: options.signal })
    }
  } catch (error) {
    watching.abort()
    throw error
  }
}

/** What is seen of one slot's Lease. */
interface Slot {
  readonly holder: string
  readonly durationMs: number
  /** When, on our clock, it last changed. */
  readonly seenAt: number
  readonly lease: KubeObject
}

interface Slots {
  readonly seen: ReadonlyMap<string, Slot>
  readonly listeners: Set<() => void>
  /** Whether the slots were ever listed. */
  readonly synced: () => boolean
  readonly ended: Promise<void>
}

function watchSlots(cluster: Cluster, options: ShardOptions, signal: AbortSignal): Slots {
  const { name, namespace, clock = systemClock, random = Math.random } = options
  const seen = new Map<string, Slot>()
  const listeners = new Set<() => void>()
  let synced = false
  const note = (lease: KubeObject): void => {
    const { holderIdentity, leaseDurationSeconds = 0 } = specOf(lease)
    const { name: slot = "", resourceVersion } = lease.metadata
    if (seen.get(slot)?.lease.metadata.resourceVersion === resourceVersion) return
    seen.set(slot, {
      holder: holderIdentity ?? "",
      durationMs: leaseDurationSeconds * 1000,
      seenAt: clock.now(),
      lease,
    })
  }
  const feed = async (): Promise<void> => {
    const kind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" }
    const select = { namespace, labelSelector: `${label}=${name}`, clock, random, signal }
    for await (const event of reflect(cluster, kind, select)) {
      const changes =
        event.type === "watch.changed" ? [event.change] : event.type === "watch.synced" ? event.changes : []
      if (event.type === "watch.synced") synced = true
      for (const { object, ref } of changes) {
        if (object === undefined) seen.delete(ref.name)
        else note(object)
      }
      if (changes.length > 0) for (const listener of listeners) listener()
    }
  }
  return { seen, listeners, synced: () => synced, ended: feed() }
}

const slotName = (name: string, index: number): string => `${name}-${index}`

function isHeld(slot: Slot | undefined, now: number): boolean {
  return slot !== undefined && slot.holder !== "" && now < slot.seenAt + slot.durationMs
}

async function trySlots(cluster: Cluster, options: ShardOptions, slots: Slots): Promise<HeldLease | undefined> {
  const { name, count, clock = systemClock, signal, onFailure = () => undefined } = options
  if (!slots.synced()) return undefined
  for (let index = 0; index < count; index++) {
    const slot = slotName(name, index)
    if (isHeld(slots.seen.get(slot), clock.now())) continue
    const election = createElection(cluster, { ...options, name: slot, labels: { [label]: name } })
    // What the watch has seen counts: a silent holder need not be waited for anew.
    election.seenAt = slots.seen.get(slot)?.seenAt ?? 0
    election.seen = slots.seen.get(slot)?.lease
    try {
      if (await tryAcquire(election, signal)) return hold(election)
    } catch (error) {
      signal?.throwIfAborted()
      onFailure(error)
    }
  }
  return undefined
}

interface Joined extends ShardOptions {
  readonly clock: Clock
  readonly retryMs: number
  readonly slots: Slots
  readonly watching: AbortController
}

function createMembership(lease: HeldLease, joined: Joined): ShardMembership {
  const { clock, retryMs, slots, watching, settleMs = 5000 } = joined
  const own = lease.ref.name
  const listeners = new Set<() => void>()
  const joinedAt = clock.now()
  let members: readonly string[] = []
  let isWorking = false
  const refresh = (): void => {
    const now = clock.now()
    const held = [...slots.seen].filter(([slot, seen]) => slot !== own && isHeld(seen, now)).map(([slot]) => slot)
    const next = [own, ...held].toSorted()
    const works = now >= joinedAt + settleMs && !lease.lost.aborted
    const changed = works !== isWorking || next.join() !== members.join()
    members = next
    isWorking = works
    if (changed) for (const listener of listeners) listener()
  }
  const tick = async (): Promise<void> => {
    while (!watching.signal.aborted) {
      refresh()
      await clock.sleep(Math.min(retryMs, 1000), { signal: watching.signal }).catch(() => undefined)
    }
  }
  slots.listeners.add(refresh)
  const ticking = tick()
  const leave = async (): Promise<void> => {
    watching.abort()
    isWorking = false
    await Promise.all([ticking, slots.ended])
    await lease.release()
  }
  let left: Promise<void> | undefined
  return {
    slot: own,
    lost: lease.lost,
    members: () => members,
    owns: (key) => isWorking && !lease.lost.aborted && placeOf(key, members) === own,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    leave: () => (left ??= leave()),
  }
}

/**
 * Which of `members` a key belongs to, by rendezvous hashing: taking one away moves only its own keys. Undefined without
 * members. The same everywhere.
 *
 * @example
 * placeOf("prod/web", ["a", "b"]) === placeOf("prod/web", ["b", "a"])   // true
 */
export function placeOf(key: string, members: readonly string[]): string | undefined {
  let best: string | undefined
  let most = -1
  for (const member of members) {
    const score = shareOf(`${member}\n${key}`)
    if (score > most || (score === most && best !== undefined && member < best)) [best, most] = [member, score]
  }
  return best
}
