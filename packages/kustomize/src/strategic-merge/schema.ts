import { fieldOf, isList, isMap, isString, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import type { CompactSchema } from "./openapi.generated.ts"

/** What a strategic merge needs to know of a field: its fields, its elements, and by which keys a list is merged. */
export interface MergeSchema {
  field(name: string): MergeSchema | undefined
  elements(): MergeSchema | undefined
  /** True for a list that is merged and not replaced. */
  readonly merges: boolean
  /** The keys that tell its elements apart; empty for a list of scalars. */
  readonly keys: readonly string[]
}

/** Finds the schema of a kind. */
export type Schemas = (apiVersion: string, kind: string) => MergeSchema | undefined

const mergesWith = (strategy: string | undefined): boolean =>
  strategy !== undefined && strategy.split(",").includes("merge")

/** The tables of `openapi.generated.ts`. */
export interface CompactTables {
  readonly types: readonly { readonly [field: string]: CompactSchema }[]
  readonly roots: { readonly [kind: string]: number }
  readonly names: { readonly [name: string]: number }
}

/** Schemas by kind, and by the name of their definition. */
export interface NamedSchemas {
  readonly ofKind: Schemas
  readonly named: (name: string) => MergeSchema | undefined
}

/** The schemas that kustomize has built in (Kubernetes 1.21.2). */
export function builtinSchemas({ types, roots, names }: CompactTables): NamedSchemas {
  const schemaOf = (schema: CompactSchema | undefined): MergeSchema | undefined => {
    if (schema === undefined) return undefined
    const node = typeof schema === "number" ? { t: schema } : schema
    const fields = node.t === undefined ? undefined : types[node.t]
    return {
      field: (name) => schemaOf(fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : node.a),
      elements: () => schemaOf(node.e),
      merges: mergesWith(node.s),
      keys: node.k ?? [],
    }
  }
  const at = (table: { readonly [key: string]: number }, key: string): MergeSchema | undefined =>
    Object.hasOwn(table, key) ? schemaOf(table[key]) : undefined
  return { ofKind: (apiVersion, kind) => at(roots, `${apiVersion}/${kind}`), named: (name) => at(names, name) }
}

/** Definitions of an OpenAPI document, and those that it may refer to beside its own. */
export interface Definitions {
  readonly own: MapNode
  readonly builtin: (name: string) => MergeSchema | undefined
}

/** The schemas of an OpenAPI document that a kustomization names. */
export function schemasOf(definitions: Definitions): Schemas {
  const kinds = new Map<string, Node>()
  for (const name of Object.keys(definitions.own)) {
    const definition = definitions.own[name]!
    const list = fieldOf(definition, "x-kubernetes-group-version-kind")
    if (!isList(list)) continue
    for (const gvk of list) kinds.set(`${apiVersionOfGvk(gvk)}/${textOf(fieldOf(gvk, "kind"))}`, definition)
  }
  return (apiVersion, kind) => openApiSchema(kinds.get(`${apiVersion}/${kind}`), definitions)
}

/** `group/version`, or the version alone for the core group. */
export function apiVersionOfGvk(gvk: Node): string {
  const group = textOf(fieldOf(gvk, "group"))
  const version = textOf(fieldOf(gvk, "version"))
  return group === "" ? version : `${group}/${version}`
}

const prefix = "#/definitions/"

/** One schema of an OpenAPI document as kustomize reads it. */
export function openApiSchema(schema: Node | undefined, definitions: Definitions, hops = 0): MergeSchema | undefined {
  const ref = fieldOf(schema, "$ref")
  if (isString(ref)) {
    if (!ref.startsWith(prefix) || hops > 64) return undefined
    const name = ref.slice(prefix.length)
    return definitions.builtin(name) ?? openApiSchema(fieldOf(definitions.own, name), definitions, hops + 1)
  }
  if (!isMap(schema)) return undefined
  const strategy = fieldOf(schema, "x-kubernetes-patch-strategy")
  return {
    field: (name) => openApiSchema(fieldOf(fieldOf(schema, "properties"), name) ?? furtherFields(schema), definitions),
    elements: () =>
      textOf(fieldOf(schema, "type")) === "array" ? openApiSchema(fieldOf(schema, "items"), definitions) : undefined,
    merges: isString(strategy) && mergesWith(strategy),
    keys: keysOf(schema),
  }
}

function furtherFields(schema: MapNode): Node | undefined {
  const further = fieldOf(schema, "additionalProperties")
  return isMap(further) ? further : undefined
}

function keysOf(schema: MapNode): string[] {
  const list = fieldOf(schema, "x-kubernetes-list-map-keys")
  if (isList(list)) return list.map(textOf)
  const key = fieldOf(schema, "x-kubernetes-patch-merge-key")
  return key === undefined ? [] : [textOf(key)]
}
