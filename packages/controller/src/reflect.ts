import {
  retryDelay,
  steps,
  systemClock,
  type Clock,
  type Cluster,
  type KindRef,
  type Steps,
  type WatchEvent,
} from "@gitops-toolkit/kube"
import { createStore, type Store, type StoreChange } from "./store.ts"
import { ControllerError } from "./error.ts"

/** What `reflect` reports; the store has changed by then. */
export type ReflectEvent =
  /** The store holds the complete state, now or again; `changes` are the differences to what it held. */
  | { readonly type: "watch.synced"; readonly changes: readonly StoreChange[] }
  | { readonly type: "watch.changed"; readonly change: StoreChange }
  /** The server said that everything up to here was sent. */
  | { readonly type: "watch.bookmark"; readonly resourceVersion: string }
  /** The watch broke and is being repaired; what the store holds may be old meanwhile. */
  | { readonly type: "watch.interrupted"; readonly error: unknown; readonly retryInMs: number }

/** Options of `reflect`. */
export interface ReflectOptions {
  /** Where the objects go; default a new store, which only the events then show. */
  readonly store?: Store
  readonly namespace?: string
  /** As kubectl's `-l`. */
  readonly labelSelector?: string
  /** As kubectl's `--field-selector`. */
  readonly fieldSelector?: string
  readonly clock?: Clock
  readonly random?: () => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Keeps a store equal to what the cluster holds of one kind, until the signal aborts or the loop is left; then it
 * returns, without an error. A watch that fails is begun again, for ever, after 1 s doubling to 30 s.
 *
 * @example
 * const store = createStore()
 * for await (const event of reflect(cluster, { apiVersion: "v1", kind: "ConfigMap" }, { store })) {
 *   if (event.type === "watch.synced") console.log(store.size)
 * }
 */
export function reflect(cluster: Cluster, kind: KindRef, options: ReflectOptions = {}): Steps<ReflectEvent, void> {
  const { store = createStore(), clock = systemClock, random = Math.random, signal } = options
  return steps(async function* () {
    for (let failures = 0; !isAborted(signal);) {
      try {
        for await (const event of cluster.watch(kind, selectOptions(options))) {
          if (event.type !== "interrupted") failures = 0
          const told = tell(store, event)
          if (told !== undefined) yield told
        }
        if (isAborted(signal)) return
        throw new ControllerError("WatchFailed", `the watch of ${kind.kind} ended by itself`, { retryable: true })
      } catch (error) {
        if (isAborted(signal)) return
        const retryInMs = retryDelay(++failures, random(), { baseMs: 1000, maxMs: 30_000, jitter: 0.5 })
        yield { type: "watch.interrupted", error, retryInMs }
        await clock.sleep(retryInMs, { signal }).catch(() => undefined)
      }
    }
  })
}

// A function, since the compiler would take a signal once found open to stay so.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function selectOptions({ namespace, labelSelector, fieldSelector, signal }: ReflectOptions): object {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    signal,
  }
}

function tell(store: Store, event: WatchEvent): ReflectEvent | undefined {
  switch (event.type) {
    case "listed":
      return { type: "watch.synced", changes: store.replace(event.objects, event.resourceVersion) }
    case "added":
    case "modified":
      store.reach(event.object.metadata.resourceVersion)
      return changed(store.put(event.object))
    case "deleted":
      store.reach(event.object.metadata.resourceVersion)
      return changed(store.drop(event.object))
    case "bookmark":
      store.reach(event.resourceVersion)
      return { type: "watch.bookmark", resourceVersion: event.resourceVersion }
    case "interrupted":
      return { type: "watch.interrupted", error: event.error, retryInMs: event.retryInMs }
  }
}

function changed(change: StoreChange | undefined): ReflectEvent | undefined {
  return change && { type: "watch.changed", change }
}
