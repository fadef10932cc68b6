import { equalJson } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import type { Topology } from "../topology.ts"
import { goText } from "../value/go.ts"
import { isMap, own, type JsonMap } from "../value/json.ts"
import { directive, retainKeys } from "./directive.ts"
import { asMap, elementType, listField, mapField, mapType, type Field } from "./lookup.ts"
import { compareGoTexts } from "./scalars.ts"

/** True when two patches set a field to different values. */
export function haveConflicts(type: Topology, left: JsonMap, right: JsonMap): boolean {
  for (const name of Object.keys(left)) {
    if (name === directive || name === retainKeys) continue
    const a = own(left, name)
    const b = own(right, name)
    if (b === undefined) continue
    const field = Array.isArray(a) ? listField(type, name) : isMap(a) ? mapField(type, name) : undefined
    if (conflict(a, b, field)) return true
  }
  return false
}

function conflict(left: unknown, right: unknown, field: Field | undefined): boolean {
  if (isMap(left)) {
    if (!isMap(right) || own(left, directive) !== own(right, directive)) return true
    return field?.strategy !== "replace" && field !== undefined && haveConflicts(field.type, left, right)
  }
  if (Array.isArray(left)) return !Array.isArray(right) || listConflict(left, right, field)
  return !equalJson(left, right)
}

function listConflict(left: readonly unknown[], right: readonly unknown[], field: Field | undefined): boolean {
  const maps = elementType(left, right) === mapType
  const plain = field && { ...field, strategy: "", mergeKey: "" }
  if (field?.strategy === "merge") {
    if (!maps) return false // lists of scalars that merge cannot contradict each other
    const others = byKey(right, field.mergeKey)
    return [...byKey(left, field.mergeKey)].some(
      ([key, item]) => others.has(key) && conflict(item, others.get(key), plain),
    )
  }
  if (left.length !== right.length) return true
  const a = maps ? left : left.toSorted(compareGoTexts)
  const b = maps ? right : right.toSorted(compareGoTexts)
  return a.some((item, i) => conflict(item, b[i], plain))
}

function byKey(list: readonly unknown[], mergeKey: string): ReadonlyMap<string, JsonMap> {
  const items = new Map<string, JsonMap>()
  for (const item of list) {
    const map = asMap(item)
    const key = own(map, mergeKey)
    if (key === undefined) {
      throw new PatchError("InvalidPatch", `cannot find merge key ${mergeKey} in merging list element:${goText(map)}`)
    }
    items.set(goText(key), map)
  }
  return items
}
