import { PatchError } from "../error.ts"
import { elementText } from "../field-set/path.ts"
import { itemElement } from "../field-set/element.ts"
import type { ListTopology } from "../topology/types.ts"
import { itemText } from "./atom.ts"

type MergeItem = (left: unknown, right: unknown) => unknown

interface Lists {
  readonly left: readonly unknown[]
  readonly right: readonly unknown[]
}

/**
 * Merges two sets or keyed lists. Items of both sides come in the order of the right one; items of the left only keep
 * their place among their neighbours. Throws `InvalidObject` when an item stands twice on the right.
 */
export function mergeItems(topology: ListTopology, { left, right }: Lists, merge: MergeItem): readonly unknown[] {
  const leftTexts = left.map((item) => itemText(topology, item))
  const rightTexts = right.map((item) => itemText(topology, item))
  const rightIndex = indexRight(rightTexts)
  if (sameItems(leftTexts, rightTexts)) return mergeInPlace({ left, right }, merge)
  const leftItem = indexLeft(left, leftTexts)
  const merged: unknown[] = []
  for (const step of interleave({ leftTexts, rightTexts, rightIndex, leftItem })) {
    const item =
      step.from === "left" ? left[step.index] : merge(leftItem.get(rightTexts[step.index]!), right[step.index])
    if (item !== undefined) merged.push(item)
  }
  return sameItems(merged, left) ? left : merged
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function indexRight(texts: readonly string[]): ReadonlyMap<string, number> {
  const index = new Map<string, number>()
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!
    if (index.has(text)) {
      throw new PatchError("InvalidObject", `duplicate entries for key ${elementText(itemElement(text))}`)
    }
    index.set(text, i)
  }
  return index
}

/** Items that stand twice on the left are merged with nothing: null takes their place. */
function indexLeft(list: readonly unknown[], texts: readonly string[]): ReadonlyMap<string, unknown> {
  const items = new Map<string, unknown>()
  for (let i = 0; i < texts.length; i++) items.set(texts[i]!, items.has(texts[i]!) ? null : list[i])
  return items
}

function mergeInPlace({ left, right }: Lists, merge: MergeItem): readonly unknown[] {
  const merged = right.map((item, i) => merge(left[i], item))
  return sameItems(merged, left) ? left : merged
}

interface Interleaving {
  readonly leftTexts: readonly string[]
  readonly rightTexts: readonly string[]
  readonly rightIndex: ReadonlyMap<string, number>
  readonly leftItem: ReadonlyMap<string, unknown>
}

interface Step {
  readonly from: "left" | "right"
  readonly index: number
}

/**
 * The order of the merged list. `next` is the shared item that comes next on the right: on the way to it, items of the
 * left only are taken, and shared items that come later on the right are passed over.
 */
function* interleave({ leftTexts, rightTexts, rightIndex, leftItem }: Interleaving): Generator<Step> {
  const shared = rightTexts.filter((text) => leftItem.has(text))
  const done = new Set<string>()
  let next = 0
  let l = 0
  let r = 0
  while (l < leftTexts.length || r < rightTexts.length) {
    if (l < leftTexts.length && r < rightTexts.length) {
      const text = leftTexts[l]!
      if (text === rightTexts[r]) {
        done.add(text)
        yield { from: "right", index: r++ }
        l++
        next++
        continue
      }
      if (rightIndex.has(text) && next < shared.length && shared[next] !== text) {
        l++
        continue
      }
    }
    if (l < leftTexts.length) {
      const text = leftTexts[l]!
      if (!rightIndex.has(text)) {
        yield { from: "left", index: l++ }
        continue
      }
      if (done.has(text)) l++
    }
    if (r < rightTexts.length) {
      const text = rightTexts[r]!
      done.add(text)
      yield { from: "right", index: r++ }
      if (next < shared.length && shared[next] === text) next++
    }
  }
}
