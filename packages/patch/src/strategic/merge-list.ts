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

/** Merges a list with the strategy `merge`: maps by their merge key, scalars as a set. */
export function mergeElements(field: Field, lists: Lists, merge: MergeItem): readonly unknown[] {
  if (lists.original.length + lists.patch.length === 0) return lists.original
  if (elementType(lists.original, lists.patch) !== mapType) return mergeScalars(field, lists)
  const { mergeKey } = field
  if (mergeKey === "") {
    throw new PatchError("InvalidPatch", "cannot merge lists without merge key for struct")
  }
  const { original, patch } = applyItemDirectives(lists, mergeKey)
  const merged = mergeItems({ original, patch }, mergeKey, merge)
  const { inside, outside } = partition(merged, patch, mergeKey)
  const order = { patchItems: inside, serverItems: outside, patchOrder: patch, serverOrder: original }
  return arrange(order, mergeKey)
}

function mergeScalars({ mergeKey }: Field, { original, patch }: Lists): readonly unknown[] {
  const merged = [...new Set([...original, ...patch])]
  const { inside, outside } = partition(merged, patch, mergeKey)
  return arrange({ patchItems: inside, serverItems: outside, patchOrder: patch, serverOrder: original }, mergeKey)
}

/** Carries out the items that are directives: deletions by key, and `replace` for the list as a whole. */
function applyItemDirectives({ original, patch }: Lists, mergeKey: string): Lists {
  const gone = new Set<unknown>()
  const plain: unknown[] = []
  let replace = false
  for (const item of patch) {
    const map = asMap(item)
    switch (own(map, directive)) {
      case undefined:
        plain.push(item)
        break
      case "delete":
        gone.add(mergeKeyOf(map, mergeKey))
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
  if (replace) return { original: plain, patch: [] }
  if (gone.size === 0) return { original, patch: plain }
  return { original: original.filter((item) => !gone.has(own(asMap(item), mergeKey))), patch: plain }
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
