import { equalJson } from "@gitops-toolkit/kube"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { assign, isEmptyMap, isMap, own, type JsonMap } from "../value/json.ts"
import { atomOf, formOf } from "./atom.ts"
import { mergeItems } from "./merge-list.ts"

/**
 * `right` merged over `left`, leaf by leaf. Absent (undefined) on one side gives the other; null on the right replaces
 * scalars and atomic values, but no map or list that has members. Gives `left` itself where the result equals it.
 */
export function mergeAt(topology: Topology, left: unknown, right: unknown): unknown {
  if (left === right || right === undefined) return left
  if (left === undefined) return right
  switch (formOf(topology, atomOf(topology, right))) {
    case "scalar":
      return keepRight(left, right)
    case "map":
      return mergeMaps(topology.map!, left, right)
    case "list":
      return mergeLists(topology.list!, left, right)
  }
}

function keepRight(left: unknown, right: unknown): unknown {
  return equalJson(left, right) ? left : right
}

function mergeMaps(topology: MapTopology, left: unknown, right: unknown): unknown {
  const leftMap = isMap(left) && !isEmptyMap(left) ? left : undefined
  const rightMap = isMap(right) && !isEmptyMap(right) ? right : undefined
  if (topology.atomic || (!leftMap && !rightMap)) return keepRight(left, right)
  if (!rightMap) return leftMap
  return leftMap ? mergeMembers(topology, leftMap, rightMap) : rightMap
}

function mergeMembers(topology: MapTopology, left: JsonMap, right: JsonMap): JsonMap {
  let changed: { [name: string]: unknown } | undefined
  for (const name of Object.keys(right)) {
    const before = own(left, name)
    const type = topology.fields.get(name) ?? topology.rest
    const after = type ? mergeAt(type, before, right[name]) : right[name]
    if (after === before) continue
    changed ??= { ...left }
    assign(changed, name, after)
  }
  return changed ?? left
}

function mergeLists(topology: ListTopology, left: unknown, right: unknown): unknown {
  const leftList: readonly unknown[] = Array.isArray(left) ? left : []
  const rightList: readonly unknown[] = Array.isArray(right) ? right : []
  if (topology.kind === "atomic" || leftList.length + rightList.length === 0) return keepRight(left, right)
  if (rightList.length === 0) return leftList
  const merge = (before: unknown, after: unknown): unknown => mergeAt(topology.item, before, after)
  return mergeItems(topology, { left: leftList, right: rightList }, merge)
}
