import { BlockList, isIP } from "node:net"

/** The proxy that a URL is asked through, as a URL (`http://`, `https://`, `socks5://`); undefined: none. */
export type ProxyChoice = (url: URL) => string | undefined

/**
 * The proxies of the environment, read now: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, none for what `NO_PROXY`
 * lists (`*`, host names with their sub-domains, `.example.com` for sub-domains alone, addresses, networks, each with an
 * optional port) and for the machine itself. Upper case wins over lower case. The rules are those of Go's
 * golang.org/x/net/http/httpproxy, so kubectl and this choose alike.
 *
 * @example
 * environmentProxy({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "10.0.0.0/8" })(new URL("https://10.0.0.1"))   // undefined
 */
export function environmentProxy(env: { readonly [name: string]: string | undefined } = process.env): ProxyChoice {
  const value = (name: string): string => env[name] || env[name.toLowerCase()] || ""
  // In a CGI program HTTP_PROXY is a request's header, which a stranger wrote (CVE-2016-5385).
  const proxies = { "https:": value("HTTPS_PROXY"), "http:": env["REQUEST_METHOD"] ? "" : value("HTTP_PROXY") }
  const excluded = value("NO_PROXY")
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .map(exclusionOf)
  return (url) => {
    const proxy = url.protocol === "https:" ? proxies["https:"] : url.protocol === "http:" ? proxies["http:"] : ""
    if (proxy === "") return undefined
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase()
    const port = url.port || (url.protocol === "https:" ? "443" : "80")
    if (isThisMachine(host) || excluded.some((excludes) => excludes(host, port))) return undefined
    return proxy.includes("://") ? proxy : `http://${proxy}`
  }
}

type Exclusion = (host: string, port: string) => boolean

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
}

function exclusionOf(entry: string): Exclusion {
  if (entry === "*") return () => true
  const network = networkOf(entry)
  if (network) return network
  const [, name = "", wantedPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  const bare = name.replace(/^\[|\]$/g, "")
  const samePort = (port: string): boolean => wantedPort === undefined || wantedPort === port
  if (isIP(bare) !== 0) return (host, port) => host === bare && samePort(port)
  const suffix = bare.startsWith("*.") ? bare.slice(1) : bare.startsWith(".") ? bare : `.${bare}`
  const itself = suffix.length > bare.length
  return (host, port) => samePort(port) && (host.endsWith(suffix) || (itself && host === bare))
}

function networkOf(entry: string): Exclusion | undefined {
  const [, address = "", prefix = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(address)
  if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) return undefined
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), family === 4 ? "ipv4" : "ipv6")
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? "ipv4" : "ipv6")
}
