import { fail } from "../error.ts"
import {
  fieldOf,
  isList,
  isMap,
  isMissingOrNull,
  isNull,
  kindOf,
  setField,
  shareText,
  textOf,
  writeField,
} from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { own, ownNode, replaceNode, sharesTexts, withElement, withField } from "../node/own.ts"
import type { Owner } from "../node/own.ts"
import { indexOfPart, isListIndex, lookup, placeOf, splitPath } from "../node/path.ts"
import { isTextKey } from "../node/scalar.ts"
import { formatGvk, isSelectedBy, oncePerKind } from "../resource/resource-id.ts"
import type { Gvk } from "../resource/resource-id.ts"

/**
 * A field that a transformer changes, in the objects of a group, version and kind (what is absent matches any).
 * `path` divides its parts by `/`; a part that ends in `[]` must be a list. `create` makes what is missing.
 */
export interface FieldSpec {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly path: string
  readonly create?: boolean
}

/** How a field spec is applied. */
export interface FieldEdit {
  /** What to create at the end of the path; absent: nothing is created. */
  readonly create?: "scalar" | "map"
  /** Gets what the path leads to and returns what to put there: the same, or what `own` and `withField` make of it. */
  readonly set: (node: Node) => Node
  /** True when it writes fields of maps by `writeField`. */
  readonly writesTexts?: boolean
}

/** One part of a path. */
export interface PathPart {
  readonly name: string
  /** True for `name[]`: what is there must be a list. */
  readonly isList: boolean
  /** True for the name of a field; anything else (an index, `[a=b]`) is left to `lookup`. */
  readonly isField: boolean
}

const splitPaths = new Map<string, readonly PathPart[]>()

/** The parts of a field spec's path. Remembered, since the same few paths are split for every object. */
export function partsOf(path: string): readonly PathPart[] {
  let parts = splitPaths.get(path)
  if (parts === undefined) {
    parts = splitPath(path, "/").map(createPart)
    if (splitPaths.size < 4096) splitPaths.set(path, parts)
  }
  return parts
}

function createPart(text: string): PathPart {
  const isList = text.endsWith("[]")
  const name = isList ? text.slice(0, -2) : text
  const isOther = isListIndex(name) || indexOfPart(name) !== undefined || name === "-" || name === "*"
  return { name, isList, isField: !isOther && name !== "" && name === name.trim() }
}

/** The specs that are for objects of a kind. */
export function specsByKind(specs: readonly FieldSpec[]): (gvk: Gvk) => readonly FieldSpec[] {
  return oncePerKind((gvk) => specs.filter((spec) => isSelectedBy(gvk, spec)))
}

/**
 * Applies one edit to every place that the spec's path leads to in an object: lists are walked element by element. Only
 * what is on the way to a change becomes the object's own. Throws where the path runs into a scalar.
 */
export function applyFieldSpec(owner: Owner, spec: FieldSpec, edit: FieldEdit): void {
  const { node } = owner
  if (node === undefined) return
  const object = edit.writesTexts === true && sharesTexts(owner) ? ownNode(owner) : node
  replaceNode(owner, walk(object, { spec, edit, parts: partsOf(spec.path) }, 0) as MapNode)
}

interface Walk {
  readonly spec: FieldSpec
  readonly edit: FieldEdit
  readonly parts: readonly PathPart[]
}

/** Returns what is to stand in the place of `node`. */
function walk(node: Node, state: Walk, depth: number): Node {
  if (depth === state.parts.length) return state.edit.set(node)
  if (isMap(node)) return walkField(node, state, depth)
  if (isNull(node)) return node
  if (!isList(node)) return failAtScalar(state)
  let list = node
  for (let i = 0; i < node.length; i++) list = withElement(list, i, walk(node[i]!, state, depth))
  return list
}

function failAtScalar({ spec }: Walk): never {
  return fail(`field '${spec.path}': expected sequence or mapping node, but found a scalar`)
}

type Creation = "scalar" | "map" | "list" | undefined

const emptyNode = (kind: Creation, before: Node): Node => (kind === "map" ? {} : kind === "list" ? [] : textOf(before))

function walkField(map: MapNode, state: Walk, depth: number): MapNode {
  const { name, isList: isListPart, isField } = state.parts[depth]!
  if (name === "") fail("cannot set or create an empty field name")
  const mayCreate = state.spec.create === true && state.edit.create !== undefined && !isListPart
  const wanted = depth === state.parts.length - 1 ? state.edit.create : "map"
  const creation: Creation = mayCreate ? wanted : isListPart ? "list" : undefined
  if (!isField) return walkOther(map, state, depth)
  const isNew = !Object.hasOwn(map, name)
  if (isNew && !mayCreate) return map
  const node = isNew ? (creation === "map" ? {} : "") : map[name]!
  const present = creation !== undefined && isNull(node) ? emptyNode(creation, node) : node
  return withField(map, name, walk(present, state, depth + 1))
}

/** A part that is no name of a field. */
function walkOther(map: MapNode, state: Walk, depth: number): MapNode {
  const mayCreate = state.spec.create === true && !state.parts[depth]!.isList
  const owner: Owner = { node: map, frozenTexts: "none" }
  const place = lookup(placeOf(owner), [state.parts[depth]!.name], mayCreate ? state.edit.create : undefined)
  if (place === undefined) return map
  const next = walk(place.node, state, depth + 1)
  if (next !== place.node) place.set(next)
  return owner.node!
}

/** An edit that sets entries of maps; `begin` is called before each object. */
export interface EntriesEdit extends FieldEdit {
  begin(): void
}

/**
 * An edit that sets entries of a map, as strings. What is null is left alone, what is no map is an error. The places in
 * one object to which it adds an entry share its text, as with kustomize: a later change of one changes them all.
 */
export function setEntries(entries: ReadonlyMap<string, string>): EntriesEdit {
  const keys = [...entries.keys()]
  const values = [...entries.values()]
  const texts: (Node | undefined)[] = []
  return {
    create: "map",
    writesTexts: true,
    begin: () => void texts.fill(undefined),
    set: (node) => {
      if (isMissingOrNull(node)) return node
      if (!isMap(node)) fail(`wrong node kind: expected MappingNode but got ${kindOf(node)}`)
      const map = own(node)
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i]!
        if (fieldOf(map, key) !== undefined) writeField(map, key, values[i]!)
        else {
          checkKey(key)
          setField(map, key, (texts[i] ??= shareText(values[i]!)))
        }
      }
      return map
    },
  }
}

/** Checks a key that is added: kustomize writes it without quotes, so it must not read as anything but a text. */
export function checkKey(key: string): void {
  if (!isTextKey(key)) fail(`the key '${key}' would be read as something else than a text`)
}

/** Checks that an edit meets a scalar. */
export function expectScalar(node: Node): void {
  if (isMap(node) || isList(node)) fail(`wrong node kind: expected ScalarNode but got ${kindOf(node)}`)
}

/** A spec as kustomize prints it in messages. */
export function formatSpec(spec: FieldSpec): string {
  const gvk = { group: spec.group ?? "", version: spec.version ?? "", kind: spec.kind ?? "" }
  return `${formatGvk(gvk)}:${spec.create === true}:${spec.path}`
}

/** One more field spec; one that says the same must agree on `create`. */
export function mergeFieldSpec(specs: readonly FieldSpec[], added: FieldSpec): readonly FieldSpec[] {
  const same = specs.find((spec) => spec.path === added.path && isSelectedBy(gvkOfSpec(spec), added))
  if (same === undefined) return [...specs, added]
  if ((same.create === true) !== (added.create === true))
    fail(`conflicting fieldspecs: ${formatSpec(same)}, ${formatSpec(added)}`)
  return specs
}

const gvkOfSpec = (spec: FieldSpec): Gvk => ({
  group: spec.group ?? "",
  version: spec.version ?? "",
  kind: spec.kind ?? "",
})

/** Adds many field specs, one after another. */
export function mergeFieldSpecs(specs: readonly FieldSpec[], added: readonly FieldSpec[]): readonly FieldSpec[] {
  return added.reduce(mergeFieldSpec, specs)
}
