/** A JSON Schema, as zod writes it for OpenAPI 3.0. */
type Schema = { readonly [keyword: string]: unknown }
type Structural = Record<string, unknown>

/** Makes the server keep the fields of an object that its schema does not name. */
const open: Structural = { "x-kubernetes-preserve-unknown-fields": true }
/** What stands for "anything", null included: the server keeps the value as it is. */
const anything: Structural = { ...open, nullable: true }

/** Keywords that mean the same in a CRD and say nothing about structure. */
const validations = [
  "description",
  "title",
  "nullable",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "enum",
  "default",
] as const

/** Formats that the API server knows and checks as zod does; it warns about others. `duration` means something else there. */
const formats = new Set([
  "date-time",
  "date",
  "email",
  "uri",
  "uuid",
  "ipv4",
  "ipv6",
  "int32",
  "int64",
  "float",
  "double",
])

/** How deep schemas may nest; what is deeper is accepted as it is. */
const maxDepth = 40

/**
 * The structural schema (as a CRD needs it) that accepts at least what `schema` accepts: unions become the union of
 * their properties, recursion becomes "anything", keywords that a CRD does not have are left out. zod has the last word
 * when an object is reconciled, so a looser schema here loses nothing.
 * Rules: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structuralSchema(schema: unknown): Structural {
  return convert(schema as Schema, { root: schema as Schema, path: [] })
}

interface Place {
  readonly root: Schema
  /** The schemas around this one: meeting one again means recursion. */
  readonly path: readonly Schema[]
}

function convert(schema: Schema, place: Place): Structural {
  if (place.path.includes(schema) || place.path.length > maxDepth) return anything
  const inside: Place = { ...place, path: [...place.path, schema] }
  if (typeof schema["$ref"] === "string") {
    const target = resolve(schema["$ref"], place.root)
    return target === undefined ? anything : convert(target, inside)
  }
  const union = (schema["anyOf"] ?? schema["oneOf"]) as readonly Schema[] | undefined
  if (union !== undefined) return { ...convertUnion(union, inside), ...annotations(schema) }
  const all = schema["allOf"] as readonly Schema[] | undefined
  if (all !== undefined)
    return { ...all.map((part) => convert(part, inside)).reduce(intersect), ...annotations(schema) }
  return convertPlain(schema, inside)
}

function resolve(reference: string, root: Schema): Schema | undefined {
  if (reference === "#") return root
  let target: unknown = root
  for (const part of reference.replace(/^#\//, "").split("/")) {
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, part)) return undefined
    target = (target as Schema)[part]
  }
  return target as Schema
}

function convertPlain(schema: Schema, place: Place): Structural {
  const type = schema["type"]
  if (isNullOnly(schema)) return { ...annotations(schema), ...anything }
  if (typeof type !== "string" || type === "null") return { ...extensions(schema), ...annotations(schema), ...anything }
  const result: Structural = { type }
  for (const keyword of validations) if (schema[keyword] !== undefined) result[keyword] = schema[keyword]
  // The server holds a null against the enum, whether it is listed or not.
  if (schema["nullable"] === true) delete result["enum"]
  if (typeof schema["format"] === "string" && formats.has(schema["format"])) result["format"] = schema["format"]
  if (typeof schema["pattern"] === "string" && isPlainPattern(schema["pattern"])) result["pattern"] = schema["pattern"]
  if (type === "array") result["items"] = convert((schema["items"] ?? {}) as Schema, place)
  if (type === "object") Object.assign(result, convertObject(schema, place))
  return { ...result, ...extensions(schema) }
}

function convertObject(schema: Schema, place: Place): Structural {
  const { properties, additionalProperties, required } = schema as {
    readonly properties?: { readonly [name: string]: Schema }
    readonly additionalProperties?: boolean | Schema
    readonly required?: readonly string[]
  }
  const names = Object.keys(properties ?? {})
  const result: Structural = {}
  const isOpen = additionalProperties === true || isEmpty(additionalProperties)
  if (properties !== undefined && names.length > 0) {
    result["properties"] = Object.fromEntries(names.map((name) => [name, convert(properties[name] ?? {}, place)]))
    // A CRD cannot have both named and further properties: the further ones are kept unchecked.
    if (additionalProperties !== undefined && additionalProperties !== false) Object.assign(result, open)
  } else if (isOpen || (additionalProperties === undefined && schema["propertyNames"] !== undefined)) {
    Object.assign(result, open)
  } else if (typeof additionalProperties === "object") {
    result["additionalProperties"] = convert(additionalProperties, place)
  }
  if (required !== undefined && required.length > 0) result["required"] = required
  return result
}

function isEmpty(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && Object.keys(schema).length === 0
}

function annotations(schema: Schema): Structural {
  const result: Structural = {}
  for (const keyword of ["description", "title", "nullable", "default"]) {
    if (schema[keyword] !== undefined) result[keyword] = schema[keyword]
  }
  return result
}

function extensions(schema: Schema): Structural {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword.startsWith("x-kubernetes-")))
}

function convertUnion(union: readonly Schema[], place: Place): Structural {
  const nullable = union.some((part) => part["type"] === "null" || part["nullable"] === true)
  const parts = union.filter((part) => part["type"] !== "null" && !isNullOnly(part)).map((part) => convert(part, place))
  if (parts.length === 0) return anything
  const merged = parts.reduce(unite)
  return nullable || parts.length < union.length ? { ...merged, nullable: true } : merged
}

function isNullOnly(part: Schema): boolean {
  const values = part["enum"]
  return Array.isArray(values) && values.length === 1 && values[0] === null
}

/** A schema that accepts what either accepts. */
function unite(a: Structural, b: Structural): Structural {
  const types = [a["type"], b["type"]]
  if (types.every((type) => type === "object")) return uniteObjects(a, b)
  if (types.includes("string") && types.includes("integer")) return { "x-kubernetes-int-or-string": true }
  if (a["x-kubernetes-int-or-string"] === true && (types.includes("string") || types.includes("integer"))) return a
  if (types[0] !== types[1] || types[0] === undefined) return anything
  if (types[0] === "array") return { type: "array", items: unite(a["items"] as Structural, b["items"] as Structural) }
  const [left, right] = [a["enum"], b["enum"]]
  const values = Array.isArray(left) && Array.isArray(right) ? { enum: [...new Set([...left, ...right])] } : {}
  return { type: types[0], ...values }
}

function uniteObjects(a: Structural, b: Structural): Structural {
  const [left, right] = [propertiesOf(a), propertiesOf(b)]
  const isOpen = [a, b].some((part) => part["x-kubernetes-preserve-unknown-fields"] === true)
  const [leftRest, rightRest] = [a["additionalProperties"], b["additionalProperties"]]
  if (leftRest !== undefined || rightRest !== undefined) {
    const both = leftRest !== undefined && rightRest !== undefined
    if (!both) return { type: "object", ...open }
    return { type: "object", additionalProperties: unite(leftRest as Structural, rightRest as Structural) }
  }
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  const properties = Object.fromEntries(
    [...names].map((name) => {
      const [mine, theirs] = [left[name], right[name]]
      return [name, mine && theirs ? unite(mine, theirs) : (mine ?? theirs)]
    }),
  )
  const required = requiredOf(a).filter((name) => requiredOf(b).includes(name))
  return {
    type: "object",
    ...(names.size > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(isOpen ? open : {}),
  }
}

/** A schema that accepts what both accept; where they speak of the same field the later one wins. */
function intersect(a: Structural, b: Structural): Structural {
  if (a["type"] !== "object" || b["type"] !== "object") return { ...a, ...b }
  const properties = { ...propertiesOf(a), ...propertiesOf(b) }
  const required = [...new Set([...requiredOf(a), ...requiredOf(b)])]
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  }
}

function propertiesOf(schema: Structural): { readonly [name: string]: Structural } {
  return (schema["properties"] ?? {}) as { readonly [name: string]: Structural }
}

function requiredOf(schema: Structural): readonly string[] {
  return (schema["required"] ?? []) as readonly string[]
}

/** True for patterns that mean the same to RE2, which the server uses: no look-around, references or Unicode escapes. */
function isPlainPattern(pattern: string): boolean {
  return pattern.length <= 1000 && !/\(\?(?!:)|\\[1-9cCkKpPuU]|\[\^?\]|\{\d{4}/.test(pattern)
}
