import { fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, kindOf, setField, textOf } from "./node.ts"
import type { ListNode, MapNode, Node, OwnMap } from "./node.ts"
import { own, ownNode, sharesTexts } from "./own.ts"
import type { Owner } from "./own.ts"

/** Splits a path at `delimiter`; a backslash before it keeps it. A leading delimiter counts for nothing. */
export function splitPath(path: string, delimiter: string): string[] {
  let parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === "") parts = parts.slice(1)
  const result = [parts[0]!]
  for (const part of parts.slice(1)) {
    const last = result.length - 1
    if (result[last]!.endsWith("\\")) result[last] = `${result[last]!.slice(0, -1)}${delimiter}${part}`
    else result.push(part)
  }
  return result
}

/**
 * Splits a field path of a replacement or a var: `a.[b.c/d].e` has three parts, `a.[name=x.y].z` too.
 *
 * @example
 * splitFieldPath("metadata.annotations.[a.b/c]")   // ["metadata", "annotations", "a.b/c"]
 */
export function splitFieldPath(path: string): string[] {
  const split = splitPath(path, ".")
  const result: string[] = []
  for (let i = 0; i < split.length; i++) {
    const part = split[i]!
    if (!part.startsWith("[") || part.endsWith("]")) {
      result.push(part)
      continue
    }
    const bracketed = [part]
    while (i < split.length - 1) {
      const next = split[++i]!
      bracketed.push(next)
      if (next.endsWith("]")) break
    }
    const joined = bracketed.join(".")
    result.push(joined.includes("=") ? joined : joined.replace(/^[[\]]+/, "").replace(/[[\]]+$/, ""))
  }
  return result
}

/** True for `[...]`, a part that picks list elements. */
export function isListIndex(part: string): boolean {
  return part.startsWith("[") && part.endsWith("]")
}

/** The number that a part is, if Go would read it as one. */
export function indexOfPart(part: string): number | undefined {
  return /^[-+]?[0-9]+$/.test(part) ? Number(part) : undefined
}

/** `[name=value]` in its two halves. */
export function splitListIndex(part: string): [string, string] {
  const inner = (part.endsWith("]") ? part.slice(0, -1) : part).replace(/^\[/, "")
  const equals = inner.indexOf("=")
  if (equals < 0) fail("list path element must contain fieldName=fieldValue for element to match")
  return [inner.slice(0, equals), inner.slice(equals + 1)]
}

function expectKind(node: Node, kind: "MappingNode" | "SequenceNode"): void {
  if (!isMissingOrNull(node) && kindOf(node) !== kind) {
    fail(`wrong node kind: expected ${kind} but got ${kindOf(node)}`)
  }
}

/** What `create` makes at the end of a path. */
export type CreateKind = "scalar" | "map" | "list"

/** A new node of a kind. */
export function emptyNode(kind: CreateKind): Node {
  return kind === "map" ? {} : kind === "list" ? [] : ""
}

/** Where a path leads: a node, and what holds it. Only a change makes what is on the way ours. */
export interface Place {
  readonly node: Node
  /** For a node that was made just now and has no type yet: how its parent is written. */
  readonly isNew?: "block" | "flow"
  /** The map or list at the place, ours to change. */
  own(): OwnMap | Node[]
  set(value: Node): void
}

/** The place of a whole object that is to be changed. */
export function placeOf(owner: Owner): Place {
  // Now, since new texts mean new maps below.
  if (sharesTexts(owner)) ownNode(owner)
  return {
    get node() {
      return owner.node!
    },
    own: () => ownNode(owner),
    set: () => fail("cannot replace the root"),
  }
}

/** How a place is written, where not by `setField`; and its `isNew`. */
export interface PlaceOptions extends Pick<Place, "isNew"> {
  readonly write?: (map: OwnMap, name: string, value: Node) => void
}

/** A place in the map or list at another. */
export function placeIn(parent: Place, key: string | number, options: PlaceOptions = {}): Place {
  const { write = setField, isNew } = options
  const { node: holder } = parent
  let node: Node = isList(holder) ? holder[key as number]! : (holder as MapNode)[key]!
  const set = (value: Node): void => {
    const owned = parent.own()
    if (Array.isArray(owned)) owned[key as number] = value
    else write(owned, key as string, value)
    node = value
  }
  return {
    get node() {
      return node
    },
    ...(isNew === undefined ? {} : { isNew }),
    set,
    own() {
      if (!isMap(node) && !isList(node)) return fail("a scalar holds nothing")
      const owned: OwnMap | Node[] = isMap(node) ? own(node) : own(node)
      if (owned !== node) set(owned)
      return owned
    },
  }
}

/**
 * Follows a path from `root`; with `create`, what is missing is made. Absent where the path leads nowhere. A part is a
 * field, a number (an index), `-` (the last element) or `[name=value]` (the element with that field).
 */
export function lookup(root: Place, path: readonly string[], create?: CreateKind): Place | undefined {
  let place = root
  const parts = path.map((part) => part.trim()).filter((part) => part !== "")
  for (let i = 0; i < parts.length; i++) {
    const next = step(place, parts[i]!, create && kindAfter(parts[i + 1], create))
    if (next === undefined) return undefined
    place = next
  }
  return place
}

/** What has to be created for `next` to be found in it. */
export function kindAfter(next: string | undefined, create: CreateKind): CreateKind {
  if (next === undefined || next === "") return create
  const index = indexOfPart(next)
  return isListIndex(next) || (index !== undefined && index >= 0) ? "list" : "map"
}

function step(place: Place, part: string, create: CreateKind | undefined): Place | undefined {
  const index = indexOfPart(part)
  if (index !== undefined) {
    if (index < 0) fail(`array index ${index} cannot be negative`)
    return elementAt(place, index)
  }
  if (part === "-") return elementAt(place, -1)
  if (part === "*") fail("wildcard is not supported here")
  if (isListIndex(part)) return matchElement(place, part, create !== undefined)
  return fieldAt(place, part, create)
}

function elementAt(place: Place, index: number): Place | undefined {
  const { node } = place
  if (isMissingOrNull(node)) {
    if (index < 0) fail("the list is empty")
    return undefined
  }
  expectKind(node, "SequenceNode")
  const { length } = node as ListNode
  if (index < 0 && length === 0) fail("the list is empty")
  const position = index < 0 ? length - 1 : index
  return position < length ? placeIn(place, position) : undefined
}

function matchElement(place: Place, part: string, create: boolean): Place | undefined {
  const [name, value] = splitListIndex(part)
  const { node } = place
  if (isMissingOrNull(node)) return undefined
  expectKind(node, "SequenceNode")
  const list = node as ListNode
  for (let i = 0; i < list.length; i++) {
    const element = list[i]!
    const text = name === "" ? element : fieldOf(element, name)
    if (text !== undefined && textOf(text) === value) return placeIn(place, i)
  }
  if (!create) return undefined
  return appendTo(place, name === "" ? value : { [name]: value })
}

/** Adds an element to the list at a place. */
export function appendTo(place: Place, element: Node, isNew?: Place["isNew"]): Place {
  const list = place.own() as Node[]
  list.push(element)
  return placeIn(place, list.length - 1, isNew === undefined ? {} : { isNew })
}

function fieldAt(place: Place, name: string, create: CreateKind | undefined): Place | undefined {
  const { node } = place
  if (isMissingOrNull(node)) return undefined
  expectKind(node, "MappingNode")
  if (!Object.hasOwn(node as MapNode, name)) {
    if (create === undefined) return undefined
    setField(place.own() as OwnMap, name, emptyNode(create))
  }
  return placeIn(place, name)
}

/** The node where a path leads from `node`; absent where it leads nowhere. Nothing is created. */
export function nodeAt(node: Node, path: readonly string[]): Node | undefined {
  return lookup({ node, own: readOnly, set: readOnly }, path)?.node
}

const readOnly = (): never => fail("this place is only read")

/** The map at a path of plain field names, ours to change; created (also over null) where missing. */
export function ensureMap(node: OwnMap, ...path: readonly string[]): OwnMap {
  let current = node
  for (const name of path) {
    const before = fieldOf(current, name)
    const next = isMissingOrNull(before) ? {} : before
    if (!isMap(next)) fail(`wrong node kind: expected MappingNode but got ${kindOf(next)} at ${name}`)
    const owned = own(next)
    if (owned !== before) setField(current, name, owned)
    current = owned
  }
  return current
}
