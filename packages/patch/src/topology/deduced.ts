import type { Topology } from "./types.ts"

interface Draft {
  list?: Topology["list"]
  map?: Topology["map"]
}

function guess(name: string, deduced: boolean): Topology & Draft {
  return { name, scalar: "untyped", list: undefined, map: undefined, format: undefined, patch: undefined, deduced }
}

function createDeduced(): { readonly deduced: Topology; readonly untyped: Topology } {
  const atomic: Draft & Topology = guess("__untyped_atomic_", false)
  const deduced: Draft & Topology = guess("__untyped_deduced_", true)
  const none = new Map<string, never>()
  const list = { kind: "atomic", keys: [], keyDefaults: none, item: atomic } as const
  Object.assign(atomic, { list, map: { atomic: true, fields: none, rest: atomic, structs: [], required: [] } })
  Object.assign(deduced, { list, map: { atomic: false, fields: none, rest: deduced, structs: [], required: [] } })
  return { deduced, untyped: atomic }
}

const guesses = /* @__PURE__ */ createDeduced()

/** The topology of anything without a schema: maps are granular, lists are atomic, every field may exist. */
export const deducedTopology: Topology = guesses.deduced

/** The item of a list about which nothing is known: one value as a whole, whatever it is. */
export const untypedItem: Topology = guesses.untyped
