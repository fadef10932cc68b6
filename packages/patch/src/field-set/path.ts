import { compareBytes } from "@gitops-toolkit/kube"
import { itemElement, printPathElement, type Path, type PathElement } from "./element.ts"
import { sortedItems } from "./fields-v1.ts"
import { leaf, withSelf, type FieldSet } from "./node.ts"

/** `set` with the part of `path` that begins at `from`. */
export function withPath(set: FieldSet | undefined, path: Path, from: number): FieldSet {
  const element = path[from]
  if (element === undefined) return withSelf(set)
  const name = element.type === "field" ? element.name : printPathElement(element)
  const children = element.type === "field" ? set?.fields : set?.items
  const child = withPath(children?.get(name), path, from + 1)
  const changed = new Map(children).set(name, child)
  const self = set?.self ?? false
  return element.type === "field"
    ? { self, fields: changed, items: set?.items }
    : { self, fields: set?.fields, items: changed }
}

/** The node at a path; undefined when the set has nothing there. */
export function nodeAt(set: FieldSet, path: Path): FieldSet | undefined {
  let node: FieldSet | undefined = set
  for (const element of path) {
    node = element.type === "field" ? node?.fields?.get(element.name) : node?.items?.get(printPathElement(element))
  }
  return node
}

/** All paths of the set: at every level the members first, then what lies below each of them. */
export function* walkPaths(set: FieldSet, prefix: Path = []): Generator<Path, void, undefined> {
  const children = childrenInOrder(set)
  for (const [element, child] of children) if (child.self) yield [...prefix, element]
  for (const [element, child] of children) if (child !== leaf) yield* walkPaths(child, [...prefix, element])
}

function childrenInOrder(set: FieldSet): readonly (readonly [PathElement, FieldSet])[] {
  const children: (readonly [PathElement, FieldSet])[] = []
  const names = set.fields ? [...set.fields.keys()].sort(compareBytes) : []
  for (const name of names) children.push([{ type: "field", name }, set.fields!.get(name)!])
  const texts = set.items ? sortedItems(set.items) : []
  for (const text of texts) children.push([itemElement(text), set.items!.get(text)!])
  return children
}

/** One step of a path for people: `.name`, `[key="value"]`, `[="value"]`, `[0]`. */
export function elementText(element: PathElement): string {
  switch (element.type) {
    case "field":
      return `.${element.name}`
    case "key":
      return `[${element.fields.map(([name, value]) => `${name}=${valueText(value)}`).join(",")}]`
    case "value":
      return `[=${valueText(element.value)}]`
    case "index":
      return `[${element.index}]`
  }
}

/** A scalar as Go's `%v` (numbers, booleans) and `%q` (texts) print it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return quote(value)
  if (typeof value === "number") return numberText(value)
  if (value === null || value === undefined) return "null"
  if (Array.isArray(value)) return `[${value.map(valueText).join(",")}]`
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, each]) => `${name}=${valueText(each)}`)
      .join("")
  }
  return String(value as bigint | boolean)
}

/** Go prints the numbers of a set as shortest floats: with an exponent from 1e+06 up and below 1e-04. */
function numberText(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  if (exponent >= -4 && exponent < 21 && Math.abs(value) < 1e6) return expanded(value)
  const [digits, power] = value.toExponential().split("e") as [string, string]
  const size = power.slice(1).padStart(2, "0")
  return `${digits}e${power[0]}${size}`
}

function expanded(value: number): string {
  const text = String(value)
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text
}

const escapes: { readonly [character: string]: string } = {
  "\\": "\\\\",
  '"': '\\"',
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
}

/** A text as Go's `%q` prints it. */
export function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let out = '"'
  for (const character of text) out += escapes[character] ?? printable(character)
  return `${out}"`
}

function printable(character: string): string {
  const point = character.codePointAt(0)!
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, "0")}`
  if (character === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, "0")}` : `\\u${point.toString(16).padStart(4, "0")}`
}
