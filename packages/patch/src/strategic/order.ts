import { PatchError } from "../error.ts"
import { goText } from "../value/go.ts"
import { isMap, own, type JsonMap } from "../value/json.ts"
import { directive } from "./directive.ts"
import { asMap } from "./lookup.ts"

/** What tells an element apart: the value of the merge key, or the scalar itself when there is no merge key. */
export function keyOfElement(element: unknown, mergeKey: string): unknown {
  return mergeKey === "" ? element : mergeKeyOf(asMap(element), mergeKey)
}

/** The value of the merge key of an item. Throws `InvalidPatch` when it has none, or none that can be compared. */
export function mergeKeyOf(item: JsonMap, mergeKey: string): unknown {
  const value = own(item, mergeKey)
  if (value === undefined) {
    throw new PatchError("InvalidPatch", `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
  }
  if (typeof value === "object" && value !== null) {
    throw new PatchError("InvalidPatch", `the merge key ${mergeKey} must be a scalar`)
  }
  return value
}

/** True for an item that only says that the item of its key is to go. */
export function isDeletion(element: unknown): boolean {
  return isMap(element) && own(element, directive) === "delete"
}

/** First positions of elements by key. */
function positions(list: readonly unknown[], mergeKey: string): ReadonlyMap<unknown, number> {
  const found = new Map<unknown, number>()
  for (const [index, element] of list.entries()) {
    const key = keyOfElement(element, mergeKey)
    if (!found.has(key)) found.set(key, index)
  }
  return found
}

/** `list` in the relative order that its elements have in `order`; deletions come last. */
export function sortByOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): readonly unknown[] {
  const position = positions(order, mergeKey)
  const at = (element: unknown): number => position.get(keyOfElement(element, mergeKey)) ?? -1
  const kept = list.filter((element) => mergeKey === "" || !isDeletion(element))
  const deletions = mergeKey === "" ? [] : list.filter(isDeletion)
  for (const element of deletions) mergeKeyOf(asMap(element), mergeKey)
  return [...kept.toSorted((a, b) => at(a) - at(b)), ...deletions]
}

interface Partition {
  readonly inside: readonly unknown[]
  readonly outside: readonly unknown[]
}

/** The elements that `by` has, and the others. */
export function partition(list: readonly unknown[], by: readonly unknown[], mergeKey: string): Partition {
  const present = positions(by, mergeKey)
  const inside: unknown[] = []
  const outside: unknown[] = []
  for (const element of list) (present.has(keyOfElement(element, mergeKey)) ? inside : outside).push(element)
  return { inside, outside }
}

/** What `arrange` orders: which elements came with the patch, and the two orders to keep. */
export interface Arrangement {
  readonly patchItems: readonly unknown[]
  readonly serverItems: readonly unknown[]
  readonly patchOrder: readonly unknown[]
  readonly serverOrder: readonly unknown[]
}

/**
 * One list of both parts: each keeps its own order, and an element of the server stands before the first element of
 * the patch that follows it on the server.
 */
export function arrange(
  { patchItems, serverItems, patchOrder, serverOrder }: Arrangement,
  mergeKey: string,
): readonly unknown[] {
  const right = sortByOrder(patchItems, patchOrder, mergeKey)
  const left = sortByOrder(serverItems, serverOrder, mergeKey)
  const position = positions(serverOrder, mergeKey)
  const at = (element: unknown): number => position.get(keyOfElement(element, mergeKey)) ?? -1
  const all: unknown[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const l = at(left[i])
    const r = at(right[j])
    all.push(l >= 0 && r >= 0 && l < r ? left[i++] : right[j++])
  }
  return [...all, ...left.slice(i), ...right.slice(j)]
}
