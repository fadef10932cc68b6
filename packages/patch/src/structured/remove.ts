import { hasChildren, type FieldSet } from "../field-set/node.ts"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { assign, isMap, type JsonMap } from "../value/json.ts"
import { atomOf, formOf, itemText } from "./atom.ts"

/**
 * `value` without the fields of `set`. What becomes empty turns into null (as on the server), never into an empty map
 * or list; an atomic value that is reached goes as a whole. `value` is not changed; unchanged parts are shared.
 */
export function removeItems(topology: Topology, value: unknown, set: FieldSet): unknown {
  switch (formOf(topology, atomOf(topology, value))) {
    case "scalar":
      return value
    case "list":
      if (!Array.isArray(value) || value.length === 0 || topology.list!.kind === "atomic") return null
      return removeListItems(topology.list!, value, set)
    case "map":
      return isMap(value) && !topology.map!.atomic ? removeMembers(topology.map!, value, set) : null
  }
}

function removeListItems(topology: ListTopology, value: readonly unknown[], set: FieldSet): unknown {
  const kept: unknown[] = []
  let changed = false
  for (const item of value) {
    const child = set.items?.get(itemText(topology, item))
    if (child?.self) changed = true
    else {
      const rest = child ? removeItems(topology.item, item, child) : item
      changed ||= rest !== item
      kept.push(rest)
    }
  }
  if (!changed) return value
  return kept.length > 0 ? kept : null
}

function removeMembers(topology: MapTopology, value: JsonMap, set: FieldSet): unknown {
  const kept: { [name: string]: unknown } = {}
  let count = 0
  let changed = false
  for (const name of Object.keys(value)) {
    const child = set.fields?.get(name)
    if (child?.self) {
      changed = true
      continue
    }
    const member = value[name]
    const type = topology.fields.get(name) ?? topology.rest
    const rest = child && type ? removeItems(type, member, child) : member
    changed ||= rest !== member
    assign(kept, name, rest)
    count++
  }
  if (count === 0) return null
  return changed ? kept : value
}

/** Only the fields of `set`. Atomic and empty values are taken as they are; null stands for a map without any of them. */
export function takeItems(topology: Topology, value: unknown, set: FieldSet): unknown {
  switch (formOf(topology, atomOf(topology, value))) {
    case "scalar":
      return value
    case "list":
      if (!Array.isArray(value)) return null
      return value.length === 0 || topology.list!.kind === "atomic" ? value : takeListItems(topology.list!, value, set)
    case "map":
      if (!isMap(value)) return null
      return Object.keys(value).length === 0 || topology.map!.atomic ? value : takeMembers(topology.map!, value, set)
  }
}

function takeListItems(topology: ListTopology, value: readonly unknown[], set: FieldSet): unknown {
  const taken: unknown[] = []
  for (const item of value) {
    const child = set.items?.get(itemText(topology, item))
    if (child) taken.push(hasChildren(child) ? takeItems(topology.item, item, child) : item)
  }
  return taken.length > 0 ? taken : null
}

/** A member that is in the set itself is searched for the names of its siblings: so does the server's library. */
function takeMembers(topology: MapTopology, value: JsonMap, set: FieldSet): unknown {
  const taken: { [name: string]: unknown } = {}
  for (const name of Object.keys(value)) {
    const child = set.fields?.get(name)
    if (!child) continue
    const type = topology.fields.get(name) ?? topology.rest
    assign(taken, name, type ? takeItems(type, value[name], child.self ? set : child) : value[name])
  }
  return Object.keys(taken).length > 0 ? taken : null
}
