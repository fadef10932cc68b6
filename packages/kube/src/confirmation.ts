import type { Confirmation } from "./cluster.ts"
import { sortedKeys } from "./compare.ts"
import { digestOf } from "./digest.ts"
import { equalJson } from "./equal.ts"
import { parseJson } from "./json.ts"
import type { KubeObject } from "./object.ts"

/** A field set in the wire's form, as `managedFields[].fieldsV1` has it. */
type Fields = { readonly [path: string]: unknown }

/**
 * The digest of the values that `object` has in `fields` (a `fieldsV1`): equal exactly when all of these fields are
 * equal. A field that is gone counts as absent; of a list's or map's own entry (`.`) only its presence counts, so that
 * fields which others add beside ours change nothing.
 *
 * @example
 * const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { ours: "1", theirs: "2" } }
 * const ours = { "f:data": { "f:ours": {} } }
 * valuesDigest(live, ours) === valuesDigest({ ...live, data: { ours: "1" } }, ours)   // true
 */
export function valuesDigest(object: KubeObject, fields: Fields): string {
  return digestOf(valuesIn(object, fields))
}

/**
 * True when `live` is as the server confirmed it: the same object, and either the same version, or a newer one with
 * equal values in all confirmed fields. False for an older version (a cache that lags behind our own last write) and
 * for versions that cannot be compared.
 *
 * @example
 * const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", uid: "8a3f", resourceVersion: "7" }, data: { k: "v", other: "x" } }
 * const fields = { "f:data": { "f:k": {} } }
 * isConfirmed(live, { uid: "8a3f", resourceVersion: "5", desiredDigest: "", fields, valuesDigest: valuesDigest(live, fields) })   // true
 */
export function isConfirmed(live: KubeObject, confirmation: Confirmation): boolean {
  const { uid, resourceVersion = "" } = live.metadata
  if (uid !== confirmation.uid) return false
  if (resourceVersion === confirmation.resourceVersion) return true
  const order = compareResourceVersions(resourceVersion, confirmation.resourceVersion)
  return order !== undefined && order > 0 && valuesDigest(live, confirmation.fields) === confirmation.valuesDigest
}

/**
 * Orders two resourceVersions of one object, as integers of any size: negative when `a` is older, positive when newer,
 * zero when equal. Undefined when one of them is no decimal number (Kubernetes promises it since 1.35 only).
 *
 * @example
 * compareResourceVersions("999", "1000")! < 0   // true
 * compareResourceVersions("7", "7")   // 0
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0
  if (!isDecimal(a) || !isDecimal(b)) return undefined
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}

function isDecimal(text: string): boolean {
  return /^(?:0|[1-9]\d{0,99})$/.test(text)
}

// Absence is written as an empty list, which no value is: values stand in a list of one.
function valuesIn(value: unknown, fields: Fields): unknown {
  const paths = sortedKeys(fields)
  if (paths.length === 0) return value === undefined ? [] : [value]
  return paths.map((path) => {
    if (path === ".") return [path, value !== undefined]
    const below = fields[path]
    return [path, valuesIn(child(value, path), isMap(below) ? below : {})]
  })
}

function child(value: unknown, path: string): unknown {
  const text = path.slice(2)
  if (path.startsWith("f:")) return isMap(value) && Object.hasOwn(value, text) ? value[text] : undefined
  if (!Array.isArray(value)) return undefined
  const list: readonly unknown[] = value
  if (path.startsWith("i:")) return list[Number(text)]
  const wanted = parseJson(text)
  if (path.startsWith("v:")) return list.find((item) => equalJson(item, wanted))
  return path.startsWith("k:") && isMap(wanted) ? list.find((item) => hasKeys(item, wanted)) : undefined
}

function hasKeys(item: unknown, keys: Fields): boolean {
  return isMap(item) && Object.keys(keys).every((key) => Object.hasOwn(item, key) && equalJson(item[key], keys[key]))
}

function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
