/**
 * A set of paths into an object: who owns what. A tree that shares structure and is never changed; `self` tells
 * whether the path to this node is in the set. Opaque: use the functions of this module's package.
 *
 * Members of maps are kept by name, items of lists by their text in `fieldsV1` (`k:{"name":"c"}`, `v:"x"`, `i:0`).
 */
export interface FieldSet {
  readonly self: boolean
  readonly fields: ReadonlyMap<string, FieldSet> | undefined
  readonly items: ReadonlyMap<string, FieldSet> | undefined
}

/** The nodes below a node; undefined: none. */
export type Children = ReadonlyMap<string, FieldSet> | undefined

/** The set without any path. */
export const emptyFieldSet: FieldSet = { self: false, fields: undefined, items: undefined }

/** The node of a path that is in the set and has nothing below. Shared, so that equality is often identity. */
export const leaf: FieldSet = { self: true, fields: undefined, items: undefined }

/** True when there are paths below the node. */
export function hasChildren(set: FieldSet): boolean {
  return set.fields !== undefined || set.items !== undefined
}

/** A node, or undefined when it would hold no path: sets never keep empty branches. */
export function nodeOf(self: boolean, fields: Children, items: Children): FieldSet | undefined {
  const someFields = fields !== undefined && fields.size > 0 ? fields : undefined
  const someItems = items !== undefined && items.size > 0 ? items : undefined
  if (someFields === undefined && someItems === undefined) return self ? leaf : undefined
  return { self, fields: someFields, items: someItems }
}

/** `set` with its own path in it. */
export function withSelf(set: FieldSet | undefined): FieldSet {
  if (set === undefined) return leaf
  return set.self ? set : { self: true, fields: set.fields, items: set.items }
}

/** Collects the children of a node that is being built. */
export interface Growing {
  fields: Map<string, FieldSet> | undefined
  items: Map<string, FieldSet> | undefined
}

/** Adds a member of a map, unless there is nothing of it. */
export function grow(into: Growing, name: string, child: FieldSet | undefined): void {
  if (child !== undefined) (into.fields ??= new Map()).set(name, child)
}

/** Adds a list item, unless there is nothing of it. */
export function growItem(into: Growing, text: string, child: FieldSet | undefined): void {
  if (child !== undefined) (into.items ??= new Map()).set(text, child)
}
