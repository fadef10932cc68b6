import type { Dispatcher } from "undici"
import { checkUrl, checkedProxy, connectOptions } from "./connection/connect.ts"
import { exchange } from "./connection/exchange.ts"
import type { EgressPolicy } from "./egress.ts"
import { HttpError } from "./error.ts"
import type { TlsOptions } from "./tls.ts"
import type { Transport, TransportRequest } from "./transport.ts"

/** Headers of a request: lower-case names; an array is sent as that many lines. */
export type HeaderMap = { readonly [name: string]: string | readonly string[] }

/** Options of `createHttpTransport`. */
export interface HttpTransportOptions {
  /** Scheme, host and port; a path is put before every request's (`https://rancher/k8s/clusters/c-1`). */
  readonly url: string | URL
  readonly tls?: TlsOptions
  /** The proxy to go through, as a URL: `environmentProxy()(url)` gives the environment's. Default none. */
  readonly proxy?: string | undefined
  /** What may be reached; a proxy resolves names itself, so behind one only literal addresses are checked. Default all. */
  readonly egress?: EgressPolicy
  /** Added to every request (credentials); a function is asked each time. A request's own headers win. */
  readonly headers?: HeaderMap | (() => HeaderMap | Promise<HeaderMap>)
  /** Connections for requests at most; streams have theirs beside. Default 16. */
  readonly maxConnections?: number
  /** Deadline of requests that name none, in milliseconds; default 30 000. */
  readonly timeoutMs?: number
}

interface Dispatchers {
  readonly requests: Dispatcher
  readonly streams: Dispatcher
  readonly isQueueing: () => boolean
}

/**
 * A transport over keep-alive HTTP/1.1 connections to one origin. Requests share a bounded pool; streams (watches)
 * have connections of their own and never starve requests. Nothing is retried, redirected or decompressed. Idle
 * connections do not keep the process alive; disposing aborts what is still running. undici loads at the first request.
 *
 * @example
 * await using transport = createHttpTransport({ url: "http://127.0.0.1:8080" })
 * const { status } = await transport({ method: "GET", path: "/version" })
 */
export function createHttpTransport(options: HttpTransportOptions): Transport & AsyncDisposable {
  const { origin, prefix } = parseBase(options.url)
  if (options.proxy !== undefined) checkedProxy(options.proxy)
  let loading: Promise<Dispatchers> | undefined
  let loaded: Dispatchers | undefined
  let closed = false
  const load = async (): Promise<Dispatchers> => (loaded = await (loading ??= createDispatchers(origin, options)))
  const transport = async (request: TransportRequest): Promise<Awaited<ReturnType<Transport>>> => {
    if (options.egress) checkUrl(new URL(origin + prefix + request.path), options.egress)
    if (closed) throw new HttpError("Closed", `the connections to ${origin} were closed`, { sent: false })
    const { requests, streams, isQueueing } = loaded ?? (await load())
    const { method, path, query, body, signal, stream } = request
    const extra = typeof options.headers === "function" ? await options.headers() : options.headers
    return exchange(stream ? streams : requests, {
      origin,
      method,
      target: prefix + path + printQuery(query),
      headers: extra ? { ...extra, ...request.headers } : (request.headers ?? {}),
      body,
      signal,
      stream,
      isQueueing,
      timeoutMs: request.timeoutMs ?? options.timeoutMs ?? 30_000,
    })
  }
  const dispose = async (): Promise<void> => {
    closed = true
    if (!loading) return
    const { requests, streams } = await loading
    await Promise.all([requests.destroy(), streams.destroy()])
  }
  return Object.assign(transport, { [Symbol.asyncDispose]: dispose })
}

/**
 * The query of a URL, `?` included; empty for none.
 *
 * @example
 * printQuery([["labelSelector", "app=web"]])   // "?labelSelector=app%3Dweb"
 */
export function printQuery(query: TransportRequest["query"]): string {
  if (!query || query.length === 0) return ""
  let text = ""
  for (const [name, value] of query)
    text += `${text ? "&" : "?"}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  return text
}

function parseBase(base: string | URL): { readonly origin: string; readonly prefix: string } {
  const url = URL.parse(String(base))
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new HttpError("InvalidRequest", "the URL of a transport must begin with http:// or https://", { sent: false })
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") }
}

async function createDispatchers(origin: string, options: HttpTransportOptions): Promise<Dispatchers> {
  const { Pool, ProxyAgent } = await import("undici")
  const connect = connectOptions(options.tls, options.egress)
  const shared = {
    keepAliveTimeout: 30_000,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const connections = options.maxConnections ?? 16
  if (options.proxy !== undefined) {
    const through = { ...shared, uri: options.proxy, requestTls: connect }
    const requests = new ProxyAgent({ ...through, connections })
    return { requests, streams: new ProxyAgent({ ...through, connections: null }), isQueueing: () => false }
  }
  const requests = new Pool(origin, { ...shared, connect, connections })
  const streams = new Pool(origin, { ...shared, connect, connections: null })
  return { requests, streams, isQueueing: () => requests.stats.connected > 0 }
}
