import type { Backoff, Clock, Cluster, Inventory, KindRef, KubeObject, LiveView, ObjectRef } from "@gitops-toolkit/kube"
import { defaultBackoff } from "./queue/backoff.ts"
import type { DependencyRule } from "./dependencies.ts"
import type { Kind, Resource, ResourceStatus } from "./kind.ts"
import type { StatusEvent } from "./status.ts"

/** What a reconcile is given beside the object. */
export interface ReconcileContext {
  readonly cluster: Cluster
  /** What the watches know; answers without a request. */
  readonly live: LiveView
  /** Who owns what: kept in this object's `status.inventory`. */
  readonly inventory: Inventory
  /** Aborts at the deadline, at shutdown, when the object changed meanwhile and when it is being deleted. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** What a reconcile comes to. Returning nothing is the same as returning `{}`. */
export interface Outcome<Status = unknown> {
  /** Fields to set in the status; `undefined` removes one. Conditions and inventory are kept by the runtime. */
  readonly status?: {
    readonly [Field in keyof (ResourceStatus & Status)]?: (ResourceStatus & Status)[Field] | undefined
  }
  /** Reconcile again after this many milliseconds, with up to 5 % of jitter; absent or no finite number: when something changes. */
  readonly requeueAfterMs?: number
  /** The message of `Ready`; default `Reconciled`, with the revision when there is one. */
  readonly message?: string
}

/** What a reconcile or finalize function returns: a promise, or a generator of events that returns the same. */
export type Work<Event, Result> = AsyncGenerator<Event, Result, void> | PromiseLike<Result>

/** Another kind whose changes concern this controller's objects. */
export interface Watch {
  readonly kind: KindRef
  /**
   * The objects to reconcile when `object` changed (it is the last known state when it was deleted). Default: those of
   * its owner references that are of the controller's kind. `resources` are this controller's objects as last seen.
   */
  readonly to?: (object: KubeObject, resources: readonly KubeObject[]) => readonly ObjectRef[]
  /** As kubectl's `-l`; default all objects. */
  readonly labelSelector?: string
}

/** Options of `defineController`. */
export interface ControllerOptions<Spec, Status, Event> {
  readonly kind: Kind<Spec, Status>
  /**
   * Makes the world as the object says. Called again after every change and failure, so it must be able to begin
   * anywhere. Never runs twice at a time for one object. What it yields goes to the observers; what it throws becomes
   * the condition `Ready=False`.
   */
  readonly reconcile: (
    object: Resource<Spec, Status>,
    context: ReconcileContext,
  ) => Work<Event | StatusEvent, Outcome<Status> | void>
  /**
   * Undoes it before the object goes. With it, a finalizer is on every object before its first reconcile, and leaves
   * only when this resolved. Without it, objects just go.
   */
  readonly finalize?: (object: Resource<Spec, Status>, context: ReconcileContext) => Work<Event | StatusEvent, unknown>
  readonly watches?: readonly Watch[]
  /**
   * What must be ready before an object is reconciled. Until then it fails with `DependencyNotReady`, and is woken as soon
   * as one of them changes; objects that depend on each other in a circle stall with `DependencyCycle`.
   */
  readonly dependsOn?: DependencyRule<Spec, Status>
  /** How many objects are reconciled at a time; default 4. */
  readonly concurrency?: number
  /**
   * A reconcile that lasts longer than this (it waits for health, as a rule) lends its place to another, so that a few
   * slow objects never hold up all others: up to eight times `concurrency` are then under way. Default 10 000
   * milliseconds; `Infinity`: never.
   */
  readonly lendAfterMs?: number
  /** Waits after failures, per object; default 5 ms, doubling to 1,000 s, 10 % jitter. */
  readonly backoff?: Backoff
  /** Deadline of one reconcile in milliseconds; default 15 minutes. */
  readonly timeoutMs?: number
  /** When to look again at an object that is stalled and never told `requeueAfterMs`; default 10 minutes. */
  readonly resyncMs?: number
  /** Lower case; in logs, metrics, the finalizer and as the field manager of statuses. Default: the kind in lower case. */
  readonly name?: string
  /** Of the annotation `<prefix>requestedAt`; default `gitops-toolkit.dev/`. */
  readonly prefix?: string
}

/** A controller: what `defineController` returns and `run` runs. Plain data. */
export interface Controller<Spec = unknown, Status = unknown, Event = unknown> extends Required<
  Omit<ControllerOptions<Spec, Status, Event>, "finalize" | "dependsOn">
> {
  readonly dependsOn: DependencyRule<Spec, Status> | undefined
  readonly finalize: ControllerOptions<Spec, Status, Event>["finalize"]
  /** `<group>/<name>`. */
  readonly finalizer: string
}

/** Any controller, whatever its spec, status and events: its functions take their own objects only. */
export interface AnyController extends Omit<
  Controller<never, never, never>,
  "kind" | "reconcile" | "finalize" | "dependsOn"
> {
  readonly kind: Kind
  readonly reconcile: (object: never, context: ReconcileContext) => Work<unknown, unknown>
  readonly dependsOn: DependencyRule<never, never> | undefined
  readonly finalize: ((object: never, context: ReconcileContext) => Work<unknown, unknown>) | undefined
}

/**
 * Defines a controller. Returns plain data: nothing runs before `run`. The types of spec, status and events are
 * inferred from the kind and the functions. `reconcileOnce` calls it without a queue, in tests and scripts.
 *
 * @example
 * const apps = defineController({
 *   kind: App,
 *   async reconcile(app, { cluster, signal }) {
 *     await cluster.apply(deploymentOf(app), { signal })
 *     return { requeueAfterMs: 600_000 }
 *   },
 * })
 */
export function defineController<Spec, Status, Event = never>(
  options: ControllerOptions<Spec, Status, Event>,
): Controller<Spec, Status, Event> {
  const name = options.name ?? options.kind.singular
  return {
    kind: options.kind,
    reconcile: options.reconcile,
    finalize: options.finalize,
    dependsOn: options.dependsOn,
    watches: options.watches ?? [],
    concurrency: Math.max(1, Math.floor(options.concurrency ?? 4)),
    lendAfterMs: options.lendAfterMs ?? 10_000,
    backoff: { ...defaultBackoff, ...options.backoff },
    timeoutMs: options.timeoutMs ?? 900_000,
    resyncMs: options.resyncMs ?? 600_000,
    name,
    prefix: options.prefix ?? "gitops-toolkit.dev/",
    finalizer: `${options.kind.group}/${name}`,
  }
}
