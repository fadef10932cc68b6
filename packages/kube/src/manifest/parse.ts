import { isKubeObject, type KubeObject } from "../object.ts"
import { ManifestError } from "./error.ts"
import type { YamlDocument, YamlOptions } from "./options.ts"
import { positionAt, type Source } from "./read/fault.ts"
import { readFast, unread } from "./read/fast/read.ts"
import { locate } from "./read/locate.ts"
import { readSlowly } from "./read/slow.ts"
import { splitDocuments } from "./read/split.ts"

/**
 * Reads every document of a YAML (or JSON) text. Documents without content, or with nothing but `null`, are left out.
 * The values are plain JSON: integers outside ±(2^53−1) are `bigint`, maps are new at every place that an alias names.
 *
 * Two lanes read: a single pass for the plain subset that people write, and the library `yaml` for everything else and
 * for every error. Both give equal values.
 *
 * Throws `ManifestError` with path, line, column and a frame.
 *
 * @example
 * parseYamlDocuments("a: 1\n---\nb: 2\n").map(({ value }) => value)   // [{ a: 1 }, { b: 2 }]
 */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  const documents: YamlDocument[] = []
  for (const chunk of splitDocuments(text, options)) {
    const source: Source = { chunk, options }
    const value = readDocument(source)
    if (value !== undefined && value !== null) documents.push(createDocument(source, value))
  }
  return documents
}

function readDocument(source: Source): unknown {
  const value = readFast(source)
  return value === unread ? readSlowly(source) : value
}

function createDocument(source: Source, value: unknown): YamlDocument {
  return {
    value,
    get line() {
      return firstLine(source)
    },
    positionOf: (path) => locate(source, path)?.position,
    textOf: (path) => locate(source, path)?.text,
  }
}

const content = /^[ \t]*[^ \t\n#]/m

function firstLine(source: Source): number {
  const found = content.exec(source.chunk.text)
  return positionAt(source, found?.index ?? 0).line
}

/**
 * Reads Kubernetes objects as kubectl (or, with that profile, kustomize) reads them. `List`s are unfolded, also
 * inside one another, and empty documents left out.
 *
 * Throws `ManifestError`; `NotAnObject` for a document without `apiVersion`, `kind` and `metadata`.
 *
 * @example
 * parseManifests("apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n")[0]?.kind   // "Namespace"
 */
export function parseManifests(text: string, options: YamlOptions = {}): KubeObject[] {
  return parseYamlDocuments(text, options).flatMap((document) => objectsOf(document, document.value, options))
}

function objectsOf(document: YamlDocument, value: unknown, options: YamlOptions): KubeObject[] {
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown }
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    return items.flatMap((item) => objectsOf(document, item, options))
  }
  if (isKubeObject(value)) return [value]
  const { path = "" } = options
  const place = `${path === "" ? "" : `${path}, `}line ${document.line}`
  throw new ManifestError("NotAnObject", `the document lacks apiVersion, kind or metadata (${place})`, {
    at: { path, line: document.line },
  })
}
