import { isKubeObject, type KubeObject } from "../object.ts"
import { ManifestError } from "./error.ts"
import type { YamlDocument, YamlOptions } from "./options.ts"
import { readSlowly } from "./read/slow.ts"

/**
 * Reads every document of a YAML (or JSON) text; documents without content are left out.
 *
 * @example
 * parseYamlDocuments("a: 1\n---\nb: 2\n").map(({ value }) => value)   // [{ a: 1 }, { b: 2 }]
 */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  return readSlowly(text, options)
}

/**
 * Reads Kubernetes objects; `List`s are unfolded.
 *
 * @example
 * parseManifests("apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n")[0]?.kind   // "Namespace"
 */
export function parseManifests(text: string, options: YamlOptions = {}): KubeObject[] {
  return parseYamlDocuments(text, options).map(({ value }) => {
    if (!isKubeObject(value)) throw new ManifestError("NotAnObject", "a document is no object")
    return value
  })
}
