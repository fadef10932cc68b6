import type { Dispatcher } from "undici"
import { HttpError, isHttpError } from "../error.ts"
import type { TransportResponse } from "../transport.ts"
import { BodyQueue } from "./body.ts"

/** One request on one dispatcher, without retries or redirects. */
export interface ExchangeRequest {
  readonly origin: string
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: { readonly [name: string]: string | readonly string[] }
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  /** Until the end of the body, or with `stream` until the headers. 0: none. */
  readonly timeoutMs: number
  /** True while requests wait for a free connection rather than for one to be made: such waiting has no deadline. */
  readonly isQueueing?: () => boolean
  readonly stream?: boolean | undefined
}

/**
 * Sends `request` and resolves with the answer as soon as its headers are there. Rejects with the signal's reason or
 * an `HttpError`; after the headers the body throws them.
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) return reject(request.signal.reason as Error)
    const handler = createHandler(request, { resolve, reject })
    const headers = request.headers as Record<string, string | string[]>
    try {
      const { origin, target: path, method, body = null } = request
      dispatcher.dispatch({ origin, path, method, headers, body: body as string | Buffer | null }, handler)
    } catch (error) {
      handler.onResponseError(undefined, error as Error)
    }
  })
}

interface Outcome {
  resolve(response: TransportResponse): void
  reject(error: unknown): void
}

interface Handler extends Dispatcher.DispatchHandler {
  onResponseError(controller: Dispatcher.DispatchController | undefined, error: Error): void
}

function createHandler(request: ExchangeRequest, outcome: Outcome): Handler {
  const { signal, timeoutMs, origin } = request
  let controller: Dispatcher.DispatchController | undefined
  let body: BodyQueue | undefined
  let over: { readonly error: Error } | undefined
  const settle = (error: Error): void => {
    if (over) return
    over = { error }
    clearTimeout(timer)
    signal?.removeEventListener("abort", onAbort)
    if (body) body.fail(error)
    else outcome.reject(error)
  }
  const stop = (error: Error): void => {
    settle(error)
    controller?.abort(error)
  }
  const onAbort = (): void => stop(signal?.reason as Error)
  const onDeadline = (): void => {
    const sent = controller !== undefined
    if (!sent && request.isQueueing?.()) return void timer?.refresh()
    stop(new HttpError("TimedOut", `${origin} did not answer in ${timeoutMs} ms`, { retryable: true, sent }))
  }
  const timer = timeoutMs > 0 ? setTimeout(onDeadline, timeoutMs) : undefined
  signal?.addEventListener("abort", onAbort, { once: true })
  return {
    onRequestStart(started) {
      controller = started
      if (!over) timer?.refresh()
      if (over) started.abort(over.error)
    },
    onResponseStart(started, status, headers) {
      if (status < 200 || over) return
      if (request.stream) clearTimeout(timer)
      body = new BodyQueue({
        pause: () => started.pause(),
        resume: () => started.resume(),
        cancel: () => stop(new HttpError("Closed", "the body was left before its end")),
      })
      outcome.resolve({ status, headers: listed(headers), body })
    },
    onResponseData: (_, chunk) => body?.push(chunk),
    onResponseEnd() {
      clearTimeout(timer)
      signal?.removeEventListener("abort", onAbort)
      body?.end()
    },
    onResponseError(_, error) {
      settle(toHttpError(error, origin, controller !== undefined))
    },
  }
}

function listed(headers: NodeJS.Dict<string | string[]>): { readonly [name: string]: readonly string[] } {
  const lists: Record<string, readonly string[]> = Object.create(null)
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) lists[name] = typeof value === "string" ? [value] : value
  }
  return lists
}

const timeouts = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"])
const closed = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"])
const faults = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"])

function toHttpError(error: Error, origin: string, sent: boolean): HttpError {
  if (isHttpError(error)) return error
  const code = codeOf(error)
  const text = `${origin}: ${causeOf(error, code)}`
  if (timeouts.has(code)) return new HttpError("TimedOut", text, { cause: error, retryable: true, sent })
  if (closed.has(code)) return new HttpError("Closed", text, { cause: error, sent })
  if (faults.has(code)) return new HttpError("InvalidRequest", text, { cause: error, sent: false })
  const retryable = !/^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)
  return new HttpError("Unreachable", text, { cause: error, retryable, sent })
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === "string" ? code : ""
}

/** `AggregateError`s of happy eyeballs have no message of their own. */
function causeOf(error: Error, code: string): string {
  if (error.message !== "") return error.message
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  return first instanceof Error ? first.message : code
}
