import { compareBytes } from "@gitops-toolkit/kube"
import { fail } from "../error.ts"
import { cloneNode, fieldOf, isMap, isScalar, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { resolveNode } from "../node/resolve.ts"
import type { PlainNode } from "../node/resolve.ts"
import { remember } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { nameOf, setName } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"

const substitutes: { readonly [digit: string]: string } = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" }
const escapes: { readonly [character: string]: string } = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
}

/** JSON as Go writes it: keys sorted by bytes, and the characters escaped that HTML minds. */
export function printGoJson(value: unknown): string {
  return printJson(value).replace(/[<>&\u2028\u2029]/g, (character) => escapes[character]!)
}

function printJson(value: unknown): string {
  if (typeof value === "bigint") return String(value)
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`
  const map = value as { readonly [name: string]: unknown }
  const names = Object.keys(map).toSorted(compareBytes)
  return `{${names.map((name) => `${JSON.stringify(name)}:${printJson(map[name])}`).join(",")}}`
}

function valueAt(node: MapNode, name: string): PlainNode {
  const value = fieldOf(node, name)
  if (value === undefined) return ""
  if (isScalar(value)) return textOf(value)
  return isMap(value) ? resolveNode(cloneNode(value) as Node) : null
}

/**
 * The suffix that kustomize gives a ConfigMap or Secret for its content. The name does not count, nor do labels.
 *
 * @example
 * hashOf({ kind: "ConfigMap", data: { a: "1" } })   // ten letters and digits
 */
export function hashOf(node: MapNode): string {
  const kind = textOf(fieldOf(node, "kind"))
  const content: { [field: string]: PlainNode } = { kind, name: "", data: valueAt(node, "data") }
  if (kind !== "ConfigMap" && kind !== "Secret") fail(`only ConfigMaps and Secrets get a hash suffix, not ${kind}`)
  if (kind === "Secret") content["type"] = valueAt(node, "type")
  const further = kind === "ConfigMap" ? "binaryData" : "stringData"
  const value = fieldOf(node, further)
  if (value !== undefined && !isScalar(value)) content[further] = valueAt(node, further)
  // Loaded for hashes only: it takes longer than a small build.
  const { createHash } = process.getBuiltinModule("node:crypto")
  const hex = createHash("sha256").update(printGoJson(content)).digest("hex")
  return hex.slice(0, 10).replace(/[013ae]/g, (digit) => substitutes[digit]!)
}

/** Adds the hash of its content to the name of every generated object that wants one. */
export function addHashes(map: ResourceMap): void {
  for (const resource of map.resources) if (resource.needsHash && resource.node !== undefined) addHash(map, resource)
}

function addHash(map: ResourceMap, resource: Resource): void {
  const hash = hashOf(resource.node!)
  remember(map, resource)
  setName(resource, `${nameOf(resource)}-${hash}`)
}
