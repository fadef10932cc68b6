import { ToolkitError } from "../error.ts"

/**
 * What can be wrong with a manifest.
 *
 * - `InvalidYaml`: the text is not YAML as Kubernetes reads it.
 * - `DuplicateKey`: one map has a key twice (profile `kustomize`; `kubectl` takes the last).
 * - `InvalidValue`: the YAML is sound, but JSON cannot hold the value (`.inf`, a key that is a list).
 * - `NotAnObject`: a document lacks `apiVersion`, `kind` or is no map.
 * - `LimitExceeded`: the text is larger, deeper or more repetitive than the limits allow.
 * - `Unprintable`: a value cannot be written as YAML.
 */
export type ManifestErrorCode =
  | "InvalidYaml"
  | "DuplicateKey"
  | "InvalidValue"
  | "NotAnObject"
  | "LimitExceeded"
  | "Unprintable"

/**
 * The error of reading and printing manifests. `at` has path, line and column; `frame` shows the line with a caret
 * under the fault. The message names the place but quotes no values.
 */
export class ManifestError extends ToolkitError<ManifestErrorCode> {}
