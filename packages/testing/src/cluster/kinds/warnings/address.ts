import { isIPv6 } from "node:net"
import { familyOf, rangeOf } from "../../validation/address.ts"

/** An IPv6 address as RFC 5952 writes it. */
function canonical(text: string): string {
  const host = URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname : `[${text}]`
  return host.slice(1, -1)
}

/** What is said of an address that is not written as it should be. */
export function addressWarnings(text: string, field: string): string[] {
  if (familyOf(text) !== 6 || !isIPv6(text) || text.includes(".")) return []
  const best = canonical(text)
  if (best === text) return []
  return [
    `${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(best)})`,
  ]
}

/** What is said of a range that is not written as it should be. */
export function rangeWarnings(text: string, field: string): string[] {
  const read = rangeOf(text)
  if (!read || read.family !== "ipv6" || text.includes(".")) return []
  const best = `${canonical(read.address)}/${read.bits}`
  if (best === text) return []
  return [
    `${field}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(best)})`,
  ]
}
