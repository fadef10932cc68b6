import type { KubeObject } from "@gitops-toolkit/kube"

/** An event without its envelope: a type and any JSON fields. */
export interface EventBody {
  readonly type: string
  readonly [field: string]: unknown
}

/**
 * What observers receive: a JSON value. The envelope is the same for all events; the other fields are those of the
 * event that was yielded, or of one of the runtime's own:
 *
 * | type | further fields |
 * |---|---|
 * | `reconcile.started`, `finalize.started` | `generation`, `attempt`, `waitedMs`, `queue` (its figures) |
 * | `reconcile.finished`, `finalize.finished` | `durationMs`, `reason`, `message`, `revision?`, `requeueAfterMs?`, `statusWritten` |
 * | `reconcile.failed`, `finalize.failed` | `durationMs`, `reason` (the error's code), `message`, `retryable`, `attempt`, `retryInMs?`, `frame?` (the lines around the fault in a file), `severity: "error"` |
 * | `reconcile.cancelled`, `finalize.cancelled` | `durationMs`, `reason`: `Superseded` (the object changed or is being deleted) or `Shutdown` |
 * | `reconcile.suspended` | – |
 * | `drift.seen` | `ref`, `change`: `modified`, `deleted` or `replaced`, `manager?` (who wrote last) |
 * | `drift.fought` | the same, `corrections`, `retryInMs`: somebody keeps changing it back, so we wait longer |
 * | `watch.synced`, `watch.stopped` | `kind`, `apiVersion`, `objects?` |
 * | `watch.interrupted` | `kind`, `apiVersion`, `message`, `retryInMs`, `severity: "error"` |
 * | `lease.acquired`, `lease.lost`, `lease.failed` | `identity?`, `message?` |
 *
 * Texts went through `redactText`. The types are stable; further fields and types may come.
 */
export interface ControllerEvent {
  /** Dotted: `reconcile.finished`, `apply.done`. */
  readonly type: string
  /** RFC 3339 with milliseconds. */
  readonly timestamp: string
  /** The controller's name; empty for the watches that controllers share. */
  readonly controller: string
  /** The same for all events of one reconcile; absent outside of one. */
  readonly reconcileId?: string
  readonly [field: string]: unknown
}

/**
 * A function of events: logs, counts, tells people. `object` is the object being reconciled as it was at that moment;
 * for `watch.…` events it is one of the watched kind without a name, for `lease.…` the Lease. Events arrive in order, one at a time: the next
 * waits until the promise of the last one settles, and reconciles never wait for observers.
 */
export type Observer = (event: ControllerEvent, object: KubeObject) => void | Promise<void>
