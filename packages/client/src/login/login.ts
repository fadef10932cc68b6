import {
  createHttpTransport,
  type HeaderMap,
  type HttpTransportOptions,
  type TlsOptions,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import type { Section } from "../kubeconfig/parse.ts"

/** What proves who we are at this moment. */
export interface Login {
  readonly headers: HeaderMap
  /** Complete TLS material; when it differs from before, new connections are made with it. */
  readonly tls: TlsOptions
}

/** Where logins come from: files that rotate, plug-ins that issue tokens. */
export interface LoginSource {
  /** The login to use now; asked for every request, so it answers from memory while it can. */
  current(): Promise<Login>
  /** The server refused the last login (401): forget it. */
  renew(): void
}

/** What a login is made of beside its user. */
export interface LoginContext {
  readonly cluster: Section
  /** The user's name. */
  readonly name: string
  readonly clock: Clock
}

/** How many sets of connections, each with its own certificate, are kept. */
const maxLogins = 4

/**
 * A transport that logs in: every request carries the current login; after a 401, which a server gives before it does
 * anything, the login is renewed and the request sent once more. A new certificate means new connections; streams on
 * the old ones end by themselves.
 */
export function createLoginTransport(
  source: LoginSource,
  options: Omit<HttpTransportOptions, "tls" | "headers">,
): Transport & AsyncDisposable {
  const open: { readonly tls: TlsOptions; readonly transport: Transport & AsyncDisposable }[] = []
  const transportFor = (tls: TlsOptions): Transport => {
    const last = open.at(-1)
    if (last && sameTls(last.tls, tls)) return last.transport
    const transport = createHttpTransport({ ...options, tls })
    open.push({ tls, transport })
    // Whatever still runs on a login that is this old is a watch, and watches come back by themselves.
    if (open.length > maxLogins) void open.shift()?.transport[Symbol.asyncDispose]()
    return transport
  }
  const send = (request: TransportRequest, { headers, tls }: Login): Promise<TransportResponse> =>
    transportFor(tls)({ ...request, headers: { ...request.headers, ...headers } })
  const transport: Transport = async (request) => {
    const login = await source.current()
    const response = await send(request, login)
    if (response.status !== 401) return response
    await response.body[Symbol.asyncIterator]().return?.()
    // Of many requests that are refused at once, only the first renews: the others find another login already.
    if (sameLogin(await source.current(), login)) source.renew()
    return send(request, await source.current())
  }
  const dispose = async (): Promise<void> => {
    await Promise.all(open.map((entry) => entry.transport[Symbol.asyncDispose]()))
  }
  return Object.assign(transport, { [Symbol.asyncDispose]: dispose })
}

function sameLogin(a: Login, b: Login): boolean {
  return a.headers["authorization"] === b.headers["authorization"] && sameTls(a.tls, b.tls)
}

function sameTls(a: TlsOptions, b: TlsOptions): boolean {
  return (
    a === b ||
    (a.ca === b.ca &&
      a.cert === b.cert &&
      a.key === b.key &&
      a.serverName === b.serverName &&
      a.insecure === b.insecure)
  )
}

/** A login that never changes. */
export function fixedLogin(login: Login): LoginSource {
  return { current: () => Promise.resolve(login), renew: () => undefined }
}
