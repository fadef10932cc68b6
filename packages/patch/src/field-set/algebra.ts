import { hasChildren, nodeOf, type Children, type FieldSet } from "./node.ts"

type Combine = (a: FieldSet, b: FieldSet) => FieldSet | undefined

/** The paths of either set; one of the two where it holds all of them. */
export function unite(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const fields = uniteChildren(a.fields, b.fields)
  const items = uniteChildren(a.items, b.items)
  const self = a.self || b.self
  if (self === a.self && fields === a.fields && items === a.items) return a
  if (self === b.self && fields === b.fields && items === b.items) return b
  return { self, fields, items }
}

function uniteChildren(a: Children, b: Children): Children {
  if (a === b || b === undefined) return a
  if (a === undefined) return b
  let changed: Map<string, FieldSet> | undefined
  for (const [name, right] of b) {
    const left = a.get(name)
    const both = left === undefined ? right : unite(left, right)
    if (both !== left) (changed ??= new Map(a)).set(name, both)
  }
  return changed ?? a
}

/** The paths that both sets have; undefined: none. */
export function intersect(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a
  return nodeOf(a.self && b.self, intersectChildren(a.fields, b.fields), intersectChildren(a.items, b.items))
}

function intersectChildren(a: Children, b: Children): Children {
  if (a === b) return a
  if (a === undefined || b === undefined) return undefined
  let common: Map<string, FieldSet> | undefined
  for (const [name, left] of a) {
    const right = b.get(name)
    const both = right && intersect(left, right)
    if (both) (common ??= new Map()).set(name, both)
  }
  return common
}

/** The paths of `a` that are not themselves in `b`. */
export function subtract(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return subtractWith(a, b, subtract)
}

/** The paths of `a` that are neither in `b` nor below a path in `b`. */
export function subtractBelow(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return subtractWith(a, b, (left, right) => (right.self ? undefined : subtractBelow(left, right)))
}

function subtractWith(a: FieldSet, b: FieldSet, combine: Combine): FieldSet | undefined {
  const fields = subtractChildren(a.fields, b.fields, combine)
  const items = subtractChildren(a.items, b.items, combine)
  const self = a.self && !b.self
  if (self === a.self && fields === a.fields && items === a.items) return a
  return nodeOf(self, fields, items)
}

function subtractChildren(a: Children, b: Children, combine: Combine): Children {
  if (a === undefined || b === undefined) return a
  let rest: Map<string, FieldSet> | undefined
  const [few, many] = b.size < a.size ? [b, a] : [a, b]
  for (const name of few.keys()) {
    if (!many.has(name)) continue
    const left = a.get(name)!
    const kept = combine(left, b.get(name)!)
    if (kept === left) continue
    rest ??= new Map(a)
    if (kept) rest.set(name, kept)
    else rest.delete(name)
  }
  return rest ?? a
}

/** True when every path of `a` is in `b`. */
export function isSubset(a: FieldSet, b: FieldSet | undefined): boolean {
  if (a === b) return true
  if (b === undefined || (a.self && !b.self)) return false
  return isChildSubset(a.fields, b.fields) && isChildSubset(a.items, b.items)
}

function isChildSubset(a: Children, b: Children): boolean {
  if (a === b || a === undefined) return true
  if (b === undefined || a.size > b.size) return false
  for (const [name, left] of a) if (!isSubset(left, b.get(name))) return false
  return true
}

/** True when both hold the same paths. */
export function isSameSet(a: FieldSet, b: FieldSet | undefined): boolean {
  if (a === b) return true
  if (b === undefined || a.self !== b.self) return false
  return isSameChildren(a.fields, b.fields) && isSameChildren(a.items, b.items)
}

function isSameChildren(a: Children, b: Children): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.size !== b.size) return false
  for (const [name, left] of a) if (!isSameSet(left, b.get(name))) return false
  return true
}

/** The paths that have no other path of the set below them. */
export function leavesOf(set: FieldSet): FieldSet | undefined {
  if (!hasChildren(set)) return set
  return nodeOf(false, leafChildren(set.fields), leafChildren(set.items))
}

function leafChildren(children: Children): Children {
  if (children === undefined) return undefined
  const leaves = new Map<string, FieldSet>()
  for (const [name, child] of children) {
    const below = leavesOf(child)
    if (below) leaves.set(name, below)
  }
  return leaves
}
