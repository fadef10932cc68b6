import type { ClusterErrorCode, StatusCause } from "./cluster.ts"
import { ToolkitError, type ToolkitErrorOptions } from "./error.ts"

/** What a `ClusterError` carries beside what every `ToolkitError` does. */
export interface ClusterErrorOptions extends ToolkitErrorOptions {
  /** The HTTP status; absent when no answer came. */
  readonly status?: number
  /** The Status' `details.causes`. */
  readonly causes?: readonly StatusCause[]
  /** How long the server asks to wait. */
  readonly retryAfterMs?: number
}

/**
 * The error that every `Cluster` throws. It never carries a request's or answer's body, so no secret either.
 *
 * @example
 * try { await cluster.apply(object) } catch (error) { if (isClusterError(error, "FieldManagerConflict")) console.log(error.causes) }
 */
export class ClusterError extends ToolkitError<ClusterErrorCode> {
  readonly status: number | undefined
  readonly causes: readonly StatusCause[]
  readonly retryAfterMs: number | undefined

  constructor(code: ClusterErrorCode, message: string, options: ClusterErrorOptions = {}) {
    super(code, message, options)
    this.status = options.status
    this.causes = options.causes ?? []
    this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * True when `error` is a `ClusterError`, and of one of `codes` when any are given.
 *
 * @example
 * isClusterError(new ClusterError("NotFound", "no such ConfigMap"), "NotFound", "Gone")   // true
 * isClusterError(new Error("no such ConfigMap"))   // false
 */
export function isClusterError(error: unknown, ...codes: readonly ClusterErrorCode[]): error is ClusterError {
  return error instanceof ClusterError && (codes.length === 0 || codes.includes(error.code))
}
