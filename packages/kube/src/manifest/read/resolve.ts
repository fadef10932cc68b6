import type { YamlProfile } from "../options.ts"
import { normalizeTimestamp } from "./timestamp.ts"

/** What an unquoted scalar stands for. `.inf` and `.nan` are numbers here; readers refuse them. */
export type Scalar = string | number | bigint | boolean | null

const words12: ReadonlyMap<string, boolean | null | number> = new Map<string, boolean | null | number>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
])

const words11: ReadonlyMap<string, boolean | null | number> = new Map([
  ...words12,
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF"].map((word) => [word, false] as const),
])

// What the first character allows: 1 a word of the tables, 2 a fraction, 3 a number or a date.
const hints: Uint8Array = new Uint8Array(128)
for (const character of "yYnNtTfFoO~") hints[character.charCodeAt(0)] = 1
hints[".".charCodeAt(0)] = 2
for (const character of "+-0123456789") hints[character.charCodeAt(0)] = 3

const longestWord = 5

/**
 * What go-yaml makes of a plain scalar: v2 with the words of YAML 1.1 for `kubectl`, v3 for `kustomize`. The one table
 * of the rules, shared by both lanes and, for quoting, by the printer.
 */
export function resolvePlain(text: string, profile: YamlProfile): Scalar {
  if (text === "") return null
  const code = text.charCodeAt(0)
  const hint = code < 128 ? hints[code] : 0
  if (hint === 0) return text
  const words = profile === "kubectl" ? words11 : words12
  if (text.length <= longestWord) {
    const word = words.get(text)
    if (word !== undefined) return word
  }
  if (hint === 1) return text
  if (hint === 2) return parseFraction(text) ?? text
  if (profile === "kustomize" && text.charCodeAt(4) === 45) {
    const time = normalizeTimestamp(text)
    if (time !== undefined) return time
  }
  const number = parseNumber(text) ?? text
  // kubectl's values pass through int64 and float64.
  return typeof number === "bigint" && profile === "kubectl" && number > maxInt64 ? Number(number) : number
}

/** True when the text, written without quotes, would be read back as this very string by go-yaml v2. */
export function staysString(text: string): boolean {
  if (text === "") return false
  const code = text.charCodeAt(0)
  const hint = code < 128 ? hints[code] : 0
  if (hint === 0) return true
  if (text.length <= longestWord && words11.has(text)) return false
  if (hint === 1) return true
  if (hint === 2) return parseFraction(text) === undefined
  return normalizeTimestamp(text) === undefined && parseNumber(text) === undefined && !base60.test(text)
}

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const fraction = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/

function parseFraction(text: string): number | undefined {
  return fraction.test(text) ? finite(text.replaceAll("_", "")) : undefined
}

const decimal = /^[-+]?(?:0|[1-9]\d*)$/
const based = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+))$/
const signedInside = /^0([bo])([-+][0-7]+)$/
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

const minInt64 = -(1n << 63n)
const maxInt64 = (1n << 63n) - 1n
const maxUint64 = (1n << 64n) - 1n

// No number that fits is longer; bounds what is computed with a stranger's digits.
const longestNumber = 400

/** An integer or float as `strconv.ParseInt(…, 0, 64)`, `ParseUint` and `ParseFloat` read it, underscores left out. */
export function parseNumber(text: string): number | bigint | undefined {
  if (text.length > longestNumber) return undefined
  const plain = text.includes("_") ? text.replaceAll("_", "") : text
  if (decimal.test(plain)) return plain.length < 16 ? Number(plain) + 0 : (wholeOf(plain) ?? finite(plain))
  const found = based.exec(plain)
  if (found) {
    const whole = basedInteger(found)
    if (whole !== undefined) return whole
  }
  if (float.test(plain)) return finite(plain)
  const inside = signedInside.exec(plain)
  return inside ? signedAfterPrefix(inside[1] === "b" ? 2 : 8, inside[2] ?? "") : undefined
}

function basedInteger(found: RegExpExecArray): number | bigint | undefined {
  const [, sign, hex, binary, octal] = found
  const prefixed = hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : `0o${octal}`
  const magnitude = BigInt(prefixed)
  return wholeOf(`${sign}${magnitude}`)
}

/** The integer when it fits 64 bits: signed, or unsigned when it bears no sign. */
function wholeOf(digits: string): number | bigint | undefined {
  const value = BigInt(digits.startsWith("+") ? digits.slice(1) : digits)
  const max = /^[-+]/.test(digits) ? maxInt64 : maxUint64
  if (value < minInt64 || value > max) return undefined
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

// go-yaml cuts `0b` off before it looks for a sign, and so accepts `0b-1`.
function signedAfterPrefix(radix: 2 | 8, digits: string): number | undefined {
  if (radix === 2 && /[2-7]/.test(digits)) return undefined
  const value = Number.parseInt(digits, radix)
  return Number.isSafeInteger(value) ? value + 0 : undefined
}

/** The double, or `undefined` when it overflows: Go refuses it then, and the text stays a string. */
function finite(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value + 0 : undefined
}
