// Addresses and ranges of the Internet protocols.
import { BlockList, isIP, isIPv4 } from "node:net"
import type { Rule, Walk } from "./walk.ts"
import { textOf } from "./walk.ts"

const addressFormat = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
const rangeFormat = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
const padded = /^\d{1,10}(?:\.\d{1,10}){3}$/

/** An IPv4 address without the leading zeros that Kubernetes once overlooked; anything else as it is. */
const unpadded = (text: string): string => (padded.test(text) ? text.split(".").map(Number).join(".") : text)

const isMapped = (text: string): boolean => /^[0:]*:ffff:\d+\.\d+\.\d+\.\d+$/i.test(text)

/** 4 or 6; 0 for what is no address, not even one with leading zeros. */
export const familyOf = (text: string): 0 | 4 | 6 => isIP(unpadded(text)) as 0 | 4 | 6

/** An address, in any of the ways to write it that mean one thing only. Those in `known` pass as they are. */
export function address(known: readonly unknown[] = []): Rule {
  return (value, walk) => {
    const text = textOf(value)
    if (isIP(text) !== 0 && !isMapped(text)) return
    if (known.includes(text)) return
    if (familyOf(text) === 0) walk.invalid("", text, addressFormat)
    else if (isIP(text) === 0) walk.invalid("", text, "must not have leading 0s")
    else walk.invalid("", text, "must not be an IPv4-mapped IPv6 address")
  }
}

/** A range of addresses as it is read. */
export interface Range {
  readonly address: string
  readonly bits: number
  readonly family: "ipv4" | "ipv6"
}

/** The range of a text like `10.0.0.0/8`; undefined when it is none. */
export function rangeOf(text: string): Range | undefined {
  const slash = text.indexOf("/")
  if (slash < 0) return undefined
  const [given, bits] = [unpadded(text.slice(0, slash)), text.slice(slash + 1)]
  const version = isIP(given)
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  return { address: given, bits: Number(bits), family: version === 4 ? "ipv4" : "ipv6" }
}

/** True when `inner` lies within `outer` and is smaller. */
export function isWithin(inner: Range, outer: Range): boolean {
  const list = new BlockList()
  list.addSubnet(outer.address, outer.bits, outer.family)
  return inner.family === outer.family && list.check(inner.address, inner.family) && inner.bits > outer.bits
}

/** A range of addresses, with no bits set beyond its prefix. Those in `known` pass as they are. */
export function range(known: readonly unknown[] = []): Rule {
  return (value, walk) => {
    const text = textOf(value)
    const read = rangeOf(text)
    if (known.includes(text)) return
    if (!read) return walk.invalid("", text, rangeFormat)
    if (/(?:^|\.)0\d|\/0\d/.test(text)) walk.invalid("", text, "must not have leading 0s in IP or prefix length")
    else if (isMapped(text.split("/")[0]!)) walk.invalid("", text, "must not have an IPv4-mapped IPv6 address")
    else if (!isFirst(read)) walk.invalid("", text, "must not have bits set beyond the prefix length")
  }
}

/** True when a range is named by its first address. */
function isFirst({ address: given, bits, family }: Range): boolean {
  const parts = family === "ipv4" ? given.split(".").map(Number) : wordsOf(given)
  const width = family === "ipv4" ? 8 : 16
  return parts.every((part, index) => {
    const fixed = Math.min(Math.max(bits - index * width, 0), width)
    return (part & (2 ** (width - fixed) - 1)) === 0
  })
}

function wordsOf(text: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  const pair = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16)
  const plain = dotted ? `${dotted[1]}${pair(dotted[2]!, dotted[3]!)}:${pair(dotted[4]!, dotted[5]!)}` : text
  const [head = "", tail] = plain.split("::")
  const words = (part: string): string[] => (part === "" ? [] : part.split(":"))
  const gap = tail === undefined ? 0 : 8 - words(head).length - words(tail).length
  const whole = [...words(head), ...Array.from({ length: gap }, () => "0"), ...words(tail ?? "")]
  return whole.map((word) => Number.parseInt(word, 16))
}

const blocks = (...ranges: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList()
  for (const [start, bits] of ranges) list.addSubnet(start, bits, isIPv4(start) ? "ipv4" : "ipv6")
  return list
}

let reserved: readonly (readonly [BlockList, string])[] | undefined

const reservations = (): readonly (readonly [BlockList, string])[] => [
  [blocks(["127.0.0.0", 8], ["::1", 128]), "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [blocks(["169.254.0.0", 16], ["fe80::", 10]), "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  [blocks(["224.0.0.0", 24], ["ff02::", 16]), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
]

/** An address that others can reach: not one of the machine itself. */
export function reachable(value: unknown, walk: Walk): void {
  const text = textOf(value)
  const family = familyOf(text)
  if (family === 0) return walk.invalid("", text, "must be a valid IP address")
  const plain = unpadded(text)
  if (/^[0.:]+$/.test(plain)) walk.invalid("", text, `may not be unspecified (${text})`)
  reserved ??= reservations()
  for (const [list, why] of reserved) if (list.check(plain, family === 4 ? "ipv4" : "ipv6")) walk.invalid("", text, why)
}
