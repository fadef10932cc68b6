import { readFileSync } from "node:fs"
import { brotliDecompressSync } from "node:zlib"

/** The schemas of an OpenAPI document by name. */
export type Schemas = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What scripts/generate-openapi.mjs writes: documents hold indexes of `schemas`. */
interface Stored {
  readonly schemas: readonly (readonly [name: string, schema: Schemas[string]])[]
  readonly documents: { readonly [path: string]: readonly number[] }
}

/** As far from `src` as from `dist`. */
const place = new URL("../../../../assets/openapi-schemas.json.br", import.meta.url)

let stored: Stored | undefined

/**
 * The schemas that a real server publishes of a built-in group version (`apis/apps/v1`); undefined for others. Read at first
 * use and shared: a cluster that nobody asks for OpenAPI holds none of them.
 */
export function builtInSchemas(path: string): Schemas | undefined {
  stored ??= JSON.parse(brotliDecompressSync(readFileSync(place)).toString()) as Stored
  const { schemas, documents } = stored
  return documents[path] && Object.fromEntries(documents[path].map((index) => schemas[index]!))
}
