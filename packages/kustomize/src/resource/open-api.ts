import { fail } from "../error.ts"
import { fieldOf, isMap, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { apiVersionOfGvk, builtinSchemas, schemasOf } from "../strategic-merge/schema.ts"
import type { NamedSchemas, Schemas } from "../strategic-merge/schema.ts"
import { fixedScope } from "./resource-id.ts"
import type { Scopes } from "./resource-id.ts"
import { builtinScopes } from "./scopes.generated.ts"

/**
 * What a build knows of kinds. kustomize keeps this in globals that a kustomization's `openapi` replaces, even in the
 * middle of a build; here it belongs to one build.
 */
export interface OpenApi {
  /** Whether a kind is known to be cluster-scoped. */
  readonly scopes: Scopes
  /** The merge keys of a kind; `load` must have been called. */
  readonly schemas: Schemas
  /** Loads the built-in merge keys if they are in use. */
  load(): Promise<void>
  /** Takes over the `openapi` field of a kustomization. Only the first one counts, unless `replace`. */
  use(field: { readonly [name: string]: string }, document: Node | undefined, replace: boolean): void
}

interface Custom {
  readonly schemas: Schemas
  readonly scopes: ReadonlyMap<string, boolean>
}

const builtinVersion = "v1.21.2"

/** The knowledge of a build that begins. */
export function createOpenApi(): OpenApi {
  let version = ""
  let custom: Custom | undefined
  let initialized = false
  /** `delayed`: a kind was asked for before a custom document came, so that both will be in use. */
  let builtin: "unused" | "delayed" | "used" = "unused"
  let builtinTable: NamedSchemas | undefined

  const initialize = (): void => {
    if (initialized) return
    initialized = true
    if (custom === undefined || builtin === "delayed") builtin = "used"
  }
  const fixedKinds = new Map<string, Map<string, boolean | undefined>>()
  /** What the fixed table says, remembered without building a key. */
  const fixedOf = (apiVersion: string, kind: string): boolean | undefined => {
    let kinds = fixedKinds.get(apiVersion)
    if (kinds === undefined) {
      kinds = new Map()
      fixedKinds.set(apiVersion, kinds)
    }
    if (!kinds.has(kind)) kinds.set(kind, fixedScope(apiVersion, kind))
    return kinds.get(kind)
  }
  const scopes: Scopes = (apiVersion, kind) => {
    const fixed = fixedOf(apiVersion, kind)
    if (fixed !== undefined) return !fixed
    if (custom !== undefined) initialize()
    else if (!initialized && builtin === "unused") builtin = "delayed"
    const key = `${apiVersion}/${kind}`
    const known = builtin === "used" && Object.hasOwn(builtinScopes, key) ? builtinScopes[key] : undefined
    return (known ?? custom?.scopes.get(key)) === false
  }
  return {
    scopes,
    schemas(apiVersion, kind) {
      initialize()
      const known = builtin === "used" ? builtinTable?.ofKind(apiVersion, kind) : undefined
      return known ?? custom?.schemas(apiVersion, kind)
    },
    async load() {
      if (builtinTable !== undefined || (custom !== undefined && builtin === "unused")) return
      builtinTable = builtinSchemas(await import("../strategic-merge/openapi.generated.ts"))
    },
    use(field, document, replace) {
      if ((version !== "" || custom !== undefined) && !replace) return
      const wanted = field["version"]
      if (document !== undefined) {
        if (wanted !== undefined) fail("builtin version and custom schema provided, cannot use both")
        custom = readDocument(document, (name) => (builtin === "used" ? builtinTable?.named(name) : undefined))
        version = "custom"
        initialized = false
      } else if (wanted !== undefined && wanted !== "") {
        if (wanted !== builtinVersion) fail(`the specified OpenAPI version is not built in: ${wanted}`)
        version = wanted
        custom = undefined
        initialized = false
      }
    },
  }
}

function readDocument(document: Node, named: NamedSchemas["named"]): Custom {
  const definitions = fieldOf(document, "definitions")
  const scopes = new Map<string, boolean>()
  const paths = fieldOf(document, "paths")
  if (isMap(paths)) {
    for (const path of Object.keys(paths)) addScope(scopes, path, paths)
  }
  return { schemas: isMap(definitions) ? schemasOf({ own: definitions, builtin: named }) : () => undefined, scopes }
}

function addScope(scopes: Map<string, boolean>, path: string, paths: MapNode): void {
  const gvk = fieldOf(fieldOf(paths[path], "get"), "x-kubernetes-group-version-kind")
  if (!isMap(gvk)) return
  const key = `${apiVersionOfGvk(gvk)}/${textOf(fieldOf(gvk, "kind"))}`
  if (path.includes("namespaces/{namespace}")) scopes.set(key, true)
  else if (!scopes.has(key)) scopes.set(key, false)
}
