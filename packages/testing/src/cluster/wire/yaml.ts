import { ManifestError, parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { YamlReader } from "./body.ts"

/** Reads a YAML body as the server does: YAML 1.1, the first document. Throws an error in the server's words. */
export const readYaml: YamlReader = (text) => {
  try {
    return { json: parseYamlDocuments(text)[0]?.value, duplicates: duplicateKeys(text) }
  } catch (error) {
    throw new Error(`error converting YAML to JSON: yaml: ${faultOf(error)}`)
  }
}

function faultOf(error: unknown): string {
  if (!(error instanceof ManifestError)) return String(error)
  const fault = error.rawMessage.replace(/ \(line \d+, column \d+\)$/, "")
  return fault.replace(/ in this place$/, " in this context")
}

/** Keys that stand twice in a map, as the server tells them. */
function duplicateKeys(text: string): string[] {
  try {
    parseYamlDocuments(text, { profile: "kustomize" })
    return []
  } catch (error) {
    if (!(error instanceof ManifestError) || error.code !== "DuplicateKey") return []
    const line = error.at?.line ?? 1
    return [`line ${line}: key ${JSON.stringify(keyIn(text.split("\n")[line - 1] ?? ""))} already set in map`]
  }
}

/** The key that a line sets. */
function keyIn(line: string): string {
  const key = line.slice(0, Math.max(line.indexOf(":"), 0)).replace(/^[\s-]*/, "")
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key
}
