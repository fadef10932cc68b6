import { leaf, type Children, type FieldSet } from "../field-set/node.ts"
import type { ListTopology, MapTopology, Topology } from "../topology/types.ts"
import { formOf } from "./atom.ts"

/**
 * `set` brought to the present topology: where a list or map has become atomic, whoever owned something in it owns
 * the whole. (From atomic to granular nothing is to be done.) Gives `set` itself when nothing changed.
 */
export function reconcileFieldSet(topology: Topology, set: FieldSet): FieldSet {
  return reconcileAt(topology, set, true)
}

/** `root`: the set of a whole object, which has no path of its own. */
function reconcileAt(topology: Topology, set: FieldSet, root: boolean): FieldSet {
  const below = set.fields !== undefined || set.items !== undefined
  switch (formOf(topology, "any")) {
    case "scalar":
      return set
    case "list":
      if (topology.list!.kind === "atomic") return below && !root ? leaf : set
      return reconcileList(topology.list!, set)
    case "map":
      if (isGuessed(topology.map!)) return set
      if (topology.map!.atomic) return below && !root ? leaf : set
      return reconcileMap(topology.map!, set)
  }
}

/** Types that are guessed from values know nothing of atomic maps. */
function isGuessed({ fields, rest }: MapTopology): boolean {
  return fields.size === 0 && rest?.deduced === true
}

function reconcileList({ item }: ListTopology, set: FieldSet): FieldSet {
  return reconcileBelow(set, () => item, item)
}

function reconcileMap({ fields, rest }: MapTopology, set: FieldSet): FieldSet {
  return reconcileBelow(set, (name) => fields.get(name) ?? rest, rest)
}

/** Sets may hold fields where a list is now, and items where a map is. */
function reconcileBelow(
  set: FieldSet,
  fieldType: (name: string) => Topology | undefined,
  itemType: Topology | undefined,
): FieldSet {
  const fields = reconcileChildren(set.fields, fieldType)
  const items = reconcileChildren(set.items, () => itemType)
  return fields === set.fields && items === set.items ? set : { self: set.self, fields, items }
}

function reconcileChildren(children: Children, typeOf: (name: string) => Topology | undefined): Children {
  let changed: Map<string, FieldSet> | undefined
  for (const [name, child] of children ?? []) {
    const type = typeOf(name)
    const after = type ? reconcileAt(type, child, false) : child
    if (after !== child) (changed ??= new Map(children)).set(name, after)
  }
  return changed ?? children
}
