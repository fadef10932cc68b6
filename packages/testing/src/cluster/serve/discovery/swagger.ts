import type { Schema } from "../../custom/definition.ts"
import type { Registry } from "../../resource.ts"
import type { Schemas } from "./built-in-schemas.ts"
import { schemasOf } from "./openapi.ts"

/**
 * The definitions of `/openapi/v2`: the schemas of version 3 in the words of version 2. What version 2 cannot say is left
 * out, as is what kubectl makes no sense of: mirrors `ToStructuralOpenAPIV2` of apiextensions-apiserver.
 */
export function swaggerDefinitions(registry: Registry): Schemas {
  const definitions: Record<string, Schema> = {}
  for (const group of registry.groups()) {
    for (const version of group.versions.keys()) {
      for (const [name, schema] of Object.entries(schemasOf(group, version))) definitions[name] ??= definitionOf(schema)
    }
  }
  return definitions
}

const isOpen = (schema: Schema): boolean => schema["x-kubernetes-preserve-unknown-fields"] === true

function definitionOf(schema: Schema): Schema {
  const kinds = schema["x-kubernetes-group-version-kind"]
  // A kind whose unknown fields are kept has no fields at all: kubectl would refuse others beside them.
  if (kinds && isOpen(schema)) return { type: "object", "x-kubernetes-group-version-kind": kinds }
  // Quantity and IntOrString are several types in version 3.
  return schema["oneOf"] && !kinds ? { ...converted(schema), type: "string" } : converted(schema)
}

/** The keywords of a schema that are left out. */
function unsaid(schema: Schema): Set<string> {
  const left = new Set(["allOf", "anyOf", "oneOf", "not", "default", "nullable"])
  if (schema.nullable || isOpen(schema)) left.add("items").add("properties")
  if (isOpen(schema) && schema["x-kubernetes-embedded-resource"] === true) left.add("required")
  const isUntyped = isOpen(schema) ? schema.type === "object" : schema.nullable
  const isArray = schema.type === "array" && (!schema.items || left.has("items"))
  return isUntyped || isArray ? left.add("type") : left
}

function converted(schema: Schema): Schema {
  const left = unsaid(schema)
  const { properties = {}, allOf = [] } = schema
  const isRequired = (name: string): boolean => left.has("properties") || !properties[name]?.nullable
  const required = ((schema["required"] ?? []) as readonly string[]).filter(isRequired)
  if (required.length === 0) left.add("required")
  const whole = (allOf as readonly Schema[])[0]?.["$ref"]
  const said = Object.entries({ ...schema, required, ...(whole ? { $ref: whole } : {}) })
  return Object.fromEntries(
    said.filter(([keyword]) => !left.has(keyword)).map(([keyword, value]) => [keyword, inner(keyword, value)]),
  )
}

/** What a keyword says. */
function inner(keyword: string, value: unknown): unknown {
  if (keyword === "$ref") return (value as string).replace("#/components/schemas/", "#/definitions/")
  if (keyword === "properties") {
    const members = Object.entries(value as Readonly<Record<string, Schema>>)
    return Object.fromEntries(members.map(([name, member]) => [name, converted(member)]))
  }
  const isSchema = keyword === "items" || (keyword === "additionalProperties" && typeof value === "object")
  return isSchema ? converted(value as Schema) : value
}
