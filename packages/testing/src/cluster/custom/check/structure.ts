import { equalJson, messageOf, ToolkitError } from "@gitops-toolkit/kube"
import { compilePattern } from "@gitops-toolkit/kube/pattern"
import type { Cause } from "../../answer.ts"
import { omit } from "../../kinds/omit.ts"
import type { Schema } from "../definition.ts"
import { pruned } from "../prune.ts"
import { forbidden, invalid, required } from "./cause.ts"
import { schemaCauses, structureCauses } from "./value.ts"

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

interface Structural {
  readonly field: string
  readonly level: "root" | "item" | "field"
}

const emptyTypes = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
}

/** Why a schema has no structure at all; undefined when it has one. */
export function unstructured(schema: Schema): string | undefined {
  for (const keyword of ["id", "schema", "$ref", "patternProperties", "dependencies", "definitions"]) {
    const value = schema[keyword === "schema" ? "$schema" : keyword]
    const isEmpty = value === undefined || value === "" || (isMap(value) && Object.keys(value).length === 0)
    if (!isEmpty) return `OpenAPIV3Schema '${keyword}' is not supported`
  }
  if (schema["additionalItems"] !== undefined) return "OpenAPIV3Schema 'additionalItems' is not supported"
  if (schema["x-kubernetes-preserve-unknown-fields"] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  for (const child of schemasIn(schema)) {
    const why = unstructured(child)
    if (why !== undefined) return why
  }
  return undefined
}

/** Every schema right below another. */
export function schemasIn(schema: Schema): Schema[] {
  const { properties = {}, additionalProperties, items, not } = schema
  const lists = ["allOf", "anyOf", "oneOf"].flatMap((name) => (schema[name] ?? []) as readonly Schema[])
  return [...lists, not, items, ...Object.values(properties), additionalProperties].filter(isMap) as Schema[]
}

/** What is wrong with the structure of a schema, or else with its defaults. */
export function structuralCauses(schema: Schema, field: string): Cause[] {
  const causes = [
    ...structuralRules(schema, { field, level: "root" }),
    ...completenessOf(schema, schema, { field, at: field }),
  ]
  return causes.length > 0 ? causes : defaultCauses(schema, field)
}

function structuralRules(schema: Schema, { field, level }: Structural): Cause[] {
  const causes: Cause[] = []
  const { properties, additionalProperties, items, type } = schema
  if (type === "array" && !items) causes.push(required(`${field}.items`, "must be specified"))
  if (items) causes.push(...structuralRules(items, { field: `${field}.items`, level: "item" }))
  for (const [name, property] of Object.entries(properties ?? {})) {
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
    ...junctorRules(schema, field, { pairs: true }),
  ]
}

const isOn = (schema: Schema, extension: string): boolean => schema[`x-kubernetes-${extension}`] === true

function typeRules(schema: Schema, { field, level }: Structural): Cause[] {
  const { type, additionalProperties } = schema
  const causes: Cause[] = []
  const embedded = isOn(schema, "embedded-resource")
  const pair = isOn(schema, "int-or-string")
  const open = isOn(schema, "preserve-unknown-fields")
  const noPair = "must be false if x-kubernetes-int-or-string is true"
  if (pair && open) causes.push(invalid(`${field}.x-kubernetes-preserve-unknown-fields`, true, noPair))
  if (pair && embedded) causes.push(invalid(`${field}.x-kubernetes-embedded-resource`, true, noPair))
  const why = "must be object if x-kubernetes-embedded-resource is true"
  if (embedded && type !== "object")
    causes.push(type ? invalid(`${field}.type`, type, why) : required(`${field}.type`, why))
  else if (!type && !pair && !open) causes.push(required(`${field}.type`, emptyTypes[level]))
  if (embedded && additionalProperties !== undefined) {
    const none = "must not be used if x-kubernetes-embedded-resource is set"
    causes.push(forbidden(`${field}.additionalProperties`, none))
  }
  if (level === "root" && type && type !== "object")
    causes.push(invalid(`${field}.type`, type, "must be object at the root"))
  return causes
}

function metaRules(schema: Schema, { field, level }: Structural): Cause[] {
  const causes: Cause[] = []
  const { properties = {} } = schema
  const embedded = isOn(schema, "embedded-resource")
  const { metadata } = properties
  for (const name of level === "root" || embedded ? ["kind", "apiVersion", "metadata"] : []) {
    const wanted = name === "metadata" ? "object" : "string"
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property && property.type !== wanted)
      causes.push(invalid(`${field}.properties[${name}].type`, property.type ?? "", `must be ${wanted}`))
  }
  if (metadata && level === "root" && restrictsMetadata(metadata)) {
    const why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
    causes.push(forbidden(`${field}.properties[metadata]`, why))
  }
  if (embedded && !isOn(schema, "preserve-unknown-fields") && Object.keys(properties).length === 0) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
    causes.push(required(`${field}.properties`, why))
  }
  return causes
}

/** At the root metadata may only say something about the two names. */
function restrictsMetadata(metadata: Schema): boolean {
  const names = Object.keys(metadata.properties ?? {})
  const others = omit(metadata, "type", "default", "properties")
  const allowed = names.every((name) => name === "name" || name === "generateName")
  return !allowed || Object.values(others).some((value) => value !== undefined && value !== false && value !== "")
}

const intOrString = [{ type: "integer" }, { type: "string" }]

/** Below logical junctors a schema only restricts what is declared outside of them; `pairs` of types may stand there. */
function junctorRules(schema: Schema, field: string, { pairs }: { readonly pairs: boolean }): Cause[] {
  const causes: Cause[] = []
  const { not, anyOf, pattern } = schema
  const inAll = (schema["allOf"] as readonly Schema[] | undefined)?.[0]
  const isPair = (list: unknown): boolean => pairs && equalJson(list ?? null, intOrString)
  for (const name of ["anyOf", "allOf", "oneOf"]) {
    if (name === "anyOf" && isPair(anyOf)) continue
    const list = (schema[name] ?? []) as readonly Schema[]
    for (const [index, each] of list.entries()) {
      const inner = name === "allOf" && index === 0 && isPair(inAll?.["anyOf"]) ? { ...each, anyOf: undefined } : each
      causes.push(...nestedRules(inner, `${field}.${name}[${index}]`))
    }
  }
  if (not) causes.push(...nestedRules(not as Schema, `${field}.not`))
  const fault = typeof pattern === "string" ? patternFault(pattern) : undefined
  if (fault !== undefined)
    causes.push(invalid(`${field}.pattern`, pattern, `must be a valid regular expression, but isn't: ${fault}`))
  return causes
}

function patternFault(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    return error instanceof ToolkitError ? error.rawMessage : messageOf(error)
  }
}

/** What may not stand below a junctor, and in which words. */
const structureOnly: readonly (readonly [string, "empty" | "undefined" | "false"])[] = [
  ["type", "empty"],
  ["additionalProperties", "undefined"],
  ["default", "undefined"],
  ["title", "empty"],
  ["description", "empty"],
  ["nullable", "false"],
  ["x-kubernetes-preserve-unknown-fields", "false"],
  ["x-kubernetes-embedded-resource", "false"],
  ["x-kubernetes-int-or-string", "false"],
  ["x-kubernetes-list-map-keys", "empty"],
  ["x-kubernetes-list-type", "undefined"],
  ["x-kubernetes-map-type", "undefined"],
  ["x-kubernetes-validations", "empty"],
]

function nestedRules(schema: Schema, field: string): Cause[] {
  const causes = junctorRules(schema, field, { pairs: false })
  if (schema.items) causes.push(...nestedRules(schema.items, `${field}.items`))
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    causes.push(...nestedRules(property, `${field}.properties[${name}]`))
  for (const [keyword, wanted] of structureOnly) {
    if (isGiven(schema, keyword)) causes.push(forbidden(`${field}.${keyword}`, `must be ${wanted} to be structural`))
  }
  if (schema.properties && Object.hasOwn(schema.properties, "metadata"))
    causes.push(forbidden(`${field}.properties[metadata]`, "must not be specified in a nested context"))
  return causes
}

function isGiven(schema: Schema, keyword: string): boolean {
  const value = schema[keyword]
  if (keyword === "default") return value !== undefined
  return value !== undefined && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0)
}

interface Counterpart {
  /** Where the structure is. */
  readonly field: string
  /** Where something is said of it. */
  readonly at: string
}

/** Whatever junctors speak of is declared outside of them. */
function completenessOf(said: Schema, structure: Schema | undefined, { field, at }: Counterpart): Cause[] {
  if (!structure) return [required(field, `because it is defined in ${at}`)]
  const causes: Cause[] = []
  const nested = (each: Schema, below: string): void =>
    void causes.push(...nestedCompleteness(each, structure, { field, at: `${at}.${below}` }))
  if (said["not"]) nested(said["not"] as Schema, "not")
  for (const name of ["allOf", "anyOf", "oneOf"]) {
    const list = (said[name] ?? []) as readonly Schema[]
    for (const [index, each] of list.entries()) nested(each, `${name}[${index}]`)
  }
  return causes
}

function nestedCompleteness(said: Schema, structure: Schema, { field, at }: Counterpart): Cause[] {
  const causes = completenessOf(said, structure, { field, at })
  const below = (child: Schema, own: Schema | undefined, name: string): void => {
    const place = { field: `${field}.${name}`, at: `${at}.${name}` }
    if (own) causes.push(...nestedCompleteness(child, own, place))
    else causes.push(required(place.field, `because it is defined in ${place.at}`))
  }
  if (said.items) below(said.items, structure.items, "items")
  for (const [name, property] of Object.entries(said.properties ?? {}))
    below(property, structure.properties?.[name], `properties[${name}]`)
  return causes
}

interface Defaulted {
  readonly isRoot: boolean
  readonly inMeta: boolean
}

/** Defaults are what the schema allows, and nothing that would be pruned. */
function defaultCauses(
  schema: Schema,
  field: string,
  { isRoot, inMeta }: Defaulted = { isRoot: true, inMeta: false },
): Cause[] {
  const causes: Cause[] = []
  const isObject = isRoot || isOn(schema, "embedded-resource")
  if (schema.default !== undefined) {
    const at = `${field}.default`
    const { value } = pruned({ value: schema.default }, { type: "object", properties: { value: schema } })
    if (!inMeta && !equalJson(value, { value: schema.default }))
      causes.push(invalid(at, schema.default, "must not have unknown fields"))
    const wrong = structureCauses(schema.default, schema, at)
    causes.push(
      ...(wrong.length > 0
        ? wrong
        : schemaCauses(schema.default, schema, { place: { field: at, name: "", base: at } })),
    )
  }
  if (schema.items) causes.push(...defaultCauses(schema.items, `${field}.items`, { isRoot: false, inMeta }))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = isObject && ["metadata", "apiVersion", "kind"].includes(name)
    const at = `${field}.properties[${name}]`
    causes.push(...defaultCauses(property, at, { isRoot: false, inMeta: (!isObject && inMeta) || isMeta }))
  }
  return causes
}
