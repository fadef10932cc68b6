import { equalJson } from "@gitops-toolkit/kube"
import type { Schema } from "../definition.ts"
import type { DefinitionSpec, VersionSpec } from "../serve.ts"

/** What all versions of a definition may share, as the server holds it: once, at the top of the spec. */
export interface InternalSpec extends DefinitionSpec {
  /** How messages quote the versions. */
  readonly shown: unknown
  readonly version: string
  readonly validation?: VersionSpec["schema"]
  readonly subresources?: VersionSpec["subresources"]
  readonly additionalPrinterColumns?: VersionSpec["additionalPrinterColumns"]
  readonly selectableFields?: VersionSpec["selectableFields"]
  readonly conversion?: Conversion
}

/** How a definition's versions become each other. */
export interface Conversion {
  readonly strategy?: string
  readonly webhook?: {
    readonly clientConfig?: {
      readonly url?: string
      readonly service?: {
        readonly namespace?: string
        readonly name?: string
        readonly path?: string
        readonly port?: number
      }
    }
    readonly conversionReviewVersions?: readonly string[]
  }
}

const shareable = ["subresources", "schema", "additionalPrinterColumns", "selectableFields"] as const

/** A spec as the server holds it: what is equal in all versions stands at the top and nowhere else. */
export function internalSpec(given: Partial<DefinitionSpec>): InternalSpec {
  const all = given.versions ?? []
  const absent = { group: "", scope: "", names: {} }
  const spec = { ...absent, ...given, version: all[0]?.name ?? "", versions: all } as InternalSpec
  let versions = all
  const shared: Record<string, unknown> = {}
  for (const member of shareable) {
    const first = all[0]?.[member]
    if (all.length === 0 || !all.every((version) => equalJson(version[member] ?? null, first ?? null))) continue
    if (first !== undefined) shared[member === "schema" ? "validation" : member] = first
    versions = versions.map((version) => without(version, member))
  }
  return { ...spec, ...shared, versions, shown: given.versions ? printedVersions(versions) : null }
}

function without(version: VersionSpec, member: keyof VersionSpec): VersionSpec {
  const { [member]: _, ...rest } = version
  return rest as VersionSpec
}

type Members = Record<string, unknown>

/** The versions of an internal spec with the names of Go, as messages quote them. */
function printedVersions(versions: readonly VersionSpec[]): unknown[] {
  return versions.map((version) => ({
    Name: version.name ?? "",
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema ? { OpenAPIV3Schema: printedSchema(version.schema.openAPIV3Schema) } : null,
    Subresources: version.subresources ? printedSubresources(version.subresources) : null,
    AdditionalPrinterColumns: listOf(version.additionalPrinterColumns, (column) => ({
      Name: column.name ?? "",
      Type: column.type ?? "",
      Format: column.format ?? "",
      Description: column.description ?? "",
      Priority: column.priority ?? 0,
      JSONPath: column.jsonPath ?? "",
    })),
    SelectableFields: listOf(version.selectableFields, ({ jsonPath }) => ({ JSONPath: jsonPath ?? "" })),
  }))
}

function printedSubresources({ status, scale }: NonNullable<VersionSpec["subresources"]>): unknown {
  const paths = scale && {
    SpecReplicasPath: scale.specReplicasPath ?? "",
    StatusReplicasPath: scale.statusReplicasPath ?? "",
    LabelSelectorPath: scale.labelSelectorPath ?? null,
  }
  return { Status: status ?? null, Scale: paths ?? null }
}

const listOf = <Item>(list: readonly Item[] | undefined, print: (item: Item) => unknown): unknown =>
  list ? list.map(print) : null
const mapOf = (map: unknown, print: (member: never) => unknown): unknown =>
  map
    ? Object.fromEntries(
        Object.entries(map as Members)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, print(member as never)]),
      )
    : null

const schemas = (list: unknown): unknown => listOf(list as readonly Schema[] | undefined, printedSchema)
const schemaOrBool = (value: unknown): unknown => {
  if (value === undefined) return null
  return typeof value === "boolean"
    ? { Allows: value, Schema: null }
    : { Allows: true, Schema: printedSchema(value as Schema) }
}
const same = (value: unknown): unknown => value
const rules = (list: unknown): unknown =>
  listOf(list as readonly Members[] | undefined, (rule) => ({
    Rule: rule["rule"] ?? "",
    Message: rule["message"] ?? "",
    MessageExpression: rule["messageExpression"] ?? "",
    Reason: rule["reason"] ?? null,
    FieldPath: rule["fieldPath"] ?? "",
    OptionalOldSelf: rule["optionalOldSelf"] ?? null,
  }))

/** The members of a schema in Go: its name there, its name in JSON, what stands for an absent one, how others are printed. */
const schemaMembers: readonly (readonly [string, string, unknown, (value: never) => unknown])[] = [
  ["ID", "id", "", same],
  ["Schema", "$schema", "", same],
  ["Ref", "$ref", null, same],
  ["Description", "description", "", same],
  ["Type", "type", "", same],
  ["Nullable", "nullable", false, same],
  ["Format", "format", "", same],
  ["Title", "title", "", same],
  ["Default", "default", null, same],
  ["Maximum", "maximum", null, same],
  ["ExclusiveMaximum", "exclusiveMaximum", false, same],
  ["Minimum", "minimum", null, same],
  ["ExclusiveMinimum", "exclusiveMinimum", false, same],
  ["MaxLength", "maxLength", null, same],
  ["MinLength", "minLength", null, same],
  ["Pattern", "pattern", "", same],
  ["MaxItems", "maxItems", null, same],
  ["MinItems", "minItems", null, same],
  ["UniqueItems", "uniqueItems", false, same],
  ["MultipleOf", "multipleOf", null, same],
  ["Enum", "enum", null, same],
  ["MaxProperties", "maxProperties", null, same],
  ["MinProperties", "minProperties", null, same],
  ["Required", "required", null, same],
  ["Items", "items", null, (items: Schema) => ({ Schema: printedSchema(items), JSONSchemas: null })],
  ["AllOf", "allOf", null, schemas],
  ["OneOf", "oneOf", null, schemas],
  ["AnyOf", "anyOf", null, schemas],
  ["Not", "not", null, printedSchema],
  ["Properties", "properties", null, (map: unknown) => mapOf(map, printedSchema)],
  ["AdditionalProperties", "additionalProperties", null, schemaOrBool],
  ["PatternProperties", "patternProperties", null, (map: unknown) => mapOf(map, printedSchema)],
  ["Dependencies", "dependencies", null, same],
  ["AdditionalItems", "additionalItems", null, schemaOrBool],
  ["Definitions", "definitions", null, (map: unknown) => mapOf(map, printedSchema)],
  ["ExternalDocs", "externalDocs", null, same],
  ["Example", "example", null, same],
  ["XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", null, same],
  ["XEmbeddedResource", "x-kubernetes-embedded-resource", false, same],
  ["XIntOrString", "x-kubernetes-int-or-string", false, same],
  ["XListMapKeys", "x-kubernetes-list-map-keys", null, same],
  ["XListType", "x-kubernetes-list-type", null, same],
  ["XMapType", "x-kubernetes-map-type", null, same],
  ["XValidations", "x-kubernetes-validations", null, rules],
]

/** A schema with the names of Go. */
export function printedSchema(schema: Schema | undefined): unknown {
  if (!schema) return null
  return Object.fromEntries(
    schemaMembers.map(([go, json, absent, print]) => [
      go,
      schema[json] === undefined ? absent : print(schema[json] as never),
    ]),
  )
}

/** The names in Go of the members that a schema has, in Go's order. */
export function givenMembers(schema: Schema): string[] {
  return schemaMembers.filter(([, json]) => schema[json] !== undefined).map(([go]) => go)
}
