import { normalizeTimestamp } from "@gitops-toolkit/kube/manifest"
import { fieldOf, isFolded, isQuoted, keepFolded, keepText, tagOf, textOf } from "./node.ts"
import type { MapNode, Node } from "./node.ts"

// How go-yaml v3 reads a plain scalar (its core schema with the leftovers of YAML 1.1 that it keeps).

const booleans = new Map([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
])
const nulls = new Set(["", "~", "null", "Null", "NULL"])
const infinities = new Set([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"])
const notNumbers = new Set([".nan", ".NaN", ".NAN"])
const floatPattern = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/

// Most numbers, and a double holds them all.
const smallInteger = /^(?:0|[1-9][0-9]{0,14})$/

/** A plain scalar read: its tag, and the value that the output prints. */
export interface ResolvedScalar {
  readonly tag: string
  readonly value: string | number | bigint | boolean | null
}

const asString = (value: string): ResolvedScalar => ({ tag: "!!str", value })

/**
 * Reads a plain scalar as go-yaml v3 does.
 *
 * @example
 * resolvePlain("017")   // { tag: "!!int", value: 15 }
 */
export function resolvePlain(text: string): ResolvedScalar {
  if (nulls.has(text)) return { tag: "!!null", value: null }
  const boolean = booleans.get(text)
  if (boolean !== undefined) return { tag: "!!bool", value: boolean }
  if (text === "<<") return { tag: "!!merge", value: text }
  const first = text.charCodeAt(0)
  // 0-9 + - . : nothing else can begin a number or a date.
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) return asString(text)
  if (smallInteger.test(text)) return { tag: "!!int", value: Number(text) }
  if (infinities.has(text) || notNumbers.has(text)) return { tag: "!!float", value: text }
  return resolveDate(text) ?? resolveNumber(text) ?? asString(text)
}

function resolveNumber(text: string): ResolvedScalar | undefined {
  const plain = text.replaceAll("_", "")
  const integer = parseInteger(plain)
  if (integer !== undefined) return integer
  if (!floatPattern.test(plain)) return undefined
  const float = Number(plain)
  return Number.isFinite(float) ? { tag: "!!float", value: float } : undefined
}

const radixes: readonly [RegExp, string][] = [
  [/^0[xX][0-9a-fA-F]+$/, ""],
  [/^0[bB][01]+$/, ""],
  [/^0[oO][0-7]+$/, ""],
  [/^0[0-7]+$/, "0o"],
  [/^(0|[1-9][0-9]*)$/, ""],
]

function parseInteger(text: string): ResolvedScalar | undefined {
  const negative = text.startsWith("-")
  const digits = negative || text.startsWith("+") ? text.slice(1) : text
  const form = radixes.find(([pattern]) => pattern.test(digits))
  if (form === undefined) return undefined
  const magnitude = BigInt(form[1] + (form[1] === "" ? digits.toLowerCase() : digits.slice(1)))
  const value = negative ? -magnitude : magnitude
  if (value < -(1n << 63n) || value >= 1n << 64n) {
    return form === radixes[4] ? { tag: "!!float", value: Number(value) } : undefined
  }
  return { tag: "!!int", value: narrow(value) }
}

const narrow = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function resolveDate(text: string): ResolvedScalar | undefined {
  const value = normalizeTimestamp(text)
  return value === undefined ? undefined : { tag: "!!timestamp", value }
}

/**
 * The node of a scalar with a tag and a text: the plain value where that loses nothing, else one that keeps its text.
 * `!!int` with a text that is no integer is kept too: it fails when the build is printed, as with kustomize.
 */
export function makeScalar(tag: string, text: string): Node {
  if (tag === "!!str" || tag === "") return text
  const resolved = resolvePlain(text)
  if (resolved.tag === tag && textOf(resolved.value) === text) return resolved.value
  return keepText(text, tag)
}

/** The node that a scalar without a tag reads as once it is written. An empty one is written as an empty text. */
export function plainScalar(text: string): Node {
  return text === "" ? "" : makeScalar(resolvePlain(text).tag, text)
}

/** True for a key that stays a text when it is written without quotes, as kustomize writes the keys that it adds. */
export function isTextKey(key: string): boolean {
  // The words that are no texts have at most five letters.
  const first = key.charCodeAt(0)
  if (key.length > 5 && (first | 32) >= 97 && (first | 32) <= 122) return true
  return key === "" || resolvePlain(key).tag === "!!str"
}

/** The node of a plain scalar that was read as `value`: `value` itself unless its text would be lost. */
export function keepScalar(text: string, value: ResolvedScalar["value"]): Node {
  if (value === null ? text === "null" : String(value) === text && typeof value !== "string" && !/e/.test(text))
    return value
  return keepText(text, resolvePlain(text).tag)
}

/**
 * The node that results when kustomize writes `text` without a tag over `before`: go-yaml keeps the style of what was
 * there, so what had quotes stays a text, and all else is read anew. What is written where nothing was gets quotes if it
 * needs some.
 */
export function overwriteScalar(before: Node | undefined, text: string): Node {
  if (before === undefined || (typeof before === "string" && (isTextKey(text) || needsQuotes(before)))) return text
  return isFolded(before) ? keepFolded(text) : plainScalar(text)
}

/** The node that results when kustomize writes `text` over `before` and leaves its tag and style as they are. */
export function replaceText(before: Node, text: string): Node {
  return isFolded(before) ? keepFolded(text) : makeScalar(tagOf(before), text)
}

/** `overwriteScalar` for a field of a map, of which more is known. */
export function overwriteField(map: MapNode, name: string, text: string): Node {
  if (isQuoted(map, name)) return text
  // It has no tag, so it is no null until it has been written and read.
  return text === "" ? keepText("", "") : overwriteScalar(fieldOf(map, name), text)
}

/** True for a text that cannot have been written without quotes. */
export function needsQuotes(text: string): boolean {
  return text !== "" && (!isTextKey(text) || neverPlain.test(text))
}

// What no text without quotes can begin with or hold.
const neverPlain = /^[[\]{},#&*!|>'"%@` \t]|: |:$| #|[ \t]$|\n/
