import type { Schema } from "../../custom/definition.ts"
import type { Resource } from "../../resource.ts"
import { builtInSchemas, type Schemas } from "./built-in-schemas.ts"

const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1"
const scale = "io.k8s.api.autoscaling.v1"

/** What every document of custom resources refers to. */
const common = [
  ...["DeleteOptions", "Patch", "Preconditions", "Status", "StatusCause", "StatusDetails", "ListMeta", "ShardInfo"],
  ...["ObjectMeta", "FieldsV1", "ManagedFieldsEntry", "OwnerReference", "Time"],
].map((name) => `${meta}.${name}`)
const scaling = ["Scale", "ScaleSpec", "ScaleStatus"].map((name) => `${scale}.${name}`)

const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const described = (description: string, name: string): Schema => ({ description, allOf: [reference(name)] })
const objectMeta = described(`Standard object's metadata. More info: ${conventions}#metadata`, `${meta}.ObjectMeta`)
const listMeta = described(`Standard list metadata. More info: ${conventions}#types-kinds`, `${meta}.ListMeta`)

/** The type of an object within a custom resource. */
const embedded = {
  apiVersion: {
    description: `apiVersion defines the versioned schema of this representation of an object. More info: ${conventions}#resources`,
    type: "string",
  },
  kind: {
    description: `kind is a string value representing the type of this object. In CamelCase. More info: ${conventions}#types-kinds`,
    type: "string",
  },
  metadata: objectMeta,
}

/**
 * The schemas of a document with these custom resources, as a real server publishes them: their own with the metadata of
 * every object, their lists, and what both refer to. Mirrors `controller/openapi/builder` of apiextensions-apiserver.
 */
export function customSchemas(resources: readonly Resource[]): Schemas {
  if (resources.length === 0) return {}
  const core = builtInSchemas("api/v1")!
  const { apiVersion, kind } = core[`${meta}.Status`]!["properties"] as { apiVersion: Schema; kind: Schema }
  const schemas: Record<string, Schema> = {}
  for (const resource of resources) {
    const { group, version, plural, listKind, custom } = resource
    const prefix = `${group.split(".").toReversed().join(".")}.${version}`
    const fields = (custom?.selectableFields ?? []).map((fieldPath) => ({ fieldPath }))
    const selectable = fields.length > 0 ? { "x-kubernetes-selectable-fields": fields } : {}
    const named = (name: string, schema: Schema): void => {
      const kinds = [{ group, kind: name, version }]
      schemas[`${prefix}.${name}`] = { ...schema, "x-kubernetes-group-version-kind": kinds, ...selectable }
    }
    const own = published(custom?.schema ?? {})
    named(resource.kind, {
      ...own,
      type: "object",
      properties: { ...own.properties, apiVersion, kind, metadata: objectMeta },
    })
    named(listKind, {
      description: `${listKind} is a list of ${resource.kind}`,
      type: "object",
      required: ["items"],
      properties: {
        apiVersion,
        items: {
          description: `List of ${plural}. More info: ${conventions}`,
          type: "array",
          items: reference(`${prefix}.${resource.kind}`),
        },
        kind,
        metadata: listMeta,
      },
    })
  }
  const isScaled = resources.some(({ custom }) => custom?.scale)
  for (const name of [...common, ...(isScaled ? scaling : [])]) schemas[name] = core[name]!
  return schemas
}

const integerOrString = [{ type: "integer" }, { type: "string" }]
const isPair = (anyOf: unknown): boolean => JSON.stringify(anyOf) === JSON.stringify(integerOrString)

/** What stands for an integer or a string says so, unless it does already. */
function unfolded({ anyOf, allOf = [] }: Schema): Partial<Schema> {
  const all = allOf as readonly Schema[]
  if (isPair(anyOf) || isPair(all[0]?.["anyOf"])) return {}
  return anyOf ? { allOf: [{ anyOf: integerOrString }, ...all] } : { anyOf: integerOrString }
}

/** A definition's schema as clients get it: objects within it have metadata. */
function published(schema: Schema): Schema {
  const { properties, items, additionalProperties, required = [] } = schema
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true
  const members = Object.entries(properties ?? {}).map(([name, member]) => [name, published(member)] as const)
  const own = { ...Object.fromEntries(members), ...(isEmbedded ? embedded : {}) }
  return {
    ...schema,
    ...(properties || isEmbedded ? { properties: own } : {}),
    ...(items ? { items: published(items) } : {}),
    ...(typeof additionalProperties === "object" ? { additionalProperties: published(additionalProperties) } : {}),
    ...(isEmbedded ? { required: [...new Set([...(required as readonly string[]), "kind", "apiVersion"])] } : {}),
    ...(schema["x-kubernetes-int-or-string"] === true ? unfolded(schema) : {}),
  }
}
