import { retry, systemClock, type Clock } from "@gitops-toolkit/kube"
import type { Dispatcher } from "undici"
import { checkedProxy, checkUrl, connectOptions } from "./connection/connect.ts"
import { exchange } from "./connection/exchange.ts"
import { firstRequest, redirected, type PlannedRequest } from "./connection/redirect.ts"
import type { EgressPolicy } from "./egress.ts"
import { HttpError, isHttpError } from "./error.ts"
import type { HeaderMap } from "./http-transport.ts"
import type { ProxyChoice } from "./proxy.ts"
import { readBytes } from "./read.ts"
import { parseRetryAfter } from "./retry-after.ts"
import type { TlsOptions } from "./tls.ts"
import type { TransportResponse } from "./transport.ts"

/** Options of one request of a `Fetcher`. */
export interface FetchOptions {
  /** Default `GET`. */
  readonly method?: string
  /** Lower-case names; an array is sent as that many lines. Bound to the first URL's origin: see `createFetcher`. */
  readonly headers?: HeaderMap
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal | undefined
  /** Deadline of each try, body included, in milliseconds; default 60 000. */
  readonly timeoutMs?: number
  /** The most that the body may hold, in bytes; beyond it reading throws `TooLarge`. Default 64 MiB. */
  readonly maxBytes?: number
  /** Redirects followed at most; default 5. With 0 a redirect is the answer. */
  readonly maxRedirects?: number
  /** Tries in all until an answer's headers are there; default 3. */
  readonly attempts?: number
  /** Whether sending twice does no harm; default: true for GET, HEAD, OPTIONS, PUT and DELETE. */
  readonly idempotent?: boolean
}

/** Options of `createFetcher`. */
export interface FetcherOptions {
  /** What may be reached; default: everything. Use `publicAddressesOnly()` for URLs that strangers write. */
  readonly egress?: EgressPolicy
  readonly tls?: TlsOptions
  /**
   * The proxy of each URL, redirects too: `environmentProxy()` for the environment's. Default: none. Behind a proxy the
   * proxy resolves names, so of `egress` only URLs and literal addresses are checked.
   */
  readonly proxy?: ProxyChoice
  /** Connections per origin at most; default 8. */
  readonly maxConnections?: number
  /** Default `gitops-toolkit`. */
  readonly userAgent?: string
  readonly clock?: Clock
  /** Numbers from 0 to below 1; default `Math.random`. */
  readonly random?: () => number
}

/** An answer, whatever its status. */
export interface FetchedResponse {
  /** The URL that answered, after redirects; without user name and password. */
  readonly url: string
  readonly status: number
  /** Lower-case names; every value is the list of that header's lines. */
  readonly headers: { readonly [name: string]: readonly string[] }
  /** Bounded by `maxBytes`; read it once, to the end or leave it. */
  readonly body: AsyncIterable<Uint8Array>
  bytes(): Promise<Uint8Array>
  text(): Promise<string>
}

/** Sends requests to any origin over its own keep-alive connections. */
export type Fetcher = ((url: string | URL, options?: FetchOptions) => Promise<FetchedResponse>) & AsyncDisposable

/**
 * A general-purpose HTTP client for servers that are not ours: forges, registries, webhooks. Bounded in time, size,
 * redirects and tries. Every status is an answer; a try without one throws `HttpError`.
 *
 * Retries: idempotent requests after a broken connection or 429, 502, 503, 504; others only after 429 or when nothing
 * was sent. A `Retry-After` of at most 30 s is waited for; after a longer one the answer is returned.
 *
 * Credentials: a user name and password in the URL become a Basic header. On a redirect to another origin every
 * header is dropped but for a few that carry no secret (`accept`, `user-agent`, `git-protocol`, …), so tokens in
 * headers of any name stay; a body never follows there, and https never becomes http (`RedirectRefused`).
 *
 * @example
 * await using fetcher = createFetcher({ egress: publicAddressesOnly() })
 * const response = await fetcher("https://example.com/feed.json", { maxBytes: 1_000_000 })
 */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const agents = new Map<string, Promise<Dispatcher>>()
  let closed = false
  const dispatcherFor: DispatcherChoice = (url) => {
    const proxy = options.proxy?.(url) ?? ""
    const agent = agents.get(proxy) ?? createDispatcher(options, proxy && checkedProxy(proxy))
    agents.set(proxy, agent)
    return agent
  }
  const fetcher = async (url: string | URL, request: FetchOptions = {}): Promise<FetchedResponse> => {
    if (closed) throw new HttpError("Closed", "the fetcher was disposed", { sent: false })
    return follow(dispatcherFor, firstRequest(url, request, options.userAgent ?? "gitops-toolkit"), {
      ...options,
      ...request,
    })
  }
  const dispose = async (): Promise<void> => {
    closed = true
    await Promise.all([...agents.values()].map(async (agent) => (await agent).destroy()))
  }
  return Object.assign(fetcher, { [Symbol.asyncDispose]: dispose })
}

/**
 * One request with connections of its own; see `createFetcher` for the rules, and prefer it for several requests.
 *
 * @example
 * const response = await fetchUrl("https://example.com/hook", { method: "POST", body: "{}", timeoutMs: 10_000 })
 */
export function fetchUrl(url: string | URL, options: FetchOptions & FetcherOptions = {}): Promise<FetchedResponse> {
  return createFetcher(options)(url, options)
}

type DispatcherChoice = (url: URL) => Promise<Dispatcher>

async function createDispatcher(options: FetcherOptions, proxy: string): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await import("undici")
  const shared = { connections: options.maxConnections ?? 8, headersTimeout: 0, bodyTimeout: 0 }
  if (proxy === "") return new Agent({ ...shared, connect: connectOptions(options.tls, options.egress) })
  return new ProxyAgent({ ...shared, uri: proxy, requestTls: connectOptions(options.tls) })
}

type Settings = FetchOptions & FetcherOptions

async function follow(
  dispatcherFor: DispatcherChoice,
  first: PlannedRequest,
  settings: Settings,
): Promise<FetchedResponse> {
  const { maxRedirects = 5 } = settings
  let request = first
  for (let redirects = 0; ; redirects++) {
    checkUrl(request.url, settings.egress)
    const response = await send(await dispatcherFor(request.url), request, settings)
    const next = maxRedirects > 0 ? redirected(request, response) : undefined
    if (!next) return toFetched(request, response, settings.maxBytes ?? 64 * 1024 * 1024)
    await drop(response)
    if (redirects >= maxRedirects) throw new HttpError("RedirectRefused", `more than ${maxRedirects} redirects`)
    request = next
  }
}

const idempotentMethods = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
const longestWaitMs = 30_000

/** An answer that asks to come again, thrown to reach `retry` and given back when the tries are used up. */
class BusyError extends Error {
  readonly response: TransportResponse
  readonly retryAfterMs: number | undefined

  constructor(response: TransportResponse, retryAfterMs: number | undefined) {
    super(`status ${response.status}`)
    this.response = response
    this.retryAfterMs = retryAfterMs
  }
}

async function send(dispatcher: Dispatcher, request: PlannedRequest, settings: Settings): Promise<TransportResponse> {
  const { clock = systemClock, random = Math.random, signal, attempts = 3, timeoutMs = 60_000 } = settings
  const idempotent = settings.idempotent ?? idempotentMethods.has(request.method)
  const { url, method, headers, body } = request
  const once = async ({ attempt }: { readonly attempt: number }): Promise<TransportResponse> => {
    const target = url.pathname + url.search
    const response = await exchange(dispatcher, {
      origin: url.origin,
      method,
      target,
      headers,
      body,
      signal,
      timeoutMs,
    })
    if (attempt >= attempts || !asksToRepeat(response.status, idempotent)) return response
    const asked = parseRetryAfter(response.headers["retry-after"]?.[0], clock.now())
    if ((asked ?? 0) > longestWaitMs) return response
    await drop(response)
    throw new BusyError(response, asked)
  }
  const isRetryable = (error: unknown): boolean =>
    error instanceof BusyError || (isHttpError(error) && error.retryable && (idempotent || !error.sent))
  return retry(once, { attempts, isRetryable, clock, random, signal, baseMs: 500, maxMs: 10_000, jitter: 0.5 })
}

function asksToRepeat(status: number, idempotent: boolean): boolean {
  return status === 429 || (idempotent && (status === 502 || status === 503 || status === 504))
}

/** Leaves a body; the connection is closed rather than read to an end that may be far. */
async function drop(response: TransportResponse): Promise<void> {
  await response.body[Symbol.asyncIterator]().return?.()
}

function toFetched(request: PlannedRequest, response: TransportResponse, maxBytes: number): FetchedResponse {
  const { status, headers } = response
  const announced = request.method === "HEAD" ? 0 : Number(headers["content-length"]?.[0] ?? 0)
  const body = bounded(response.body, { maxBytes, announced })
  const bytes = (): Promise<Uint8Array> => readBytes(body, { maxBytes })
  const text = async (): Promise<string> => new TextDecoder().decode(await bytes())
  return { url: request.url.href, status, headers, body, bytes, text }
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  limits: { readonly maxBytes: number; readonly announced: number },
): AsyncGenerator<Uint8Array, void, void> {
  const { maxBytes } = limits
  let length = limits.announced > maxBytes ? limits.announced : 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > maxBytes) throw new HttpError("TooLarge", `the answer is larger than ${maxBytes} bytes`)
    yield chunk
  }
}
