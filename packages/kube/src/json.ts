import { sortedKeys } from "./compare.ts"
import { findJsonFault } from "./json-fault.ts"
import { KubeError } from "./kube-error.ts"

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// Node 22 and later (proposal-json-parse-with-source, stage 4); TypeScript's es2024 library does not know it yet.
const json = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown
  stringify(value: unknown, replacer: (key: string, value: unknown) => unknown, indent?: number): string | undefined
  rawJSON(text: string): unknown
}

/**
 * An integer token of 16 digits or more, or an exponent of three digits: the texts that the plain parser may get wrong.
 * Anchored to where a number can begin, since every uid holds something like `3e123` and its text must stay on the fast path.
 */
const delicate = /[:[, \n\r\t]-?\d(?:\d{15}|\d*(?:\.\d+)?[eE]\+?\d{3})/
/** A text that is nothing but a number. */
const scalar = /^\s*-?\d/

/** No integer that Kubernetes knows has more digits; longer ones are refused instead of computed with. */
const maxIntegerDigits = 1000

/**
 * Reads JSON. Integers outside ±(2^53−1) come back as `bigint`, so that they survive; everything else is as
 * `JSON.parse` gives it. A key `__proto__` becomes an ordinary own property and never a prototype: copy keys with
 * `setOwn` or a spread, not by assignment.
 *
 * Throws `KubeError` `InvalidJson` with line and column for text that is not JSON and for numbers too big for a double.
 *
 * @example
 * parseJson('{"port": 80, "big": 9007199254740993}')   // { port: 80, big: 9007199254740993n }
 */
export function parseJson(text: string, options: { readonly path?: string } = {}): unknown {
  try {
    return delicate.test(text) || scalar.test(text) ? json.parse(text, reviveNumber) : (JSON.parse(text) as unknown)
  } catch (error) {
    if (error instanceof KubeError) throw error
    throw syntaxError(text, options.path)
  }
}

const reviveNumber: Reviver = (_key, value, context) => {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context.source === undefined) return value
  if (/^-?\d+$/.test(context.source) && context.source.length <= maxIntegerDigits) return BigInt(context.source)
  if (!Number.isFinite(value)) throw new KubeError("InvalidJson", "a number is too big")
  return value
}

// The engine's message quotes the text around the fault, which may be a secret's: only the place is told.
function syntaxError(text: string, path = ""): KubeError {
  const offset = findJsonFault(text)
  const before = text.slice(0, offset)
  const line = before.split("\n").length
  const column = offset - before.lastIndexOf("\n")
  const place = `${path === "" ? "" : `${path}, `}line ${line}, column ${column}`
  return new KubeError("InvalidJson", `the text is not JSON at ${place}`, { at: { path, line, column } })
}

/**
 * Writes JSON, compact or indented by `indent` spaces; a `bigint` is written as the integer it is. Keys keep their
 * order; properties that are undefined are left out.
 *
 * Throws `KubeError` `InvalidJson` for what JSON cannot hold at the top (undefined, functions) and for cycles.
 *
 * @example
 * printJson({ big: 9007199254740993n })   // '{"big":9007199254740993}'
 */
export function printJson(value: unknown, options: { readonly indent?: number } = {}): string {
  const text = stringify(value, options.indent)
  if (text === undefined) throw new KubeError("InvalidJson", `cannot write ${typeof value} as JSON`)
  return text
}

function stringify(value: unknown, indent: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent) as string | undefined
  } catch (error) {
    // The only cure there is concerns bigints; cycles and depth fail again below.
    if (!(error instanceof TypeError)) throw unprintable(error)
  }
  try {
    return json.stringify(value, (_key, item) => (typeof item === "bigint" ? json.rawJSON(String(item)) : item), indent)
  } catch (error) {
    throw unprintable(error)
  }
}

function unprintable(cause: unknown): KubeError {
  return new KubeError("InvalidJson", "the value cannot be written as JSON: it has a cycle or is nested too deeply", {
    cause,
  })
}

/**
 * Writes the one JSON text that all equal values share: compact, keys in bytewise order, undefined properties left
 * out, numbers and bigints of equal value alike. Made for digests.
 *
 * Throws `KubeError` `InvalidJson` for NaN, infinities, undefined in lists, functions, and nesting that exhausts the stack.
 *
 * @example
 * printCanonicalJson({ b: 1, a: [2n] })   // '{"a":[2],"b":1}'
 */
export function printCanonicalJson(value: unknown): string {
  try {
    return canonical(value)
  } catch (error) {
    if (error instanceof RangeError) throw unprintable(error)
    throw error
  }
}

// Whole doubles are written out digit by digit, as the bigints that they equal.
function canonicalNumber(value: number): string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(BigInt(value)) : String(value)
}

function canonical(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "boolean" || typeof value === "bigint" || value === null) return String(value)
  if (typeof value === "number" && Number.isFinite(value)) return canonicalNumber(value)
  if (typeof value !== "object") throw new KubeError("InvalidJson", `cannot write ${typeof value} as JSON`)
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  const object = value as { readonly [key: string]: unknown }
  let text = ""
  for (const key of sortedKeys(object))
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(object[key])}`
  return `{${text}}`
}

/**
 * Sets an own property whatever its name: `__proto__` too becomes plain data instead of a prototype. Use it wherever
 * a key comes from a stranger.
 *
 * @example
 * const labels: { [name: string]: string } = {}
 * setOwn(labels, "__proto__", "harmless")
 * Object.keys(labels)   // ["__proto__"]
 */
export function setOwn<Value>(target: { [key: string]: Value }, key: string, value: Value): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else target[key] = value
}

/**
 * A copy of a JSON value: maps and lists are new, everything else is shared. Keys keep their order.
 * Bigints survive; `__proto__` stays an own property.
 *
 * @example
 * const stored = { labels: { app: "web" } }
 * cloneJson(stored).labels.app = "api"
 * stored.labels.app   // "web"
 */
export function cloneJson<Value>(value: Value): Value {
  return cloneAny(value) as Value
}

function cloneAny(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(cloneAny)
  const copy: { [key: string]: unknown } = {}
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, cloneAny(item))
  return copy
}
