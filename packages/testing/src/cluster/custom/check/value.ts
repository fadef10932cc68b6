import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { compilePattern, type Pattern } from "@gitops-toolkit/kube/pattern"
import type { Cause } from "../../answer.ts"
import { metadataCauses } from "../../write/metadata.ts"
import { nameRules } from "../../write/names.ts"
import { propertyOf } from "../defaults.ts"
import type { Schema } from "../definition.ts"
import { formatFault, isFormatOf } from "../formats.ts"
import { goJson } from "../go-json.ts"

type Members = Record<string, unknown>
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value)

/** Where a value is: for the field of a cause, and as the message names it. */
export interface ValuePlace {
  readonly field: string
  readonly name: string
  /** Where the checking began; absent at the root of an object. */
  readonly base?: string
}

/** What is wrong with a value by its schema. Nothing is wrong with what is as it was in `previous`. */
export function schemaCauses(
  value: unknown,
  schema: Schema,
  { place, previous }: { readonly place: ValuePlace; readonly previous?: unknown },
): Cause[] {
  if (previous !== undefined && equalJson(value, previous)) return []
  const type = typeOf(value)
  return [
    ...typeCauses(value, schema, place),
    ...junctorCauses(value, schema, place),
    ...(type === "string" ? stringCauses(value as string, schema, place) : []),
    ...(type === "integer" || type === "number" ? numberCauses(value as number | bigint, schema, place) : []),
    ...(Array.isArray(value) ? arrayCauses(value, schema, { place, previous }) : []),
    ...enumCauses(value, schema, place),
    ...(isMap(value) ? objectCauses(value, schema, { place, previous }) : []),
  ]
}

function typeOf(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return "integer"
  return typeof value
}

const invalid = ({ field }: ValuePlace, value: unknown, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${printed(value)}: ${why}`,
  field: field === "" ? "<nil>" : field,
})

const printed = goJson

/** What the server says without a place of its own: where it began. */
const nowhere = ({ base = "<nil>" }: ValuePlace, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: "": ${why}`,
  field: base,
})

function typeCauses(value: unknown, schema: Schema, place: ValuePlace): Cause[] {
  const found = typeOf(value)
  if (found === "null" && schema.nullable === true) return []
  const wanted =
    schema["x-kubernetes-int-or-string"] === true ? ["integer", "string"] : schema.type ? [schema.type] : []
  if (wanted.length === 0 || wanted.includes(found) || (found === "integer" && wanted.includes("number"))) {
    return found === "null" && wanted.length === 0 ? [] : []
  }
  const format = schema["format"]
  const isListed = typeof value === "string" || Array.isArray(value)
  // A format is told instead of the type, and types that have none of their own by the empty text.
  if (typeof format === "string" && isFormatOf(schema.type, format)) {
    if (!isListed) return [formatCause(goFormat(found), format, place)]
    if (schema.type === "string") return []
  }
  return [
    {
      reason: "FieldValueTypeInvalid",
      message: `Invalid value: ${JSON.stringify(found)}: ${place.name} in body must be of type ${wanted.join(",")}: ${JSON.stringify(found)}`,
      field: place.field,
    },
  ]
}

const goFormats: { readonly [type: string]: string } = { integer: "int64", number: "float64", null: "null" }
const goFormat = (found: string): string => goFormats[found] ?? ""

const formatCause = (shown: string, format: string, { field, name }: ValuePlace): Cause => ({
  reason: "FieldValueTypeInvalid",
  message: `Invalid value: ${JSON.stringify(shown)}: ${name} in body must be of type ${format}: ${JSON.stringify(shown)}`,
  field,
})

function enumCauses(value: unknown, schema: Schema, { field }: ValuePlace): Cause[] {
  const values = schema["enum"] as readonly unknown[] | undefined
  if (!values || (value === null && schema.nullable === true) || values.some((each) => equalJson(each, value)))
    return []
  const list = values.map((each) => JSON.stringify(typeof each === "string" ? each : printed(each))).join(", ")
  return [
    {
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${printed(value)}: supported values: ${list}`,
      field,
    },
  ]
}

const patterns = new Map<string, Pattern | undefined>()

function patternOf(text: string): Pattern | undefined {
  if (!patterns.has(text)) {
    if (patterns.size > 1000) patterns.clear()
    patterns.set(text, compiled(text))
  }
  return patterns.get(text)
}

/** A pattern that the server would refuse limits nothing here. */
function compiled(text: string): Pattern | undefined {
  try {
    return compilePattern(text)
  } catch {
    return undefined
  }
}

/** The number of characters: a surrogate pair is one. */
function lengthOf(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count++
  return count
}

function stringCauses(value: string, schema: Schema, place: ValuePlace): Cause[] {
  const causes: Cause[] = []
  const length = lengthOf(value)
  const { minLength, maxLength, pattern } = schema as {
    readonly minLength?: number
    readonly maxLength?: number
    readonly pattern?: string
  }
  if (maxLength !== undefined && length > maxLength) {
    causes.push({
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${maxLength} bytes`,
      field: place.field,
    })
  }
  if (minLength !== undefined && length < minLength) {
    causes.push(invalid(place, value, `${place.name} in body should be at least ${minLength} chars long`))
  }
  if (pattern !== undefined && patternOf(pattern)?.test(value) === false) {
    causes.push(invalid(place, value, `${place.name} in body should match '${pattern}'`))
  }
  const format = schema["format"]
  if (typeof format === "string" && formatFault(format, value)) {
    causes.push(formatCause(value, format, place))
  }
  return causes
}

interface Bounds {
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
}

function numberCauses(value: number | bigint, schema: Schema, place: ValuePlace): Cause[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Bounds
  const causes: Cause[] = []
  const fault = (why: string): void => void causes.push(invalid(place, value, `${place.name} in body should be ${why}`))
  const limits = { Checked: value, MultipleOf: multipleOf, "Maximum boundary": maximum, "Minimum boundary": minimum }
  for (const [what, number] of Object.entries(limits)) {
    if (number !== undefined && !isInRange(number, schema))
      causes.push(nowhere(place, `${what} value must be of type ${rangeName(schema)} in ${place.name}`))
  }
  if (multipleOf !== undefined && multipleOf <= 0)
    causes.push(
      invalid(place, multipleOf, `factor MultipleOf declared for ${place.name} must be positive: ${multipleOf}`),
    )
  else if (multipleOf !== undefined && !isMultiple(value, multipleOf)) fault(`a multiple of ${multipleOf}`)
  if (maximum !== undefined) {
    if (exclusiveMaximum ? value >= maximum : value > maximum)
      fault(`less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`)
  }
  if (minimum !== undefined) {
    if (exclusiveMinimum ? value <= minimum : value < minimum)
      fault(`greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`)
  }
  return causes
}

/** Whether a number fits what type and format can hold. */
function isInRange(number: number | bigint, { type, format }: Schema): boolean {
  if (type !== "integer") return format !== "float" || Math.abs(Number(number)) <= 3.402_823_466_385_288_6e38
  if (typeof number === "number" && !Number.isInteger(number)) return false
  const limit = format === "int32" ? 2n ** 31n : 2n ** 63n
  return BigInt(number) < limit && BigInt(number) >= -limit
}

const rangeName = ({ type, format }: Schema): string =>
  type === "integer" && format !== "int32" && format !== "int64"
    ? "integer (default format)"
    : `${String(type)} with format ${String(format)}`

function isMultiple(value: number | bigint, of: number): boolean {
  if (typeof value === "bigint") return Number.isInteger(of) && value % BigInt(of) === 0n
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0
  const quotient = value / of
  const whole = Math.trunc(quotient)
  return whole === quotient || (whole !== 0 && Math.abs(quotient - whole) / Math.abs(quotient + whole) < 1e-9)
}

interface Context {
  readonly place: ValuePlace
  readonly previous?: unknown
}

function tooMany({ field }: ValuePlace, found: number, limit: number): Cause {
  return { reason: "FieldValueTooMany", message: `Too many: ${found}: must have at most ${limit} items`, field }
}

function arrayCauses(value: readonly unknown[], schema: Schema, { place, previous }: Context): Cause[] {
  const { minItems, maxItems } = schema as { readonly minItems?: number; readonly maxItems?: number }
  const before = correlated(schema, previous)
  const causes = schema.items
    ? value.flatMap((item, index) => {
        const at = { ...place, field: `${place.field}[${index}]`, name: `${place.name}[${index}]` }
        return schemaCauses(item, schema.items!, { place: at, previous: before(item) })
      })
    : []
  if (minItems !== undefined && value.length < minItems) {
    causes.push(invalid(place, value.length, `${place.name} in body should have at least ${minItems} items`))
  }
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooMany(place, value.length, maxItems))
  return causes
}

/** The previous item of each item, where the list type tells which one that is. */
function correlated(schema: Schema, previous: unknown): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"] as readonly string[] | undefined
  if (!Array.isArray(previous) || schema["x-kubernetes-list-type"] !== "map" || !keys) return () => undefined
  return (item) =>
    previous.find(
      (old) => isMap(old) && isMap(item) && keys.every((key) => equalJson(old[key] ?? null, item[key] ?? null)),
    )
}

function objectCauses(value: Members, schema: Schema, { place, previous }: Context): Cause[] {
  const causes: Cause[] = []
  const { minProperties, maxProperties, required } = schema as {
    readonly minProperties?: number
    readonly maxProperties?: number
    readonly required?: readonly string[]
  }
  const count = Object.keys(value).length
  const below = (name: string): ValuePlace => ({
    ...place,
    field: place.field === "" ? name : `${place.field}.${name}`,
    name: place.name === "" ? name : `${place.name}.${name}`,
  })
  if (minProperties !== undefined && count < minProperties) {
    causes.push(invalid(place, count, `${place.name} in body should have at least ${minProperties} properties`))
  }
  if (maxProperties !== undefined && count > maxProperties) causes.push(tooMany(place, count, maxProperties))
  for (const name of required ?? []) {
    if (!Object.hasOwn(value, name))
      causes.push({ reason: "FieldValueRequired", message: "Required value", field: below(name).field })
  }
  for (const [name, member] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    const before = isMap(previous) && Object.hasOwn(previous, name) ? previous[name] : undefined
    if (property) causes.push(...schemaCauses(member, property, { place: below(name), previous: before }))
  }
  return causes
}

function junctorCauses(value: unknown, schema: Schema, place: ValuePlace): Cause[] {
  const { anyOf, oneOf, allOf, not } = schema as {
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
    readonly allOf?: readonly Schema[]
    readonly not?: Schema
  }
  const check = (each: Schema): Cause[] => schemaCauses(value, each, { place })
  const quoted = JSON.stringify(place.name)
  const causes: Cause[] = []
  if (anyOf && anyOf.length > 0) {
    const results = anyOf.map(check)
    if (!results.some((result) => result.length === 0))
      causes.push(nowhere(place, `${quoted} must validate at least one schema (anyOf)`), ...results[0]!)
  }
  if (oneOf && oneOf.length > 0) {
    const results = oneOf.map(check)
    const valid = results.filter((result) => result.length === 0).length
    const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`
    if (valid !== 1)
      causes.push(
        nowhere(place, `${quoted} must validate one and only one schema (oneOf). ${found}`),
        ...(valid === 0 ? results[0]! : []),
      )
  }
  if (allOf && allOf.length > 0) {
    const results = allOf.map(check)
    const valid = results.filter((result) => result.length === 0).length
    causes.push(...results.flat())
    if (valid < results.length)
      causes.push(
        nowhere(place, `${quoted} must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`),
      )
  }
  if (not && check(not).length === 0) causes.push(nowhere(place, `${quoted} must not validate the schema (not)`))
  return causes
}

/** Items that stand twice in sets and list maps, and embedded objects without kind. */
export function structureCauses(value: unknown, schema: Schema, field: string): Cause[] {
  if (Array.isArray(value)) {
    const inner = schema.items
      ? value.flatMap((item, index) => structureCauses(item, schema.items!, `${field}[${index}]`))
      : []
    return [...duplicateCauses(value, schema, field), ...inner]
  }
  if (!isMap(value)) return []
  const causes: Cause[] = []
  if (schema["x-kubernetes-embedded-resource"] === true) {
    causes.push(...embeddedCauses(value, field))
  }
  for (const [name, member] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    if (property) causes.push(...structureCauses(member, property, field === "" ? name : `${field}.${name}`))
  }
  return causes
}

/** An embedded object says what it is, in words that could be true. */
function embeddedCauses(object: Members, field: string): Cause[] {
  const causes: Cause[] = []
  const { apiVersion, kind, metadata } = object
  for (const name of ["apiVersion", "kind"]) {
    const place = { field: `${field}.${name}`, name: "" }
    if (!Object.hasOwn(object, name))
      causes.push({ reason: "FieldValueRequired", message: "Required value", field: place.field })
    else if (typeof object[name] !== "string") causes.push(invalid(place, object[name], "must be a string"))
    else if (object[name] === "") causes.push(invalid(place, "", "must not be empty"))
  }
  if (typeof apiVersion === "string" && apiVersion.split("/").length > 2) {
    const place = { field: `${field}.apiVersion`, name: "" }
    causes.push(invalid(place, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  }
  const faults = typeof kind === "string" && kind !== "" ? nameRules.label1035(kind.toLowerCase(), false) : []
  if (faults.length > 0) {
    const why = `may have mixed case, but should otherwise match: ${faults.join(",")}`
    causes.push(invalid({ field: `${field}.kind`, name: "" }, kind, why))
  }
  return isMap(metadata) ? [...causes, ...embeddedMetadataCauses(metadata, field)] : causes
}

/** What holds for the metadata of every object; a name may be missing. */
function embeddedMetadataCauses(metadata: Members, field: string): Cause[] {
  const named = { apiVersion: "v1", kind: "Any", metadata: { ...metadata, name: metadata["name"] || "fakename" } }
  const causes = metadataCauses(named as KubeObject, nameRules.path)
  return causes.map((cause) => ({ ...cause, field: `${field}.${cause.field}` }))
}

function duplicateCauses(value: readonly unknown[], schema: Schema, field: string): Cause[] {
  const type = schema["x-kubernetes-list-type"]
  if (type !== "set" && type !== "map") return []
  const stranger = type === "map" ? value.findIndex((item) => item !== null && !isMap(item)) : -1
  if (stranger >= 0) {
    const place = { field: `${field}[${stranger}]`, name: "" }
    return [invalid(place, value[stranger], "must be an object for an array of list-type map")]
  }
  const keys = (schema["x-kubernetes-list-map-keys"] ?? []) as readonly string[]
  const identity = (item: unknown): unknown => {
    if (type === "set") return item
    const map = (item ?? {}) as Members
    return Object.fromEntries(keys.filter((key) => Object.hasOwn(map, key)).map((key) => [key, map[key]]))
  }
  const seen = new Map<string, number>()
  const causes: Cause[] = []
  for (const [index, item] of value.entries()) {
    const text = goJson(identity(item))
    const times = seen.get(text) ?? 0
    // However often it stands there, it is told once.
    if (times === 1)
      causes.push({ reason: "FieldValueDuplicate", message: `Duplicate value: ${text}`, field: `${field}[${index}]` })
    seen.set(text, times + 1)
  }
  return causes
}
