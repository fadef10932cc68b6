import {
  compareBytes,
  isConfirmed,
  systemClock,
  type Clock,
  type Cluster,
  type Confirmation,
  type KindRef,
  type KubeObject,
  type LiveChange,
  type LiveView,
  type ManagedFieldsEntry,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { createCaches, type Caches, type LiveNotice } from "./live/caches.ts"
import { followChanges } from "./live/changes.ts"
import { createConfirmations, versionedKey } from "./live/confirmations.ts"
import { isOlder, type StoreChange } from "./store.ts"

export type { LiveNotice } from "./live/caches.ts"

/** Options of `createLiveView`. */
export interface LiveViewOptions {
  /**
   * Restricts the watch of a kind, as kubectl's `-l`; default: every object of the kind. For large clusters, such as
   * `() => "gitops-toolkit.dev/name"`: the label that `apply` puts on all it owns. `get` then shows only what bears it, and
   * `absent` never claims anything; `changes` watches what it does not find one by one.
   */
  readonly labelSelector?: (kind: KindRef) => string | undefined
  /** Makes objects smaller before they are kept; default: `managedFields` without their field sets. */
  readonly transform?: (object: KubeObject) => KubeObject
  readonly clock?: Clock
  readonly random?: () => number
  readonly onNotice?: (notice: LiveNotice) => void
}

/** How a live object differs from what was confirmed. */
export interface Drift {
  readonly ref: ObjectRef
  readonly change: "modified" | "deleted" | "replaced"
  /** Who wrote last, when the object says so. */
  readonly manager?: string
}

/** A `LiveView` with its write side. */
export interface LiveCaches extends LiveView {
  /**
   * Says what `owner` (any text) has in its inventory: the kinds of `refs` are watched as long as some owner or some
   * `changes` mentions them; confirmations of what nobody owns any more are forgotten.
   */
  track(owner: string, refs: readonly ObjectRef[]): void
  /** Resolves when every kind that `owner` tracks is synced, or when `signal` aborts. */
  ready(owner: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** The owners that track `ref`. */
  owners(ref: ObjectRef): readonly string[]
  /** What `owner` tracks. */
  tracked(owner: string): readonly ObjectRef[]
  /** True when there is certainly no such object: its kind is watched whole, and up to our own last write of it. */
  absent(ref: ObjectRef): boolean
  /** How the object differs from its confirmed state, as far as the view knows; undefined when it does not. */
  drift(ref: ObjectRef): Drift | undefined
  /** Calls `listener` for every change from now on; returns the function that ends it. */
  subscribe(listener: (change: StoreChange) => void): () => void
  /** What is watched now, and how many objects each cache holds. */
  watched(): readonly { readonly kind: KindRef; readonly objects: number; readonly synced: boolean }[]
  /** Ends all watches; resolves when they have ended. */
  close(): Promise<void>
}

/**
 * A view of `cluster` made of watch caches, one a kind, begun and ended as kinds are mentioned. It belongs to the
 * identity that `cluster` acts under: never share it between tenants.
 *
 * `get` answers undefined when the cache is older than the last confirmed write of that object: an old state is never
 * taken for the present one. `confirmed` and `confirm` keep their records in memory.
 *
 * @example
 * const live = createLiveView(cluster)
 * live.track("me", [{ apiVersion: "v1", kind: "ConfigMap", namespace: "prod", name: "settings" }])
 */
export function createLiveView(cluster: Cluster, options: LiveViewOptions = {}): LiveCaches {
  const confirmations = createConfirmations()
  const ownership = createOwnership()
  const caches: Caches = createCaches(cluster, { clock: systemClock, ...options })

  const isBehind = (ref: ObjectRef, at: string | undefined): boolean =>
    isOlder(at, confirmations.get(ref)?.resourceVersion)
  const get = (ref: ObjectRef): KubeObject | undefined => {
    const object = caches.find(ref)
    return object === undefined || isBehind(ref, object.metadata.resourceVersion) ? undefined : object
  }
  const isGone = (ref: ObjectRef): boolean => {
    const store = caches.store(kindOf(ref))
    return store !== undefined && store.synced && store.get(ref) === undefined && !isBehind(ref, store.version)
  }
  return {
    get,
    synced: (kind) => caches.store(kindOf(kind))?.synced ?? false,
    absent: (ref) => !caches.isRestricted(ref) && isGone(ref),
    changes: (refs, { signal } = {}): AsyncIterable<LiveChange> => followChanges(caches, refs, signal),
    confirmed: (ref): Confirmation | undefined => confirmations.get(ref),
    confirm: (ref, state) => confirmations.set(ref, state),
    track(owner, refs) {
      for (const ref of ownership.set(owner, refs)) confirmations.set(ref, undefined)
      caches.demand(owner, refs.map(kindOf))
    },
    ready: async (owner, { signal } = {}) => {
      const kinds = new Map(ownership.owned(owner).map((ref) => [`${ref.apiVersion}/${ref.kind}`, kindOf(ref)]))
      await Promise.all([...kinds.values()].map((kind) => synced(caches, kind, signal)))
    },
    owners: ownership.of,
    tracked: ownership.owned,
    drift(ref) {
      const confirmed = confirmations.get(ref)
      if (confirmed === undefined) return undefined
      const object = caches.find(ref)
      if (object === undefined) return isGone(ref) ? { ref, change: "deleted" } : undefined
      if (isBehind(ref, object.metadata.resourceVersion) || isConfirmed(object, confirmed)) return undefined
      const change = object.metadata.uid === confirmed.uid ? "modified" : "replaced"
      const manager = lastManager(object)
      return { ref, change, ...(manager === undefined ? {} : { manager }) }
    },
    subscribe: caches.subscribe,
    watched: caches.watched,
    close: caches.close,
  }
}

// Times are whole seconds: of two writers in one second, who drifted is the one that did not apply.
function synced(caches: Caches, kind: KindRef, signal: AbortSignal | undefined): Promise<void> {
  if (caches.store(kind)?.synced !== false || signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = (): void => {
      end()
      signal?.removeEventListener("abort", stop)
      resolve()
    }
    const end = caches.whenSynced(kind, stop)
    signal?.addEventListener("abort", stop, { once: true })
  })
}

function kindOf({ apiVersion, kind }: KindRef): KindRef {
  return { apiVersion, kind }
}

/** Who wrote last but for statuses. Times have whole seconds: of equal ones, an update is likelier to be a stranger's. */
function lastManager({ metadata }: KubeObject): string | undefined {
  let last: ManagedFieldsEntry | undefined
  for (const entry of metadata.managedFields ?? []) {
    if (entry.subresource === "status") continue
    const order = compareBytes(entry.time ?? "", last?.time ?? "")
    if (last === undefined || order > 0 || (order === 0 && entry.operation === "Update")) last = entry
  }
  return last?.manager
}

interface Ownership {
  /** Replaces what `owner` has; returns what nobody has any more. */
  set(owner: string, refs: readonly ObjectRef[]): readonly ObjectRef[]
  of(ref: ObjectRef): readonly string[]
  owned(owner: string): readonly ObjectRef[]
}

function createOwnership(): Ownership {
  const byOwner = new Map<string, ReadonlyMap<string, ObjectRef>>()
  const byRef = new Map<string, Set<string>>()
  return {
    set(owner, refs) {
      const before = byOwner.get(owner) ?? new Map<string, ObjectRef>()
      const after = new Map(refs.map((ref) => [versionedKey(ref), ref]))
      const orphans: ObjectRef[] = []
      if (after.size > 0) byOwner.set(owner, after)
      else byOwner.delete(owner)
      for (const key of after.keys()) byRef.set(key, (byRef.get(key) ?? new Set()).add(owner))
      for (const [key, ref] of before) {
        if (after.has(key)) continue
        const owners = byRef.get(key)
        owners?.delete(owner)
        if (owners?.size === 0) byRef.delete(key)
        if (!byRef.has(key)) orphans.push(ref)
      }
      return orphans
    },
    owned: (owner) => [...(byOwner.get(owner)?.values() ?? [])],
    of: (ref) => [...(byRef.get(versionedKey(ref)) ?? [])],
  }
}
