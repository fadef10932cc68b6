import type { Clock, Cluster, KindRef, KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import { reflect } from "../reflect.ts"
import { createStore, type Store, type StoreChange } from "../store.ts"

/** Something that a view's watches report about a kind. */
export type LiveNotice =
  | { readonly type: "watch.synced"; readonly kind: KindRef; readonly objects: number }
  | { readonly type: "watch.stopped"; readonly kind: KindRef }
  | { readonly type: "watch.interrupted"; readonly kind: KindRef; readonly error: unknown; readonly retryInMs: number }

/** What one watch covers: a kind, as far as the label selector lets it, or a single object whatever its labels. */
export interface Scope extends KindRef {
  readonly only?: ObjectRef
}

/** Watch caches, one a kind and version, kept as long as somebody demands them. */
export interface Caches {
  store(scope: Scope): Store | undefined
  /** The object, from whichever cache has it. */
  find(ref: ObjectRef): KubeObject | undefined
  /** Whether the watch of this kind leaves objects out. */
  isRestricted(kind: KindRef): boolean
  /** Replaces what `user` demands; an empty list ends its demand. */
  demand(user: unknown, scopes: readonly Scope[]): void
  subscribe(listener: (change: StoreChange) => void): () => void
  /** Calls `listener` after each complete state of `scope`, at once when there is one already. */
  whenSynced(scope: Scope, listener: () => void): () => void
  watched(): readonly { readonly kind: KindRef; readonly objects: number; readonly synced: boolean }[]
  close(): Promise<void>
}

interface Cache {
  readonly scope: Scope
  readonly kind: KindRef
  readonly store: Store
  readonly users: Set<unknown>
  readonly stop: AbortController
  readonly synced: Set<() => void>
  ended: Promise<void>
}

/** Options of `createCaches`. */
export interface CachesOptions {
  readonly clock: Clock
  readonly random?: () => number
  readonly transform?: (object: KubeObject) => KubeObject
  readonly labelSelector?: (kind: KindRef) => string | undefined
  readonly onNotice?: (notice: LiveNotice) => void
}

const scopeKey = ({ apiVersion, kind, only }: Scope): string =>
  only === undefined ? `${apiVersion}/${kind}` : `${apiVersion}/${kind}#${only.namespace ?? ""}/${only.name}`

/** The scope of just this object. */
export function scopeOf(ref: ObjectRef): Scope {
  return { apiVersion: ref.apiVersion, kind: ref.kind, only: ref }
}

/** No caches yet; `demand` begins them. */
export function createCaches(cluster: Cluster, options: CachesOptions): Caches {
  const caches = new Map<string, Cache>()
  const demands = new Map<unknown, ReadonlyMap<string, Scope>>()
  const listeners = new Set<(change: StoreChange) => void>()
  const ending = new Set<Promise<void>>()
  let closed = false

  const begin = (scope: Scope): Cache => {
    const cache = emptyCache(scope, options.transform)
    cache.ended = feed(cluster, cache, { ...options, listeners })
    return cache
  }
  const end = (key: string, cache: Cache): void => {
    caches.delete(key)
    cache.stop.abort()
    ending.add(cache.ended)
    void cache.ended.then(() => ending.delete(cache.ended))
    options.onNotice?.({ type: "watch.stopped", kind: cache.kind })
  }
  return {
    store: (scope) => caches.get(scopeKey(scope))?.store,
    find: (ref) =>
      caches.get(scopeKey(kindOf(ref)))?.store.get(ref) ?? caches.get(scopeKey(scopeOf(ref)))?.store.get(ref),
    isRestricted: (kind) => options.labelSelector?.(kindOf(kind)) !== undefined,
    demand(user, scopes) {
      if (closed) return
      const before = demands.get(user) ?? new Map<string, Scope>()
      const after = new Map(scopes.map((scope) => [scopeKey(scope), scope]))
      if (after.size > 0) demands.set(user, after)
      else demands.delete(user)
      for (const [key, scope] of after) {
        if (!caches.has(key)) caches.set(key, begin(scope))
        caches.get(key)?.users.add(user)
      }
      for (const key of before.keys()) {
        const cache = caches.get(key)
        if (after.has(key) || cache === undefined) continue
        cache.users.delete(user)
        if (cache.users.size === 0) end(key, cache)
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    whenSynced(scope, listener) {
      const cache = caches.get(scopeKey(scope))
      cache?.synced.add(listener)
      if (cache?.store.synced) listener()
      return () => void cache?.synced.delete(listener)
    },
    watched: () => [...caches.values()].map(({ kind, store }) => ({ kind, objects: store.size, synced: store.synced })),
    async close() {
      closed = true
      for (const [key, cache] of [...caches]) end(key, cache)
      await Promise.all(ending)
    },
  }
}

function kindOf({ apiVersion, kind }: KindRef): KindRef {
  return { apiVersion, kind }
}

function emptyCache(scope: Scope, transform: CachesOptions["transform"]): Cache {
  return {
    scope,
    kind: kindOf(scope),
    store: createStore(transform ? { transform } : {}),
    users: new Set(),
    stop: new AbortController(),
    synced: new Set(),
    ended: Promise.resolve(),
  }
}

interface FeedOptions extends CachesOptions {
  readonly listeners: ReadonlySet<(change: StoreChange) => void>
}

function selectionOf({ only, ...kind }: Scope, { labelSelector }: CachesOptions): object {
  if (only !== undefined) {
    const place = only.namespace === undefined ? {} : { namespace: only.namespace }
    return { ...place, fieldSelector: `metadata.name=${only.name}` }
  }
  const selector = labelSelector?.(kind)
  return selector === undefined ? {} : { labelSelector: selector }
}

/** Never rejects: `reflect` reports failures as events and repairs them. */
async function feed(cluster: Cluster, cache: Cache, options: FeedOptions): Promise<void> {
  const { kind, store } = cache
  const { signal } = cache.stop
  const { clock, random = Math.random, listeners, onNotice } = options
  const selected = selectionOf(cache.scope, options)
  const tell = (change: StoreChange): void => listeners.forEach((listener) => listener(change))
  for await (const event of reflect(cluster, kind, { store, clock, random, signal, ...selected })) {
    if (signal.aborted) return
    if (event.type === "watch.changed") tell(event.change)
    else if (event.type === "watch.synced") {
      event.changes.forEach(tell)
      cache.synced.forEach((listener) => listener())
      onNotice?.({ type: "watch.synced", kind, objects: store.size })
    } else if (event.type === "watch.interrupted") {
      onNotice?.({ type: "watch.interrupted", kind, error: event.error, retryInMs: event.retryInMs })
    }
  }
}
