import { grow, growItem, leaf, nodeOf, withSelf, type FieldSet, type Growing } from "../field-set/node.ts"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { isEmptyMap, isMap, type JsonMap } from "../value/json.ts"
import { atomOf, formOf, itemText } from "./atom.ts"

/** The fields that `value` sets, as the node at its place: scalars and atomic values are leaves. */
export function fieldSetAt(topology: Topology, value: unknown): FieldSet | undefined {
  switch (formOf(topology, atomOf(topology, value))) {
    case "scalar":
      return leaf
    case "map":
      if (topology.map!.atomic) return leaf
      return isMap(value) ? mapFields(topology.map!, value) : undefined
    case "list":
      if (topology.list!.kind === "atomic") return leaf
      return Array.isArray(value) ? listItems(topology.list!, value) : undefined
  }
}

/** Members that no struct declares are owned themselves; declared ones only if nothing below them can be. */
export function isOwnedItself(topology: MapTopology, name: string, member: unknown): boolean {
  return member === null || !topology.fields.has(name) || (isMap(member) && isEmptyMap(member))
}

function mapFields(topology: MapTopology, value: JsonMap): FieldSet | undefined {
  const into: Growing = { fields: undefined, items: undefined }
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    const type = topology.fields.get(name) ?? topology.rest
    const below = type ? fieldSetAt(type, member) : undefined
    grow(into, name, isOwnedItself(topology, name, member) ? withSelf(below) : below)
  }
  return nodeOf(false, into.fields, into.items)
}

/** Items that stand twice are owned as wholes: they cannot be told apart. */
function listItems(topology: ListTopology, value: readonly unknown[]): FieldSet | undefined {
  const into: Growing = { fields: undefined, items: undefined }
  let twice: Set<string> | undefined
  for (const item of value) {
    const text = itemText(topology, item)
    if (into.items?.has(text)) (twice ??= new Set()).add(text)
    else growItem(into, text, withSelf(fieldSetAt(topology.item, item)))
  }
  for (const text of twice ?? []) growItem(into, text, leaf)
  return nodeOf(false, into.fields, into.items)
}
