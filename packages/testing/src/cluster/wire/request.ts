import type { TransportRequest } from "@gitops-toolkit/http"

/** Who asks. */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: { readonly [name: string]: readonly string[] }
}

/** What the path of a request names, when it names a resource. */
export interface Target {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespace: string
  readonly name: string
  /** `status`, `scale`, `proxy/a/b`; empty for the object itself. */
  readonly subresource: string
}

/** The query of a request: values by name, in order. */
export type Query = ReadonlyMap<string, readonly string[]>

/** The query of name and value pairs. */
export function queryOf(pairs: Iterable<readonly [string, string]> = []): Query {
  const query = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const values = query.get(name)
    if (values) values.push(value)
    else query.set(name, [value])
  }
  return query
}

/** The first value of a parameter, or undefined. */
export function parameter(call: { readonly query: Query }, name: string): string | undefined {
  return call.query.get(name)?.[0]
}

/** As Go reads a boolean parameter: absent is false, `false` and `0` too, all else (also empty) is true. */
export function flag(call: { readonly query: Query }, name: string): boolean {
  const value = parameter(call, name)
  return value !== undefined && value.toLowerCase() !== "false" && value !== "0"
}

/** One request on its way through the server. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly query: Query
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Uint8Array | string | undefined
  /** Aborted when nobody waits any more. Made for those who ask: joining signals costs as much as a small request. */
  readonly signal: () => AbortSignal
  readonly user: User
  /** Texts for `Warning` headers; handlers add to it. */
  readonly warnings: string[]
}

/** The first line of a header, or undefined. */
export function header(call: { readonly headers: Call["headers"] }, name: string): string | undefined {
  return call.headers.get(name)?.[0]
}

/** The headers of a transport's request by lower-case name. */
export function headersOf({ headers }: TransportRequest): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(headers ?? {}))
    found.set(name.toLowerCase(), typeof value === "string" ? [value] : value)
  return found
}

/** A percent-encoded text; undefined when an escape is broken. Bytes that are no UTF-8 become U+FFFD. */
function unescaped(text: string): string | undefined {
  if (!text.includes("%")) return text
  try {
    return decodeURIComponent(text)
  } catch {
    if (/%(?![\da-f]{2})/i.test(text)) return undefined
    const bytes = Buffer.from(text, "utf8").toString("latin1")
    const whole = bytes.replaceAll(/%(..)/g, (_: string, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    return Buffer.from(whole, "latin1").toString("utf8")
  }
}

/** The pairs of a URL's query, as Go reads it: pairs with a broken escape or a semicolon are none. */
export function parseQuery(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (const pair of text.split("&")) {
    if (pair === "" || pair.includes(";")) continue
    const equals = pair.indexOf("=")
    const name = unescaped((equals < 0 ? pair : pair.slice(0, equals)).replaceAll("+", " "))
    const value = equals < 0 ? "" : unescaped(pair.slice(equals + 1).replaceAll("+", " "))
    if (name !== undefined && value !== undefined) pairs.push([name, value])
  }
  return pairs
}

/**
 * The segments of a path, decoded first, as the server does it: `%2F` parts segments. Undefined when an escape is
 * broken. A trailing slash adds nothing.
 */
export function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith("/")) return [path]
  const segments = unescaped(path)?.split("/").slice(1)
  if (segments?.at(-1) === "") segments.pop()
  return segments
}

/**
 * What a path below `/api/v1` or `/apis/GROUP/VERSION` names; undefined for the group version itself and for empty
 * segments. `/namespaces/x` alone is the Namespace x, `/namespaces/x/status` its sub-resource.
 */
export function targetOf(segments: readonly string[]): Target | undefined {
  const core = segments[0] === "api"
  const rest = segments.slice(core ? 2 : 3)
  if (rest.length === 0 || rest.includes("")) return undefined
  const place = { group: core ? "" : segments[1]!, version: segments[core ? 1 : 2]! }
  const inNamespace = rest[0] === "namespaces" && rest.length > 2 && !namespaceParts.has(rest[2]!)
  const [plural, name = "", ...below] = inNamespace ? rest.slice(2) : rest
  return {
    ...place,
    plural: plural!,
    namespace: inNamespace ? rest[1]! : "",
    name,
    subresource: below.join("/"),
  }
}

const namespaceParts: ReadonlySet<string> = new Set(["status", "finalize"])
