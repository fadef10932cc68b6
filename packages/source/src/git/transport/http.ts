import { isHttpError, type Transport, type TransportResponse } from "@gitops-toolkit/http"
import { SourceError } from "../../error.ts"
import { printable } from "../protocol/pkt-line.ts"
import { agent } from "../protocol/ls-refs.ts"
import { authorizationOf, parseGitUrl, type GitAuth, type GitUrl } from "../auth.ts"
import type { GitConnection } from "./connection.ts"

/** Options of `connectHttp`. */
export interface HttpConnectionOptions {
  readonly auth: GitAuth | undefined
  /** The connections to an origin. */
  readonly transportTo: (origin: string) => Transport
  /** Milliseconds left for each request. */
  readonly timeLeftMs: () => number
  readonly signal: AbortSignal | undefined
  /** Where an earlier redirect led. */
  readonly base?: GitUrl | undefined
  readonly onRedirect?: (base: GitUrl) => void
  /** What is spoken to: the side that gives (default), or the one that takes pushes, which knows no protocol 2. */
  readonly service?: "git-upload-pack" | "git-receive-pack"
}

const maxRedirects = 5

/** A connection over http or https: each call is a request of its own. */
export function connectHttp(url: GitUrl, options: HttpConnectionOptions): GitConnection {
  let base = options.base ?? url
  const { service = "git-upload-pack" } = options
  const version = service === "git-upload-pack" ? { "git-protocol": "version=2" } : {}
  const send = async (at: GitUrl, suffix: string, body?: Buffer): Promise<TransportResponse> => {
    const sameOrigin = at.origin === url.origin
    const authorization = sameOrigin ? authorizationOf(url, options.auth) : undefined
    try {
      return await options.transportTo(at.origin)({
        method: body ? "POST" : "GET",
        path: `${at.path}/${suffix}`,
        ...(body ? { body } : { query: [["service", service]] }),
        headers: {
          "user-agent": agent,
          ...version,
          ...(body
            ? { "content-type": `application/x-${service}-request`, accept: `application/x-${service}-result` }
            : {}),
          ...(authorization === undefined ? {} : { authorization }),
        },
        signal: options.signal,
        timeoutMs: options.timeLeftMs(),
      })
    } catch (error) {
      throw fromHttp(error, url)
    }
  }
  return {
    stateless: true,
    advertise: async () => {
      let response = await send(base, "info/refs")
      for (let left = maxRedirects; isRedirect(response.status); left--) {
        if (left === 0) throw new SourceError("Unreachable", "the server redirects in a circle", { url: url.display })
        base = redirected(base, response)
        await leave(response)
        options.onRedirect?.(base)
        response = await send(base, "info/refs")
      }
      return answerOf(response, `application/x-${service}-advertisement`, url)
    },
    command: async (body) => answerOf(await send(base, service, body), `application/x-${service}-result`, url),
    close: async () => undefined,
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

async function leave(response: TransportResponse): Promise<void> {
  await response.body[Symbol.asyncIterator]().return?.()
}

function redirected(from: GitUrl, response: TransportResponse): GitUrl {
  const target = URL.parse(response.headers["location"]?.[0] ?? "", `${from.origin}${from.path}/info/refs`)
  if (!target || !target.pathname.endsWith("/info/refs")) {
    throw new SourceError("AuthenticationFailed", "the server redirects to a page (a login?)", { url: from.display })
  }
  if (from.scheme === "https" && target.protocol !== "https:") {
    throw new SourceError("InvalidResponse", "the server redirects from https to http", { url: from.display })
  }
  return parseGitUrl(`${target.protocol}//${target.host}${target.pathname.slice(0, -"/info/refs".length)}`)
}

async function answerOf(response: TransportResponse, type: string, url: GitUrl): Promise<AsyncIterable<Uint8Array>> {
  const { status } = response
  if (status === 200 && (response.headers["content-type"]?.[0] ?? "").startsWith(type))
    return guarded(response.body, url)
  await leave(response)
  throw statusError(response, url)
}

/** The body, with errors of the connection turned into ours. */
async function* guarded(body: AsyncIterable<Uint8Array>, url: GitUrl): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw fromHttp(error, url)
  }
}

function statusError({ status, headers: answer }: TransportResponse, { display }: GitUrl): SourceError {
  const options = { url: display }
  switch (status) {
    case 200:
      return new SourceError("InvalidResponse", `${display} answers, but not as a git repository`, options)
    case 203:
    case 401:
    case 403:
    case 407:
      return new SourceError("AuthenticationFailed", `${display} refuses these credentials (HTTP ${status})`, options)
    case 404:
    case 410:
      return new SourceError("RepositoryNotFound", `there is no repository ${display} (HTTP ${status})`, options)
    default: {
      const wait = printable(answer["retry-after"]?.[0] ?? "")
      const text = `${display} answered HTTP ${status}${wait ? `, retry after ${wait}` : ""}`
      const temporary = status === 408 || status === 429 || status >= 500
      return new SourceError(temporary ? "Unreachable" : "InvalidResponse", text, options)
    }
  }
}

function fromHttp(error: unknown, { display }: GitUrl): unknown {
  if (!isHttpError(error)) return error
  const options = { url: display, cause: error }
  switch (error.code) {
    case "EgressDenied":
      return new SourceError("EgressDenied", error.rawMessage, options)
    case "TooLarge":
      return new SourceError("LimitExceeded", error.rawMessage, options)
    case "TimedOut":
      return new SourceError("TimedOut", error.rawMessage, options)
    case "InvalidRequest":
    case "RedirectRefused":
      return new SourceError("InvalidResponse", error.rawMessage, options)
    default:
      return new SourceError("Unreachable", error.rawMessage, options)
  }
}
