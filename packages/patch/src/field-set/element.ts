import { compareBytes, parseJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import { isMap } from "../value/json.ts"
import { compareScalars } from "../value/order.ts"

/** One step of a path: a member of a map, or an item of a list by its keys, its value or its index. */
export type PathElement =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "key"; readonly fields: readonly (readonly [name: string, value: unknown])[] }
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "index"; readonly index: number }

/** A path from the root of an object. */
export type Path = readonly PathElement[]

/** What nearly all keys and values are: every notation prints it as it is. */
const plain = /^[\w ./:-]*$/
const special = /[<>&\u2028\u2029]|\\[bf\\]/
const specials = /[<>&\u2028\u2029]|\\./g
const replacements: { readonly [text: string]: string } = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
  "\\b": "\\u0008",
  "\\f": "\\u000c",
}

/** A scalar as Go prints it in JSON: the text that stands in `fieldsV1`. Equal values give equal texts. */
export function scalarText(value: unknown): string {
  if (typeof value === "string") {
    if (plain.test(value)) return `"${value}"`
    const text = JSON.stringify(value)
    return special.test(text) ? text.replace(specials, (each) => replacements[each] ?? each) : text
  }
  if (typeof value === "bigint") return value.toString()
  if (typeof value === "number") return String(value)
  return typeof value === "object" && value !== null ? compoundText(value) : String(value)
}

function compoundText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(scalarText).join(",")}]`
  const members = Object.entries(value).toSorted(([a], [b]) => compareBytes(a, b))
  return `{${members.map(([name, each]) => `${scalarText(name)}:${scalarText(each)}`).join(",")}}`
}

/** One key of a list item with its value: `"name":"c"`. */
export function memberText(name: string, value: unknown): string {
  return `${plain.test(name) ? `"${name}"` : JSON.stringify(name)}:${scalarText(value)}`
}

/** The text of an item of a `map` list; `keys` are sorted. */
function keyText(fields: readonly (readonly [name: string, value: unknown])[]): string {
  return `k:{${fields.map(([name, value]) => memberText(name, value)).join(",")}}`
}

/**
 * The text of a list item in `fieldsV1`: `k:{"name":"c"}`, `v:"x"`, `i:0`; of a field `f:name`.
 *
 * @example
 * printPathElement({ type: "key", fields: [["protocol", "TCP"], ["port", 80]] })   // 'k:{"port":80,"protocol":"TCP"}'
 */
export function printPathElement(element: PathElement): string {
  switch (element.type) {
    case "field":
      return `f:${element.name}`
    case "key":
      return keyText(element.fields.toSorted(([a], [b]) => compareBytes(a, b)))
    case "value":
      return `v:${scalarText(element.value)}`
    case "index":
      return `i:${element.index}`
  }
}

/**
 * Reads one member name of a `fieldsV1` object; undefined for a prefix that no version knows (to be ignored).
 * Throws `InvalidFieldSet` for anything malformed. The inverse of `printPathElement`.
 *
 * @example
 * parsePathElement("f:replicas")   // { type: "field", name: "replicas" }
 * parsePathElement('k:{"name":"web"}')   // { type: "key", fields: [["name", "web"]] }
 */
export function parsePathElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new PatchError("InvalidFieldSet", "key must be 2 characters long:")
  if (text[1] !== ":") throw new PatchError("InvalidFieldSet", `missing colon: ${text}`)
  const rest = text.slice(2)
  switch (text[0]) {
    case "f":
      return { type: "field", name: rest }
    case "v":
      return { type: "value", value: parseScalar(rest) }
    case "k":
      return { type: "key", fields: parseKey(rest) }
    case "i":
      return { type: "index", index: parseIndex(rest) }
    default:
      return undefined
  }
}

/** Integers that a double cannot hold stay exact, so that printing gives the same text again. */
function parseScalar(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new PatchError("InvalidFieldSet", `cannot read ${text}`, { cause })
  }
}

function parseKey(text: string): readonly (readonly [string, unknown])[] {
  const value = parseScalar(text)
  if (value === null) return []
  if (!isMap(value)) throw new PatchError("InvalidFieldSet", `cannot read the key ${text}`)
  return Object.entries(value).toSorted(([a], [b]) => compareBytes(a, b))
}

function parseIndex(text: string): number {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw new PatchError("InvalidFieldSet", `cannot read the index ${text}`)
  return Number(text) + 0
}

/** The element of an item's text as it stands in a set: always readable. */
export function itemElement(text: string): PathElement {
  return parsePathElement(text)!
}

const rank = { field: 0, key: 1, value: 2, index: 3 }

/** The order of `fieldsV1`: fields by name, then keys, then values, then indices. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.type === "field" && b.type === "field") return compareBytes(a.name, b.name)
  if (a.type === "key" && b.type === "key") return compareKeys(a.fields, b.fields)
  if (a.type === "value" && b.type === "value") return compareScalars(a.value, b.value)
  if (a.type === "index" && b.type === "index") return a.index - b.index
  return rank[a.type] - rank[b.type]
}

function compareKeys(a: readonly (readonly [string, unknown])[], b: readonly (readonly [string, unknown])[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareBytes(a[i]![0], b[i]![0]) || compareScalars(a[i]![1], b[i]![1])
    if (order !== 0) return order
  }
  return a.length - b.length
}
