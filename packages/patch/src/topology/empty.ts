import { assign, isMap, own, type JsonMap } from "../value/json.ts"
import type { Topology } from "./types.ts"

const known = new WeakMap<Topology, { readonly [name: string]: unknown }>()

/** The members of an empty struct; the same frozen object for the same type. */
export function emptyStruct(topology: Topology): { readonly [name: string]: unknown } {
  const cached = known.get(topology)
  if (cached) return cached
  const { structs = [], required = [], fields } = topology.map ?? {}
  const members: [string, unknown][] = [
    ...structs.map((name): [string, unknown] => [name, emptyStruct(fields!.get(name)!)]),
    ...required.map((name): [string, unknown] => [name, emptyScalar(fields?.get(name))]),
  ]
  const empty = Object.freeze(Object.fromEntries(members))
  known.set(topology, empty)
  return empty
}

/** Lists, maps and pointers are null when they are empty. */
function emptyScalar(type: Topology | undefined): unknown {
  if (type?.scalar === "string") return ""
  if (type?.scalar === "numeric") return 0
  return type?.scalar === "boolean" ? false : null
}

/**
 * `empty` with the nulls that `object` has at its place or in its structs. A built-in kind has a null only where Go
 * always writes the field, and then the empty object has it too; not all of these fields are marked in OpenAPI.
 */
export function withNulls(empty: JsonMap, object: JsonMap): JsonMap {
  let changed: { [name: string]: unknown } | undefined
  for (const name of Object.keys(object)) {
    const value = object[name]
    const before = own(empty, name)
    const after =
      value === null && before === undefined ? null : isMap(before) && isMap(value) ? withNulls(before, value) : before
    if (after !== before) assign((changed ??= { ...empty }), name, after)
  }
  return changed ?? empty
}
