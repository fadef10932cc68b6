import { compareBytes } from "@gitops-toolkit/kube"
import type { Topology } from "../topology.ts"
import { goText } from "../value/go.ts"
import { assign, isMap, own, type JsonMap } from "../value/json.ts"
import { deleteFromPrimitiveList, directive, retainKeys, setElementOrder } from "./directive.ts"
import { asMap, elementType, listField, mapField, mapType, type Field } from "./lookup.ts"
import { compareGoTexts } from "./scalars.ts"

/** A map or patch with all merging lists sorted by key, so that two can be compared without regard to their order. */
export function sortMergeLists(type: Topology, map: JsonMap): JsonMap {
  const sorted: { [name: string]: unknown } = {}
  for (const name of Object.keys(map)) assign(sorted, name, sortMember(type, name, map[name]))
  return sorted
}

function sortMember(type: Topology, name: string, value: unknown): unknown {
  if (name === retainKeys || name.startsWith(deleteFromPrimitiveList)) {
    return (value as readonly unknown[]).toSorted(compareGoTexts)
  }
  if (name.startsWith(setElementOrder) || name === directive) return value
  if (isMap(value)) return sortMergeLists(mapField(type, name).type, value)
  if (!Array.isArray(value)) return value
  const field = listField(type, name)
  return field.strategy === "merge" ? sortList(field, value) : value
}

function sortList({ type, mergeKey }: Field, list: readonly unknown[]): readonly unknown[] {
  if (list.length === 0) return list
  if (elementType(list) !== mapType) return [...new Set(list)].toSorted(compareGoTexts)
  const keyOf = (item: unknown): string => goText(own(asMap(item), mergeKey))
  return list.map((item) => sortMergeLists(type, asMap(item))).toSorted((a, b) => compareBytes(keyOf(a), keyOf(b)))
}
