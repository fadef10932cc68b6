// Writes src/topology/built-in.generated.ts from the OpenAPI v3 of a real kube-apiserver.
//
//   KUBECONFIG=… node packages/patch/scripts/generate-topology.ts
//
// The server is asked through kubectl. Only what merging and strict decoding need is kept: field names and types,
// list and map types, keys and their defaults, patch strategies. Run it again for a new minor version of Kubernetes.
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

interface Schema {
  readonly [member: string]: unknown
  readonly $ref?: string
  readonly allOf?: readonly Schema[]
  readonly type?: string
  readonly format?: string
  readonly default?: unknown
  readonly properties?: { readonly [name: string]: Schema }
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
}

const primitives: { readonly [code: string]: readonly [type: string | undefined, format?: string] } = {
  s: ["string"],
  b: ["boolean"],
  i: ["integer", "int32"],
  l: ["integer", "int64"],
  d: ["number", "double"],
  n: ["number"],
  g: ["integer"],
  y: ["string", "byte"],
  t: ["string", "date-time"],
  x: [undefined, "int-or-string"],
  o: ["object"],
  "*": [undefined],
}

const get = (path: string): string =>
  execFileSync("kubectl", ["get", "--raw", path], { encoding: "utf8", maxBuffer: 64 << 20 })

function fetchSchemas(): Map<string, Schema> {
  const index = JSON.parse(get("/openapi/v3")) as { paths: Record<string, { serverRelativeURL: string }> }
  const schemas = new Map<string, Schema>()
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths)) {
    if (!path.startsWith("api")) continue
    const document = JSON.parse(get(serverRelativeURL)) as { components?: { schemas?: Record<string, Schema> } }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) schemas.set(name, schema)
  }
  return schemas
}

const schemas = fetchSchemas()
const names = [...schemas.keys()].toSorted()
const indexOf = new Map(names.map((name, i) => [name, i]))

function overrides(schema: Schema): Record<string, unknown> {
  const relation = schema["x-kubernetes-map-type"]
  return {
    ...(relation === undefined ? {} : { g: relation }),
    ...(schema["x-kubernetes-patch-strategy"] === undefined ? {} : { p: schema["x-kubernetes-patch-strategy"] }),
    ...(schema["x-kubernetes-patch-merge-key"] === undefined ? {} : { m: schema["x-kubernetes-patch-merge-key"] }),
  }
}

/** Fields that Go writes even when they are empty: structs that are no pointers, and others that are not `omitempty`. */
function alwaysThere(schema: Schema): { readonly s?: readonly string[]; readonly z?: readonly string[] } {
  const required = new Set((schema["required"] ?? []) as readonly string[])
  const fields = Object.entries(schema.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const structs = fields.filter(([, field]) => JSON.stringify(field.default) === "{}").map(([name]) => name)
  const others = fields.map(([name]) => name).filter((name) => required.has(name) && !structs.includes(name))
  return { ...(structs.length === 0 ? {} : { s: structs }), ...(others.length === 0 ? {} : { z: others }) }
}

function compact(schema: Schema): unknown {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (ref !== undefined) {
    const index = indexOf.get(ref.slice(ref.lastIndexOf("/") + 1))
    if (index === undefined) throw new Error(`unknown type ${ref}`)
    const more = overrides(schema)
    return Object.keys(more).length === 0 ? index : { r: index, ...more }
  }
  if (schema.items || schema.type === "array") {
    const type = schema["x-kubernetes-list-type"]
    const relation =
      type === "map" ? { t: schema["x-kubernetes-list-map-keys"] } : type === undefined ? {} : { t: type }
    return { a: compact(schema.items ?? {}), ...relation, ...overrides(schema) }
  }
  if (schema.properties) {
    const always = alwaysThere(schema)
    const fields = Object.entries(schema.properties).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return {
      f: Object.fromEntries(fields.map(([name, field]) => [name, compact(field)])),
      ...always,
      ...overrides(schema),
    }
  }
  if (typeof schema.additionalProperties === "object") {
    return { v: compact(schema.additionalProperties), ...overrides(schema) }
  }
  const code = Object.entries(primitives).find(([, [t, f]]) => t === schema.type && f === schema.format)?.[0]
  if (code === undefined) throw new Error(`no code for ${JSON.stringify(schema)}`)
  const more = overrides(schema)
  return Object.keys(more).length === 0 ? code : { c: code, ...more }
}

/** Defaults of key fields are kept at the list's item type, so that keys can be completed. */
function keyDefaults(): Map<string, Record<string, unknown>> {
  const defaults = new Map<string, Record<string, unknown>>()
  const visit = (schema: Schema): void => {
    const keys = schema["x-kubernetes-list-map-keys"] ?? [schema["x-kubernetes-patch-merge-key"]]
    const ref = schema.items?.$ref ?? schema.items?.allOf?.[0]?.$ref
    const name = ref?.slice(ref.lastIndexOf("/") + 1)
    for (const key of keys as (string | undefined)[]) {
      if (name === undefined || key === undefined) continue
      const value = schemas.get(name)?.properties?.[key]?.default
      if (value !== undefined) defaults.set(name, { ...defaults.get(name), [key]: value })
    }
    for (const property of Object.values(schema.properties ?? {})) visit(property)
    if (schema.items) visit(schema.items)
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties)
  }
  for (const schema of schemas.values()) visit(schema)
  return defaults
}

const defaults = keyDefaults()
const types = names.map((name) => {
  const type = compact(schemas.get(name)!)
  const more = defaults.get(name)
  return more ? { ...(type as object), d: more } : type
})
/** Option kinds are in every group; only the first of their names would count. */
const kinds = names.flatMap((name, index) => {
  const groups = (schemas.get(name)!["x-kubernetes-group-version-kind"] ?? []) as {
    group: string
    version: string
    kind: string
  }[]
  if (groups.length > 3) return []
  return groups.map(({ group, version, kind }) => [group === "" ? version : `${group}/${version}`, kind, index])
})
const version = (JSON.parse(get("/version")) as { gitVersion: string }).gitVersion
const json = JSON.stringify({ names, types, kinds })
const target = fileURLToPath(new URL("../src/topology/built-in.generated.ts", import.meta.url))
const literal = json.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")
writeFileSync(
  target,
  `// Generated by scripts/generate-topology.ts from kube-apiserver ${version}'s OpenAPI v3. Do not edit.\n` +
    `/** The types of the built-in kinds, in the compact form that built-in.ts reads. */\n` +
    `export const builtInTypes: string =\n  \`${literal}\`\n`,
)
console.log(`${names.length} types, ${kinds.length} kinds, ${json.length} bytes of JSON`)
