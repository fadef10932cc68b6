import { BlockList, isIP, isIPv4, isIPv6 } from "node:net"
import { qualified } from "./network.ts"
import {
  at,
  between,
  duplicate,
  invalid,
  isSet,
  items,
  named,
  numberOf,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

const protocols = ["SCTP", "TCP", "UDP"]
const format = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

const reserved: readonly (readonly [ranges: readonly (readonly [string, number])[], text: string])[] = [
  [
    [
      ["127.0.0.0", 8],
      ["::1", 128],
    ],
    "may not be in the loopback range (127.0.0.0/8, ::1/128)",
  ],
  [
    [
      ["169.254.0.0", 16],
      ["fe80::", 10],
    ],
    "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  ],
  [
    [
      ["224.0.0.0", 24],
      ["ff02::", 16],
    ],
    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  ],
]

function reservedFaults(ip: string): string[] {
  if (ip === "0.0.0.0" || ip === "::") return [`may not be unspecified (${ip})`]
  return reserved.flatMap(([ranges, text]) => {
    const list = new BlockList()
    for (const [address, bits] of ranges) list.addSubnet(address, bits, isIPv4(address) ? "ipv4" : "ipv6")
    return list.check(ip, isIPv4(ip) ? "ipv4" : "ipv6") ? [text] : []
  })
}

/** The subsets of Endpoints. */
export function endpointSubsets(subsets: Spot): void {
  for (const subset of items(subsets)) {
    const [ready, unready] = [items(at(subset, "addresses")), items(at(subset, "notReadyAddresses"))]
    if (ready.length + unready.length === 0) required(subset, "must specify `addresses` or `notReadyAddresses`")
    for (const address of [...ready, ...unready]) endpointAddress(address)
    const ports = items(at(subset, "ports"))
    for (const port of ports) subsetPort(port, ports.length > 1)
  }
}

function endpointAddress(address: Spot): void {
  const ip = at(address, "ip")
  const text = textOf(ip)
  if (textOf(at(address, "hostname")) !== "") named(at(address, "hostname"), "label")
  if (isSet(at(address, "nodeName"))) named(at(address, "nodeName"), "subdomain")
  if (isIP(text) === 0) {
    invalid(ip, format, text)
    invalid(ip, "must be a valid IP address", text)
  } else for (const fault of reservedFaults(text)) invalid(ip, fault)
}

function subsetPort(port: Spot, many: boolean): void {
  const name = at(port, "name")
  if (many && textOf(name) === "") required(name)
  else if (textOf(name) !== "") named(name, "label")
  const number = at(port, "port")
  between({ ...number, value: numberOf(number) ?? 0 }, 1, 65_535)
  const protocol = at(port, "protocol")
  if (textOf(protocol) === "") required(protocol)
  else if (!protocols.includes(textOf(protocol))) unsupported(protocol, protocols)
  if (isSet(at(port, "appProtocol"))) qualified(at(port, "appProtocol"))
}

/** Ports and endpoints of an EndpointSlice. */
export function sliceDetails(slice: Spot, before: unknown): void {
  const kind = at(slice, "addressType")
  if (before !== undefined && kind.value !== (before as { readonly addressType?: unknown }).addressType)
    invalid(kind, "field is immutable")
  const names = new Set<string>()
  for (const port of items(at(slice, "ports"))) {
    const name = at(port, "name")
    if (textOf(name) !== "") named(name, "label")
    if (names.has(textOf(name))) duplicate(name, textOf(name))
    names.add(textOf(name))
    const protocol = at(port, "protocol")
    if (!isSet(protocol)) required(protocol)
    else if (!protocols.includes(textOf(protocol))) unsupported(protocol, protocols)
    if (isSet(at(port, "appProtocol"))) qualified(at(port, "appProtocol"))
  }
  const type = textOf(at(slice, "addressType"))
  for (const endpoint of items(at(slice, "endpoints"))) {
    const addresses = at(endpoint, "addresses")
    if (items(addresses).length === 0) required(addresses, "must contain at least 1 address")
    for (const address of items(addresses)) sliceAddress(address, type, addresses)
    if (isSet(at(endpoint, "nodeName"))) named(at(endpoint, "nodeName"), "subdomain")
    if (isSet(at(endpoint, "hostname"))) named(at(endpoint, "hostname"), "label")
  }
}

function sliceAddress(address: Spot, type: string, list: Spot): void {
  const text = textOf(address)
  if (type !== "IPv4" && type !== "IPv6") return
  if (isIP(text) === 0) return invalid(address, format, text)
  if (!(type === "IPv4" ? isIPv4(text) : isIPv6(text))) invalid(list, `must be an ${type} address`, text)
  for (const fault of reservedFaults(text)) invalid(address, fault)
}
