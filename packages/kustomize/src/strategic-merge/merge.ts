import { KustomizeError } from "../error.ts"
import {
  cloneNode,
  fieldOf,
  isEmpty,
  isFolded,
  isList,
  isMap,
  isMissingOrNull,
  isNull,
  isQuoted,
  isScalar,
  keepFolded,
  keepQuoted,
  kindOf,
  noteRepeated,
  repeatedIn,
  setField,
  textOf,
  writeField,
} from "../node/node.ts"
import type { ListNode, MapNode, Node, OwnMap } from "../node/node.ts"
import { own, withField } from "../node/own.ts"
import { needsQuotes, overwriteScalar } from "../node/scalar.ts"
import { takeDirective } from "./directive.ts"
import { findElement, setElement } from "./elements.ts"
import type { ElementKey } from "./elements.ts"
import { usedKeys, joinPartialKeys, narrowKeys } from "./keys.ts"
import type { MergeSchema, Schemas } from "./schema.ts"

/** How deep a patch may nest. */
const maxDepth = 1000

/**
 * Merges a strategic patch into `target`, in place, as kustomize does: maps field by field, lists by the keys of the
 * schema with the patch's elements first, null deletes, `$patch` replaces or deletes. Returns what results; absent when
 * nothing is left. All of `target` must be ours (`ownAll`). `patch` is used up: parts of it end up in the target.
 *
 * Throws `PatchFailed` where the kinds of nodes differ or a directive is unknown.
 */
export function mergeStrategic(target: Node, patch: Node, schemas: Schemas): Node | undefined {
  return merge({ target, patch, schema: undefined }, { schemas, depth: 0 })
}

interface Pair {
  readonly target: Node | undefined
  readonly patch: Node | undefined
  readonly schema: MergeSchema | undefined
}

interface State {
  readonly schemas: Schemas
  readonly depth: number
}

const firstOf = ({ target, patch }: Pair): Node | undefined => (isMissingOrNull(target) ? patch : target)

function merge(pair: Pair, state: State): Node | undefined {
  if (state.depth > maxDepth) throw new KustomizeError("LimitExceeded", `a patch is nested deeper than ${maxDepth}`)
  const next: State = { schemas: state.schemas, depth: state.depth + 1 }
  const first = firstOf(pair)
  if (isMissingOrNull(first)) return mergeNothing(pair)
  const schema = pair.schema ?? schemaOf(pair, state.schemas)
  const known: Pair = schema === pair.schema ? pair : { target: pair.target, patch: pair.patch, schema }
  expectSame(first, known)
  if (isMap(first)) return mergeMaps(known, next)
  if (isList(first) && known.schema?.merges === true) return mergeLists(known, next)
  return known.patch === undefined ? known.target : known.patch
}

function expectSame(first: Node, { target, patch }: Pair): void {
  const kind = kindOf(first)
  for (const node of [target, patch]) {
    if (isMissingOrNull(node) || kindOf(node!) === kind) continue
    throw new KustomizeError("PatchFailed", `wrong node kind: expected ${kind} but got ${kindOf(node!)}`)
  }
}

/** Neither side has a value: a null of the target stays if it is written out, everything else is dropped. */
function mergeNothing({ target, patch }: Pair): Node | undefined {
  return target !== undefined && patch === undefined && textOf(target) !== "" ? target : undefined
}

/** An object inside of an object of unknown kind brings its own schema. */
function schemaOf({ target, patch }: Pair, schemas: Schemas): MergeSchema | undefined {
  for (const node of [target, patch]) {
    const kind = textOf(fieldOf(node, "kind"))
    const apiVersion = textOf(fieldOf(node, "apiVersion"))
    if (kind === "" || apiVersion === "") continue
    const schema = schemas(apiVersion, kind)
    if (schema !== undefined) return schema
  }
  return undefined
}

/** What the result is built on: the target, or the patch where there is no target or it is to be replaced. */
function baseOf({ target, patch }: Pair): Node | undefined {
  if (isMissingOrNull(target)) {
    return isMap(patch) && takeDirective(patch) === "delete" ? undefined : patch
  }
  if (isNull(patch)) return undefined
  const directive = takeDirective(patch)
  if (directive === "delete") return undefined
  return directive === "replace" ? patch : target
}

function mergeMaps(pair: Pair, state: State): Node | undefined {
  const merged = baseOf(pair)
  if (!isMap(merged)) return undefined
  const base = own(merged)
  const patch = isMap(pair.patch) ? pair.patch : undefined
  const names = new Set(Object.keys(base))
  if (patch !== undefined && patch !== base) for (const name of Object.keys(patch)) names.add(name)
  for (const name of names) {
    const schema = pair.schema?.field(name)
    const value = merge({ target: fieldOf(base, name), patch: fieldOf(patch, name), schema }, state)
    if (value === undefined || (isNull(value) && fieldOf(patch, name) !== undefined)) dropField(base, name)
    else writeField(base, name, base === patch ? value : keepQuotes(base, name, value))
  }
  return base
}

/** Removes a field; one of that name that the map has further down takes its place. */
function dropField(base: OwnMap, name: string): void {
  const repeated = repeatedIn(base)
  const next = repeated?.find((entry) => entry.name === name)
  if (repeated === undefined || next === undefined) return void delete base[name]
  setField(base, name, cloneNode(next.value))
  noteRepeated(
    base,
    repeated.filter((entry) => entry !== next),
  )
}

/**
 * What a patch's scalar becomes in the place of another: go-yaml keeps the style of what was there, so a number in the
 * place of "80" is a text, and a folded block in the place of another text is none any more.
 */
function keepQuotes(base: MapNode, name: string, value: Node): Node {
  const before = fieldOf(base, name)
  if (before === undefined || before === value || !isScalar(value)) return value
  if (isFolded(before)) return keepFolded(textOf(value))
  if (isFolded(value)) return textOf(value)
  if (typeof before !== "string" || !(before === "" || needsQuotes(before) || isQuoted(base, name))) return value
  keepQuoted(base, name)
  return textOf(value)
}

function mergeLists(pair: Pair, state: State): Node | undefined {
  const merged = isMissingOrNull(pair.target) ? pair.patch : baseOf(pair)
  if (!isList(merged)) return undefined
  const base = own(merged)
  const patch = isList(pair.patch) ? pair.patch : undefined
  const sources = patch === undefined ? [base] : [patch, base]
  const keys = pair.schema?.keys ?? []
  const values = keys.length > 0 ? keyValues(sources, keys) : scalarValues(sources)
  const merging: ListMerge = { base, patch, schema: pair.schema?.elements(), keys: keys.length > 0 ? keys : [""] }
  return mergeElements(merging, values, state)
}

interface ListMerge {
  readonly base: Node[]
  readonly patch: ListNode | undefined
  readonly schema: MergeSchema | undefined
  readonly keys: readonly string[]
}

function distinct(tuples: readonly string[][]): string[][] {
  const seen = new Set<string>()
  return tuples.filter((tuple) => {
    const key = JSON.stringify(tuple)
    return seen.has(key) ? false : seen.add(key)
  })
}

function keyValues(sources: readonly ListNode[], keys: readonly string[]): string[][] {
  const textOfKey = (node: Node, key: string): string => {
    const field = fieldOf(node, key)
    return isEmpty(field) ? "" : textOf(field)
  }
  return distinct(sources.flatMap((list) => list.map((node) => keys.map((key) => textOfKey(node, key)))))
}

const scalarValues = (sources: readonly ListNode[]): string[][] =>
  distinct(sources.flatMap((list) => list.map((node) => [textOf(node)])))

function mergeElements(merging: ListMerge, tuples: string[][], state: State): Node | undefined {
  const { base, patch, schema, keys } = merging
  const added: Node[] = []
  const all = keys.length > 1 ? joinPartialKeys(tuples) : tuples
  let last: readonly string[] = keys
  const used = usedKeys(all, keys)
  for (const values of all) {
    const key = narrowKeys(used, values, keys)
    last = key.keys
    const exact = narrowKeys(usedKeys([key.values], key.keys), key.values, key.keys)
    const target = findElement(base, exact)
    const value = merge({ target, patch: patch && findElement(patch, exact), schema }, state)
    if (isMissingOrNull(value) || (isMap(value) && Object.keys(value).length === 0)) {
      setElement(base, undefined, key)
      continue
    }
    setElement(added, withKeys(value!, key), key)
  }
  if (all.length > 0) return appendRest(added, base, last)
  return base
}

/** Sees to it that a merged element has its key fields. */
function withKeys(node: Node, { keys, values }: ElementKey): Node {
  let result = node
  for (const [i, key] of keys.entries()) {
    const value = values[i] ?? ""
    if (value === "") continue
    if (key === "") result = overwriteScalar(result, value)
    else if (isMap(result) && fieldOf(result, key) === undefined) result = withField(result, key, value)
  }
  return result
}

/** Adds the elements of the target behind those of the patch; those of one key become one. */
function appendRest(added: Node[], base: readonly Node[], keys: readonly string[]): Node[] {
  for (const element of base) {
    if (keys[0] === "") {
      setElement(added, element, { keys, values: [textOf(element)] })
      continue
    }
    const values: string[] = []
    for (const key of keys) {
      if (!isMap(element) && !isMissingOrNull(element)) {
        throw new KustomizeError("PatchFailed", `wrong node kind: expected MappingNode but got ${kindOf(element)}`)
      }
      const field = fieldOf(element, key)
      if (field === undefined) added.push(element)
      else values.push(textOf(field))
    }
    if (keys.length > 1) setElement(added, undefined, { keys, values })
    setElement(added, element, { keys, values })
  }
  return added
}
