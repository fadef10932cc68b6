import { compareBytes, equalJson } from "@gitops-toolkit/kube"
import { goText } from "../value/go.ts"
import type { JsonMap } from "../value/json.ts"
import type { DiffOptions } from "./diff-options.ts"
import { directive } from "./directive.ts"
import { asMap, elementType, mapType } from "./lookup.ts"
import { mergeKeyOf, sortByOrder } from "./order.ts"
import { compareGoTexts } from "./scalars.ts"

interface Lists {
  readonly original: readonly unknown[]
  readonly modified: readonly unknown[]
}

interface ListOptions {
  readonly options: DiffOptions
  /** The patch between two items of the same key. */
  readonly merge: (original: JsonMap, modified: JsonMap) => { [name: string]: unknown }
}

/** What a patch says of a merging list. */
export interface ListDifference {
  readonly items: readonly unknown[]
  /** Scalars that are gone (`$deleteFromPrimitiveList`); maps are deleted by items of their own. */
  readonly deleted: readonly unknown[]
  /** The order of all items (`$setElementOrder`); empty: not said. */
  readonly order: readonly unknown[]
}

const nothing: ListDifference = { items: [], deleted: [], order: [] }

/** What a patch must say to turn one merging list into another. */
export function diffLists(lists: Lists, mergeKey: string, more: ListOptions): ListDifference {
  const { original, modified } = lists
  if (original.length === 0) {
    return modified.length === 0 || !more.options.changes ? nothing : { ...nothing, items: modified }
  }
  return elementType(original, modified) === mapType
    ? diffItems(lists, mergeKey, more)
    : diffScalars(lists, mergeKey, more.options)
}

function diffItems(lists: Lists, mergeKey: string, more: ListOptions): ListDifference {
  const { options } = more
  const { original, modified } = lists
  const { changed, deletions } = matchItems(lists, mergeKey, more)
  const items = [...sortByOrder(changed, modified, mergeKey), ...deletions]
  const moved =
    original.length !== modified.length ||
    modified.some((item, i) => keyOf(original[i], mergeKey) !== keyOf(item, mergeKey))
  const told =
    options.order && ((options.changes && (items.length > 0 || moved)) || (options.deletions && items.length > 0))
  const order = told ? modified.map((item) => ({ [mergeKey]: keyOf(item, mergeKey) })) : []
  return { items, deleted: [], order }
}

function keyOf(item: unknown, mergeKey: string): unknown {
  return mergeKeyOf(asMap(item), mergeKey)
}

interface Matched {
  readonly changed: readonly unknown[]
  readonly deletions: readonly unknown[]
}

/** Walks both lists sorted by key; items of the same key are compared. */
function matchItems(lists: Lists, mergeKey: string, { options, merge }: ListOptions): Matched {
  const original = sortByKey(lists.original, mergeKey)
  const modified = sortByKey(lists.modified, mergeKey)
  const changed: unknown[] = []
  const deletions: unknown[] = []
  let o = 0
  let m = 0
  while (o < original.length || m < modified.length) {
    const before = original[o]
    const after = modified[m]
    const order = !before ? 1 : !after ? -1 : compareBytes(before.text, after.text)
    if (order === 0) {
      const patch = merge(before!.item, after!.item)
      if (Object.keys(patch).length > 0) changed.push({ ...patch, [mergeKey]: after!.key })
      o++
      m++
    } else if (order > 0) {
      if (options.changes) changed.push(after!.item)
      m++
    } else {
      if (options.deletions) deletions.push({ [mergeKey]: before!.key, [directive]: "delete" })
      o++
    }
  }
  return { changed, deletions }
}

function sortByKey(
  list: readonly unknown[],
  mergeKey: string,
): readonly { readonly item: JsonMap; readonly key: unknown; readonly text: string }[] {
  return list
    .map((item) => ({ item: asMap(item), key: keyOf(item, mergeKey), text: goText(keyOf(item, mergeKey)) }))
    .toSorted((a, b) => compareBytes(a.text, b.text))
}

function diffScalars({ original, modified }: Lists, mergeKey: string, options: DiffOptions): ListDifference {
  const before = original.toSorted(compareGoTexts)
  const after = modified.toSorted(compareGoTexts)
  const added: unknown[] = []
  const deleted: unknown[] = []
  let o = 0
  let m = 0
  while (o < before.length || m < after.length) {
    const order = o >= before.length ? 1 : m >= after.length ? -1 : compareGoTexts(before[o], after[m])
    if (order === 0) {
      o++
      m++
    } else if (order > 0) {
      if (options.changes) added.push(after[m])
      m++
    } else {
      if (options.deletions) deleted.push(before[o])
      o++
    }
  }
  const gone = [...new Set(deleted)]
  const told =
    options.order && ((options.deletions && gone.length > 0) || (options.changes && !equalJson(original, modified)))
  return { items: sortByOrder(added, modified, mergeKey), deleted: gone, order: told ? modified : [] }
}
