import { compareResourceVersions, keyOf, refOf, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"

/** One change of a store. `object` is absent when it was deleted; `previous` when it is new. */
export interface StoreChange {
  readonly ref: ObjectRef
  readonly object?: KubeObject
  readonly previous?: KubeObject
}

/** The objects of one kind, by identity. Never goes back to an older version of an object. */
export interface Store {
  get(ref: ObjectRef): KubeObject | undefined
  objects(): readonly KubeObject[]
  readonly size: number
  /** True once the complete state was received. */
  readonly synced: boolean
  /** Up to where the watch told everything: not moved by `put` and `drop`, which also take answers to own writes. */
  readonly version: string | undefined
  /** Puts `object` in; undefined when the store holds this version or a newer one. */
  put(object: KubeObject): StoreChange | undefined
  /** Takes the object out; `object` is its last state. */
  drop(object: KubeObject): StoreChange | undefined
  /**
   * Makes the store hold exactly `objects`, but for those it knows to be newer than the list. A list that is older than
   * what a watch told before means that the server was restored: then nothing counts as newer.
   */
  replace(objects: readonly KubeObject[], resourceVersion: string): StoreChange[]
  /** Notes that everything up to `resourceVersion` was seen. */
  reach(resourceVersion: string | undefined): void
}

/** Options of `createStore`. */
export interface StoreOptions {
  /** Makes objects smaller before they are kept; default `withoutFieldSets`. */
  readonly transform?: (object: KubeObject) => KubeObject
}

/**
 * An empty store, not yet synced.
 *
 * @example
 * const store = createStore()
 * store.put({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "prod", name: "settings", resourceVersion: "7" } })
 * store.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "prod", name: "settings" })?.metadata.resourceVersion   // "7"
 */
export function createStore({ transform = withoutFieldSets }: StoreOptions = {}): Store {
  const held = new Map<string, KubeObject>()
  /** When objects went: an older list or a late event must not bring them back. */
  const gone = new Map<string, string>()
  let version: string | undefined
  let synced = false

  const reach = (seen: string | undefined): void => {
    if (seen !== undefined && !isOlder(seen, version)) version = seen
  }
  const put = (object: KubeObject): StoreChange | undefined => {
    const ref = refOf(object)
    const key = keyOf(ref)
    const previous = held.get(key)
    const known = previous === undefined ? gone.get(key) : previous.metadata.resourceVersion
    if (isKnown(object.metadata.resourceVersion, known)) return undefined
    gone.delete(key)
    const kept = transform(object)
    held.set(key, kept)
    return previous === undefined ? { ref, object: kept } : { ref, object: kept, previous }
  }
  const remove = (key: string, previous: KubeObject, at: string | undefined): StoreChange => {
    held.delete(key)
    bury(gone, key, at)
    return { ref: refOf(previous), previous }
  }
  return {
    get: (ref) => held.get(keyOf(ref)),
    objects: () => [...held.values()],
    get size() {
      return held.size
    },
    get synced() {
      return synced
    },
    get version() {
      return version
    },
    put,
    reach,
    drop(object) {
      const [key, at] = [keyOf(refOf(object)), object.metadata.resourceVersion]
      const previous = held.get(key)
      if (previous === undefined || isOlder(at, previous.metadata.resourceVersion)) return undefined
      return remove(key, previous, at)
    },
    replace(objects, resourceVersion) {
      // A complete list older than what the watch told before: the server's data was restored from a backup.
      if (isOlder(resourceVersion, version)) {
        forgetVersions(held, gone)
        version = undefined
      }
      const listed = new Set(objects.map((object) => keyOf(refOf(object))))
      const isStale = ([key, { metadata }]: [string, KubeObject]): boolean =>
        !listed.has(key) && !isOlder(resourceVersion, metadata.resourceVersion)
      const changes = objects.map(put).filter((change) => change !== undefined)
      reach(resourceVersion)
      synced = true
      for (const [key, object] of [...held].filter(isStale)) changes.push(remove(key, object, resourceVersion))
      return changes
    },
  }
}

function bury(gone: Map<string, string>, key: string, at: string | undefined): void {
  if (at !== undefined) gone.set(key, at)
  if (gone.size > maxGone) gone.delete(gone.keys().next().value!)
}

function forgetVersions(held: Map<string, KubeObject>, gone: Map<string, string>): void {
  for (const [key, object] of held) held.set(key, withoutVersion(object))
  gone.clear()
}

function withoutVersion(object: KubeObject): KubeObject {
  const { resourceVersion: _version, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Whether a state of version `at` tells nothing new beside `known`. */
function isKnown(at: string | undefined, known: string | undefined): boolean {
  return known !== undefined && (at === known || isOlder(at, known))
}

/** Whether version `a` is certainly older than `b`. */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && (compareResourceVersions(a, b) ?? 0) < 0
}

/** How many deletions a store remembers. */
const maxGone = 1000

/**
 * The object with its `managedFields` reduced to who wrote how, which is most of what a cached object weighs.
 * The same object when there is nothing to reduce.
 *
 * @example
 * const managedFields = [{ manager: "kubectl", operation: "Apply", fieldsV1: { "f:data": {} } }] as const
 * withoutFieldSets({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", managedFields } }).metadata.managedFields
 * // [{ manager: "kubectl", operation: "Apply" }]
 */
export function withoutFieldSets(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata
  if (managedFields === undefined || managedFields.every((entry) => entry.fieldsV1 === undefined)) return object
  const reduced = managedFields.map(({ fieldsV1: _fields, ...entry }) => entry)
  return { ...object, metadata: { ...object.metadata, managedFields: reduced } }
}
