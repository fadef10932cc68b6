import type { Topology } from "./types.ts"

const known = new WeakMap<Topology, { readonly [name: string]: unknown }>()

/** The members of an empty struct; the same frozen object for the same type. */
export function emptyStruct(topology: Topology): { readonly [name: string]: unknown } {
  const cached = known.get(topology)
  if (cached) return cached
  const members = (topology.map?.required ?? []).map((name): [string, unknown] => {
    const field = topology.map?.fields.get(name)
    return [name, field ? emptyValue(field) : null]
  })
  const empty = Object.freeze(Object.fromEntries(members))
  known.set(topology, empty)
  return empty
}

function emptyValue(type: Topology): unknown {
  if (type.map && !type.scalar) return type.map.fields.size > 0 ? emptyStruct(type) : null
  if (type.scalar === "string") return ""
  if (type.scalar === "numeric") return 0
  return type.scalar === "boolean" ? false : null
}
