import type { KubeObject } from "@gitops-toolkit/kube"
import { decodeStruct } from "../kinds/decode.ts"
import { type StructType, typeOfKind } from "../kinds/types.ts"
import type { Schema } from "./definition.ts"
import type { DefinitionSpec, VersionSpec } from "./serve.ts"

/** A definition as the server reads it, or why it cannot be read. */
export interface CompleteDefinition {
  readonly object: KubeObject
  readonly error?: string
}

/** A CustomResourceDefinition with the server's defaults: singular, list kind, no conversion; its schemas read as such. */
export function completeDefinition(definition: KubeObject): CompleteDefinition {
  const spec = (definition.spec ?? {}) as DefinitionSpec & { readonly conversion?: object }
  const { kind, ...names } = { kind: "", ...(spec.names as Partial<DefinitionSpec["names"]> | undefined) }
  const whole = {
    ...names,
    ...(names.singular ? {} : { singular: kind.toLowerCase() }),
    kind,
    ...(names.listKind || kind === "" ? {} : { listKind: `${kind}List` }),
  }
  const faults: string[] = []
  const versions = spec.versions && { versions: spec.versions.map((version) => withReadSchema(version, faults)) }
  const conversion = spec.conversion ? {} : { conversion: { strategy: "None" } }
  return {
    object: { ...definition, spec: { ...spec, names: whole, ...versions, ...conversion } },
    ...(faults[0] === undefined ? {} : { error: faults[0] }),
  }
}

function withReadSchema(version: VersionSpec, faults: string[]): VersionSpec {
  const root = version.schema?.openAPIV3Schema
  if (!root) return version
  const place = "spec.versions.schema.openAPIV3Schema"
  return { ...version, schema: { ...version.schema, openAPIV3Schema: readSchema(root, place, faults) } }
}

const isMap = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value)

/** Members that hold one schema, many by name, or a list of them. */
const schemaMembers: { readonly [member: string]: "one" | "map" | "list" } = {
  properties: "map",
  allOf: "list",
  oneOf: "list",
  anyOf: "list",
  not: "one",
}

/**
 * What `items` and `additionalProperties` hold is read on its own, as the server does: of what is unknown there it tells
 * nothing, and of a wrong type it tells the way.
 */
function readSchema(schema: Schema, place: string, faults: string[]): Schema {
  if (!isMap(schema)) return schema
  const next: Record<string, unknown> = { ...schema }
  for (const [member, value] of Object.entries(schema)) {
    const at = `${place}.${member}`
    const read = (each: Schema): Schema => readSchema(each, at, faults)
    const shape = Object.hasOwn(schemaMembers, member) ? schemaMembers[member] : undefined
    if (member === "items") next[member] = readApart(value, at, faults)
    else if (member === "additionalProperties") {
      if (typeof value === "boolean" || isMap(value)) next[member] = readApart(value, at, faults)
      else faults.push("boolean or JSON schema expected")
    } else if (shape === "one" && isMap(value)) next[member] = read(value)
    else if (shape === "list") next[member] = (value as readonly Schema[]).map(read)
    else if (shape === "map")
      next[member] = Object.fromEntries(
        Object.entries(value as object).map(([name, each]) => [name, read(each as Schema)]),
      )
  }
  return next as Schema
}

function readApart(value: unknown, place: string, faults: string[]): unknown {
  // A list of schemas is refused, but for an empty one: that is as if nothing were there.
  if (!isMap(value)) return typeof value === "boolean" || (Array.isArray(value) && value.length > 0) ? value : undefined
  const { value: read, error } = decodeStruct(value, schemaType())
  if (error !== undefined)
    faults.push(error.replace(/Go struct field \w+\./, `Go struct field JSONSchemaProps.${place}.`))
  if (error !== undefined) return value
  return readSchema(read as Schema, place, faults)
}

function schemaType(): StructType {
  const definition = typeOfKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!
  const spec = definition.fields.get("spec")!.type.struct!
  const version = spec.fields.get("versions")!.type.item!.struct!
  return version.fields.get("schema")!.type.struct!.fields.get("openAPIV3Schema")!.type.struct!
}
