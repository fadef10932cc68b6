import { equalJson, type KubeObject, type ManagedFieldsEntry } from "@gitops-toolkit/kube"
import { isPatchError } from "./error.ts"
import { isSameSet, subtractBelow, unite } from "./field-set/algebra.ts"
import { emptyFieldSet, type FieldSet } from "./field-set/node.ts"
import { assertApplicable, assertLive } from "./managed/applicable.ts"
import { capUpdaters } from "./managed/cap.ts"
import { conflictCauses, conflictMessage, type ConflictCause } from "./managed/conflict.ts"
import { decodeEntries, decodeOr, decodeOrNone, isReset, nobody, type Managed } from "./managed/decode.ts"
import { encodeEntries, printTime } from "./managed/encode.ts"
import { idOfWriter, type WriterOptions } from "./managed/identity.ts"
import { remainingConflicts, withLastApplied } from "./managed/last-applied.ts"
import { stripFields, stripManager } from "./managed/strip.ts"
import {
  isApplyConflict,
  mergeUpdate,
  type ApplyConflict,
  type Managers,
  type MergeApplyOptions,
  type Merged,
} from "./structured-merge.ts"
import { mergeDesired } from "./structured/apply.ts"
import { emptyStruct, withNulls } from "./topology/empty.ts"
import { isMap, type JsonMap } from "./value/json.ts"

export type { ConflictCause } from "./managed/conflict.ts"
export type { WriterOptions } from "./managed/identity.ts"
export { lastAppliedAnnotation } from "./managed/last-applied.ts"

/** What `applyManaged` takes. */
export interface ApplyManagedOptions extends WriterOptions {
  /** The present object with its `managedFields`; undefined when there is none yet. */
  readonly live: KubeObject | undefined
  /** The fields that the manager wants, and only these. */
  readonly desired: KubeObject
  /** Take fields over from other managers; default false. */
  readonly force?: boolean
}

/** What `updateManaged` takes. */
export interface UpdateManagedOptions extends WriterOptions {
  /** The present object with its `managedFields`; undefined when it is being created. */
  readonly live: KubeObject | undefined
  /** The object as it is to be, defaults included. Its `managedFields`, where it has any, are believed. */
  readonly object: KubeObject
}

/** A 409 in the server's words. */
export interface ManagedConflict extends ApplyConflict {
  /** `Apply failed with 1 conflict: conflict with "m": .spec.replicas`. */
  readonly message: string
  readonly causes: readonly ConflictCause[]
}

/** What `applyManaged` answers when it applied. */
export interface AppliedObject {
  /** The merged object with its `managedFields`, not yet defaulted; `live` itself when nothing changed at all. */
  readonly object: KubeObject
  /** False when no field of the object changed; who owns what may have changed all the same. */
  readonly changed: boolean
}

/**
 * Server-side apply as the API server does it, `managedFields` included: appliers and updaters are told apart, an
 * object that nobody tracked gets an entry `before-first-apply`, `kubectl` takes over from its client-side self,
 * identity and server-set metadata belong to nobody. The result still has to be defaulted and validated.
 * Source: apimachinery's managedfields, Kubernetes 1.36.
 *
 * Throws `InvalidPatch` where the server answers 400, `InvalidObject` where it answers 500 (its own text follows the
 * code in the message; `rawMessage` is that text alone), `InvalidFieldSet` for unreadable `managedFields`.
 *
 * @example
 * const result = applyManaged({ live, desired, manager: "me", apiVersion: "v1", topology, now: new Date() })
 * if (isApplyConflict(result)) console.log(result.message)
 */
export function applyManaged(options: ApplyManagedOptions): AppliedObject | ManagedConflict {
  assertApplicable(options.desired, options)
  const live = options.live && withoutManagers(options.live)
  if (live) assertLive(live, options)
  const tracked = trackedBefore(options, live)
  const id = idOfWriter(options, "Apply")
  const input = { ...options, managers: tracked.managers, manager: id, live: live ?? {} }
  const merged = options.manager === "kubectl" ? mergeOrTakeOver(input) : mergeDesired(input)
  if (isApplyConflict(merged)) {
    const { conflicts } = merged
    return { conflicts, message: conflictMessage(conflicts), causes: conflictCauses(conflicts) }
  }
  const changed = live === undefined || merged.object !== live
  const managers = keepIdentity(tracked, stripManager(merged.managers, id), id)
  const object = merged.object as JsonMap
  const synced = options.manager === "kubectl" ? withLastApplied(object, options.desired) : object
  const known = options.live?.metadata.managedFields?.length === managers.size
  if (synced === live && known && sameManagers(managers, tracked.managers)) {
    return { object: options.live!, changed: false }
  }
  const times = changed ? new Map(tracked.times).set(id, printTime(options.now)) : tracked.times
  return { object: withManagers(synced, { managers, times }), changed }
}

/** What client-side `kubectl apply` set is no conflict for `kubectl`. */
function mergeOrTakeOver(
  input: WriterOptions & MergeApplyOptions & { readonly live: JsonMap },
): Merged | ApplyConflict {
  const merged = mergeDesired(input)
  const remaining = isApplyConflict(merged) ? remainingConflicts(merged.conflicts, input.live, input) : undefined
  if (!remaining) return merged
  return remaining.length === 0 ? mergeDesired({ ...input, force: true }) : { conflicts: remaining }
}

function sameManagers(a: Managers, b: Managers): boolean {
  if (a.size !== b.size) return false
  for (const [id, set] of a) {
    const other = b.get(id)
    if (set.fields !== other?.fields || set.apiVersion !== other.apiVersion) return false
  }
  return true
}

/** An object that nobody tracks yet belongs, as it is, to whoever came before. */
function trackedBefore(options: ApplyManagedOptions, live: JsonMap | undefined): Managed {
  const managed = decodeEntries(options.live?.metadata.managedFields)
  if (managed.managers.size > 0 || !live) return managed
  const empty = newObject(options, live)
  return track({ ...options, manager: "before-first-apply", live: empty, object: live, managed })
}

/** An applier whose set did not change keeps the very set it had, so that it need not be printed again. */
function keepIdentity(before: Managed, managers: Managers, id: string): Managers {
  const last = before.managers.get(id)
  const present = managers.get(id)
  if (!last || !present || last.fields === present.fields || !isSameSet(last.fields, present.fields)) return managers
  return new Map(managers).set(id, { ...present, fields: last.fields })
}

/**
 * `object` with the `managedFields` that it has after an update (create, replace, patch): what changed belongs to the
 * updater. Believes the `managedFields` of `object`, falls back to those of `live`; an empty list or one empty entry
 * makes it forget all managers. An object whose managers are unknown stays untracked. Unreadable `managedFields` count
 * as none; an object that cannot be compared (a list item without its keys) loses them, as on the server. Throws
 * `TooDeep`.
 *
 * @example
 * updateManaged({ live, object, manager: "kubectl-edit", apiVersion: "v1", topology, now: new Date() })
 */
export function updateManaged(options: UpdateManagedOptions): KubeObject {
  const { live, object } = options
  const managed = managedOf(options)
  const bare = withoutManagers(object)
  if (managed.managers.size === 0 && live) return withManagers(bare, managed)
  const before = live ? withoutManagers(live) : newObject(options, bare)
  try {
    return withManagers(bare, track({ ...options, live: before, object: bare, managed }))
  } catch (error) {
    if (isPatchError(error, "InvalidObject")) return withManagers(bare, nobody) // so that no garbage is kept
    throw error
  }
}

function managedOf({ live, object, subresource }: UpdateManagedOptions): Managed {
  const ofLive = (): Managed => decodeOrNone(live?.metadata.managedFields)
  if (subresource) return ofLive()
  const entries = object.metadata.managedFields
  if (isReset(entries)) return nobody
  const given = decodeOr(entries, nobody)
  return given.managers.size > 0 ? given : ofLive()
}

type TrackInput = WriterOptions & {
  readonly live: JsonMap
  readonly object: JsonMap
  readonly managed: Managed
}

/** The managers after an update; the time of the updater is renewed when it changed anything. */
function track(input: TrackInput): Managed {
  const self = "current-operation"
  const { managers } = mergeUpdate({ ...input, managers: input.managed.managers, manager: self })
  const stripped = stripManager(managers, self)
  const written = stripped.get(self)
  if (!written) return capUpdaters({ managers: stripped, times: input.managed.times })
  const id = idOfWriter(input, "Update")
  const after = new Map(stripped)
  after.delete(self)
  const previous = after.get(id)
  after.set(id, previous ? { ...written, fields: unite(previous.fields, written.fields) } : written)
  const times = new Map(input.managed.times).set(id, printTime(input.now))
  return capUpdaters({ managers: after, times })
}

/** What the server starts from when it creates an object of this kind: the empty object, as far as `object` shows it. */
function newObject({ topology }: WriterOptions, object: JsonMap): JsonMap {
  const empty = emptyStruct(topology)
  return topology.map?.structs.length ? withNulls(empty, object) : empty
}

function withoutManagers(object: KubeObject): JsonMap {
  if (object.metadata?.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function withManagers(object: JsonMap, managed: Managed): KubeObject {
  const metadata = isMap(object["metadata"]) ? object["metadata"] : {}
  const managedFields = encodeEntries(managed)
  const all = managedFields.length > 0 ? { ...metadata, managedFields } : metadata
  return { ...object, metadata: all } as unknown as KubeObject
}

/**
 * A filter for `WriterOptions.owned`: nobody may own `fields`, nor anything below them.
 *
 * @example
 * const owned = withoutFields(parseFieldSet({ "f:status": {} }))
 * printFieldSet(owned(parseFieldSet({ "f:spec": {}, "f:status": { "f:phase": {} } })))   // { "f:spec": {} }
 */
export function withoutFields(fields: FieldSet): (set: FieldSet) => FieldSet {
  return (set) => subtractBelow(set, fields) ?? emptyFieldSet
}

/**
 * `next` as it is to be stored: with the times of `live` where nothing else in the whole object changed, so that a
 * write without effect stays one. Give both with their `managedFields`.
 *
 * @example
 * const at = (time: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", managedFields: [{ manager: "me", time }] } })
 * withoutTimeChanges(at("2026-01-02T00:00:00Z"), at("2026-01-01T00:00:00Z")).metadata.managedFields
 * // [{ manager: "me", time: "2026-01-01T00:00:00Z" }]
 */
export function withoutTimeChanges(next: KubeObject, live: KubeObject): KubeObject {
  const timeless = (entries: readonly ManagedFieldsEntry[] | undefined): unknown =>
    entries?.map((entry) => ({ ...entry, time: undefined }))
  if (!equalJson(timeless(next.metadata.managedFields), timeless(live.metadata.managedFields))) return next
  if (!equalJson(withoutManagers(next), withoutManagers(live)) || live.metadata.managedFields === undefined) return next
  return { ...next, metadata: { ...next.metadata, managedFields: live.metadata.managedFields } }
}

/**
 * The fields that no `managedFields` entry ever holds, taken out of a set: `apiVersion`, `kind`, `metadata.name`, …
 *
 * @example
 * const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { mode: "dark" } }
 * printFieldSet(strippedFields(fieldSetOf(object, topologyOf(object)!)))   // { "f:data": { "f:mode": {} } }
 */
export function strippedFields(set: FieldSet): FieldSet {
  return stripFields(set) ?? emptyFieldSet
}
