import { compareBytes, type KindRef } from "@gitops-toolkit/kube"
import type { Topology } from "./types.ts"
import { builtInTypes } from "./built-in.generated.ts"
import { createTopologies, type JsonSchema, type Topologies } from "./from-schema.ts"

/** A schema in the compact form of the generated data; `scripts/generate-topology.ts` writes it. */
type Compact = number | string | CompactNode

interface CompactNode {
  /** A primitive's code, a reference, a list's item, a map's value, a struct's fields. */
  readonly c?: string
  readonly r?: number
  readonly a?: Compact
  readonly v?: Compact
  readonly f?: { readonly [name: string]: Compact }
  /** List type or keys, map type, patch strategy, merge key, defaults of key fields. */
  readonly t?: string | readonly string[]
  readonly g?: string
  readonly p?: string
  readonly m?: string
  readonly d?: { readonly [name: string]: unknown }
  /** The fields that are there even when they are empty: structs in place, and others. */
  readonly s?: readonly string[]
  readonly z?: readonly string[]
}

interface BuiltIn {
  readonly names: readonly string[]
  readonly types: readonly Compact[]
  readonly kinds: readonly (readonly [apiVersion: string, kind: string, type: number])[]
}

const primitives: { readonly [code: string]: JsonSchema } = {
  s: { type: "string" },
  b: { type: "boolean" },
  i: { type: "integer", format: "int32" },
  l: { type: "integer", format: "int64" },
  d: { type: "number", format: "double" },
  n: { type: "number" },
  g: { type: "integer" },
  y: { type: "string", format: "byte" },
  t: { type: "string", format: "date-time" },
  x: { format: "int-or-string" },
  o: { type: "object" },
  "*": {},
}

interface Tables {
  readonly data: BuiltIn
  readonly indexOf: ReadonlyMap<string, number>
  readonly typeOf: ReadonlyMap<string, number>
  readonly topologies: Topologies
}

let tables: Tables | undefined

/** The tables are read from their text when they are first needed, not when the package is imported. */
function load(): Tables {
  if (tables) return tables
  const data = JSON.parse(builtInTypes) as BuiltIn
  const indexOf = new Map(data.names.map((name, index) => [name, index]))
  const typeOf = new Map(data.kinds.map(([apiVersion, kind, index]) => [`${apiVersion}/${kind}`, index]))
  tables = { data, indexOf, typeOf, topologies: createTopologies(builtInSchema) }
  return tables
}

/** The schema of a built-in type by its full name. */
export function builtInSchema(name: string): JsonSchema | undefined {
  const { data, indexOf } = load()
  const index = indexOf.get(name)
  return index === undefined ? undefined : expand(data.types[index]!, data)
}

/** The topology of a built-in kind; undefined for others. */
export function builtInTopology({ apiVersion, kind }: KindRef): Topology | undefined {
  const { data, typeOf, topologies } = load()
  const index = typeOf.get(`${apiVersion}/${kind}`)
  return index === undefined ? undefined : topologies.named(data.names[index]!)
}

/** All built-in kinds, sorted. */
export function builtInKinds(): readonly KindRef[] {
  const kinds = load().data.kinds.map(([apiVersion, kind]) => ({ apiVersion, kind }))
  return kinds.toSorted((a, b) => compareBytes(a.apiVersion, b.apiVersion) || compareBytes(a.kind, b.kind))
}

function expand(compact: Compact, data: BuiltIn): JsonSchema {
  if (typeof compact === "string") return primitives[compact]!
  if (typeof compact === "number") return { $ref: data.names[compact]! }
  return { ...shape(compact, data), ...extensions(compact) }
}

function shape(node: CompactNode, data: BuiltIn): JsonSchema {
  if (node.r !== undefined) return { $ref: data.names[node.r]! }
  if (node.a !== undefined) return { type: "array", items: expand(node.a, data) }
  if (node.v !== undefined) return { type: "object", additionalProperties: expand(node.v, data) }
  if (node.f === undefined) return primitives[node.c ?? "*"]!
  const fields = Object.entries(node.f).map(([name, field]): [string, JsonSchema] => {
    const schema = expand(field, data)
    return [name, node.d && Object.hasOwn(node.d, name) ? { ...schema, default: node.d[name] } : schema]
  })
  return {
    type: "object",
    properties: Object.fromEntries(fields),
    "x-structs-in-go": node.s ?? [],
    "x-required-in-go": node.z ?? [],
  }
}

function extensions({ t, g, p, m }: CompactNode): JsonSchema {
  return {
    ...(t === undefined ? {} : typeof t === "string" ? { "x-kubernetes-list-type": t } : mapList(t)),
    ...(g === undefined ? {} : { "x-kubernetes-map-type": g }),
    ...(p === undefined ? {} : { "x-kubernetes-patch-strategy": p }),
    ...(m === undefined ? {} : { "x-kubernetes-patch-merge-key": m }),
  }
}

function mapList(keys: readonly string[]): JsonSchema {
  return { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys }
}
