import { ToolkitError } from "@gitops-toolkit/kube"
import type { ToolkitErrorOptions } from "@gitops-toolkit/kube"

/**
 * What can go wrong in a build. `BuildFailed`: a field or a value that kustomize refuses too. `FileNotFound`: a file or
 * folder that is named but absent. `OutsideRoot`: a file outside the folder that names it. `CycleDetected`: a folder
 * that includes itself. `DuplicateObject`: two objects of one id. `PatchFailed`: a patch that does not apply.
 * `NotSupported`: remote bases, Helm and functions without the option that supplies them. `LimitExceeded`: larger than
 * `limits` allow. `SubstitutionFailed`: a variable that is missing in strict mode, or malformed. Of files that SOPS
 * encrypted: `NoDecryptionKey`: no identity fits. `UnsupportedKeyType`: encrypted for PGP or a cloud's key service only.
 * `InvalidIdentity`: an identity of the options is malformed. `InvalidSops`: no sound SOPS file. `DecryptionFailed`: an
 * encrypted value was changed or moved. `MacMismatch`: another value was changed, added, removed or moved.
 */
export type KustomizeErrorCode =
  | "BuildFailed"
  | "InvalidYaml"
  | "InvalidKustomization"
  | "FileNotFound"
  | "OutsideRoot"
  | "CycleDetected"
  | "DuplicateObject"
  | "PatchFailed"
  | "NotSupported"
  | "LimitExceeded"
  | "SubstitutionFailed"
  | "NoDecryptionKey"
  | "UnsupportedKeyType"
  | "InvalidIdentity"
  | "InvalidSops"
  | "DecryptionFailed"
  | "MacMismatch"

/** The error of every build: `at` and `frame` point at the fault where a file holds it. */
export class KustomizeError extends ToolkitError<KustomizeErrorCode> {
  constructor(code: KustomizeErrorCode, message: string, options: ToolkitErrorOptions = {}) {
    super(code, message, options)
  }
}

/** Fails the build: the input is such that kustomize refuses it as well. */
export function fail(message: string, options: ToolkitErrorOptions = {}): never {
  throw new KustomizeError("BuildFailed", message, options)
}
