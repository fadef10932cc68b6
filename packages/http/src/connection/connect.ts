import { lookup, type LookupAddress, type LookupOptions } from "node:dns"
import { isIP } from "node:net"
import type { buildConnector } from "undici"
import { HttpError } from "../error.ts"
import type { EgressPolicy } from "../egress.ts"
import type { TlsOptions } from "../tls.ts"

type Answer = (error: Error | null, address?: string | LookupAddress[], family?: number) => void
type Lookup = (hostname: string, options: LookupOptions, answer: Answer) => void

/** The connect options of undici for this TLS material and policy. */
export function connectOptions(tls: TlsOptions = {}, egress?: EgressPolicy): buildConnector.BuildOptions {
  const allow = egress?.allowAddress
  return {
    allowH2: false,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    ...(tls.insecure && { rejectUnauthorized: false }),
    ...(allow && { lookup: checkedLookup(allow) }),
  } as buildConnector.BuildOptions
}

/** `proxy`, when it is the URL of one. Throws `InvalidRequest`, which does not quote it: it may hold a password. */
export function checkedProxy(proxy: string): string {
  if (/^(https?|socks5?):$/.test(URL.parse(proxy)?.protocol ?? "")) return proxy
  throw new HttpError("InvalidRequest", "the proxy is no http, https or socks5 URL", { sent: false })
}

/** Throws `EgressDenied` (or `InvalidRequest`) when `url` may not be asked at all. Literal addresses are never looked up. */
export function checkUrl(url: URL, egress?: EgressPolicy): void {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new HttpError("InvalidRequest", `only http and https URLs can be asked, not ${url.protocol}`, { sent: false })
  }
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const denied =
    egress?.allowUrl?.(url) === false || (isIP(host) !== 0 && egress?.allowAddress && !egress.allowAddress(host))
  if (denied) throw new HttpError("EgressDenied", `the egress policy forbids ${url.origin}`, { sent: false })
}

function checkedLookup(allow: (address: string) => boolean): Lookup {
  return (hostname, options, answer) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return answer(error)
      const allowed = found.filter(({ address }) => allow(address))
      const [first] = allowed
      if (!first) {
        return answer(
          new HttpError("EgressDenied", `the egress policy forbids the address of ${hostname}`, { sent: false }),
        )
      }
      if (options.all) return answer(null, allowed)
      answer(null, first.address, first.family)
    })
  }
}
