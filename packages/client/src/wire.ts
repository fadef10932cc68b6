import {
  isHttpError,
  readText,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "@gitops-toolkit/http"
import { isClusterError, retry, type Clock, type ClusterErrorCode } from "@gitops-toolkit/kube"
import { errorOfAnswer, errorOfFailure, type Subject } from "./error.ts"
import type { ApiRequest } from "./request.ts"
import { parseWarnings } from "./warning.ts"

/** Options of one exchange with the API server. */
export interface SendOptions {
  /** What the request is about, for errors. */
  readonly subject?: Subject
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
  readonly accept?: string
  readonly onWarning?: ((text: string) => void) | undefined
}

/** A complete answer. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: readonly string[] }
  readonly text: string
}

/** Requests with credentials, deadlines, bounded retries and typed errors. */
export interface Wire {
  /** The answer of a status below 400. Throws `ClusterError`, or the signal's reason. */
  send(request: ApiRequest, options?: SendOptions): Promise<Answer>
  /** The answer's head and its unread body, tried once: for watches. Throws as `send` does. */
  open(request: ApiRequest, options?: SendOptions): Promise<TransportResponse>
}

/** What `createWire` needs. */
export interface WireOptions {
  readonly transport: Transport
  /** Headers of every request: user agent and impersonation. */
  readonly headers: { readonly [name: string]: string | readonly string[] }
  readonly clock: Clock
  readonly random: () => number
}

const defaultTimeoutMs = 30_000
const attempts = 5
const longestWaitMs = 30_000

/** A wire over `transport`. */
export function createWire(options: WireOptions): Wire {
  const { transport, clock, random } = options
  const exchange = async (request: ApiRequest, details: SendOptions, stream: boolean): Promise<TransportResponse> => {
    const { signal, subject } = details
    try {
      return await transport(toTransport(request, { ...details, stream, headers: options.headers }))
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw errorOfFailure(error, subject)
    }
  }
  const read = async (response: TransportResponse, details: SendOptions): Promise<Answer> => {
    try {
      return { status: response.status, headers: response.headers, text: await readText(response.body) }
    } catch (error) {
      if (details.signal?.aborted) throw details.signal.reason
      throw errorOfFailure(error, details.subject)
    }
  }
  const refuse = async (response: TransportResponse, details: SendOptions): Promise<never> => {
    throw errorOfAnswer(await read(response, details), details.subject, clock.now())
  }
  return {
    async open(request, details = {}) {
      const response = await exchange(request, details, true)
      return response.status >= 400 ? refuse(response, details) : response
    },
    async send(request, details = {}) {
      const once = async (): Promise<Answer> => {
        const response = await exchange(request, details, false)
        return response.status >= 400 ? refuse(response, details) : read(response, details)
      }
      const isRetryable = (error: unknown): boolean => mayRepeat(request, error)
      const pace = { attempts, baseMs: 200, maxMs: 5000, jitter: 1, clock, random, signal: details.signal }
      const answer = await retry(once, { ...pace, isRetryable })
      if (details.onWarning) for (const text of parseWarnings(answer.headers["warning"])) details.onWarning(text)
      return answer
    },
  }
}

function toTransport(
  request: ApiRequest,
  context: SendOptions & { readonly stream: boolean; readonly headers: WireOptions["headers"] },
): TransportRequest {
  const { accept = "application/json", signal, timeoutMs = defaultTimeoutMs, stream } = context
  const { method, path, query, contentType, body } = request
  return {
    method,
    path,
    query,
    headers: { accept, ...context.headers, ...(contentType !== undefined && { "content-type": contentType }) },
    ...(body !== undefined && { body }),
    signal,
    timeoutMs,
    stream,
  }
}

const transient = new Set<ClusterErrorCode>(["ServerTimeout", "ServiceUnavailable", "TimedOut", "Unreachable"])

/**
 * 429 is an answer of a server that did nothing. Other transient failures may come after the work was done, so only a
 * request that may be sent twice is; a plain 500 only when the server asks for it with `Retry-After`.
 */
function mayRepeat(request: ApiRequest, error: unknown): boolean {
  if (!isClusterError(error) || !error.retryable || (error.retryAfterMs ?? 0) > longestWaitMs) return false
  if (error.code === "TooManyRequests") return true
  if (request.repeatable === "unreceived") return isHttpError(error.cause) && !error.cause.sent
  return transient.has(error.code) || error.retryAfterMs !== undefined
}
