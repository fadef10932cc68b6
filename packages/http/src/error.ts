import { ToolkitError, type ToolkitErrorOptions } from "@gitops-toolkit/kube"

/**
 * Why no answer came: `Unreachable` (name, connection, TLS or a broken answer), `TimedOut` (the deadline of one try),
 * `TooLarge` (the body passed its limit), `EgressDenied` (the policy forbids the URL or the address it resolves to),
 * `RedirectRefused` (too many, downgrade to http, or a body that would leave its origin), `InvalidRequest` (a fault of
 * the caller: URL, header, method), `Closed` (the pool was disposed).
 */
export type HttpErrorCode =
  | "Closed"
  | "EgressDenied"
  | "InvalidRequest"
  | "RedirectRefused"
  | "TimedOut"
  | "TooLarge"
  | "Unreachable"

/** What an `HttpError` carries beside what every `ToolkitError` does. */
export interface HttpErrorOptions extends ToolkitErrorOptions {
  /** Whether the server may have received the request; default true, since only the opposite can be known. */
  readonly sent?: boolean
}

/**
 * The error of every request that got no answer. Messages name the origin only: paths and queries of webhooks are
 * secrets. `sent` is false only when no byte can have reached the server, so that even a POST may be repeated.
 *
 * @example
 * try { await fetchUrl(url) } catch (error) { if (isHttpError(error, "TimedOut")) console.log(error.retryable) }
 */
export class HttpError extends ToolkitError<HttpErrorCode> {
  readonly sent: boolean

  constructor(code: HttpErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options)
    this.sent = options.sent ?? true
  }
}

/**
 * True when `error` is an `HttpError`, and of one of `codes` when any are given.
 *
 * @example
 * isHttpError(new HttpError("TimedOut", "no answer within 10 s"), "TimedOut", "Unreachable")   // true
 */
export function isHttpError(error: unknown, ...codes: readonly HttpErrorCode[]): error is HttpError {
  return error instanceof HttpError && (codes.length === 0 || codes.includes(error.code))
}
