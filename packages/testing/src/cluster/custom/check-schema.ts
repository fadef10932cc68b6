import { equalJson } from "@gitops-toolkit/kube"
import { compilePattern } from "@gitops-toolkit/kube/pattern"
import type { Cause } from "../answer.ts"
import { schemaCauses } from "./check-value.ts"
import type { Schema } from "./definition.ts"

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const invalid = (field: string, value: unknown, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value ?? null)}: ${why}`,
  field,
})
const required = (field: string, why: string): Cause => ({
  reason: "FieldValueRequired",
  message: why === "" ? "Required value" : `Required value: ${why}`,
  field,
})
const forbidden = (field: string, why: string): Cause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
})
const unsupported = (field: string, value: unknown, values: readonly string[]): Cause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${values.map((each) => JSON.stringify(each)).join(", ")}`,
  field,
})

/** The causes that the checks of definitions share. */
export const causeOf: {
  readonly invalid: typeof invalid
  readonly required: typeof required
  readonly forbidden: typeof forbidden
  readonly unsupported: typeof unsupported
} = { invalid, required, forbidden, unsupported }

/** What is wrong with an `openAPIV3Schema`; first its own rules, and only without faults there those of structure. */
export function openApiSchemaCauses(schema: Schema, field: string): Cause[] {
  const own = schemaRules(schema, field)
  return own.length > 0
    ? own
    : structuralRules(schema, { field, level: "root" }).toSorted((a, b) => (a.field < b.field ? -1 : 1))
}

const types = ["array", "boolean", "integer", "number", "object", "string"]

function schemaRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = [...keywordRules(schema, field)]
  for (const [child, at] of childrenOf(schema, field)) causes.push(...schemaRules(child, at))
  return [...causes, ...extensionRules(schema, field), ...listRules(schema, field), ...celRules(schema, field)]
}

function* childrenOf(schema: Schema, field: string): Generator<[Schema, string]> {
  const { properties, additionalProperties, items, not, allOf, anyOf, oneOf } = schema as Schema & {
    readonly not?: Schema
    readonly allOf?: readonly Schema[]
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
  }
  if (isMap(additionalProperties)) yield [additionalProperties as Schema, `${field}.additionalProperties`]
  for (const [name, property] of Object.entries(properties ?? {})) yield [property, `${field}.properties[${name}]`]
  if (not) yield [not, `${field}.not`]
  for (const [name, list] of Object.entries({ allOf, oneOf, anyOf })) {
    for (const [index, each] of (list ?? []).entries()) yield [each, `${field}.${name}[${index}]`]
  }
  if (items) yield [items, `${field}.items`]
}

function keywordRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = []
  if (schema.type && !types.includes(schema.type)) causes.push(unsupported(`${field}.type`, schema.type, types))
  if (schema.default !== undefined) causes.push(...defaultRules(schema, field))
  for (const keyword of ["$ref", "id", "patternProperties", "definitions", "dependencies", "additionalItems"]) {
    if (schema[keyword] !== undefined) causes.push(forbidden(`${field}.${keyword}`, `${keyword} is not supported`))
  }
  if (schema["uniqueItems"] === true) {
    causes.push(
      forbidden(
        `${field}.uniqueItems`,
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    )
  }
  if (isMap(schema.additionalProperties) && Object.keys(schema.properties ?? {}).length > 0) {
    causes.push(forbidden(`${field}.additionalProperties`, "additionalProperties and properties are mutual exclusive"))
  }
  return causes
}

function defaultRules(schema: Schema, field: string): Cause[] {
  const at = `${field}.default`
  return schemaCauses(schema.default, schema, { place: { field: at, name: "" } })
}

function extensionRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = []
  const mapType = schema["x-kubernetes-map-type"]
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    causes.push(invalid(`${field}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"))
  }
  if (mapType === undefined) return causes
  const why = "must be object if x-kubernetes-map-type is specified"
  if (!schema.type) causes.push(required(`${field}.type`, why))
  else if (schema.type !== "object") causes.push(invalid(`${field}.type`, schema.type, why))
  const known = ["atomic", "granular"]
  if (!known.includes(mapType as string)) causes.push(unsupported(`${field}.x-kubernetes-map-type`, mapType, known))
  return causes
}

function listRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = []
  const type = schema["x-kubernetes-list-type"] as string | undefined
  const keys = (schema["x-kubernetes-list-map-keys"] ?? []) as readonly string[]
  const here = `${field}.x-kubernetes-list-type`
  const why = "must be array if x-kubernetes-list-type is specified"
  if (type !== undefined && schema.type !== "array") {
    causes.push(schema.type ? invalid(`${field}.type`, schema.type, why) : required(`${field}.type`, why))
  } else if (type === "set" && schema.items) causes.push(...setRules(schema.items, `${field}.items`))
  const known = ["atomic", "set", "map"]
  if (type !== undefined && !known.includes(type)) causes.push(unsupported(here, type, known))
  const wantsMap = "must be map if x-kubernetes-list-map-keys is non-empty"
  if (keys.length > 0 && type === undefined) causes.push(required(here, wantsMap))
  else if (keys.length > 0 && type !== "map") causes.push(invalid(here, type, wantsMap))
  return type === "map" ? [...causes, ...mapListRules(schema, { field, keys })] : causes
}

function setRules(items: Schema, field: string): Cause[] {
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set"
  const listType = items["x-kubernetes-list-type"]
  if (items.type === "array" && listType !== undefined && listType !== "atomic") {
    return [invalid(`${field}.x-kubernetes-list-type`, listType, why)]
  }
  const isGranular = items.type === "object" && items["x-kubernetes-map-type"] !== "atomic"
  return isGranular ? [invalid(`${field}.x-kubernetes-map-type`, listType, why)] : []
}

function mapListRules(
  { items }: Schema,
  { field, keys }: { readonly field: string; readonly keys: readonly string[] },
): Cause[] {
  const causes: Cause[] = []
  const at = `${field}.x-kubernetes-list-map-keys`
  if (keys.length === 0) causes.push(required(at, "must not be empty if x-kubernetes-list-type is map"))
  if (!items) return [...causes, required(`${field}.items`, "must have a schema if x-kubernetes-list-type is map")]
  if (items.type !== "object") {
    return [
      ...causes,
      invalid(
        `${field}.items.type`,
        items.type ?? "",
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ]
  }
  for (const [index, key] of keys.entries()) {
    const property = items.properties?.[key]
    if (!property) causes.push(invalid(at, keys, "entries must all be names of item properties"))
    else if (property.type === "array" || property.type === "object") {
      causes.push(
        invalid(
          `${field}.items.properties[${key}].type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    }
    if (keys.indexOf(key) < index) causes.push(invalid(at, keys, "must not contain duplicate entries"))
  }
  return [...causes, ...keyRules(items, { field: `${field}.items`, keys })]
}

/** Keys of a list map must always have a value. */
function keyRules(
  items: Schema,
  { field, keys }: { readonly field: string; readonly keys: readonly string[] },
): Cause[] {
  const causes: Cause[] = []
  const mandatory = (items["required"] ?? []) as readonly string[]
  for (const key of keys) {
    const property = items.properties?.[key]
    if (!property) continue
    const at = `${field}.properties[${key}]`
    if (property.default === undefined && !mandatory.includes(key)) {
      causes.push(
        required(
          `${at}.default`,
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        ),
      )
    }
    if (property.nullable === true) {
      causes.push(
        forbidden(`${at}.nullable`, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"),
      )
    }
  }
  return causes
}

interface CelRule {
  readonly rule?: string
  readonly message?: string
  readonly reason?: string
  readonly fieldPath?: string
}

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"]

function celRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = []
  for (const [index, { rule = "", reason, message, fieldPath }] of (
    (schema["x-kubernetes-validations"] ?? []) as readonly CelRule[]
  ).entries()) {
    const at = `${field}.x-kubernetes-validations[${index}]`
    if (rule.trim() === "") causes.push(required(`${at}.rule`, "rule is not specified"))
    else if (message !== undefined && message !== "" && message.trim() === "")
      causes.push(invalid(`${at}.message`, message, "must be non-empty if specified"))
    else if (/[\n\r]/.test((message ?? "").trim()))
      causes.push(invalid(`${at}.message`, message, "must not contain line breaks"))
    else if (/[\n\r]/.test(rule.trim()) && !message?.trim())
      causes.push(required(`${at}.message`, "message must be specified if rule contains line breaks"))
    if (reason !== undefined && !reasons.includes(reason)) causes.push(unsupported(`${at}.reason`, reason, reasons))
    if (fieldPath && !isPathOf(schema, fieldPath))
      causes.push(invalid(`${at}.fieldPath`, fieldPath, "must be a valid path"))
  }
  return causes
}

function isPathOf(schema: Schema, path: string): boolean {
  let at: Schema | undefined = schema
  for (const name of path.replace(/^\./, "").split(".")) {
    const rest: Schema | undefined = isMap(at?.additionalProperties) ? (at.additionalProperties as Schema) : undefined
    at = at?.properties?.[name] ?? rest
  }
  return path.startsWith(".") && at !== undefined
}

interface Structural {
  readonly field: string
  readonly level: "root" | "item" | "field"
}

const emptyTypes = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
}

function structuralRules(schema: Schema, { field, level }: Structural): Cause[] {
  const causes: Cause[] = []
  const { properties, additionalProperties, items, type } = schema
  if (type === "array" && !items) causes.push(required(`${field}.items`, "must be specified"))
  if (items) causes.push(...structuralRules(items, { field: `${field}.items`, level: "item" }))
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (name === "metadata" && level === "root") continue
    causes.push(...structuralRules(property, { field: `${field}.properties[${name}]`, level: "field" }))
  }
  if (additionalProperties !== undefined && level === "root") {
    causes.push(forbidden(`${field}.additionalProperties`, "must not be used at the root"))
  }
  if (isMap(additionalProperties)) {
    causes.push(
      ...structuralRules(additionalProperties as Schema, { field: `${field}.additionalProperties`, level: "field" }),
    )
  }
  return [
    ...causes,
    ...typeRules(schema, { field, level }),
    ...metaRules(schema, { field, level }),
    ...junctorRules(schema, field),
  ]
}

function typeRules(schema: Schema, { field, level }: Structural): Cause[] {
  const { type } = schema
  const embedded = schema["x-kubernetes-embedded-resource"] === true
  const open = schema["x-kubernetes-int-or-string"] === true || schema["x-kubernetes-preserve-unknown-fields"] === true
  const why = "must be object if x-kubernetes-embedded-resource is true"
  if (embedded && type !== "object")
    return [type ? invalid(`${field}.type`, type, why) : required(`${field}.type`, why)]
  if (!type && !open) return [required(`${field}.type`, emptyTypes[level])]
  return level === "root" && type && type !== "object"
    ? [invalid(`${field}.type`, type, "must be object at the root")]
    : []
}

function metaRules(schema: Schema, { field, level }: Structural): Cause[] {
  const causes: Cause[] = []
  const { properties = {} } = schema
  const embedded = schema["x-kubernetes-embedded-resource"] === true
  if (level !== "root" && !embedded) return causes
  for (const name of ["kind", "apiVersion"]) {
    const property = properties[name]
    if (property && property.type !== "string")
      causes.push(invalid(`${field}.properties[${name}].type`, property.type ?? "", "must be string"))
  }
  const { metadata } = properties
  if (metadata && metadata.type !== "object")
    causes.push(invalid(`${field}.properties[metadata].type`, metadata.type ?? "", "must be object"))
  if (metadata && level === "root") {
    const { type: _, properties: names = {}, ...others } = metadata
    const allowed = Object.keys(names).every((name) => name === "name" || name === "generateName")
    const validations = ["required", "description"]
    if (!allowed || Object.keys(others).some((key) => !validations.includes(key))) {
      causes.push(
        forbidden(
          `${field}.properties[metadata]`,
          "must not specify anything other than name and generateName, but metadata is implicitly specified",
        ),
      )
    }
  }
  if (embedded && schema["x-kubernetes-preserve-unknown-fields"] !== true && Object.keys(properties).length === 0) {
    causes.push(
      required(
        `${field}.properties`,
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      ),
    )
  }
  return causes
}

const intOrString = [{ type: "integer" }, { type: "string" }]

/** Below logical junctors a schema only restricts what is declared outside of them. */
function junctorRules(schema: Schema, field: string): Cause[] {
  const causes: Cause[] = []
  const { not, allOf, anyOf, oneOf } = schema as {
    readonly not?: Schema
    readonly allOf?: readonly Schema[]
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
  }
  const isPair = (list: readonly Schema[] | undefined): boolean =>
    schema["x-kubernetes-int-or-string"] === true && equalJson(list ?? null, intOrString)
  for (const [name, list] of Object.entries({ anyOf, allOf, oneOf })) {
    if (isPair(list)) continue
    for (const [index, each] of (list ?? []).entries())
      causes.push(...nestedRules(each, { field: `${field}.${name}[${index}]`, outer: schema }))
  }
  if (not) causes.push(...nestedRules(not, { field: `${field}.not`, outer: schema }))
  const pattern = schema["pattern"]
  if (typeof pattern === "string") {
    try {
      compilePattern(pattern)
    } catch (error) {
      causes.push(
        invalid(`${field}.pattern`, pattern, `must be a valid regular expression, but isn't: ${String(error)}`),
      )
    }
  }
  return causes
}

const structureOnly = ["default", "title", "description", "nullable"]

function nestedRules(schema: Schema, { field, outer }: { readonly field: string; readonly outer: Schema }): Cause[] {
  const causes: Cause[] = []
  if (schema.type) causes.push(forbidden(`${field}.type`, "must be empty to be structural"))
  if (schema.additionalProperties !== undefined)
    causes.push(forbidden(`${field}.additionalProperties`, "must be undefined to be structural"))
  for (const keyword of structureOnly) {
    const value = schema[keyword]
    if (value !== undefined && value !== false && value !== "")
      causes.push(forbidden(`${field}.${keyword}`, "must be undefined to be structural"))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const same = outer.properties?.[name]
    if (!same)
      causes.push(
        required(
          `${field.replace(/\.(?:anyOf|allOf|oneOf|not)\b.*$/, "")}.properties[${name}]`,
          `because it is defined in ${field}.properties[${name}]`,
        ),
      )
    causes.push(...nestedRules(property, { field: `${field}.properties[${name}]`, outer: same ?? {} }))
  }
  if (schema.items) causes.push(...nestedRules(schema.items, { field: `${field}.items`, outer: outer.items ?? {} }))
  return causes
}
