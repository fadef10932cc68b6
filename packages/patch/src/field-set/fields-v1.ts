import { compareBytes } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import { assertDepth, isMap } from "../value/json.ts"
import { compareElements, itemElement, parsePathElement, printPathElement } from "./element.ts"
import { emptyFieldSet, grow, growItem, leaf, nodeOf, withSelf, type FieldSet, type Growing } from "./node.ts"

/** The JSON of `metadata.managedFields[].fieldsV1`. */
export interface FieldsV1 {
  readonly [element: string]: FieldsV1
}

/**
 * Sets are read and printed again with every write of their object; both directions are remembered. Only for the
 * frozen objects that were printed here: others may change under the caller's hands.
 */
const printed = new WeakMap<FieldSet, FieldsV1>()
const parsed = new WeakMap<object, FieldSet>()

/** The set that a `fieldsV1` object describes. */
export function readFieldsV1(fields: unknown): FieldSet {
  if (fields === null || fields === undefined) return emptyFieldSet
  if (!isMap(fields)) throw new PatchError("InvalidFieldSet", "fieldsV1 must be a map")
  const known = parsed.get(fields)
  if (known) return known
  return readNode(fields, 0).below ?? emptyFieldSet
}

interface Read {
  readonly below: FieldSet | undefined
  readonly self: boolean
}

/** Below a node that has no readable children the node itself is a member, whether `.` is there or not. */
function readNode(fields: unknown, depth: number): Read {
  assertDepth(depth)
  if (fields === null) return { below: undefined, self: true }
  if (!isMap(fields)) throw new PatchError("InvalidFieldSet", "the members of fieldsV1 must be maps")
  const into: Growing = { fields: undefined, items: undefined }
  let self = false
  for (const text of Object.keys(fields)) {
    if (text === ".") self = true
    else readMember(into, text, { value: fields[text], depth })
  }
  const below = nodeOf(false, into.fields, into.items)
  return { below, self: self || below === undefined }
}

function readMember(
  into: Growing,
  text: string,
  { value, depth }: { readonly value: unknown; readonly depth: number },
): void {
  if (text.startsWith("f:")) grow(into, text.slice(2), readChild(value, depth))
  else {
    const element = parsePathElement(text)
    if (element) growItem(into, printPathElement(element), readChild(value, depth))
  }
}

function readChild(value: unknown, depth: number): FieldSet | undefined {
  if (isMap(value) && Object.keys(value).length === 0) return leaf
  const { below, self } = readNode(value, depth + 1)
  return self ? withSelf(below) : below
}

/** The `fieldsV1` object of a set, frozen; the same object for the same set. */
export function writeFieldsV1(set: FieldSet): FieldsV1 {
  const known = printed.get(set)
  if (known) return known
  const fields = writeNode(set, false)
  printed.set(set, fields)
  if (fields !== noFields) parsed.set(fields, set)
  return fields
}

const noFields: FieldsV1 = Object.freeze({})

function writeNode(set: FieldSet, self: boolean): FieldsV1 {
  if (set.fields === undefined && set.items === undefined) return noFields
  const out: { [element: string]: FieldsV1 } = {}
  if (self) out["."] = noFields
  if (set.fields) {
    const names = [...set.fields.keys()]
    if (names.length > 1) names.sort(compareBytes)
    for (const name of names) {
      const child = set.fields.get(name)!
      out[`f:${name}`] = writeNode(child, child.self)
    }
  }
  if (set.items) {
    for (const text of sortedItems(set.items)) {
      const child = set.items.get(text)!
      out[text] = writeNode(child, child.self)
    }
  }
  return Object.freeze(out)
}

/** The texts of list items in the order of `fieldsV1`. */
export function sortedItems(items: ReadonlyMap<string, FieldSet>): readonly string[] {
  if (items.size === 1) return [...items.keys()]
  const elements = [...items.keys()].map((text) => ({ text, element: itemElement(text) }))
  return elements.sort((a, b) => compareElements(a.element, b.element)).map(({ text }) => text)
}
