const minInt64 = -(1n << 63n)
const maxUint64 = (1n << 64n) - 1n

/**
 * A number as kustomize prints it: whole values whose shortest digits fit 64 bits (unsigned too) as integers, all others as Go's
 * `strconv.FormatFloat(value, 'g', -1, 64)`. `undefined` for NaN and infinities, which JSON cannot hold.
 */
export function printNumber(value: number | bigint): string | undefined {
  if (typeof value === "bigint")
    return value >= minInt64 && value <= maxUint64 ? String(value) : printFloat(Number(value))
  if (Number.isSafeInteger(value)) return String(value)
  if (!Number.isFinite(value)) return undefined
  if (Number.isInteger(value) && value > -(2 ** 63) && value < 2 ** 64) return String(value)
  return printFloat(value)
}

/** A double in Go's 'g' format with the shortest digits: an exponent below 1e-4 and from 1e6 on. */
export function printFloat(value: number): string {
  const [digits = "0", power = "0"] = value.toExponential().split("e")
  const exponent = Number(power)
  // JavaScript prints plain digits from 1e-7 to 1e21.
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
}
