import { fail } from "../error.ts"
import { fieldOf, isMap, isMissingOrNull, kindOf, setField, textOf } from "./node.ts"
import type { MapNode, Node } from "./node.ts"

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

const emptyNodes: { readonly [kind in CreateKind]: () => Node } = {
  scalar: () => "",
  map: () => ({}),
  list: () => [],
}

/** Where a path ends: the node, and how to put another in its place. */
export interface Place {
  readonly node: Node
  /** For a node that was made just now and has no type yet: how its parent is written. */
  readonly isNew?: "block" | "flow"
  set(value: Node): void
}

const placeIn = (parent: MapNode | Node[], key: string | number): Place => ({
  node: Array.isArray(parent) ? parent[key as number]! : parent[key]!,
  set: (value) => {
    if (Array.isArray(parent)) parent[key as number] = value
    else setField(parent, key as string, value)
  },
})

/**
 * Follows a path from `node`; with `create`, what is missing is made. Absent where the path leads nowhere. A part is a
 * field, a number (an index), `-` (the last element) or `[name=value]` (the element with that field).
 */
export function lookup(node: Node, path: readonly string[], create?: CreateKind): Place | undefined {
  let place: Place = { node, set: () => fail("cannot replace the root") }
  const parts = path.map((part) => part.trim()).filter((part) => part !== "")
  for (let i = 0; i < parts.length; i++) {
    const next = step(place.node, parts[i]!, create && kindAfter(parts[i + 1], create))
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

function step(node: Node, part: string, create: CreateKind | undefined): Place | undefined {
  const index = indexOfPart(part)
  if (index !== undefined) {
    if (index < 0) fail(`array index ${index} cannot be negative`)
    return elementAt(node, index)
  }
  if (part === "-") return elementAt(node, -1)
  if (part === "*") fail("wildcard is not supported here")
  if (isListIndex(part)) return matchElement(node, part, create !== undefined)
  return fieldPlace(node, part, create)
}

function elementAt(node: Node, index: number): Place | undefined {
  if (isMissingOrNull(node)) {
    if (index < 0) fail("the list is empty")
    return undefined
  }
  expectKind(node, "SequenceNode")
  const list = node as Node[]
  if (index < 0 && list.length === 0) fail("the list is empty")
  const position = index < 0 ? list.length - 1 : index
  return position < list.length ? placeIn(list, position) : undefined
}

function matchElement(node: Node, part: string, create: boolean): Place | undefined {
  const [name, value] = splitListIndex(part)
  if (isMissingOrNull(node)) return undefined
  expectKind(node, "SequenceNode")
  const list = node as Node[]
  for (let i = 0; i < list.length; i++) {
    const element = list[i]!
    const text = name === "" ? element : fieldOf(element, name)
    if (text !== undefined && textOf(text) === value) return placeIn(list, i)
  }
  if (!create) return undefined
  list.push(name === "" ? value : { [name]: value })
  return placeIn(list, list.length - 1)
}

function fieldPlace(node: Node, name: string, create: CreateKind | undefined): Place | undefined {
  if (isMissingOrNull(node)) return undefined
  expectKind(node, "MappingNode")
  const map = node as MapNode
  if (!Object.hasOwn(map, name)) {
    if (create === undefined) return undefined
    setField(map, name, emptyNodes[create]())
  }
  return placeIn(map, name)
}

/** The node at a path of field names; absent where there is none or where it is null on the way. */
export function nodeAt(node: Node, ...path: readonly string[]): Node | undefined {
  return lookup(node, path)?.node
}

/** The map at a path of plain field names, created (also over null) where missing. */
export function ensureMap(node: MapNode, ...path: readonly string[]): MapNode {
  let current = node
  for (const name of path) {
    let next = fieldOf(current, name)
    if (isMissingOrNull(next)) {
      next = {}
      setField(current, name, next)
    }
    if (!isMap(next)) fail(`wrong node kind: expected MappingNode but got ${kindOf(next)} at ${name}`)
    current = next
  }
  return current
}
