import { ToolkitError } from "@gitops-toolkit/kube"

/**
 * Why a patch could not be applied.
 *
 * - `InvalidPatch`: the patch itself is malformed (a missing `op`, a bad directive, an item without its merge key).
 * - `PatchFailed`: the patch is well formed, but does not fit the document (a missing path).
 * - `TestFailed`: a `test` operation of a JSON patch found another value.
 * - `InvalidObject`: an object does not fit its topology (unknown field, wrong type, duplicate list item).
 * - `InvalidFieldSet`: a `fieldsV1` value cannot be read.
 * - `PatchConflict`: a three-way merge found changes that contradict each other.
 * - `TooDeep`: a value is nested deeper than any real object.
 */
export type PatchErrorCode =
  | "InvalidPatch"
  | "PatchFailed"
  | "TestFailed"
  | "InvalidObject"
  | "InvalidFieldSet"
  | "PatchConflict"
  | "TooDeep"

/** The error that every function of this package throws. Server-side apply conflicts are values, not errors. */
export class PatchError extends ToolkitError<PatchErrorCode> {}

/**
 * True when `error` is a `PatchError`, and of one of `codes` when any are given.
 *
 * @example
 * isPatchError(new PatchError("TestFailed", "/spec/replicas is 3"), "TestFailed")   // true
 */
export function isPatchError(error: unknown, ...codes: readonly PatchErrorCode[]): error is PatchError {
  return error instanceof PatchError && (codes.length === 0 || codes.includes(error.code))
}
