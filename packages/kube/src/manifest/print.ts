import { createRequire } from "node:module"
import type { KubeObject } from "../object.ts"

/**
 * Writes one value as YAML, byte for byte as kustomize does.
 *
 * @example
 * printYaml({ b: "yes", a: [1] })   // 'a:\n- 1\nb: "yes"\n'
 */
export function printYaml(value: unknown): string {
  const { stringify } = createRequire(import.meta.url)("yaml") as typeof import("yaml")
  return stringify(value, { sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * Writes objects as a YAML stream, byte for byte as kustomize does: keys sorted, documents divided by `---`.
 *
 * @example
 * printManifests([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } }])
 */
export function printManifests(objects: readonly KubeObject[]): string {
  return objects.map(printYaml).join("---\n")
}
