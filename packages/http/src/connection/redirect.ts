import { HttpError } from "../error.ts"
import type { TransportResponse } from "../transport.ts"

/** One request as it goes out: credentials are in its headers, never in its URL. */
export interface PlannedRequest {
  readonly url: URL
  readonly method: string
  readonly headers: { readonly [name: string]: string | readonly string[] }
  readonly body: string | Uint8Array | undefined
}

/** What a caller says of a request. */
export interface RequestParts {
  readonly method?: string
  readonly headers?: PlannedRequest["headers"]
  readonly body?: string | Uint8Array
}

/** The request that `options` describe. Throws `InvalidRequest` for a text that is no http or https URL. */
export function firstRequest(address: string | URL, options: RequestParts, userAgent: string): PlannedRequest {
  const parsed = URL.parse(String(address))
  if (!parsed) throw new HttpError("InvalidRequest", "the URL cannot be read", { sent: false })
  const { url, authorization } = withoutCredentials(parsed)
  const headers = { "user-agent": userAgent, ...(authorization && { authorization }), ...options.headers }
  return { url, method: options.method ?? "GET", headers, body: options.body }
}

/** Headers that carry no secret and may go to another origin; everything else stays. */
const harmless = new Set(["accept", "accept-language", "content-type", "git-protocol", "range", "user-agent"])

/**
 * The request that a redirect asks for, or undefined when `response` is none (RFC 9110 15.4; methods change as the
 * fetch standard says). Throws `RedirectRefused` for what must not be followed.
 */
export function redirected(request: PlannedRequest, response: TransportResponse): PlannedRequest | undefined {
  const { status } = response
  const location = response.headers["location"]?.[0]
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined
  const target = URL.parse(location, request.url.href)
  if (!target) throw new HttpError("RedirectRefused", `${request.url.origin} redirects to what is no URL`)
  const { url } = withoutCredentials(target)
  url.hash = ""
  if (request.url.protocol === "https:" && url.protocol !== "https:") {
    throw new HttpError("RedirectRefused", `${request.url.origin} redirects to an unencrypted URL`)
  }
  const sameOrigin = url.origin === request.url.origin
  const toGet = status === 303 ? request.method !== "HEAD" : status <= 302 && request.method === "POST"
  const body = toGet ? undefined : request.body
  if (body !== undefined && !sameOrigin) {
    throw new HttpError("RedirectRefused", `${request.url.origin} redirects a request with a body to another origin`)
  }
  const headers = pick(request.headers, (name) => (sameOrigin || harmless.has(name)) && !(toGet && isContent(name)))
  return { url, method: toGet ? "GET" : request.method, headers, body }
}

function isContent(name: string): boolean {
  return name.startsWith("content-") || name === "transfer-encoding"
}

function pick(headers: PlannedRequest["headers"], keep: (name: string) => boolean): PlannedRequest["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name.toLowerCase())))
}

function withoutCredentials(from: URL): { readonly url: URL; readonly authorization: string | undefined } {
  const url = new URL(from)
  const { username, password } = url
  url.username = ""
  url.password = ""
  if (username === "" && password === "") return { url, authorization: undefined }
  const plain = `${decode(username)}:${decode(password)}`
  return { url, authorization: `Basic ${Buffer.from(plain, "utf8").toString("base64")}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray % in a password is meant literally.
    return text
  }
}
