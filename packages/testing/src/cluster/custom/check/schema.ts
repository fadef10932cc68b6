import type { Cause } from "../../answer.ts"
import type { Schema } from "../definition.ts"
import { forbidden, invalid, required, unsupported } from "./cause.ts"
import { givenMembers, printedSchema } from "./internal.ts"
import { selectedField } from "./path.ts"
import { structuralCauses, unstructured } from "./structure.ts"

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What is wrong with an `openAPIV3Schema`. `hasStatus`: some version has the sub-resource. */
export function openApiSchemaCauses(schema: Schema, field: string, hasStatus: boolean): Cause[] {
  const causes = hasStatus ? statusCauses(schema, field) : []
  if (schema.nullable === true) causes.push(forbidden(`${field}.nullable`, "nullable cannot be true at the root"))
  const fault = unstructured(schema)
  if (fault === undefined) causes.push(...structuralCauses(schema, field))
  causes.push(...schemaRules(schema, { field, isRoot: true, inMeta: false, defaults: undefined }))
  return fault !== undefined && causes.length === 0 ? [invalid(field, "", fault)] : causes
}

const withStatus = [
  ...["Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum"],
  ...["MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items"],
  ...["Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations"],
]

/** The status is checked on its own: nothing at the root may restrict it. */
function statusCauses(schema: Schema, field: string): Cause[] {
  for (const member of givenMembers(schema)) {
    if (member === "Type") {
      if (schema.type === "object") continue
      const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      return [invalid(`${field}.type`, schema.type, why)]
    }
    if (withStatus.includes(member)) continue
    const why = `only [${withStatus.join(" ")}] fields are allowed at the root of the schema if the status subresource is enabled`
    return [invalid(field, printedSchema(schema), why)]
  }
  return []
}

const types = ["array", "boolean", "integer", "number", "object", "string"]

interface At {
  readonly field: string
  readonly isRoot: boolean
  /** Below `metadata`, `kind` or `apiVersion` of an object. */
  readonly inMeta: boolean
  /** Why there may be no defaults; undefined: there may. */
  readonly defaults: string | undefined
}

function schemaRules(schema: Schema, at: At): Cause[] {
  const { field } = at
  const causes = keywordRules(schema, at)
  for (const [child, below] of childrenOf(schema, at)) causes.push(...schemaRules(child, { ...below, isRoot: false }))
  return [...causes, ...extensionRules(schema, field), ...listRules(schema, field), ...celRules(schema, field)]
}

function* childrenOf(schema: Schema, at: At): Generator<[Schema, At]> {
  const { properties = {}, additionalProperties, items, not } = schema
  const { field } = at
  if (isMap(additionalProperties)) {
    const why = "inside additionalProperties applying to object metadata"
    const below = { ...at, field: `${field}.additionalProperties` }
    yield [additionalProperties as Schema, at.inMeta ? { ...below, defaults: why } : below]
  }
  for (const [name, property] of Object.entries(properties)) {
    const isMeta = (at.isRoot || schema["x-kubernetes-embedded-resource"] === true) && metaFields.has(name)
    yield [
      property,
      {
        ...at,
        field: `${field}.properties[${name}]`,
        inMeta: at.inMeta || isMeta,
        defaults: isMeta && at.isRoot ? `in top-level ${name}` : at.defaults,
      },
    ]
  }
  if (not) yield [not as Schema, { ...at, field: `${field}.not` }]
  for (const name of ["allOf", "oneOf", "anyOf"]) {
    const list = (schema[name] ?? []) as readonly Schema[]
    for (const [index, each] of list.entries()) yield [each, { ...at, field: `${field}.${name}[${index}]` }]
  }
  if (isMap(items)) yield [items, { ...at, field: `${field}.items` }]
}

const metaFields: ReadonlySet<string> = new Set(["metadata", "kind", "apiVersion"])

function keywordRules(schema: Schema, { field, inMeta, defaults }: At): Cause[] {
  const causes: Cause[] = []
  if (schema.type && !types.includes(schema.type)) causes.push(unsupported(`${field}.type`, schema.type, types))
  if (schema.default !== undefined && defaults !== undefined)
    causes.push(forbidden(`${field}.default`, `must not be set ${defaults}`))
  for (const keyword of ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"]) {
    if (schema[keyword] !== undefined) causes.push(forbidden(`${field}.${keyword}`, `${keyword} is not supported`))
  }
  if (schema.type === "null")
    causes.push(forbidden(`${field}.type`, "type cannot be set to null, use nullable as an alternative"))
  if (Array.isArray(schema.items))
    causes.push(forbidden(`${field}.items`, "items must be a schema object and not an array"))
  if (inMeta && schema["x-kubernetes-embedded-resource"] === true)
    causes.push(forbidden(`${field}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"))
  if (schema["uniqueItems"] === true) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
    causes.push(forbidden(`${field}.uniqueItems`, why))
  }
  const { additionalProperties, properties = {} } = schema
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0)
    causes.push(forbidden(`${field}.additionalProperties`, "additionalProperties and properties are mutual exclusive"))
  return causes
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
  if (type === "set") return [...causes, ...itemRules(schema, field, undefined)]
  if (type !== "map") return causes
  return [...causes, ...mapListRules(schema, { field, keys }), ...itemRules(schema, field, keys)]
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
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    return [...causes, invalid(`${field}.items.type`, items.type ?? "", why)]
  }
  for (const [index, key] of keys.entries()) {
    const property = items.properties?.[key]
    if (!property) causes.push(invalid(at, keys, "entries must all be names of item properties"))
    else if (property.type === "array" || property.type === "object") {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      causes.push(invalid(`${field}.items.properties[${key}].type`, items.type, why))
    }
    if (keys.indexOf(key) < index) causes.push(invalid(at, keys, "must not contain duplicate entries"))
  }
  return causes
}

/** Items of sets and list maps are never null, and the keys of list maps always have a value. */
function itemRules({ items }: Schema, field: string, keys: readonly string[] | undefined): Cause[] {
  if (!items) return []
  const causes: Cause[] = []
  if (items.nullable === true) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${keys ? "map" : "set"}`
    causes.push(forbidden(`${field}.items.nullable`, why))
  }
  const mandatory = (items["required"] ?? []) as readonly string[]
  for (const key of keys ?? []) {
    const property = items.properties?.[key]
    if (!property) continue
    const at = `${field}.items.properties[${key}]`
    const isKey = "this property is in x-kubernetes-list-map-keys, so it"
    if (property.default === undefined && !mandatory.includes(key))
      causes.push(required(`${at}.default`, `${isKey} must have a default or be a required property`))
    if (property.nullable === true) causes.push(forbidden(`${at}.nullable`, `${isKey} cannot be nullable`))
  }
  return causes
}

interface CelRule {
  readonly rule?: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
}

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"]
const breaksLine = /[\n\r]/

function celRules(schema: Schema, field: string): Cause[] {
  const list = (schema["x-kubernetes-validations"] ?? []) as readonly CelRule[]
  return list.flatMap((rule, index) => {
    const at = `${field}.x-kubernetes-validations[${index}]`
    return [...ruleTextCauses(rule, at), ...fieldPathCauses(rule.fieldPath, schema, at)]
  })
}

function ruleTextCauses({ rule = "", message = "", messageExpression = "", reason }: CelRule, at: string): Cause[] {
  const causes: Cause[] = []
  const said = message.trim()
  if (rule.trim() === "") causes.push(required(`${at}.rule`, "rule is not specified"))
  else if (message !== "" && said === "")
    causes.push(invalid(`${at}.message`, message, "must be non-empty if specified"))
  else if (breaksLine.test(said)) causes.push(invalid(`${at}.message`, message, "must not contain line breaks"))
  else if (breaksLine.test(rule.trim()) && said === "")
    causes.push(required(`${at}.message`, "message must be specified if rule contains line breaks"))
  if (messageExpression !== "" && messageExpression.trim() === "")
    causes.push(required(`${at}.messageExpression`, "messageExpression must be non-empty if specified"))
  if (reason !== undefined && !reasons.includes(reason)) causes.push(unsupported(`${at}.reason`, reason, reasons))
  return causes
}

function fieldPathCauses(path: string | undefined, schema: Schema, at: string): Cause[] {
  if (!path) return []
  const field = `${at}.fieldPath`
  const causes: Cause[] = []
  if (path.trim() === "") causes.push(invalid(field, path, "must be non-empty if specified"))
  if (breaksLine.test(path)) causes.push(invalid(field, path, "must not contain line breaks"))
  if (unstructured(schema) === undefined && selectedField(path, schema, { arrays: true }).fault !== undefined)
    causes.push(invalid(field, path, "must be a valid path"))
  return causes
}
