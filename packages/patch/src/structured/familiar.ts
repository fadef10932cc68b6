import { emptyFieldSet, hasChildren, leaf, type FieldSet } from "../field-set/node.ts"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { isMap, type JsonMap } from "../value/json.ts"
import { atomOf, formOf, itemText } from "./atom.ts"
import { fieldSetAt, isOwnedItself } from "./field-set-of.ts"

/** How many sets of a kind are kept in mind, and how large they may be: enough for objects that look alike. */
const keptSets = 4
const keptNodes = 500

const lately = new WeakMap<Topology, FieldSet[]>()

/**
 * The fields that an object sets. Objects that set the same fields get the very same set as long as it is kept in
 * mind, so that what follows from a set (its printed form, for one) need be found only once.
 */
export function familiarFieldSet(topology: Topology, object: unknown): FieldSet {
  const sets = lately.get(topology) ?? []
  for (const set of sets) if (isBelow(set, topology, object)) return set
  const set = fieldSetAt(topology, object) ?? emptyFieldSet
  if (!hasChildren(set) || sizeOf(set, keptNodes) >= keptNodes) return set
  sets.unshift(set)
  if (sets.length > keptSets) sets.pop()
  lately.set(topology, sets)
  return set
}

/** The number of nodes, counted as far as `limit`. */
function sizeOf({ fields, items }: FieldSet, limit: number): number {
  let size = 1
  for (const children of [fields, items]) {
    for (const child of children?.values() ?? []) {
      if (size >= limit) return limit
      size += sizeOf(child, limit - size)
    }
  }
  return size
}

/** True when `fieldSetAt` would make `set`, but for the `self` of a node that has children. */
function isBelow(set: FieldSet | undefined, topology: Topology, value: unknown): boolean {
  switch (formOf(topology, atomOf(topology, value))) {
    case "scalar":
      return set === leaf
    case "map":
      if (topology.map!.atomic) return set === leaf
      return isMap(value) ? isOfMap(set, topology.map!, value) : set === undefined
    case "list":
      if (topology.list!.kind === "atomic") return set === leaf
      return Array.isArray(value) ? isOfList(set, topology.list!, value) : set === undefined
  }
}

function isOfMap(set: FieldSet | undefined, topology: MapTopology, value: JsonMap): boolean {
  if (set === leaf || set?.items) return false
  const names = Object.keys(value)
  const wanted = set?.fields?.size ?? 0
  if (wanted > names.length) return false
  let found = 0
  for (const name of names) {
    const member = value[name]
    if (member === undefined) continue
    const child = set?.fields?.get(name)
    const type = topology.fields.get(name) ?? topology.rest
    const same = isOwnedItself(topology, name, member)
      ? isOwned(child, type, member)
      : !(child?.self && child !== leaf) && isBelow(child, type!, member)
    if (!same) return false
    if (child) found++
  }
  return found === wanted
}

function isOfList(set: FieldSet | undefined, topology: ListTopology, value: readonly unknown[]): boolean {
  // Lists in which an item stands twice are never familiar.
  if (set === leaf || set?.fields || (set?.items?.size ?? 0) !== value.length) return false
  const texts = value.length > 1 ? new Set<string>() : undefined
  for (const item of value) {
    const text = itemText(topology, item)
    if (texts?.has(text) || !isOwned(set?.items?.get(text), topology.item, item)) return false
    texts?.add(text)
  }
  return true
}

/** True for the node of a value that is owned itself. */
function isOwned(set: FieldSet | undefined, topology: Topology | undefined, value: unknown): boolean {
  if (!set?.self) return false
  if (!topology) return set === leaf
  return isBelow(set, topology, value) || (set === leaf && isBelow(undefined, topology, value))
}
