// Writes src/strategic-merge/openapi.generated.ts and src/config/field-specs.generated.ts from the modules of kustomize.
//   node scripts/generate-tables.mjs GOMODCACHE [VERSION_OF_API] [VERSION_OF_KYAML]
// What is taken is data: merge keys and scopes of the OpenAPI that kustomize embeds (Kubernetes 1.21.2), and its
// default field specs. Both are Apache-2.0.
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { parse } from "yaml"

const [cache, api = "v0.21.2", kyaml = "v0.21.2"] = process.argv.slice(2)
if (!cache) throw new Error("usage: node scripts/generate-tables.mjs GOMODCACHE [API] [KYAML]")
const apiModule = join(cache, `sigs.k8s.io/kustomize/api@${api}`)
const kyamlModule = join(cache, `sigs.k8s.io/kustomize/kyaml@${kyaml}`)
const header = (what, source) => `// Written by scripts/generate-tables.mjs: ${what}, from ${source}.\n`
const literal = (value) => `JSON.parse(\n  ${JSON.stringify(JSON.stringify(value))},\n)`

// ── merge keys and scopes ──
const bundleFolder = join(kyamlModule, "openapi/kubernetesapi/data")
const bundle = JSON.parse(gunzipSync(readFileSync(join(bundleFolder, readdirSync(bundleFolder)[0]))).toString())
const { definitions } = bundle
const strategyKey = "x-kubernetes-patch-strategy"
const refOf = (schema) => schema?.$ref?.replace("#/definitions/", "")

const leads = new Map()
function leadsToStrategy(name) {
  if (leads.has(name)) return leads.get(name)
  leads.set(name, false)
  const found = schemaLeads(definitions[name])
  leads.set(name, found)
  return found
}
function schemaLeads(schema) {
  if (schema === undefined || typeof schema !== "object") return false
  if (schema[strategyKey] !== undefined) return true
  const ref = refOf(schema)
  if (ref !== undefined) return leadsToStrategy(ref) || namesAnObject(ref)
  return (
    schemaLeads(schema.items) ||
    schemaLeads(schema.additionalProperties) ||
    Object.values(schema.properties ?? {}).some(schemaLeads)
  )
}
/** A field that holds apiVersion and kind would otherwise be taken for an embedded object. */
function namesAnObject(name) {
  const properties = definitions[name]?.properties ?? {}
  return "apiVersion" in properties && "kind" in properties
}
// Recursive definitions need a second round once their parts are known.
for (let round = 0; round < 4; round++) {
  const before = [...leads.values()].filter(Boolean).length
  for (const [name, value] of leads) if (!value) leads.delete(name)
  for (const name of Object.keys(definitions)) leadsToStrategy(name)
  if (round > 0 && [...leads.values()].filter(Boolean).length === before) break
}

const ids = new Map()
const types = []
function typeOf(name) {
  if (ids.has(name)) return ids.get(name)
  const id = types.length
  ids.set(name, id)
  types.push({})
  for (const [field, schema] of Object.entries(definitions[name].properties ?? {})) {
    if (schemaLeads(schema)) types[id][field] = shape(schema)
  }
  return id
}
function shape(schema) {
  const ref = refOf(schema)
  if (ref !== undefined && schema[strategyKey] === undefined) return typeOf(ref)
  const result = {}
  if (ref !== undefined) result.t = typeOf(ref)
  if (schema.type === "array" && schema.items !== undefined && schemaLeads(schema.items)) result.e = shape(schema.items)
  if (schema.additionalProperties !== undefined && schemaLeads(schema.additionalProperties)) {
    result.a = shape(schema.additionalProperties)
  }
  if (schema[strategyKey] !== undefined) {
    result.s = schema[strategyKey]
    const keys = schema["x-kubernetes-list-map-keys"] ?? [schema["x-kubernetes-patch-merge-key"]].filter(Boolean)
    if (keys.length > 0) result.k = keys
  }
  return result
}
const roots = {}
for (const { apiVersion, kind, definition } of bundle.resources) {
  if (definition) roots[`${apiVersion}/${kind}`] = typeOf(definition)
}
for (const [name, definition] of Object.entries(definitions)) {
  for (const { group, version, kind } of definition["x-kubernetes-group-version-kind"] ?? []) {
    roots[`${group ? `${group}/` : ""}${version}/${kind}`] ??= typeOf(name)
  }
}

const precomputed = [
  ...readFileSync(join(kyamlModule, "openapi/openapi.go"), "utf8").matchAll(
    /\{APIVersion: "([^"]+)", Kind: "([^"]+)"\}:\s*(true|false)/g,
  ),
].map(([, apiVersion, kind, namespaced]) => [`${apiVersion}/${kind}`, namespaced === "true"])
const scopes = Object.fromEntries(
  bundle.resources
    .filter(({ scope }) => scope)
    .map(({ apiVersion, kind, scope }) => [`${apiVersion}/${kind}`, scope === "Namespaced"]),
)
const builtinOnly = Object.entries(scopes).filter(([key]) => !precomputed.some(([known]) => known === key))
writeFileSync(
  "src/strategic-merge/openapi.generated.ts",
  `${header("merge keys of Kubernetes 1.21.2", "the OpenAPI that kustomize 5.8.2 embeds")}
/**
 * One schema: a number is an index into \`types\`. \`t\`: its type, \`e\`: its elements, \`a\`: its further fields,
 * \`s\`: the patch strategy, \`k\`: the merge keys.
 */
export type CompactSchema =
  | number
  | { readonly t?: number; readonly e?: CompactSchema; readonly a?: CompactSchema; readonly s?: string; readonly k?: readonly string[] }

/** The fields that lead to a merge key, type by type. */
export const types: readonly { readonly [field: string]: CompactSchema }[] = ${literal(types)}

/** \`apiVersion/kind\` to an index into \`types\`. */
export const roots: { readonly [kind: string]: number } = ${literal(roots)}

/** Names of definitions to indices into \`types\`: what \`openapi.path\` documents refer to. */
export const names: { readonly [name: string]: number } = ${literal(Object.fromEntries(ids))}
`,
)
writeFileSync(
  "src/resource/scopes.generated.ts",
  `${header("which kinds are namespaced", "kustomize 5.8.2")}
/** \`apiVersion/kind\` to whether it is namespaced: asked first, whatever \`openapi.path\` says. */
export const fixedScopes: { readonly [kind: string]: boolean } = ${literal(Object.fromEntries(precomputed))}

/** What only the OpenAPI knows; \`openapi.path\` replaces it. */
export const builtinScopes: { readonly [kind: string]: boolean } = ${literal(Object.fromEntries(builtinOnly))}
`,
)

// ── default field specs ──
const folder = join(apiModule, "internal/konfig/builtinpluginconsts")
const constants = new Map()
for (const file of readdirSync(folder).filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))) {
  const text = readFileSync(join(folder, file), "utf8")
  for (const [, name, expression] of text.matchAll(
    /(?:const |\n\t?)(\w+) = ((?:`[^`]*`|\w+)(?:\s*\+\s*(?:`[^`]*`|\w+))*)/g,
  )) {
    constants.set(name, expression)
  }
}
const valueOf = (expression) =>
  expression
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith("`")
        ? part.slice(1, -1)
        : part
            .replaceAll(/\w+/g, (name) => valueOf(constants.get(name) ?? ""))
            .replaceAll(/[+\s]/g, (c) => (c === "\n" ? c : c === "+" ? "" : c)),
    )
    .join("")
const names = readFileSync(join(folder, "defaultconfig.go"), "utf8")
  .split("GetDefaultFieldSpecsAsMap")[0]
  .match(/\[\]byte\((\w+)\)/g)
  .map((match) => match.slice(7, -1))
const specs = {}
for (const name of names) Object.assign(specs, parse(valueOf(constants.get(name))))

// In kustomize's order, so that nobody has to sort them at every start.
const gvk = readFileSync(join(kyamlModule, "resid/gvk.go"), "utf8")
const kindsIn = (variable) =>
  [
    ...gvk
      .split(`var ${variable} = `)[1]
      .split("}")[0]
      .matchAll(/"(\w+)"/g),
  ].map(([, kind]) => kind)
const [first, last] = [kindsIn("orderFirst"), kindsIn("orderLast")]
const rank = (kind) => (first.includes(kind) ? first.indexOf(kind) - first.length : last.indexOf(kind) + 1)
const sortText = ({ group, version, kind }) => `${group || "~G"}_${version || "~V"}_${kind || "~K"}`
for (const table of Object.values(specs)) {
  table.sort(
    (a, b) => rank(a.kind) - rank(b.kind) || (sortText(a) < sortText(b) ? -1 : sortText(a) > sortText(b) ? 1 : 0),
  )
}
writeFileSync(
  "src/config/field-specs.generated.ts",
  `${header("the default field specs", "kustomize 5.8.2")}
/** One field that a transformer changes. */
interface Spec {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly path: string
  readonly create?: boolean
}

/** The default tables, each in order. */
export const defaultFieldSpecs: {
  readonly [table: string]: readonly (Spec | { readonly group?: string; readonly version?: string; readonly kind?: string; readonly fieldSpecs: readonly Spec[] })[]
} = ${literal(specs)}
`,
)
