import type { ObjectRef } from "@gitops-toolkit/kube"
import type { Health, HealthStatus } from "./health.ts"

/** An object to wait for. */
export interface SettleTarget extends ObjectRef {
  /** It counts as ready when it is gone: a Job with `ttlSecondsAfterFinished`. */
  readonly mayVanish?: boolean
}

/** The last known health of one object. */
export interface ObjectHealth {
  readonly ref: ObjectRef
  readonly health: Health
}

/** How the wait ended. */
export interface HealthReport {
  /** All objects in one, by `summarize`. */
  readonly status: HealthStatus
  readonly objects: readonly ObjectHealth[]
  readonly elapsedMs: number
}

/**
 * What `settle` reports: each change of an object's status or message, and the happy end. Of objects that are ready at
 * first sight nothing is told.
 */
export type HealthEvent =
  | {
      readonly type: "health.changed"
      readonly ref: ObjectRef
      readonly health: Health
      /** The status before; absent for the first one known. */
      readonly previous?: HealthStatus
    }
  | { readonly type: "health.passed"; readonly objects: number; readonly elapsedMs: number }
