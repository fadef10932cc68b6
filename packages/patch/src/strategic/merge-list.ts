import { PatchError } from "../error.ts"
import { goText } from "../value/go.ts"
import { own, type JsonMap } from "../value/json.ts"
import { directive } from "./directive.ts"
import { asMap, elementType, mapType, type Field } from "./lookup.ts"
import { arrange, mergeKeyOf, partition } from "./order.ts"

type MergeItem = (original: JsonMap, patch: JsonMap) => JsonMap

interface Lists {
  readonly original: readonly unknown[]
  readonly patch: readonly unknown[]
}

/** A merged list, and the order of the server's list that a `$setElementOrder` around it goes by. */
export interface MergedList {
  readonly merged: readonly unknown[]
  readonly serverOrder: readonly unknown[]
}

/** Merges a list with the strategy `merge`: maps by their merge key, scalars as a set. */
export function mergeElements(field: Field, lists: Lists, merge: MergeItem): MergedList {
  if (lists.original.length + lists.patch.length === 0) return { merged: lists.original, serverOrder: lists.original }
  if (elementType(lists.original, lists.patch) !== mapType) return mergeScalars(field, lists)
  const { mergeKey } = field
  if (mergeKey === "") {
    throw new PatchError("InvalidPatch", "cannot merge lists without merge key for struct")
  }
  const { original, patch, memory } = applyItemDirectives(lists, mergeKey)
  const merged = mergeItems({ original, patch }, mergeKey, merge)
  const { inside, outside } = partition(merged, patch, mergeKey)
  const order = { patchItems: inside, serverItems: outside, patchOrder: patch, serverOrder: original }
  const serverOrder = memory.map((stale, i) => (i < merged.length ? merged[i] : stale))
  return { merged: arrange(order, mergeKey), serverOrder }
}

function mergeScalars({ mergeKey }: Field, { original, patch }: Lists): MergedList {
  const merged = [...new Set([...original, ...patch])]
  const { inside, outside } = partition(merged, patch, mergeKey)
  const order = { patchItems: inside, serverItems: outside, patchOrder: patch, serverOrder: original }
  return { merged: arrange(order, mergeKey), serverOrder: original }
}

/** Carries out the items that are directives: deletions by key, and `replace` for the list as a whole. */
function applyItemDirectives({ original, patch }: Lists, mergeKey: string): Directed {
  const gone: unknown[] = []
  const plain: unknown[] = []
  let replace = false
  for (const item of patch) {
    const map = asMap(item)
    switch (own(map, directive)) {
      case undefined:
        plain.push(item)
        break
      case "delete":
        gone.push(mergeKeyOf(map, mergeKey))
        break
      case "replace":
        replace = true
        break
      case "merge":
        throw new PatchError("InvalidPatch", "merging lists cannot yet be specified in the patch")
      default:
        throw new PatchError(
          "InvalidPatch",
          `unknown patch type: ${goText(own(map, directive))} in map: ${goText(map)}`,
        )
    }
  }
  if (replace) return { original: plain, patch: [], memory: original }
  return { ...deleteItems(original, gone, mergeKey), patch: plain }
}

interface Directed extends Lists {
  /**
   * The server's list as it lies in memory: deletions move the rest forward in place, and items that are added later
   * overwrite what is left behind. Go's slices share it, and so the order of elements shows it.
   */
  readonly memory: readonly unknown[]
}

function deleteItems(
  list: readonly unknown[],
  keys: readonly unknown[],
  mergeKey: string,
): { readonly original: readonly unknown[]; readonly memory: readonly unknown[] } {
  if (keys.length === 0) return { original: list, memory: list }
  const memory = [...list]
  let length = list.length
  for (const key of keys) {
    for (let i = 0; i < length;) {
      if (own(asMap(memory[i]), mergeKey) === key) memory.copyWithin(i, i + 1, length--)
      else i++
    }
  }
  return { original: memory.slice(0, length), memory }
}

function mergeItems({ original, patch }: Lists, mergeKey: string, merge: MergeItem): readonly unknown[] {
  const merged = [...original]
  const indexOf = new Map<unknown, number>()
  const remember = (item: unknown, index: number): void => {
    const key = own(asMap(item), mergeKey)
    if (key !== undefined && !indexOf.has(key)) indexOf.set(key, index)
  }
  for (const [index, item] of original.entries()) remember(item, index)
  for (const item of patch) {
    const map = asMap(item)
    const index = indexOf.get(mergeKeyOf(map, mergeKey))
    if (index === undefined) remember(item, merged.push(item) - 1)
    else merged[index] = merge(asMap(merged[index]), map)
  }
  return merged
}
