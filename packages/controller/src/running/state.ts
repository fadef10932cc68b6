import type { Clock, Cluster, KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import type { AnyController } from "../define.ts"
import type { EventBody } from "../event.ts"
import type { LiveCaches } from "../live.ts"
import type { Queue } from "../queue.ts"
import type { Store } from "../store.ts"
import type { Publisher } from "./publish.ts"

/** What all runners of one `run` share. */
export interface RunnerOptions {
  readonly cluster: Cluster
  readonly live: LiveCaches
  readonly clock: Clock
  readonly random: () => number
  readonly publisher: Publisher
  /** Whether this replica is to work on what `ownerFor` names. */
  readonly owns: (owner: string) => boolean
  /** Called when a watch's own code failed: the controller is blind then, and the run must end. */
  readonly onBroken: (error: unknown) => void
  /** Milliseconds over which the first reconciles of `count` objects are spread. */
  readonly spreadMs: (count: number) => number
}

/** One reconcile that is under way. */
export interface Running {
  readonly object: KubeObject
  readonly stop: AbortController
  /** Objects of the inventory that moved meanwhile: looked at when the work is done. */
  readonly moved: Map<string, ObjectRef>
}

/** The state of one controller at work. */
export interface RunnerState extends RunnerOptions {
  readonly controller: AnyController
  readonly queue: Queue
  /** The controller's objects: what the watch told and what own writes were answered. */
  readonly store: Store
  readonly running: Map<string, Running>
  /** The last `requeueAfterMs` of each object: when to look again at one that stalled since. */
  readonly intervals: Map<string, number>
  /** The keys that this replica took up. */
  readonly held: Set<string>
  /** How often each owned object had to be corrected lately. */
  readonly corrections: Map<string, Corrections>
  readonly dependencies: Dependencies
  readonly hardStop: AbortController
}

/** Who depends on whom, as far as their last reconciles told. */
export interface Dependencies {
  /** Of each object, the keys of those of its own kind that it depends on. */
  readonly edges: Map<string, readonly string[]>
  /** Of each object that waits, the `keyOf` of what it depends on. */
  readonly waiting: Map<string, readonly string[]>
  /** The reverse: who waits for an object, by `keyOf`. */
  readonly waitedFor: Map<string, Set<string>>
}

/** How often an object had to be corrected lately. */
export interface Corrections {
  readonly count: number
  readonly lastAt: number
  /** When the last of them was to happen. */
  readonly dueAt: number
}

/** The key of an object in queue and maps: `namespace/name`. */
export function keyFor({ namespace, name }: ObjectRef): string {
  return `${namespace ?? ""}/${name}`
}

/** The reverse of `keyFor`. */
export function refFor({ controller }: RunnerState, key: string): ObjectRef {
  const slash = key.indexOf("/")
  const { apiVersion, kind } = controller.kind
  const namespace = key.slice(0, slash)
  return { apiVersion, kind, ...(namespace === "" ? {} : { namespace }), name: key.slice(slash + 1) }
}

/** The text under which the live view knows an object as owner. */
export function ownerFor({ controller }: RunnerState, key: string): string {
  return `${controller.name}:${key}`
}

/** Publishes an event of the controller that belongs to no reconcile. */
export function tell({ publisher, controller }: RunnerState, object: KubeObject, event: EventBody): void {
  publisher.publish(event, object, { controller: controller.name })
}
