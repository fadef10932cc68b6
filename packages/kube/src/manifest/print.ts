import type { KubeObject } from "../object.ts"
import { ManifestError } from "./error.ts"
import { printNumber } from "./print/number.ts"
import { compareKeys } from "./print/order.ts"
import { printString } from "./print/scalar.ts"

/**
 * Writes one JSON value as YAML, byte for byte as kustomize (go-yaml v2) does: keys in natural order, two blanks of
 * indent, lists in their key's column, text quoted where it would be read as something else. Bigints are integers,
 * undefined properties are left out. Ends with a newline.
 *
 * Throws `ManifestError` `Unprintable` for what JSON cannot hold (NaN, functions, cycles).
 *
 * @example
 * printYaml({ b: "yes", a: [1] })   // 'a:\n- 1\nb: "yes"\n'
 */
export function printYaml(value: unknown): string {
  return printAll([value])
}

/**
 * Writes objects as a YAML stream, byte for byte as `kustomize build` does: each as `printYaml` writes it, `---`
 * between two. No objects give the empty text.
 *
 * @example
 * printManifests([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } }])
 */
export function printManifests(objects: readonly KubeObject[]): string {
  return printAll(objects)
}

/** What is written so far, and the keys seen, as they are written. */
interface Output {
  text: string
  readonly keys: Map<string, string>
}

function printAll(values: readonly unknown[]): string {
  const output: Output = { text: "", keys: new Map() }
  try {
    for (const [index, value] of values.entries()) {
      if (index > 0) output.text += "---\n"
      writeRoot(output, value)
      output.text += "\n"
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ManifestError("Unprintable", "the value has a cycle or is nested too deeply", { cause: error })
  }
  return output.text
}

type JsonMap = { readonly [key: string]: unknown }

/** Where a collection begins: its column, and what stands before its first entry. */
interface Start {
  readonly indent: number
  readonly lead: string
}

function writeRoot(output: Output, value: unknown): void {
  if (isFilledList(value)) writeList(output, value, { indent: 0, lead: "" })
  else if (isFilledMap(value)) writeMap(output, value, { indent: 0, lead: "" })
  else output.text += printScalar(value, 0, 2)
}

function writeMap(output: Output, map: JsonMap, { indent, lead }: Start): void {
  const line = lineStart(indent)
  let before = lead
  // Loops by index: a short-lived program never optimizes the others.
  const keys = orderedKeys(map)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    const value = map[key]
    if (value === undefined) continue
    const written = output.keys.get(key) ?? rememberKey(output, key)
    if (written === "") writeComplexEntry(output, [key, value], { indent, lead: before })
    else {
      output.text += before + written
      if (isFilledMap(value)) writeMap(output, value, { indent: indent + 2, lead: lineStart(indent + 2) })
      else if (isFilledList(value)) writeList(output, value, { indent, lead: line })
      else output.text += ` ${printScalar(value, indent + written.length + 1, indent + 2)}`
    }
    before = line
  }
}

function writeList(output: Output, list: readonly unknown[], { indent, lead }: Start): void {
  const line = lineStart(indent)
  let before = lead
  for (let index = 0; index < list.length; index++) {
    output.text += `${before}-`
    writeAfterIndicator(output, list[index], indent)
    before = line
  }
}

/** `? key` and `: value` on lines of their own, for keys with line breaks or more than 128 bytes. */
function writeComplexEntry(output: Output, [key, value]: readonly [string, unknown], { indent, lead }: Start): void {
  output.text += `${lead}?`
  writeAfterIndicator(output, key, indent)
  output.text += `${lineStart(indent)}:`
  writeAfterIndicator(output, value, indent)
}

function writeAfterIndicator(output: Output, value: unknown, indent: number): void {
  if (isFilledMap(value)) writeMap(output, value, { indent: indent + 2, lead: " " })
  else if (isFilledList(value)) writeList(output, value, { indent: indent + 2, lead: " " })
  else output.text += ` ${printScalar(value, indent + 2, indent + 2)}`
}

const starts: string[] = Array.from({ length: 64 }, (_, index) => `\n${" ".repeat(index)}`)

function lineStart(indent: number): string {
  return starts[indent] ?? `\n${" ".repeat(indent)}`
}

function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}

function isFilledMap(value: unknown): value is JsonMap {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  for (const key in value) if (Object.hasOwn(value, key) && (value as JsonMap)[key] !== undefined) return true
  return false
}

function orderedKeys(map: JsonMap): string[] {
  const keys = Object.keys(map)
  for (let index = 1; index < keys.length; index++) {
    if (compareKeys(keys[index - 1] ?? "", keys[index] ?? "") > 0) return keys.sort(compareKeys)
  }
  return keys
}

const longestSimpleKey = 128

/** The key with its colon, or the empty text when it needs `?`. */
function rememberKey(output: Output, key: string): string {
  const simple = Buffer.byteLength(key) <= longestSimpleKey && !/[\r\n\u0085\u2028\u2029]/.test(key)
  const written = simple ? `${printString(key, { column: 0, indent: 0, fold: false })}:` : ""
  output.keys.set(key, written)
  return written
}

function printScalar(value: unknown, column: number, indent: number): string {
  if (typeof value === "string") return printString(value, { column, indent, fold: true })
  if (value === null) return "null"
  if (typeof value === "boolean") return value ? "true" : "false"
  if (typeof value === "object") return Array.isArray(value) ? "[]" : "{}"
  const number = typeof value === "number" || typeof value === "bigint" ? printNumber(value) : undefined
  if (number === undefined) throw new ManifestError("Unprintable", `a ${typeof value} cannot be written as YAML`)
  return number
}
