import { setOwn } from "@gitops-toolkit/kube"
import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import { formatGoFloat } from "../node/resolve.ts"

// Configuration is read as Go's encoding/json reads it into structs: names match without regard to case, null is the
// zero value, and nothing is converted from one type to another.

/** What is wrong with a configuration, and where in it. Becomes a `KustomizeError` with line and column. */
export interface DecodeFault {
  readonly message: string
  readonly path: YamlPath
}

/** How a value is decoded. */
export interface DecodeContext {
  readonly path: YamlPath
  /** Unknown fields are faults. */
  readonly strict: boolean
  /** Numbers and booleans may stand for texts: so in every file but the kustomization itself. */
  readonly converts: boolean
  /** Called with the first fault; does not return. */
  readonly fail: (fault: DecodeFault) => never
}

/** Decodes one value; absent and null give the zero value. */
export type Decoder<Value> = (value: unknown, context: DecodeContext) => Value

const within = (context: DecodeContext, key: string | number): DecodeContext => ({
  ...context,
  path: [...context.path, key],
})

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list"
  if (typeof value === "object") return "a map"
  if (typeof value === "boolean")
    return `the boolean ${String(value)} (unquoted y, yes, no, on and off are booleans here: quote them)`
  return typeof value === "string" ? "a text" : "a number"
}

const refuse = (expected: string, value: unknown, context: DecodeContext): never =>
  context.fail({ message: `expected ${expected}, but found ${describe(value)}`, path: context.path })

/** A text; empty when absent. */
export const text: Decoder<string> = (value, context) => {
  if (value === undefined || value === null) return ""
  if (typeof value === "string") return value
  if (context.converts && (typeof value === "boolean" || typeof value === "bigint")) return String(value)
  if (context.converts && typeof value === "number")
    return Number.isSafeInteger(value) ? String(value) : formatGoFloat(value)
  return refuse("a text", value, context)
}

/** A boolean; false when absent. */
export const bool: Decoder<boolean> = (value, context) => {
  if (value === undefined || value === null) return false
  return typeof value === "boolean" ? value : refuse("true or false", value, context)
}

/** A whole number of 64 bits; 0 when absent. */
export const integer: Decoder<number | bigint> = (value, context) => {
  if (value === undefined || value === null) return 0
  const whole = typeof value === "bigint" ? value >= -(1n << 63n) && value < 1n << 63n : Number.isInteger(value)
  return whole ? (value as number | bigint) : refuse("a whole number", value, context)
}

/** The same, but numbers and booleans are no texts, wherever it is: so for what Go embeds in its structs. */
export function exact<Value>(decoder: Decoder<Value>): Decoder<Value> {
  return (value, context) => decoder(value, context.converts ? { ...context, converts: false } : context)
}

/** Anything at all. */
export const anything: Decoder<unknown> = (value) => value

/** What may be absent. */
export function optional<Value>(decoder: Decoder<Value>): Decoder<Value | undefined> {
  return (value, context) => (value === undefined || value === null ? undefined : decoder(value, context))
}

/** A list; empty when absent. */
export function listOf<Value>(decoder: Decoder<Value>): Decoder<readonly Value[]> {
  return (value, context) => {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) return refuse("a list", value, context)
    return value.map((item, index) => decoder(item, within(context, index)))
  }
}

/** A map of texts; empty when absent. */
export const textMap: Decoder<{ readonly [name: string]: string }> = (value, context) => {
  const result: { [name: string]: string } = {}
  if (value === undefined || value === null) return result
  if (typeof value !== "object" || Array.isArray(value)) return refuse("a map", value, context)
  for (const [name, item] of Object.entries(value)) setOwn(result, name, text(item, within(context, name)))
  return result
}

/** The fields of a struct, by their names. */
export type Fields<Value> = { readonly [Name in keyof Value]: Decoder<Value[Name]> }

/** A map with known fields. `undefined` results are left out. */
export function struct<Value extends object>(fields: Fields<Value>): Decoder<Value> {
  const byFold = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]))
  return (value, context) => {
    const found = new Map<string, [unknown, string]>()
    if (value !== undefined && value !== null) {
      if (typeof value !== "object" || Array.isArray(value)) return refuse("a map", value, context)
      for (const [name, item] of Object.entries(value)) {
        const known = byFold.get(name.toLowerCase())
        if (known !== undefined) {
          const [before, spelling] = found.get(known) ?? [null, ""]
          // Go has the spellings of one name sorted, and the last counts.
          if (!found.has(known) || (item !== null && (before === null || name > spelling)))
            found.set(known, [item, name])
        } else if (context.strict) context.fail({ message: unknownField(name, byFold), path: [...context.path, name] })
      }
    }
    const result: { [name: string]: unknown } = {}
    for (const name of Object.keys(fields)) {
      const [item, spelling] = found.get(name) ?? [undefined, name]
      const decoded = fields[name as keyof Value](item, within(context, spelling))
      if (decoded !== undefined) result[name] = decoded
    }
    return result as Value
  }
}

function unknownField(name: string, known: ReadonlyMap<string, string>): string {
  const folded = name.toLowerCase()
  const near = [...known.keys()].find((other) => distance(folded, other) <= Math.max(1, Math.floor(other.length / 5)))
  return `unknown field '${name}'${near === undefined ? "" : `; did you mean '${known.get(near)}'?`}`
}

/** How many single letters have to change; capped at 4. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return Math.min(previous[b.length]!, 4)
}
