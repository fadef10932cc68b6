import { KubeError } from "./kube-error.ts"

/** A Kubernetes quantity: an exact number of billionths, and the family of suffixes that it was written with. */
export interface Quantity {
  /** The value times 10⁹. Kubernetes keeps nothing finer. */
  readonly nanos: bigint
  readonly format: "DecimalSI" | "BinarySI" | "DecimalExponent"
}

interface Scale {
  readonly base: 10 | 2
  readonly exponent: number
  readonly format: Quantity["format"]
}

const nano = 1_000_000_000n
const maxNanos = ((1n << 63n) - 1n) * nano
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const
const grammar = /^([-+]?)(\d*)(?:\.(\d*))?([a-zA-Z]*)([-+]?\d*)$/

/**
 * Reads a quantity (`1500m`, `1Gi`, `1e3`) exactly, as `resource.ParseQuantity` of Kubernetes: what is finer than a
 * billionth is rounded away from zero, what is larger than 2^63−1 becomes 2^63−1.
 *
 * Throws `KubeError` `InvalidQuantity`.
 *
 * @example
 * compareQuantities(parseQuantity("1500m"), parseQuantity("1.5"))   // 0
 */
export function parseQuantity(text: string): Quantity {
  const found = text.length > 256 ? null : grammar.exec(text)
  const [, sign = "", whole = "", fraction = "", suffix = "", digits = ""] = found ?? []
  const scale = scaleOf(suffix, digits)
  if (!found || whole + fraction === "" || scale === undefined) {
    throw new KubeError("InvalidQuantity", `not a quantity: ${JSON.stringify(text.slice(0, 64))}`)
  }
  const nanos = scaled(whole, fraction, scale)
  return { nanos: sign === "-" ? -nanos : nanos, format: scale.format }
}

function scaleOf(suffix: string, digits: string): Scale | undefined {
  if (digits !== "") {
    const exponent = Number(digits)
    const valid = (suffix === "e" || suffix === "E") && /\d/.test(digits) && Number.isSafeInteger(exponent)
    return valid ? { base: 10, exponent, format: "DecimalExponent" } : undefined
  }
  const decimal = decimalSuffixes.indexOf(suffix as (typeof decimalSuffixes)[number])
  if (decimal >= 0) return { base: 10, exponent: (decimal - 3) * 3, format: "DecimalSI" }
  const binary = binarySuffixes.indexOf(suffix as (typeof binarySuffixes)[number])
  return binary > 0 ? { base: 2, exponent: binary * 10, format: "BinarySI" } : undefined
}

// The exponent may be a stranger's: nothing is raised to it before it is known to be small.
function scaled(whole: string, fraction: string, scale: Scale): bigint {
  const integer = (whole + fraction).replace(/^0+/, "")
  if (integer === "") return 0n
  const power = scale.base === 10 ? scale.exponent - fraction.length + 9 : 9 - fraction.length
  const magnitude = integer.length + power
  if (magnitude > 40) return maxNanos
  if (magnitude < -40) return 1n
  let value = BigInt(integer) * (scale.base === 2 ? 1n << BigInt(scale.exponent) : 1n)
  if (power >= 0) value *= 10n ** BigInt(power)
  else {
    const divisor = 10n ** BigInt(-power)
    value = (value + divisor - 1n) / divisor
  }
  return value > maxNanos ? maxNanos : value
}

/**
 * Orders two quantities by value: negative, zero or positive. Their suffixes do not count.
 *
 * @example
 * ["1Gi", "500m", "2k"].map(parseQuantity).toSorted(compareQuantities).map(printQuantity)   // ["500m", "2k", "1Gi"]
 */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
}

/**
 * Writes a quantity in the canonical form of Kubernetes: no fraction, the largest suffix of its family that loses
 * nothing (`1.5` is `1500m`, `1024Mi` is `1Gi`). Two equal quantities of one family print alike.
 *
 * @example
 * printQuantity(parseQuantity("0.2"))   // "200m"
 */
export function printQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity
  if (nanos === 0n) return "0"
  const absolute = nanos < 0n ? -nanos : nanos
  const sign = nanos < 0n ? "-" : ""
  // As Kubernetes: binary suffixes are for whole values of 1,024 and more.
  if (format === "BinarySI" && absolute % nano === 0n && absolute / nano >= 1024n) {
    return sign + largest(absolute / nano, 1024n, binarySuffixes)
  }
  if (format !== "DecimalExponent") return sign + largest(absolute, 1000n, decimalSuffixes)
  let exponent = -9
  let value = absolute
  while (value % 1000n === 0n) {
    value /= 1000n
    exponent += 3
  }
  return exponent === 0 ? `${sign}${value}` : `${sign}${value}e${exponent}`
}

function largest(value: bigint, step: bigint, suffixes: readonly string[]): string {
  let index = 0
  let rest = value
  while (rest % step === 0n && index < suffixes.length - 1) {
    rest /= step
    index++
  }
  return `${rest}${suffixes[index]}`
}
