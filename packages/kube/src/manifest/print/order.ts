const letter = /\p{L}/u
const digit = /\p{Nd}/u

/**
 * go-yaml v2's natural order of keys: letters after everything that is no letter, runs of digits by value, all else by
 * code point. Not transitive where digits meet letters (`a10 < a1b < a2 < a10`); there the real one is not
 * deterministic either.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    if (left > 127 || right > 127) return compareRunes(a, b)
    const leftLetter = isAsciiLetter(left)
    const rightLetter = isAsciiLetter(right)
    if (leftLetter && rightLetter) return left - right
    if (leftLetter || rightLetter) return leftLetter ? 1 : -1
    if (isAsciiDigit(left) || isAsciiDigit(right)) return compareAsciiDigits(a, b, index) ?? compareRunes(a, b)
    return left - right
  }
  return a.length - b.length
}

const mostDigits = 14

/** The rule for digits, for runs that a double holds exactly; `undefined` for longer ones and other alphabets' digits. */
function compareAsciiDigits(a: string, b: string, index: number): number | undefined {
  const aEnd = digitsEnd(a, index)
  const bEnd = digitsEnd(b, index)
  if (aEnd - index > mostDigits || bEnd - index > mostDigits) return undefined
  if (a.charCodeAt(aEnd) > 127 || b.charCodeAt(bEnd) > 127) return undefined
  const zero = a.charCodeAt(index) === 48 || b.charCodeAt(index) === 48
  const start = zero && nonZeroDigitBefore(a, index) ? 1 : 0
  const difference = numberAt(a, index, start) - numberAt(b, index, start)
  return difference || aEnd - bEnd || a.charCodeAt(index) - b.charCodeAt(index)
}

function digitsEnd(text: string, from: number): number {
  let end = from
  while (isAsciiDigit(text.charCodeAt(end))) end++
  return end
}

function nonZeroDigitBefore(text: string, index: number): boolean {
  for (let at = index - 1; at >= 0 && isAsciiDigit(text.charCodeAt(at)); at--)
    if (text.charCodeAt(at) !== 48) return true
  return false
}

function numberAt(text: string, index: number, start: number): number {
  let value = start
  for (let at = index; isAsciiDigit(text.charCodeAt(at)); at++) value = value * 10 + text.charCodeAt(at) - 48
  return value
}

function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

function isAsciiDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** The rule in full, on code points. */
function compareRunes(a: string, b: string): number {
  const left = Array.from(a)
  const right = Array.from(b)
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const x = left[index] ?? ""
    const y = right[index] ?? ""
    if (x === y) continue
    const byCode = (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
    const xLetter = letter.test(x)
    const yLetter = letter.test(y)
    if (xLetter && yLetter) return byCode
    if (xLetter || yLetter) return xLetter ? 1 : -1
    return compareDigits(left, right, index) || byCode
  }
  return left.length - right.length
}

// The runs of digits from `index` on; zeros count as places when a non-zero digit stands before them.
function compareDigits(left: readonly string[], right: readonly string[], index: number): number {
  const started = left[index] === "0" || right[index] === "0" ? nonZeroBefore(left, index) : false
  const x = digitsFrom(left, index)
  const y = digitsFrom(right, index)
  const difference = valueOf(x, started) - valueOf(y, started)
  return difference < 0n ? -1 : difference > 0n ? 1 : x.length - y.length
}

function nonZeroBefore(runes: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0 && digit.test(runes[at] ?? ""); at--) if (runes[at] !== "0") return true
  return false
}

function digitsFrom(runes: readonly string[], index: number): readonly string[] {
  let end = index
  while (end < runes.length && digit.test(runes[end] ?? "")) end++
  return runes.slice(index, end)
}

// 64-bit arithmetic that wraps, as Go's.
function valueOf(digits: readonly string[], started: boolean): bigint {
  let value = started ? 1n : 0n
  for (const rune of digits) value = BigInt.asIntN(64, value * 10n + BigInt((rune.codePointAt(0) ?? 0) - 48))
  return value
}
