import { equalJson } from "@gitops-toolkit/kube"
import { unite } from "../field-set/algebra.ts"
import { leaf, nodeOf, withSelf, grow, growItem, type FieldSet, type Growing } from "../field-set/node.ts"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { isEmptyMap, isMap, own, type JsonMap } from "../value/json.ts"
import { atomOf, formOf, itemText } from "./atom.ts"

/** Which fields differ, each as the set below one place of the object; undefined: none. */
export interface Difference {
  readonly removed: FieldSet | undefined
  readonly modified: FieldSet | undefined
  readonly added: FieldSet | undefined
}

const same: Difference = { removed: undefined, modified: undefined, added: undefined }
const addedLeaf: Difference = { ...same, added: leaf }
const removedLeaf: Difference = { ...same, removed: leaf }
const modifiedLeaf: Difference = { ...same, modified: leaf }

/** What `right` removes, changes and adds compared with `left`; at least one of them is present. */
export function compareAt(topology: Topology, left: unknown, right: unknown): Difference {
  if (left === right) return same
  const leftAtom = atomOf(topology, left)
  const rightAtom = atomOf(topology, right)
  if (right === undefined) return compareAs(topology, { left, right }, formOf(topology, leftAtom))
  const difference = compareAs(topology, { left, right }, formOf(topology, rightAtom))
  if (left === undefined || leftAtom === rightAtom) return difference
  return both(compareAs(topology, { left, right }, formOf(topology, leftAtom)), difference)
}

/** A value that changed its form: what it was is removed, what it is now is added. */
function both(a: Difference, b: Difference): Difference {
  const either = (x: FieldSet | undefined, y: FieldSet | undefined): FieldSet | undefined =>
    x === undefined ? y : y === undefined ? x : unite(x, y)
  return {
    removed: either(a.removed, b.removed),
    modified: either(a.modified, b.modified),
    added: either(a.added, b.added),
  }
}

interface Sides {
  readonly left: unknown
  readonly right: unknown
}

function compareAs(topology: Topology, sides: Sides, form: "map" | "scalar" | "list"): Difference {
  if (form === "scalar") return compareLeaves(sides)
  return form === "map" ? compareMaps(topology.map!, sides) : compareLists(topology.list!, sides)
}

function compareLeaves({ left, right }: Sides): Difference {
  if (left === undefined) return addedLeaf
  if (right === undefined) return removedLeaf
  return equalJson(left, right) ? same : modifiedLeaf
}

/** A whole subtree that came or went takes its own path along. */
function closed(into: Building, { left, right }: Sides): Difference {
  const removed = nodeOf(false, into.removed.fields, into.removed.items)
  const modified = nodeOf(false, into.modified.fields, into.modified.items)
  const added = nodeOf(false, into.added.fields, into.added.items)
  if (left === undefined) return { removed, modified, added: withSelf(added) }
  if (right === undefined) return { removed: withSelf(removed), modified, added }
  return removed || modified || added ? { removed, modified, added } : same
}

interface Building {
  readonly removed: Growing
  readonly modified: Growing
  readonly added: Growing
}

function building(): Building {
  const growing = (): Growing => ({ fields: undefined, items: undefined })
  return { removed: growing(), modified: growing(), added: growing() }
}

function compareMaps(topology: MapTopology, sides: Sides): Difference {
  const left = isMap(sides.left) && !isEmptyMap(sides.left) ? sides.left : undefined
  const right = isMap(sides.right) && !isEmptyMap(sides.right) ? sides.right : undefined
  if (topology.atomic || (!left && !right)) return compareLeaves(sides)
  const into = building()
  if (left) for (const name of Object.keys(left)) addMember(into, topology, { name, left, right })
  if (right) {
    for (const name of Object.keys(right)) {
      if (left && own(left, name) !== undefined) continue
      addMember(into, topology, { name, left: undefined, right })
    }
  }
  return closed(into, sides)
}

interface Member {
  readonly name: string
  readonly left: JsonMap | undefined
  readonly right: JsonMap | undefined
}

function addMember(into: Building, topology: MapTopology, { name, left, right }: Member): void {
  const before = left && own(left, name)
  const after = right && own(right, name)
  if (before === after) return
  const type = topology.fields.get(name) ?? topology.rest
  const difference = type ? compareAt(type, before, after) : compareLeaves({ left: before, right: after })
  if (difference === same) return
  grow(into.removed, name, difference.removed)
  grow(into.modified, name, difference.modified)
  grow(into.added, name, difference.added)
}

function compareLists(topology: ListTopology, sides: Sides): Difference {
  const left: readonly unknown[] = Array.isArray(sides.left) ? sides.left : []
  const right: readonly unknown[] = Array.isArray(sides.right) ? sides.right : []
  if (topology.kind === "atomic" || left.length + right.length === 0) return compareLeaves(sides)
  const leftItems = itemsByText(topology, left)
  const rightItems = itemsByText(topology, right)
  const into = building()
  for (const [text, items] of leftItems) {
    addItem(into, topology, { text, left: items, right: rightItems.get(text) ?? [] })
  }
  for (const [text, items] of rightItems) {
    if (!leftItems.has(text)) addItem(into, topology, { text, left: [], right: items })
  }
  return closed(into, sides)
}

function itemsByText(topology: ListTopology, list: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const items = new Map<string, unknown[]>()
  for (const item of list) {
    const text = itemText(topology, item)
    const known = items.get(text)
    if (known) known.push(item)
    else items.set(text, [item])
  }
  return items
}

interface Items {
  readonly text: string
  readonly left: readonly unknown[]
  readonly right: readonly unknown[]
}

/** Items that stand twice on a side are one atomic thing there: they come, go and change as a whole. */
function addItem(into: Building, topology: ListTopology, { text, left, right }: Items): void {
  const difference = compareItems(topology, { text, left, right })
  growItem(into.removed, text, difference.removed)
  growItem(into.modified, text, difference.modified)
  growItem(into.added, text, difference.added)
}

function compareItems(topology: ListTopology, { left, right }: Items): Difference {
  if (left.length <= 1 && right.length <= 1) return compareAt(topology.item, left[0], right[0])
  if (left.length > 1 && right.length > 1) return equalJson(left, right) ? same : modifiedLeaf
  if (left.length > 1) {
    const single = right.length === 0 ? same : compareAt(topology.item, undefined, right[0])
    return { ...single, removed: withSelf(single.removed) }
  }
  const single = left.length === 0 ? same : compareAt(topology.item, left[0], undefined)
  return { ...single, added: withSelf(single.added) }
}
