import type { Topology } from "./types.ts"
import { builtInSchema } from "./built-in.ts"
import { deducedTopology } from "./deduced.ts"
import { createTopologies, type JsonSchema } from "./from-schema.ts"

/** Options of `topologyOfSchema`. */
export interface SchemaOptions {
  /** `spec.preserveUnknownFields` of the CustomResourceDefinition; default false. */
  readonly preserveUnknownFields?: boolean
}

const metaRef = { $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }
const typeMeta = { apiVersion: { type: "string" }, kind: { type: "string" } }

/**
 * The topology of a custom resource from the `openAPIV3Schema` of one of its versions. `apiVersion`, `kind` and
 * `metadata` are those of Kubernetes, here and in embedded resources. Without a schema: the deduced topology.
 * Throws `InvalidObject` or `TooDeep` for a schema that cannot be read; the server would have refused it.
 *
 * @example
 * const topology = topologyOfSchema(crd.spec.versions[0].schema.openAPIV3Schema)
 */
export function topologyOfSchema(schema: JsonSchema | undefined, options: SchemaOptions = {}): Topology {
  if (!schema) return deducedTopology
  const root = embed(schema, 0, true)
  return createTopologies(builtInSchema).inline(root, options)
}

/** Adds the members that every resource has to `schema` (at the root) and to the embedded resources below it. */
function embed(schema: JsonSchema, depth: number, root: boolean): JsonSchema {
  if (depth > 200) return schema
  const properties = schema.properties && mapValues(schema.properties, (each) => embed(each, depth + 1, false))
  const resource = root || schema["x-kubernetes-embedded-resource"] === true
  const rest = schema.additionalProperties
  return {
    ...schema,
    ...(properties || resource ? { properties: { ...properties, ...(resource ? resourceFields() : {}) } } : {}),
    ...(schema.items ? { items: embed(schema.items, depth + 1, false) } : {}),
    ...(typeof rest === "object" ? { additionalProperties: embed(rest, depth + 1, false) } : {}),
  }
}

function resourceFields(): { readonly [name: string]: JsonSchema } {
  return { ...typeMeta, metadata: metaRef }
}

function mapValues(
  map: { readonly [name: string]: JsonSchema },
  change: (schema: JsonSchema) => JsonSchema,
): { readonly [name: string]: JsonSchema } {
  return Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, change(schema)]))
}
