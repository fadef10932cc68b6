import { PatchError } from "../error.ts"
import { memberText, scalarText } from "../field-set/element.ts"
import type { ListTopology, Topology } from "../topology/types.ts"
import { isMap, own } from "../value/json.ts"

/** Which of the forms of a type a value is taken for. `any` is a type of several forms whose value does not decide. */
export type Atom = "map" | "scalar" | "list" | "any"

/** A value decides among the forms of its type; null and absent values, and values of a wrong form, do not. */
export function atomOf(topology: Topology, value: unknown): Atom {
  const { scalar, list, map } = topology
  if (map === undefined) {
    if (list === undefined) return "scalar"
    if (scalar === undefined) return "list"
  } else if (list === undefined && scalar === undefined) return "map"
  if (value === null || value === undefined) return "any"
  if (typeof value !== "object") return scalar === undefined ? "any" : "scalar"
  if (Array.isArray(value)) return list === undefined ? "any" : "list"
  return map === undefined ? "any" : "map"
}

/** The form in which a value is walked: an undecided type prefers maps, then scalars. */
export function formOf(topology: Topology, atom: Atom): "map" | "scalar" | "list" {
  if (atom !== "any") return atom
  return topology.map ? "map" : topology.scalar ? "scalar" : "list"
}

/** The text that identifies a list item in a set (`k:{"name":"c"}`, `v:"x"`). Throws `InvalidObject` if it has none. */
export function itemText(list: ListTopology, item: unknown): string {
  if (list.kind === "atomic") throw new PatchError("InvalidObject", "invalid indexing of non-associative list")
  return list.kind === "map" ? keyedItemText(list, item) : valueItemText(item)
}

function keyedItemText(list: ListTopology, item: unknown): string {
  if (item === null || item === undefined) {
    throw new PatchError("InvalidObject", "associative list with keys may not have a null element")
  }
  if (!isMap(item)) {
    throw new PatchError("InvalidObject", "associative list with keys may not have non-map elements")
  }
  const { keys, keyDefaults } = list
  let text = ""
  for (const key of keys) {
    const given = own(item, key)
    const value = given === undefined ? keyDefaults.get(key) : given
    if (value !== undefined) text += text === "" ? memberText(key, value) : `,${memberText(key, value)}`
  }
  if (text === "" && keys.length > 0) {
    const names = keys.map((key) => JSON.stringify(key)).join(" ")
    throw new PatchError(
      "InvalidObject",
      `associative list with keys has an element that omits all key fields [${names}] ` +
        "(and doesn't have default values for any key fields)",
    )
  }
  return `k:{${text}}`
}

function valueItemText(item: unknown): string {
  if (isMap(item)) {
    throw new PatchError("InvalidObject", "associative list without keys has an element that's a map type")
  }
  if (Array.isArray(item)) {
    throw new PatchError("InvalidObject", "not supported: associative list with lists as elements")
  }
  if (item === null || item === undefined) {
    throw new PatchError("InvalidObject", "associative list without keys has an element that's an explicit null")
  }
  return `v:${scalarText(item)}`
}
