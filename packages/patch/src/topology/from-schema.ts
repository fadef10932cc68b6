import { compareBytes } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import type { ListTopology, MapTopology, PatchMeta, ScalarKind, Topology } from "./types.ts"
import { deducedTopology, untypedItem } from "./deduced.ts"

/** The part of an OpenAPI v3 schema that topologies are made from. */
export interface JsonSchema {
  readonly $ref?: string
  readonly allOf?: readonly JsonSchema[]
  readonly type?: string
  readonly format?: string
  readonly default?: unknown
  /** Set for built-in types only: see `MapTopology.structs` and `required`. */
  readonly "x-structs-in-go"?: readonly string[]
  readonly "x-required-in-go"?: readonly string[]
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly "x-kubernetes-list-type"?: string
  readonly "x-kubernetes-list-map-keys"?: readonly string[]
  readonly "x-kubernetes-map-type"?: string
  readonly "x-kubernetes-patch-strategy"?: string
  readonly "x-kubernetes-patch-merge-key"?: string
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean
  readonly "x-kubernetes-int-or-string"?: boolean
  readonly "x-kubernetes-embedded-resource"?: boolean
}

/** Topologies of named schemas that refer to each other. */
export interface Topologies {
  /** The topology of the schema called `name`; undefined when there is none. */
  named(name: string): Topology | undefined
  /** The topology of a schema that is not among the named ones but may refer to them. */
  inline(schema: JsonSchema, options?: { readonly preserveUnknownFields?: boolean }): Topology
}

type Draft = { -readonly [Field in keyof Topology]: Topology[Field] }
type MapDraft = { -readonly [Field in keyof MapTopology]: MapTopology[Field] }

const quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
const rawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension"

/**
 * Reads OpenAPI v3 schemas as kube-apiserver reads them for server-side apply: `x-kubernetes-list-type` first, else
 * the patch strategy, else atomic; maps are granular unless marked. Each named schema becomes one object, made when
 * it is first asked for. `find` returns the schema of a name (the part of `$ref` after the last slash).
 *
 * @example
 * const { components } = JSON.parse(await readFile("openapi/v3/apis/apps/v1.json", "utf8"))
 * const types = createTopologies((name) => components.schemas[name])
 * types.named("io.k8s.api.apps.v1.Deployment")
 */
export function createTopologies(find: (name: string) => JsonSchema | undefined): Topologies {
  const reader = new Map<string, Topology>()
  const later: (() => void)[] = []
  const context: Context = { find, made: reader, later, depth: 0, preserve: false }
  const finished = <T>(value: T): T => {
    for (const step of later.splice(0)) step()
    return value
  }
  return {
    named: (name) => finished(named(name, context)),
    inline: (schema, { preserveUnknownFields = false } = {}) =>
      finished(fieldTopology(schema, { ...context, preserve: preserveUnknownFields })),
  }
}

interface Context {
  readonly find: (name: string) => JsonSchema | undefined
  readonly made: Map<string, Topology>
  /** Copies of types that were unfinished when they were copied. */
  readonly later: (() => void)[]
  readonly depth: number
  readonly preserve: boolean
}

function draft(name: string): Draft {
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

function named(name: string, context: Context): Topology | undefined {
  const known = context.made.get(name)
  if (known) return known
  const schema = context.find(name)
  if (!schema) return undefined
  const node = draft(name)
  context.made.set(name, node)
  if (name === quantity) Object.assign(node, { scalar: "untyped", format: "quantity" })
  else if (name === rawExtension) Object.assign(node, { ...untypedItem, name })
  else fill(node, schema, { ...context, preserve: false })
  return node
}

/** The topology of a field, item or additional property: a reference, perhaps with overrides, or an inline schema. */
function fieldTopology(schema: JsonSchema, context: Context): Topology {
  if (context.depth > 200) throw new PatchError("TooDeep", "the schema is nested deeper than 200 levels")
  const below = { ...context, depth: context.depth + 1 }
  const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined)
  if (ref === undefined) {
    const node = draft("")
    node.patch = patchMeta(schema)
    fill(node, schema, below)
    node.deduced = node.scalar === "untyped"
    return node
  }
  const name = ref.slice(ref.lastIndexOf("/") + 1)
  const base = named(name, below)
  if (!base) throw new PatchError("InvalidObject", `the schema refers to ${name}, which does not exist`)
  return overridden(base, schema, context)
}

function overridden(base: Topology, schema: JsonSchema, context: Context): Topology {
  const patch = patchMeta(schema)
  const relation = schema["x-kubernetes-map-type"]
  if (!patch && relation === undefined) return base
  const node: Draft = { ...base, patch }
  const finish = (): void => {
    Object.assign(node, { ...base, patch })
    if (relation !== undefined && base.map) node.map = { ...base.map, atomic: relation === "atomic" }
  }
  finish()
  context.later.push(finish)
  return node
}

function patchMeta(schema: JsonSchema): PatchMeta | undefined {
  const strategy = schema["x-kubernetes-patch-strategy"]
  const mergeKey = schema["x-kubernetes-patch-merge-key"]
  if (strategy === undefined && mergeKey === undefined) return undefined
  return { strategies: strategy === undefined ? [] : strategy.split(","), mergeKey }
}

function fill(node: Draft, schema: JsonSchema, outer: Context): void {
  const preserve = outer.preserve || schema["x-kubernetes-preserve-unknown-fields"] === true
  const context = preserve === outer.preserve ? outer : { ...outer, preserve }
  switch (schema.type) {
    case undefined:
    case "":
      node.scalar = "untyped"
      if (schema["x-kubernetes-int-or-string"] || schema.format === "int-or-string") node.format = "int-or-string"
      node.list = listTopology(schema, context)
      node.map = mapTopology(schema, context)
      return
    case "object":
      node.map = mapTopology(schema, context)
      return
    case "array":
      node.list = listTopology(schema, context)
      return
    default:
      node.scalar = scalarKind(schema)
      node.format = schema.format ?? schema.type
  }
}

function scalarKind({ type, format }: JsonSchema): ScalarKind {
  if (type === "integer" || type === "number") return "numeric"
  if (type === "boolean") return "boolean"
  return type === "string" && (format === undefined || format === "" || format === "byte") ? "string" : "untyped"
}

function mapTopology(schema: JsonSchema, context: Context): MapTopology {
  const fields = new Map<string, Topology>()
  const map: MapDraft = {
    atomic: schema["x-kubernetes-map-type"] === "atomic",
    fields,
    rest: undefined,
    structs: schema["x-structs-in-go"] ?? [],
    required: schema["x-required-in-go"] ?? [],
  }
  const properties = Object.entries(schema.properties ?? {})
  for (const [name, property] of properties) fields.set(name, fieldTopology(property, context))
  const rest = schema.additionalProperties
  if (typeof rest === "object") map.rest = fieldTopology(rest, context)
  else if (rest === true || (rest === undefined && (context.preserve || properties.length === 0))) {
    map.rest = deducedTopology
  }
  return map
}

function listTopology(schema: JsonSchema, context: Context): ListTopology {
  const { kind, keys } = listRelation(schema)
  const item = schema.items ? fieldTopology(schema.items, context) : untypedItem
  return { kind, keys, item, keyDefaults: keyDefaults(keys, schema.items, context) }
}

function listRelation(schema: JsonSchema): { kind: ListTopology["kind"]; keys: readonly string[] } {
  const type = schema["x-kubernetes-list-type"]
  if (type === "set") return { kind: "set", keys: [] }
  if (type === "map") {
    return { kind: "map", keys: [...(schema["x-kubernetes-list-map-keys"] ?? [])].toSorted(compareBytes) }
  }
  if (type !== undefined) return { kind: "atomic", keys: [] }
  const strategy = schema["x-kubernetes-patch-strategy"]
  if (strategy !== "merge" && strategy !== "merge,retainKeys") return { kind: "atomic", keys: [] }
  const key = schema["x-kubernetes-patch-merge-key"]
  return key === undefined ? { kind: "set", keys: [] } : { kind: "map", keys: [key] }
}

function keyDefaults(
  keys: readonly string[],
  items: JsonSchema | undefined,
  context: Context,
): ReadonlyMap<string, unknown> {
  const defaults = new Map<string, unknown>()
  const ref = items?.$ref ?? items?.allOf?.[0]?.$ref
  const schema = ref === undefined ? items : context.find(ref.slice(ref.lastIndexOf("/") + 1))
  for (const key of keys) {
    const property = schema?.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
    if (property?.default !== undefined && property.default !== null) defaults.set(key, property.default)
  }
  return defaults
}
