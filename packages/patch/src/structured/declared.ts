import type { Children, FieldSet } from "../field-set/node.ts"
import type { Topology } from "../topology/types.ts"

/**
 * `set` with every declared field that leads to a path of the set made a path itself: owning something below a struct
 * field keeps the field. Members of free maps and list items are not added.
 */
export function withDeclaredFields(topology: Topology | undefined, set: FieldSet): FieldSet {
  const fields = changeChildren(set.fields, (name, child) => {
    const declared = topology?.map?.fields.get(name)
    const below = withDeclaredFields(declared ?? topology?.map?.rest, child)
    return declared && !below.self && (below.fields ?? below.items) ? { ...below, self: true } : below
  })
  const items = changeChildren(set.items, (text, child) =>
    withDeclaredFields(text.startsWith("k:") ? topology?.list?.item : undefined, child),
  )
  return fields === set.fields && items === set.items ? set : { self: set.self, fields, items }
}

function changeChildren(children: Children, change: (name: string, child: FieldSet) => FieldSet): Children {
  let changed: Map<string, FieldSet> | undefined
  for (const [name, child] of children ?? []) {
    const after = change(name, child)
    if (after !== child) (changed ??= new Map(children)).set(name, after)
  }
  return changed ?? children
}
