import { createRequire } from "node:module"
import type { YamlDocument, YamlOptions } from "../options.ts"

/** Reads with the library `yaml`. */
export function readSlowly(text: string, _options: YamlOptions): YamlDocument[] {
  const { parseAllDocuments } = createRequire(import.meta.url)("yaml") as typeof import("yaml")
  const documents = parseAllDocuments(text, { merge: true, intAsBigInt: true })
  const list = Array.isArray(documents) ? documents : []
  return list
    .filter((document) => document.contents !== null)
    .map((document) => {
      if (document.errors[0]) throw document.errors[0]
      const value: unknown = document.toJS({ reviver: (_key, item) => shrink(item) })
      return { value: shrink(value), line: 1, positionOf: () => undefined, textOf: () => undefined }
    })
}

function shrink(value: unknown): unknown {
  if (typeof value !== "bigint") return value
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}
