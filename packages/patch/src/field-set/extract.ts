import { equalJson } from "@gitops-toolkit/kube"
import { isList, isMap, own, type JsonMap } from "../value/json.ts"
import { itemElement, type PathElement } from "./element.ts"
import type { FieldSet } from "./node.ts"

/**
 * The part of `value` that `set` names, found without a topology: the keys of list items are in the set itself.
 * Undefined when nothing of it is there. Structure is shared where everything below is taken.
 */
export function extractAt(value: unknown, set: FieldSet): unknown {
  if (set.fields === undefined && set.items === undefined) return value
  if (isMap(value)) return extractMap(value, set)
  if (isList(value)) return extractList(value, set)
  return set.self ? value : undefined
}

function extractMap(value: JsonMap, { fields, self }: FieldSet): unknown {
  const entries: [string, unknown][] = []
  for (const [name, child] of fields ?? []) {
    const member = own(value, name)
    const part = member === undefined ? undefined : extractAt(member, child)
    if (part !== undefined) entries.push([name, part])
  }
  return entries.length > 0 || self ? Object.fromEntries(entries) : undefined
}

function extractList(value: readonly unknown[], { items, self }: FieldSet): unknown {
  const parts: { readonly index: number; readonly part: unknown }[] = []
  for (const [text, child] of items ?? []) {
    const element = itemElement(text)
    const index = findItem(value, element)
    if (index < 0) continue
    const part = extractAt(value[index], child)
    if (part !== undefined) parts.push({ index, part: withKeys(part, element) })
  }
  if (parts.length === 0 && !self) return undefined
  return parts.sort((a, b) => a.index - b.index).map(({ part }) => part)
}

/** A part of a keyed item always names the item it is of. */
function withKeys(part: unknown, element: PathElement): unknown {
  if (element.type !== "key" || !isMap(part)) return part
  return { ...Object.fromEntries(element.fields.filter(([name]) => own(part, name) === undefined)), ...part }
}

function findItem(list: readonly unknown[], element: PathElement): number {
  if (element.type === "index") return element.index < list.length ? element.index : -1
  if (element.type === "value") return list.findIndex((item) => equalJson(item, element.value))
  if (element.type !== "key") return -1
  return list.findIndex(
    (item) => isMap(item) && element.fields.every(([name, value]) => equalJson(own(item, name), value)),
  )
}
