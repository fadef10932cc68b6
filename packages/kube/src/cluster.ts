import type { KubeObject, ManagedFieldsEntry } from "./object.ts"
import type { KindRef, ObjectRef } from "./ref.ts"
import type { Steps } from "./steps.ts"

/** Options of every request. */
export interface RequestOptions {
  /** Cancels the request; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Deadline of each try in milliseconds; the adapter's default is 30 000. Watches have none. */
  readonly timeoutMs?: number
  /** A sub-resource: `status`, `scale`, … */
  readonly subresource?: string
}

/** How the server treats unknown and duplicate fields. */
export type FieldValidation = "Strict" | "Warn" | "Ignore"

/** Options of every write. */
export interface WriteOptions extends RequestOptions {
  /** Who writes; default: the connection's. */
  readonly fieldManager?: string
  /** Run the whole pipeline of the server and store nothing. */
  readonly dryRun?: boolean
  /** Default `Strict`. */
  readonly fieldValidation?: FieldValidation
  /** Called once for each `Warning` of the answer. */
  readonly onWarning?: (text: string) => void
}

/** Options of `Cluster.apply`. */
export interface ApplyOptions extends WriteOptions {
  /** Take fields over from other managers instead of failing with `FieldManagerConflict`; default false. */
  readonly force?: boolean
}

/** What must still be true of the live object for a write or a deletion to happen. */
export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** Options of `Cluster.delete`. */
export interface DeleteOptions extends WriteOptions {
  /** Checked by the server in the same step as the deletion; a mismatch throws `Conflict`. */
  readonly preconditions?: Preconditions
  /** What happens to dependents; default `Background`. */
  readonly propagation?: "Background" | "Foreground" | "Orphan"
  readonly gracePeriodSeconds?: number
}

/** Options of `Cluster.list` and `Cluster.watch`. */
export interface SelectOptions extends RequestOptions {
  /** Only this namespace; absent: all. */
  readonly namespace?: string
  /** `app=web,tier!=db`, as kubectl's `-l`. */
  readonly labelSelector?: string
  /** `metadata.name=web`, as kubectl's `--field-selector`. */
  readonly fieldSelector?: string
}

/** Options of `Cluster.list`. */
export interface ListOptions extends SelectOptions {
  /** Objects a page; default 500. */
  readonly pageSize?: number
  /** `0`: any cached state will do; absent: the newest. */
  readonly resourceVersion?: string
}

/** One page of a list. */
export interface ListPage {
  readonly objects: readonly KubeObject[]
  readonly resourceVersion: string
}

/** Options of `Cluster.watch`. */
export interface WatchOptions extends SelectOptions {
  /** Go on from here (a list's or event's version) instead of listing first. */
  readonly resourceVersion?: string
}

/**
 * What a watch reports. `listed` carries the complete state: it comes first (unless the watch began at a given
 * resourceVersion) and again whenever history was lost, and replaces everything known. `interrupted` tells of a
 * failure that the watch is recovering from by itself.
 */
export type WatchEvent =
  | { readonly type: "listed"; readonly objects: readonly KubeObject[]; readonly resourceVersion: string }
  | { readonly type: "added" | "modified" | "deleted"; readonly object: KubeObject }
  | { readonly type: "bookmark"; readonly resourceVersion: string }
  | { readonly type: "interrupted"; readonly error: unknown; readonly retryInMs: number }

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test"
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

/** The body of `Cluster.patch`, by patch language. */
export type PatchBody =
  | { readonly type: "json"; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: "merge"; readonly patch: unknown }
  | { readonly type: "strategic"; readonly patch: unknown }

/** What discovery says of one kind. */
export interface KindInfo extends KindRef {
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly string[]
}

/** Everything that discovery says. Deletions must not be decided on an incomplete answer. */
export interface KindCatalog {
  readonly kinds: readonly KindInfo[]
  /** False when some API group did not answer or answered with stale data. */
  readonly complete: boolean
  /** The groups (or group/versions) that are missing or stale. */
  readonly missing: readonly string[]
}

/** A failure of a request, by the reason that the server (or the connection) gives. */
export type ClusterErrorCode =
  | "AlreadyExists"
  | "BadRequest"
  | "Conflict"
  | "FieldManagerConflict"
  | "Forbidden"
  | "Gone"
  | "InternalError"
  | "Invalid"
  | "KindNotFound"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "NotFound"
  | "ServerTimeout"
  | "ServiceUnavailable"
  | "TimedOut"
  | "TooLarge"
  | "TooManyRequests"
  | "Unauthorized"
  | "Unreachable"
  | "UnsupportedMediaType"

/** One entry of a Status' `details.causes`. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/**
 * A Kubernetes API, unstructured: JSON in, JSON out. Implemented by `@gitops-toolkit/client`; engines know this port
 * only. Every method throws a `ClusterError`, but absence is a value: `get` and `delete` answer `undefined`.
 */
export interface Cluster {
  /** The live object, or undefined when there is none. Throws `KindNotFound` for a kind that is not served. */
  get(ref: ObjectRef, options?: RequestOptions): Promise<KubeObject | undefined>
  /** All objects of a kind, page by page; awaited: all of them as one page. */
  list(kind: KindRef, options?: ListOptions): Steps<ListPage, ListPage>
  /** The state and every later change, for ever: only `signal` (or leaving the loop) ends it. */
  watch(kind: KindRef, options?: WatchOptions): AsyncIterable<WatchEvent>
  /** The created object. Not retried once it may have been received. */
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  /** Replaces the object (PUT). With `metadata.resourceVersion` only that version, else `Conflict`. */
  update(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  /** The patched object. */
  patch(ref: ObjectRef, body: PatchBody, options?: WriteOptions): Promise<KubeObject>
  /** Server-side apply: creates or merges, owning exactly the fields of `object`. Idempotent. */
  apply(object: KubeObject, options?: ApplyOptions): Promise<KubeObject>
  /** The object when it stays for now (finalizers), undefined when it is gone or was never there. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<KubeObject | undefined>
  /** What the server serves; cached, renewed when a kind is missing. */
  kinds(options?: RequestOptions & { readonly refresh?: boolean }): Promise<KindCatalog>
}

/**
 * What was true of an object when the server last answered for it: the record that lets `plan` send nothing.
 * Only ever made from a server's answer.
 */
export interface Confirmation {
  /** Digest of the desired object that was applied or dry-run. */
  readonly desiredDigest: string
  /** The live object's version in that answer. */
  readonly resourceVersion: string
  /** The live object's uid in that answer. */
  readonly uid: string
  /** The fields that this apply set, as `fieldsV1`. */
  readonly fields: NonNullable<ManagedFieldsEntry["fieldsV1"]>
  /** Digest of the values that the server answered in those fields. */
  readonly valuesDigest: string
}

/** One change that a `LiveView` saw; `object` is absent after a deletion. */
export interface LiveChange {
  readonly ref: ObjectRef
  readonly object?: KubeObject
}

/**
 * The read side of watch caches: answers without a request, and says for which kinds it can. For a kind that is not
 * synced `get` answers undefined and means nothing.
 */
export interface LiveView {
  get(ref: ObjectRef): KubeObject | undefined
  /** True when the cache of this kind holds the complete state (as far as the view is restricted to). */
  synced(kind: KindRef): boolean
  /**
   * The present state of each of `refs`, then every later change, until the signal aborts or the loop is left.
   * Kinds that are not watched yet begin to be.
   */
  changes(
    refs: readonly ObjectRef[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<LiveChange>
  /** The record of the last confirmed state of `ref`. */
  confirmed(ref: ObjectRef): Confirmation | undefined
  /** Stores (or, with undefined, forgets) the record of `ref`. */
  confirm(ref: ObjectRef, state: Confirmation | undefined): void
}
