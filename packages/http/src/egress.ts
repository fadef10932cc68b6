import { BlockList, isIP } from "node:net"

/**
 * What outgoing requests may reach. Both checks run for the first URL and for every redirect; addresses are checked
 * when the connection is made, on the very answer of the name service that is connected to, so a name that changes
 * its address in between gains nothing.
 */
export interface EgressPolicy {
  /** False refuses the URL. Absent: every http and https URL. */
  readonly allowUrl?: (url: URL) => boolean
  /** False refuses the address (`10.0.0.1`, `fe80::1`). Absent: every address. */
  readonly allowAddress?: (address: string) => boolean
}

const privateNetworks: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 128],
  ["::1", 128],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
]

/**
 * A policy for URLs that strangers write (repositories, providers of tenants): only addresses of the public internet.
 * Refuses loopback, private, link-local (cloud metadata), carrier-grade NAT, benchmark, documentation, multicast and
 * reserved networks, and the IPv6 ranges that translate to IPv4 (IANA special-purpose registries).
 *
 * @example
 * publicAddressesOnly().allowAddress?.("169.254.169.254")   // false
 * await fetchUrl("http://127.0.0.1:6443/api", { egress: publicAddressesOnly() }).catch(({ code }) => code)   // "EgressDenied"
 */
export function publicAddressesOnly(): EgressPolicy {
  const blocked = new BlockList()
  for (const [network, prefix] of privateNetworks) {
    blocked.addSubnet(network, prefix, network.includes(":") ? "ipv6" : "ipv4")
  }
  return {
    allowAddress(address) {
      const family = isIP(address)
      return family !== 0 && !blocked.check(address, family === 6 ? "ipv6" : "ipv4")
    },
  }
}
