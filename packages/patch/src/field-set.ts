import { PatchError } from "./error.ts"
import { intersect, isSameSet, isSubset, leavesOf, subtract, subtractBelow, unite } from "./field-set/algebra.ts"
import type { Path, PathElement } from "./field-set/element.ts"
import { extractAt } from "./field-set/extract.ts"
import { readFieldsV1, writeFieldsV1, type FieldsV1 } from "./field-set/fields-v1.ts"
import { emptyFieldSet, hasChildren, type FieldSet } from "./field-set/node.ts"
import { elementText, nodeAt, walkPaths, withPath } from "./field-set/path.ts"
import { fieldSetAt } from "./structured/field-set-of.ts"
import { takeItems } from "./structured/remove.ts"
import type { Topology } from "./topology.ts"
import { assertBounded } from "./value/json.ts"

export { parsePathElement, printPathElement, type Path, type PathElement } from "./field-set/element.ts"
export { emptyFieldSet, type FieldSet } from "./field-set/node.ts"
export type { FieldsV1 } from "./field-set/fields-v1.ts"

/**
 * Reads `fieldsV1` (the JSON value, or its text) into a set. Null and undefined are the empty set; members with a
 * prefix that no version of the format knows are ignored. Throws `InvalidFieldSet` for anything malformed.
 *
 * @example
 * has(parseFieldSet({ "f:spec": { "f:replicas": {} } }), [{ type: "field", name: "spec" }, { type: "field", name: "replicas" }])   // true
 */
export function parseFieldSet(fields: unknown): FieldSet {
  return readFieldsV1(typeof fields === "string" ? parseText(fields) : fields)
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new PatchError("InvalidFieldSet", "fieldsV1 is not JSON", { cause })
  }
}

/**
 * The set as `fieldsV1`: members in the server's order (`.`, fields, keys, values, indices). The result is frozen and
 * the same object for the same set. The inverse of `parseFieldSet`.
 *
 * @example
 * printFieldSet(parseFieldSet('{"f:spec":{"f:replicas":{},"f:paused":{}}}'))   // { "f:spec": { "f:paused": {}, "f:replicas": {} } }
 */
export function printFieldSet(set: FieldSet): FieldsV1 {
  return writeFieldsV1(set)
}

/**
 * The set of exactly these paths; the empty path (the object itself) is left out.
 *
 * @example
 * printFieldSet(fieldSetOfPaths([[{ type: "field", name: "spec" }, { type: "field", name: "replicas" }]]))
 * // { "f:spec": { "f:replicas": {} } }
 */
export function fieldSetOfPaths(paths: Iterable<Path>): FieldSet {
  let set = emptyFieldSet
  for (const path of paths) if (path.length > 0) set = withPath(set, path, 0)
  return set
}

/**
 * The paths of a set, in the server's order: at every level the members first, then what lies below each.
 *
 * @example
 * const set = parseFieldSet({ "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {} } } })
 * Array.from(pathsOf(set), formatPath)   // ['.containers[name="web"]', '.containers[name="web"].image']
 */
export function pathsOf(set: FieldSet): Generator<Path, void, undefined> {
  return walkPaths(set)
}

/**
 * A path for people, as the server prints it in conflicts: `.spec.containers[name="c"].image`.
 *
 * @example
 * formatPath([{ type: "field", name: "containers" }, { type: "key", fields: [["name", "web"]] }, { type: "field", name: "image" }])
 * // '.containers[name="web"].image'
 */
export function formatPath(path: readonly PathElement[]): string {
  return path.map(elementText).join("")
}

/**
 * True when the path itself is in the set (not only something below it).
 *
 * @example
 * const set = parseFieldSet({ "f:data": { "f:mode": {} } })
 * has(set, [{ type: "field", name: "data" }, { type: "field", name: "mode" }])   // true
 * has(set, [{ type: "field", name: "data" }])   // false
 */
export function has(set: FieldSet, path: Path): boolean {
  return nodeAt(set, path)?.self ?? false
}

/**
 * True for a set without any path.
 *
 * @example
 * isEmptyFieldSet(parseFieldSet({}))   // true
 * isEmptyFieldSet(parseFieldSet({ "f:data": {} }))   // false
 */
export function isEmptyFieldSet(set: FieldSet): boolean {
  return !set.self && !hasChildren(set)
}

/**
 * True when both hold the same paths.
 *
 * @example
 * sameFieldSet(parseFieldSet({ "f:a": {}, "f:b": {} }), parseFieldSet({ "f:b": {}, "f:a": {} }))   // true
 */
export function sameFieldSet(a: FieldSet, b: FieldSet): boolean {
  return isSameSet(a, b)
}

/**
 * True when every path of `a` is in `b`.
 *
 * @example
 * isSubsetOf(parseFieldSet({ "f:a": {} }), parseFieldSet({ "f:a": {}, "f:b": {} }))   // true
 */
export function isSubsetOf(a: FieldSet, b: FieldSet): boolean {
  return isSubset(a, b)
}

/**
 * The paths of either set.
 *
 * @example
 * printFieldSet(union(parseFieldSet({ "f:a": {} }), parseFieldSet({ "f:b": {} })))   // { "f:a": {}, "f:b": {} }
 */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return unite(a, b)
}

/**
 * The paths that are in both sets.
 *
 * @example
 * printFieldSet(intersection(parseFieldSet({ "f:a": {}, "f:b": {} }), parseFieldSet({ "f:b": {}, "f:c": {} })))   // { "f:b": {} }
 */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return intersect(a, b) ?? emptyFieldSet
}

/**
 * The paths of `a` that are not in `b`; what lies below a path of `b` stays.
 *
 * @example
 * const data = parseFieldSet({ "f:data": { ".": {}, "f:mode": {} } })
 * printFieldSet(difference(data, parseFieldSet({ "f:data": {} })))   // { "f:data": { "f:mode": {} } }
 */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b) ?? emptyFieldSet
}

/**
 * The paths of `a` that are neither in `b` nor below a path of `b`.
 *
 * @example
 * const set = parseFieldSet({ "f:data": { ".": {}, "f:mode": {} }, "f:immutable": {} })
 * printFieldSet(recursiveDifference(set, parseFieldSet({ "f:data": {} })))   // { "f:immutable": {} }
 */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtractBelow(a, b) ?? emptyFieldSet
}

/**
 * The paths that have no other path of the set below them.
 *
 * @example
 * printFieldSet(leaves(parseFieldSet({ "f:data": { ".": {}, "f:mode": {} } })))   // { "f:data": { "f:mode": {} } }
 */
export function leaves(set: FieldSet): FieldSet {
  return leavesOf(set) ?? emptyFieldSet
}

/**
 * All fields that `object` sets, as server-side apply would record them for its applier (metadata included; see
 * `strippedFields`). Throws `InvalidObject` when a list cannot be indexed (an item without its keys).
 *
 * @example
 * printFieldSet(fieldSetOf({ data: { a: "1" } }, topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!))   // { "f:data": { "f:a": {} } }
 */
export function fieldSetOf(object: unknown, topology: Topology): FieldSet {
  assertBounded(object)
  return fieldSetAt(topology, object) ?? emptyFieldSet
}

/** Options of `extract`. */
export interface ExtractOptions {
  /**
   * The topology of the object: lists are then indexed by it, also where a key field is absent and has a default.
   * Without it the keys that the set names are looked for.
   */
  readonly topology?: Topology
}

/**
 * The part of `object` that `set` names: every field of the set that the object has, with the keys of the list items
 * on the way. Undefined when the object has none of them. `object` is not changed; structure is shared.
 *
 * @example
 * extract({ spec: { replicas: 2, paused: true } }, parseFieldSet({ "f:spec": { "f:replicas": {} } }))   // { spec: { replicas: 2 } }
 */
export function extract(object: unknown, set: FieldSet, options: ExtractOptions = {}): unknown {
  if (isEmptyFieldSet(set)) return undefined
  assertBounded(object)
  return options.topology ? takeItems(options.topology, object, set) : extractAt(object, set)
}
