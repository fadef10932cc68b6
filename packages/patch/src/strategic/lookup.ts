import { PatchError } from "../error.ts"
import type { Topology } from "../topology.ts"
import { deducedTopology } from "../topology/deduced.ts"
import { goType } from "../value/go.ts"
import { isMap, type JsonMap } from "../value/json.ts"

/** How a strategic merge patch treats one field. */
export interface Field {
  /** The type of the map, or of the list's items. */
  readonly type: Topology
  readonly strategy: string
  readonly retainKeys: boolean
  readonly mergeKey: string
}

/** The field `name` of `type` as a map. Throws `InvalidPatch` for a field that the type does not have. */
export function mapField(type: Topology, name: string): Field {
  return fieldOf(fieldTopology(type, name), (field) => field)
}

/** The field `name` of `type` as a list. A schema may also leave out the list and name the type of its items. */
export function listField(type: Topology, name: string): Field {
  return fieldOf(fieldTopology(type, name), (field) =>
    field.map && field.map.fields.size > 0 ? field : (field.list?.item ?? deducedTopology),
  )
}

function fieldTopology(type: Topology, name: string): Topology {
  const field = type.map?.fields.get(name) ?? type.map?.rest
  if (field) return field
  const struct = type.name.slice(type.name.lastIndexOf(".") + 1)
  throw new PatchError(
    "InvalidPatch",
    `unable to find api field in struct ${struct} for the json field ${JSON.stringify(name)}`,
  )
}

function fieldOf(field: Topology, typeOf: (field: Topology) => Topology): Field {
  const strategies = field.patch?.strategies ?? []
  const others = strategies.filter((each) => each !== "retainKeys")
  if (others.length > 1) throw new PatchError("InvalidPatch", `unexpected patch strategy: [${strategies.join(" ")}]`)
  return {
    type: typeOf(field),
    strategy: others[0] ?? "",
    retainKeys: others.length < strategies.length,
    mergeKey: field.patch?.mergeKey ?? "",
  }
}

/** `value` as a map; throws `InvalidPatch` when it is none. */
export function asMap(value: unknown): JsonMap {
  if (isMap(value)) return value
  throw new PatchError("InvalidPatch", `expected a map[string]interface {}, but received a ${goType(value)}`)
}

/** `value` as a list; throws `InvalidPatch` when it is none. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new PatchError("InvalidPatch", `expected a []interface {}, but received a ${goType(value)}`)
}

/** The type that all elements share; throws `InvalidPatch` for lists of lists, of several types, and of nothing. */
export function elementType(...lists: readonly (readonly unknown[])[]): string {
  let type: string | undefined
  for (const list of lists) {
    for (const item of list) {
      const found = goType(item)
      if (type === undefined && found === "[]interface {}") {
        throw new PatchError("InvalidPatch", "lists of lists are not supported")
      }
      if (type !== undefined && type !== found) {
        throw new PatchError("InvalidPatch", "list element types are not identical")
      }
      type = found
    }
  }
  if (type === undefined) throw new PatchError("InvalidPatch", "no elements in any of the given slices")
  return type
}

/** The element type of lists of maps. */
export const mapType = "map[string]interface {}"
