import { messageOf, type Clock, type Cluster } from "@gitops-toolkit/kube"
import { ControllerError } from "../error.ts"
import type { EventBody } from "../event.ts"
import { acquireLease, type LeaseOptions } from "../lease.ts"
import { joinShards, type ShardOptions } from "../shard.ts"
import type { Publisher } from "./publish.ts"

/** What allows a replica to work. */
export interface Place {
  /** Aborts when it does not any more. */
  readonly lost?: AbortSignal
  /** Whether it allows to work on this owner. */
  owns(owner: string): boolean
  /** Calls `listener` whenever `owns` may answer otherwise. */
  subscribe(listener: () => void): void
  release(): Promise<void>
}

/** Options of `takePlace`. */
export interface PlaceOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: () => number
  readonly lease?: LeaseOptions
  readonly shards?: ShardOptions
  readonly signal?: AbortSignal | undefined
}

/** A replica that need not share with others. */
const everything: Place = { owns: () => true, subscribe: () => undefined, release: async () => undefined }

/** Resolves as soon as this replica may work; undefined when the end came first. */
export async function takePlace(options: PlaceOptions, publisher: Publisher): Promise<Place | undefined> {
  const { lease, shards, signal } = options
  if (lease !== undefined && shards !== undefined) {
    throw new ControllerError("InvalidOptions", "lease and shards exclude each other")
  }
  const asked = lease ?? shards
  if (asked === undefined) return everything
  const { name, namespace } = asked
  const object = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace } }
  const tell = (event: EventBody): void => publisher.publish(event, object, { controller: "" })
  const onFailure = (error: unknown): void =>
    tell({ type: "lease.failed", message: messageOf(error), severity: "error" })
  try {
    const place = lease === undefined ? await asShard(options, onFailure) : await asLeader(options, onFailure)
    tell({ type: "lease.acquired", identity: place.identity })
    place.lost?.addEventListener("abort", () => tell({ type: "lease.lost", severity: "error" }), { once: true })
    return place
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
}

type Named = Place & { readonly identity: string }

async function asLeader(
  { cluster, clock, random, lease, signal }: PlaceOptions,
  onFailure: (error: unknown) => void,
): Promise<Named> {
  const held = await acquireLease(cluster, { ...lease!, clock, random, signal, onFailure })
  const { identity, lost, release } = held
  return { ...everything, identity, lost, release }
}

async function asShard(
  { cluster, clock, random, shards, signal }: PlaceOptions,
  onFailure: (error: unknown) => void,
): Promise<Named> {
  const membership = await joinShards(cluster, { ...shards!, clock, random, signal, onFailure })
  const { slot, lost, owns, leave } = membership
  return { identity: slot, lost, owns, release: leave, subscribe: (listener) => void membership.subscribe(listener) }
}
