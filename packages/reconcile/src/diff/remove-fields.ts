import { equalJson, parseJson } from "@gitops-toolkit/kube"
import { isMap, type JsonMap } from "./compare.ts"

/** Field sets in the notation of `fieldsV1`. */
export interface RemovedFields {
  /** What goes. */
  readonly freed: JsonMap
  /** What stays, since somebody owns it, wherever it is. */
  readonly kept: JsonMap
}

/**
 * `value` without the fields of `freed`, as server-side apply removes them: a field with everything below it, but for
 * what is in `kept`.
 */
export function removeFields(value: unknown, { freed, kept }: RemovedFields): unknown {
  if (Array.isArray(value)) return removeItems(value, { freed, kept })
  if (!isMap(value)) return value
  const left: [string, unknown][] = []
  for (const [name, item] of Object.entries(value)) {
    const fields = { freed: below(freed, `f:${name}`), kept: below(kept, `f:${name}`) }
    const stays = removeOne(item, fields)
    if (stays) left.push([name, stays.value])
  }
  return Object.fromEntries(left)
}

function removeItems(list: readonly unknown[], { freed, kept }: RemovedFields): unknown[] {
  const freedItems = membersOf(freed, { keys: false })
  const keptItems = membersOf(kept, { keys: true })
  return list.flatMap((item) => {
    const fields = { freed: freedItems(item), kept: keptItems(item) }
    const stays = removeOne(item, fields)
    return stays ? [stays.value] : []
  })
}

interface Below {
  readonly freed: JsonMap | undefined
  readonly kept: JsonMap | undefined
}

function removeOne(value: unknown, { freed, kept }: Below): { readonly value: unknown } | undefined {
  if (freed === undefined) return { value }
  const isFreed = isEmpty(freed) || Object.hasOwn(freed, ".")
  if (!isFreed) return { value: removeFields(value, { freed, kept: kept ?? {} }) }
  if (kept === undefined) return undefined
  return { value: isEmpty(kept) ? value : keepOnly(value, kept) }
}

function keepOnly(value: unknown, kept: JsonMap): unknown {
  if (Array.isArray(value)) {
    const members = membersOf(kept, { keys: true })
    return (value as readonly unknown[]).flatMap((item) => {
      const fields = members(item)
      return fields ? [isEmpty(fields) ? item : keepOnly(item, fields)] : []
    })
  }
  if (!isMap(value)) return value
  const left = Object.entries(value).flatMap(([name, item]) => {
    const fields = below(kept, `f:${name}`)
    return fields ? [[name, isEmpty(fields) ? item : keepOnly(item, fields)] as const] : []
  })
  return Object.fromEntries(left)
}

/** Finds what a list's field set says of an item; with `keys` the fields that make its key are in it as well. */
function membersOf(fields: JsonMap, { keys }: { readonly keys: boolean }): (item: unknown) => JsonMap | undefined {
  const members = Object.entries(fields)
    .filter(([path]) => path.startsWith("k:") || path.startsWith("v:"))
    .map(([path, value]) => ({ isKey: path.startsWith("k:"), wanted: parseJson(path.slice(2)), value }))
  return (item) => {
    const member = members.find(({ isKey, wanted }) => (isKey ? hasKeys(item, wanted) : equalJson(item, wanted)))
    if (!isMap(member?.value)) return undefined
    if (!keys || !member.isKey || isEmpty(member.value) || !isMap(member.wanted)) return member.value
    return { ...Object.fromEntries(Object.keys(member.wanted).map((key) => [`f:${key}`, {}])), ...member.value }
  }
}

function below(fields: JsonMap, path: string): JsonMap | undefined {
  const value = Object.hasOwn(fields, path) ? fields[path] : undefined
  return isMap(value) ? value : undefined
}

function isEmpty(fields: JsonMap): boolean {
  return Object.keys(fields).length === 0
}

function hasKeys(item: unknown, keys: unknown): boolean {
  if (!isMap(item) || !isMap(keys)) return false
  return Object.keys(keys).every((key) => Object.hasOwn(item, key) && equalJson(item[key], keys[key]))
}
