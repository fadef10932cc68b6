import { ToolkitError } from "./error.ts"

/**
 * What can be wrong with a text or a graph handed to this package.
 *
 * - `InvalidJson`: a text is not JSON, or a value cannot be written as JSON.
 * - `InvalidQuantity`: a text is not a Kubernetes quantity.
 * - `InvalidDuration`: a text is not a Go duration, or it does not fit 64 bits of nanoseconds.
 * - `InvalidInventory`: a stored inventory has an entry that cannot be read.
 * - `InvalidPattern`: a text is not an RE2 regular expression.
 */
export type KubeErrorCode =
  | "InvalidJson"
  | "InvalidQuantity"
  | "InvalidDuration"
  | "InvalidInventory"
  | "InvalidPattern"

/** The error of this package's own verbs. Its message never quotes the text that was read, which may be a secret's. */
export class KubeError extends ToolkitError<KubeErrorCode> {}
