import { compareBytes } from "@gitops-toolkit/kube"
import { checkKey } from "../config/field-spec.ts"
import { fail } from "../error.ts"
import type { GeneratorEntry, GeneratorOptions } from "../kustomization.ts"
import { setField } from "../node/node.ts"
import type { OwnMap } from "../node/node.ts"
import { ensureMap } from "../node/path.ts"
import { createResource, ensureAnnotations } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import type { Datum } from "./key-values.ts"

const lineLength = 70

/** Base64 as kustomize writes it: a longer text in lines of 70, the last one ended too. */
export function encodeBase64(datum: Datum): string {
  const encoded = Buffer.from(datum as string).toString("base64")
  if (encoded.length < lineLength) return encoded
  let lines = ""
  for (let i = 0; i < encoded.length; i += lineLength) lines += `${encoded.slice(i, i + lineLength)}\n`
  return lines
}

function inOrder(data: ReadonlyMap<string, Datum>): [string, Datum][] {
  for (const key of data.keys()) checkKey(key)
  return [...data].toSorted(([a], [b]) => compareBytes(a, b))
}

// A block that begins with a tab cannot be read again by the YAML library of kustomize.
function checkText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const isBlock = text.includes("\n") && !/ \n| $|[\u0000-\u0008\u000B-\u001F]/.test(text)
  if (isBlock && text.startsWith("\t")) fail("found a tab character where an indentation space is expected")
  return text
}

/** Adds data to a ConfigMap: texts to `data`, other bytes to `binaryData`. */
export function addConfigMapData(node: OwnMap, data: ReadonlyMap<string, Datum>): void {
  for (const [key, datum] of inOrder(data)) {
    const isText = typeof datum === "string"
    const field = isText ? "data" : "binaryData"
    setField(ensureMap(node, field), key, isText ? checkText(datum) : encodeBase64(datum))
  }
}

/** Adds data to a Secret. */
export function addSecretData(node: OwnMap, data: ReadonlyMap<string, Datum>): void {
  const map = ensureMap(node, "data")
  for (const [key, datum] of inOrder(data)) setField(map, key, encodeBase64(datum))
}

/** What is local wins; switching the hash off, or immutable on, cannot be undone. */
export function mergeOptions(
  local: GeneratorOptions | undefined,
  global: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (global === undefined || local === undefined) return local ?? global
  return {
    labels: { ...global.labels, ...local.labels },
    annotations: { ...global.annotations, ...local.annotations },
    disableNameSuffixHash: local.disableNameSuffixHash || global.disableNameSuffixHash,
    immutable: local.immutable || global.immutable,
  }
}

/** The ConfigMap or Secret of a generator entry; `data` as `readKeyValues` gives it. */
export function generateObject(
  kind: "ConfigMap" | "Secret",
  entry: GeneratorEntry,
  data: ReadonlyMap<string, Datum>,
): Resource {
  if (entry.name === "") fail("a configmap must have a name")
  const metadata: OwnMap = { name: entry.name }
  if (entry.namespace !== "") metadata["namespace"] = entry.namespace
  const node: OwnMap = { apiVersion: "v1", kind, metadata }
  if (kind === "Secret") {
    node["type"] = entry.type || "Opaque"
    addSecretData(node, data)
  } else addConfigMapData(node, data)
  const { options } = entry
  for (const field of ["labels", "annotations"] as const) {
    const entries = Object.entries(options?.[field] ?? {})
    if (entries.length === 0) continue
    const map: OwnMap = {}
    for (const [name, value] of entries) {
      checkKey(name)
      setField(map, name, value)
    }
    metadata[field] = map
  }
  if (options?.immutable === true) node["immutable"] = true
  const resource = createResource(node)
  resource.needsHash = options?.disableNameSuffixHash !== true
  resource.behavior = behaviorOf(entry.behavior)
  ensureAnnotations(resource)
  return resource
}

const behaviorOf = (behavior: string): Resource["behavior"] =>
  behavior === "merge" || behavior === "replace" || behavior === "create" ? behavior : "unspecified"
