import {
  ClusterError,
  formatRef,
  isSecret,
  parseJson,
  type ClusterErrorCode,
  type KindRef,
  type ObjectRef,
  type StatusCause,
} from "@gitops-toolkit/kube"
import { HttpError, isHttpError, parseRetryAfter } from "@gitops-toolkit/http"
import { ConnectError } from "./connect-error.ts"

/** What a failed answer is made of. */
export interface FailedAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: readonly string[] }
  readonly text: string
}

/** What a request is about, for messages. */
export type Subject = ObjectRef | KindRef

const codesByReason: { readonly [reason: string]: ClusterErrorCode } = {
  AlreadyExists: "AlreadyExists",
  BadRequest: "BadRequest",
  Conflict: "Conflict",
  Expired: "Gone",
  Forbidden: "Forbidden",
  Gone: "Gone",
  InternalError: "InternalError",
  Invalid: "Invalid",
  MethodNotAllowed: "MethodNotAllowed",
  NotAcceptable: "NotAcceptable",
  NotFound: "NotFound",
  RequestEntityTooLarge: "TooLarge",
  ServerTimeout: "ServerTimeout",
  ServiceUnavailable: "ServiceUnavailable",
  StoreReadError: "InternalError",
  Timeout: "TimedOut",
  TooManyRequests: "TooManyRequests",
  Unauthorized: "Unauthorized",
  UnsupportedMediaType: "UnsupportedMediaType",
}

const codesByStatus: { readonly [status: number]: ClusterErrorCode } = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  408: "TimedOut",
  409: "Conflict",
  410: "Gone",
  413: "TooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  502: "ServiceUnavailable",
  503: "ServiceUnavailable",
  504: "ServerTimeout",
}

const retryableCodes = new Set<ClusterErrorCode>([
  "InternalError",
  "KindNotFound",
  "ServerTimeout",
  "ServiceUnavailable",
  "TimedOut",
  "TooManyRequests",
  "Unreachable",
])

/** The parts of a `Status` that are believed. */
export interface ParsedStatus {
  readonly reason: string
  readonly message: string
  readonly code: number | undefined
  /** Whether it names an object: a 404 without is about the resource itself. */
  readonly named: boolean
  readonly causes: readonly StatusCause[]
  readonly retryAfterSeconds: number | undefined
}

/** Reads a `Status`; undefined for anything else. */
export function parseStatus(value: unknown): ParsedStatus | undefined {
  const status = recordOf(value)
  if (status?.["kind"] !== "Status") return undefined
  const details = recordOf(status["details"]) ?? {}
  const causes = Array.isArray(details["causes"]) ? details["causes"].map(toCause) : []
  const { retryAfterSeconds } = details
  return {
    reason: textOf(status["reason"]),
    message: textOf(status["message"]),
    code: typeof status["code"] === "number" ? status["code"] : undefined,
    named: textOf(details["name"]) !== "",
    causes,
    retryAfterSeconds: typeof retryAfterSeconds === "number" ? retryAfterSeconds : undefined,
  }
}

function toCause(value: unknown): StatusCause {
  const cause = recordOf(value) ?? {}
  const text = { reason: textOf(cause["reason"]), message: textOf(cause["message"]), field: textOf(cause["field"]) }
  return {
    ...(text.reason && { reason: text.reason }),
    ...(text.message && { message: text.message }),
    ...(text.field && { field: text.field }),
  }
}

/** The error of an answer whose status is 400 or more. */
export function errorOfAnswer(answer: FailedAnswer, subject: Subject | undefined, nowMs: number): ClusterError {
  const status = parseStatus(tryParse(answer.text))
  const header = parseRetryAfter(answer.headers["retry-after"]?.[0], nowMs)
  return errorOfStatus(status, { status: answer.status, subject, retryAfterMs: header })
}

/** The error that a `Status` describes; without one the HTTP status decides. */
export function errorOfStatus(
  status: ParsedStatus | undefined,
  context: {
    readonly status?: number | undefined
    readonly subject?: Subject | undefined
    readonly retryAfterMs?: number | undefined
  },
): ClusterError {
  const http = context.status ?? status?.code ?? 500
  const { subject } = context
  const found = codeOf(status, http)
  // A 404 that names no object is about the resource: the kind is not served (any more).
  const code = found === "NotFound" && subject && !status?.named ? "KindNotFound" : found
  const asked =
    context.retryAfterMs ?? (status?.retryAfterSeconds === undefined ? undefined : status.retryAfterSeconds * 1000)
  const secret = subject !== undefined && isSecret(subject)
  const message = safeText(status?.message || `status ${http}`, secret)
  const causes = (status?.causes ?? []).map((cause) =>
    cause.message === undefined ? cause : { ...cause, message: safeText(cause.message, secret) },
  )
  return new ClusterError(code, `${about(subject)}${message}`, {
    status: http,
    causes,
    retryable: retryableCodes.has(code),
    ...(subject && "name" in subject && { ref: subject }),
    ...(asked !== undefined && { retryAfterMs: asked }),
  })
}

/** What server-side apply answers as 500 for a fault of the object: an unknown field or a wrong type. */
const typingFault = /failed to create typed patch object|failed to convert .* to a typed/

function codeOf(status: ParsedStatus | undefined, http: number): ClusterErrorCode {
  if (http === 500 && status && typingFault.test(status.message)) return "Invalid"
  const named = status && Object.hasOwn(codesByReason, status.reason) ? codesByReason[status.reason] : undefined
  const code = named ?? codesByStatus[http] ?? (http >= 500 ? "InternalError" : "BadRequest")
  const byManagers = status?.causes.some((cause) => cause.reason === "FieldManagerConflict")
  return code === "Conflict" && byManagers ? "FieldManagerConflict" : code
}

/** The error of a request that got no answer. Reasons of an aborted signal are not turned into anything: pass them on. */
export function errorOfFailure(error: unknown, subject: Subject | undefined): ClusterError {
  if (error instanceof ClusterError) return error
  const known = error instanceof HttpError || error instanceof ConnectError
  const text = known ? error.rawMessage : error instanceof Error ? error.message : "no answer"
  return new ClusterError(failureCode(error), `${about(subject)}${text}`, {
    cause: error,
    retryable: known ? error.retryable : true,
    ...(subject && "name" in subject && { ref: subject }),
  })
}

function failureCode(error: unknown): ClusterErrorCode {
  if (error instanceof ConnectError) return "Unauthorized"
  if (isHttpError(error, "TimedOut")) return "TimedOut"
  if (isHttpError(error, "TooLarge")) return "TooLarge"
  return isHttpError(error, "InvalidRequest") ? "BadRequest" : "Unreachable"
}

/** The error for a kind that discovery does not know. It may be installed any moment, hence `retryable`. */
export function kindNotFound(kind: KindRef): ClusterError {
  return new ClusterError("KindNotFound", `the server does not serve ${kind.apiVersion} ${kind.kind}`, {
    retryable: true,
  })
}

function about(subject: Subject | undefined): string {
  if (!subject) return ""
  return `${"name" in subject ? formatRef(subject) : subject.kind}: `
}

const maxMessageLength = 2000

/**
 * A server's message without pieces of the request: decoding errors quote the body ("error found in #10 byte of
 * ...|"), and validation errors quote values, which in a Secret are secret.
 */
function safeText(text: string, secret: boolean): string {
  const quoted = text.search(/,? ?error found in #\d+ byte of|,? ?bigger context/)
  let safe = quoted < 0 ? text : text.slice(0, quoted)
  if (secret) safe = safe.replace(/Invalid value: .*/gs, "Invalid value")
  return safe.length > maxMessageLength ? `${safe.slice(0, maxMessageLength)}…` : safe
}

/** The JSON of an answer. Throws `InternalError`, which quotes nothing, for what is no JSON. */
export function parseAnswer(text: string, subject: Subject | undefined): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    const message = `${about(subject)}the server's answer is not JSON`
    throw new ClusterError("InternalError", message, { cause: error, retryable: true })
  }
}

function tryParse(text: string): unknown {
  if (!text.startsWith("{")) return undefined
  try {
    return parseJson(text)
  } catch {
    // A proxy's page or a cut answer: the HTTP status decides.
    return undefined
  }
}

/** `value` as a map; undefined for everything else. */
export function recordOf(value: unknown): { readonly [key: string]: unknown } | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: unknown })
    : undefined
}

/** `value` when it is text, else the empty text. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
