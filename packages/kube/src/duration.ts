import { KubeError } from "./kube-error.ts"

const maxInt64 = (1n << 63n) - 1n

const units: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
])

// Sticky, and every alternative begins differently: linear time.
const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y

/**
 * Reads a Go duration (`time.ParseDuration`): a sign, then numbers with units `ns us µs ms s m h`, or `0`. Returns whole
 * nanoseconds, with Go's own rounding of fractions.
 *
 * Throws `KubeError` `InvalidDuration` for anything else and for more than 64 bits of nanoseconds (about 292 years).
 *
 * @example
 * parseDuration("1h30m")   // 5_400_000_000_000n
 */
export function parseDuration(text: string): bigint {
  const signed = /^[-+]/.test(text)
  const negative = text.startsWith("-")
  const body = signed ? text.slice(1) : text
  if (body === "0") return 0n
  let total = 0n
  part.lastIndex = 0
  let end = 0
  while (end < body.length) {
    part.lastIndex = end
    const found = part.exec(body)
    const unit = units.get(found?.[3] ?? "")
    if (!found || unit === undefined || (found[1] === "" && (found[2] ?? "") === "")) throw invalid(text)
    total += nanoseconds(found[1] ?? "", found[2] ?? "", unit)
    if (total > maxInt64 + 1n) throw invalid(text)
    end = part.lastIndex
  }
  if (body === "" || (!negative && total > maxInt64)) throw invalid(text)
  return negative ? -total : total
}

function nanoseconds(whole: string, fraction: string, unit: bigint): bigint {
  const digits = whole.replace(/^0+/, "")
  if (digits.length > 19) return maxInt64 + 2n
  // Go computes the fraction in doubles, from the digits that fit 63 bits.
  const kept = fraction.slice(0, BigInt(fraction.slice(0, 19) || "0") > maxInt64 ? 18 : 19)
  const part = Math.trunc(Number(kept || "0") * (Number(unit) / 10 ** kept.length))
  return BigInt(digits || "0") * unit + BigInt(part)
}

function invalid(text: string): KubeError {
  return new KubeError("InvalidDuration", `not a duration: ${JSON.stringify(text.slice(0, 64))}`)
}

/**
 * Reads a Go duration in milliseconds, rounded towards zero: what timers and `…Ms` options take.
 * Throws what `parseDuration` throws.
 *
 * @example
 * parseDurationMs("1.5s")   // 1500
 */
export function parseDurationMs(text: string): number {
  return Number(parseDuration(text) / 1_000_000n)
}

/**
 * Writes nanoseconds as Go's `Duration.String` does: `1h30m0s`, `1.5s`, `300ms`, `0s`.
 *
 * @example
 * printDuration(90_000_000_000n)   // "1m30s"
 */
export function printDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : ""
  const total = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (total === 0n) return "0s"
  if (total < 1_000n) return `${sign}${total}ns`
  if (total < 1_000_000n) return `${sign}${decimal(total, 3)}µs`
  if (total < 1_000_000_000n) return `${sign}${decimal(total, 6)}ms`
  const hours = total / 3_600_000_000_000n
  const minutes = (total / 60_000_000_000n) % 60n
  const seconds = decimal(total % 60_000_000_000n, 9)
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0")
  const fraction = digits.slice(-places).replace(/0+$/, "")
  return fraction === "" ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`
}
