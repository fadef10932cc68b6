import { equalJson, parseJson } from "@gitops-toolkit/kube"

type JsonMap = { readonly [field: string]: unknown }

/**
 * `value` without the fields of `fields` (in the notation of `fieldsV1`). A field with nothing below it goes whole;
 * of one that has something below only that goes, and a list's item that is itself named (`.`) goes whole.
 */
export function removeFields(value: unknown, fields: JsonMap): unknown {
  if (Array.isArray(value)) return removeItems(value, fields)
  if (!isMap(value)) return value
  const kept: [string, unknown][] = []
  for (const [name, item] of Object.entries(value)) {
    const below = Object.hasOwn(fields, `f:${name}`) ? fields[`f:${name}`] : undefined
    if (!isMap(below)) kept.push([name, item])
    else if (!goesWhole(below)) kept.push([name, removeFields(item, below)])
  }
  return Object.fromEntries(kept)
}

function removeItems(list: readonly unknown[], fields: JsonMap): unknown[] {
  const members = Object.entries(fields)
    .filter(([path]) => path.startsWith("k:") || path.startsWith("v:"))
    .map(([path, below]) => ({ isKey: path.startsWith("k:"), wanted: parseJson(path.slice(2)), below }))
  return list.flatMap((item) => {
    const member = members.find(({ isKey, wanted }) => (isKey ? hasKeys(item, wanted) : equalJson(item, wanted)))
    if (!member || !isMap(member.below)) return [item]
    return goesWhole(member.below) || Object.hasOwn(member.below, ".") ? [] : [removeFields(item, member.below)]
  })
}

function goesWhole(below: JsonMap): boolean {
  return Object.keys(below).length === 0
}

function hasKeys(item: unknown, keys: unknown): boolean {
  if (!isMap(item) || !isMap(keys)) return false
  return Object.keys(keys).every((key) => Object.hasOwn(item, key) && equalJson(item[key], keys[key]))
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
