import {
  deducedTopology,
  type ListTopology,
  type MapTopology,
  type ScalarKind,
  type Topology,
} from "@gitops-toolkit/patch"

/** Structured merge's own schemas, as in `smd-schemas.json`. */
export interface SmdSchema {
  readonly types: readonly (SmdAtom & { readonly name: string })[]
}

interface SmdAtom {
  readonly scalar?: ScalarKind
  readonly list?: {
    readonly elementType?: SmdRef
    readonly elementRelationship?: string
    readonly keys?: readonly string[]
  }
  readonly map?: {
    readonly fields?: readonly { readonly name: string; readonly type: SmdRef; readonly default?: unknown }[]
    readonly elementType?: SmdRef
    readonly elementRelationship?: string
  }
}

interface SmdRef extends SmdAtom {
  readonly namedType?: string
  readonly elementRelationship?: string
}

type Draft = { -readonly [Field in keyof Topology]: Topology[Field] }

/** Where a case finds its type. */
export type TypeRef = { readonly deduced: true } | { readonly schema: string; readonly type: string }

/** The topology that a case's type stands for; the same object for the same type. */
export function createTypes(schemas: { readonly [key: string]: SmdSchema }): (ref: TypeRef) => Topology {
  const known = new Map<string, Map<string, Topology>>()
  return (ref) => {
    if ("deduced" in ref) return deducedTopology
    const made = known.get(ref.schema) ?? new Map<string, Topology>()
    known.set(ref.schema, made)
    const topology = named(schemas[ref.schema]!, ref.type, made)
    if (!topology) throw new Error(`no type ${ref.type} in ${ref.schema}`)
    return topology
  }
}

function named(schema: SmdSchema, name: string, made: Map<string, Topology>): Topology | undefined {
  const known = made.get(name)
  if (known) return known
  if (name === "__untyped_deduced_") return deducedTopology
  if (name === "__untyped_atomic_") return deducedTopology.list!.item
  const type = schema.types.find((each) => each.name === name)
  if (!type) return undefined
  const draft = empty(name)
  made.set(name, draft)
  fill(draft, type, { schema, made })
  return draft
}

function empty(name: string): Draft {
  return {
    name,
    scalar: undefined,
    list: undefined,
    map: undefined,
    format: undefined,
    patch: undefined,
    deduced: false,
  }
}

interface Context {
  readonly schema: SmdSchema
  readonly made: Map<string, Topology>
}

function resolve(ref: SmdRef | undefined, context: Context): Topology | undefined {
  if (!ref || Object.keys(ref).length === 0) return undefined
  if (ref.namedType === undefined) {
    const draft = empty("")
    fill(draft, ref, context)
    draft.deduced = draft.scalar === "untyped"
    return draft
  }
  const base = named(context.schema, ref.namedType, context.made)
  if (!base) throw new Error(`no type ${ref.namedType}`)
  const relation = ref.elementRelationship
  if (relation === undefined) return base
  if (base.map) return { ...base, map: { ...base.map, atomic: relation === "atomic" } }
  if (!base.list) throw new Error(`${ref.namedType} cannot be ${relation}`)
  return { ...base, list: { ...base.list, kind: listKind(relation, base.list.keys) } }
}

function fill(draft: Draft, { scalar, list, map }: SmdAtom, context: Context): void {
  draft.scalar = scalar
  if (map) {
    const fields = new Map<string, Topology>()
    const shape: { -readonly [Field in keyof MapTopology]: MapTopology[Field] } = {
      atomic: map.elementRelationship === "atomic",
      fields,
      rest: undefined,
      structs: [],
      required: [],
    }
    draft.map = shape
    for (const field of map.fields ?? []) fields.set(field.name, resolve(field.type, context)!)
    shape.rest = resolve(map.elementType, context)
  }
  if (list) {
    const keys = (list.keys ?? []).toSorted()
    draft.list = {
      kind: listKind(list.elementRelationship, keys),
      keys,
      keyDefaults: defaults(list.elementType, keys, context),
      item: resolve(list.elementType, context)!,
    }
  }
}

function listKind(relation: string | undefined, keys: readonly string[]): ListTopology["kind"] {
  if (relation !== "associative") return "atomic"
  return keys.length > 0 ? "map" : "set"
}

function defaults(ref: SmdRef | undefined, keys: readonly string[], { schema }: Context): ReadonlyMap<string, unknown> {
  const atom = ref?.namedType === undefined ? ref : schema.types.find(({ name }) => name === ref.namedType)
  const found = new Map<string, unknown>()
  for (const { name, default: value } of atom?.map?.fields ?? []) {
    if (keys.includes(name) && value !== undefined && value !== null) found.set(name, value)
  }
  return found
}
