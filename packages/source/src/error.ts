import { ToolkitError, type ToolkitErrorOptions } from "@gitops-toolkit/kube"

/**
 * Why a source gave nothing:
 * `AuthenticationFailed` the server refused the credentials, or wants some · `EgressDenied` the policy forbids the URL
 * or address · `EmptyRepository` there is no commit yet · `FileNotFound` no such path in these files ·
 * `HostKeyMismatch` the SSH host is unknown or shows another key · `InvalidArchive` a tar that is damaged or hostile ·
 * `InvalidAuth` credentials that contradict each other or do not fit the URL · `InvalidCommit` an author or message that
 * git cannot hold · `InvalidPack` objects that are damaged
 * or hostile · `InvalidPath` a path that leaves its root · `InvalidReference` a ref that git does not allow ·
 * `InvalidResponse` the server does not speak git's protocol · `InvalidSignature` the revision is not signed by a known
 * key · `InvalidUrl` · `InvalidVersion` a range or version that cannot be read · `LimitExceeded` more bytes, objects or
 * depth than allowed · `PushRejected` the server refuses the commit (a protected branch, a hook) · `ReferenceMoved`
 * somebody else pushed in between: begin anew from what is there now · `ReferenceNotFound` no such branch, tag, commit or matching version · `RepositoryNotFound` ·
 * `TimedOut` · `Unreachable` no answer, or the server is
 * overloaded · `Unsupported` the server, or this machine, lacks what was asked for.
 */
export type SourceErrorCode =
  | "AuthenticationFailed"
  | "EgressDenied"
  | "EmptyRepository"
  | "FileNotFound"
  | "HostKeyMismatch"
  | "InvalidArchive"
  | "InvalidAuth"
  | "InvalidCommit"
  | "InvalidPack"
  | "InvalidPath"
  | "InvalidReference"
  | "InvalidResponse"
  | "InvalidSignature"
  | "InvalidUrl"
  | "InvalidVersion"
  | "LimitExceeded"
  | "PushRejected"
  | "ReferenceMoved"
  | "ReferenceNotFound"
  | "RepositoryNotFound"
  | "TimedOut"
  | "Unreachable"
  | "Unsupported"

/** What a `SourceError` carries beside what every `ToolkitError` does. */
export interface SourceErrorOptions extends ToolkitErrorOptions {
  /** The source, without credentials. */
  readonly url?: string
}

/** Codes after which the same call may succeed because the remote side moves by itself. */
const passing: ReadonlySet<SourceErrorCode> = new Set([
  "EmptyRepository",
  "ReferenceMoved",
  "ReferenceNotFound",
  "TimedOut",
  "Unreachable",
])

/**
 * The error of everything in this package. `retryable` is true where the remote side may come to give an answer by
 * itself: no answer, a deadline, a ref that a later push creates. Credentials never appear in it.
 *
 * @example
 * try { await fetchGit({ url }) } catch (error) { if (isSourceError(error, "ReferenceNotFound")) console.log(error.url) }
 */
export class SourceError extends ToolkitError<SourceErrorCode> {
  readonly url: string | undefined

  constructor(code: SourceErrorCode, message: string, options: SourceErrorOptions = {}) {
    super(code, message, { retryable: passing.has(code), ...options })
    this.url = options.url
  }
}

/**
 * True when `error` is a `SourceError`, and of one of `codes` when any are given.
 *
 * @example
 * isSourceError(new SourceError("ReferenceNotFound", "no tag lies in 9.x"), "ReferenceNotFound", "EmptyRepository")   // true
 */
export function isSourceError(error: unknown, ...codes: readonly SourceErrorCode[]): error is SourceError {
  return error instanceof SourceError && (codes.length === 0 || codes.includes(error.code))
}
