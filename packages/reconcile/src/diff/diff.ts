import { equalJson, isSecret, type KubeObject } from "@gitops-toolkit/kube"
import { compareValues, isMap, type FieldChange, type JsonMap } from "./compare.ts"
import { removePointers, type Pointer } from "./pointer.ts"

/** What the server keeps about every object: never a change that somebody asked for. */
const serverFields: ReadonlySet<string> = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
])
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

/**
 * What changes from `before` to `after`: annotations first, then labels, other metadata and the rest, sorted by name.
 * Left out are `status`, what only the server writes (`uid`, `managedFields`, …), kubectl's last-applied annotation
 * and the JSON pointers in `ignore`. Values of Secrets are masked: `*** (before)` and `*** (after)` where they differ.
 * Lists are compared place by place. Empty when nothing changes. Pure.
 *
 * @example
 * const web = (replicas: number) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas } })
 * diff(web(2), web(3))   // [{ op: "replace", path: "/spec/replicas", before: 2, after: 3 }]
 */
export function diff(before: KubeObject, after: KubeObject, ignore: readonly Pointer[] = []): FieldChange[] {
  const [old, wanted] =
    ignore.length === 0 ? [before, after] : [before, after].map((one) => removePointers(one, ignore))
  const { annotations, labels, ...metadata } = metadataOf(old)
  const { annotations: newAnnotations, labels: newLabels, ...newMetadata } = metadataOf(wanted)
  const changes = [
    ...compareValues(annotations, newAnnotations, { path: "/metadata/annotations" }),
    ...compareValues(labels, newLabels, { path: "/metadata/labels" }),
    ...compareValues(metadata, newMetadata, { path: "/metadata" }),
    ...compareValues(restOf(old), restOf(wanted), { path: "" }),
  ]
  return isSecret(before) || isSecret(after) ? changes.map(maskChange) : changes
}

function metadataOf(object: unknown): JsonMap {
  const metadata = (object as KubeObject).metadata as unknown
  const kept: [string, unknown][] = []
  for (const [field, value] of Object.entries(isMap(metadata) ? metadata : {})) {
    if (serverFields.has(field)) continue
    const isMarks =
      field === "annotations" || field === "labels" || field === "finalizers" || field === "ownerReferences"
    if (isMarks && isEmpty(value)) continue
    kept.push([field, field === "annotations" ? withoutLastApplied(value) : value])
  }
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
}

function withoutLastApplied(annotations: unknown): unknown {
  if (!isMap(annotations) || !Object.hasOwn(annotations, lastApplied)) return annotations
  const kept = Object.entries(annotations).filter(([key]) => key !== lastApplied)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)
}

function restOf(object: unknown): JsonMap {
  const { metadata: _metadata, status: _status, ...rest } = object as KubeObject
  return rest
}

/** The same change with everything masked that is a Secret's value. */
export function maskChange(change: FieldChange): FieldChange {
  if (!/^\/(?:data|stringData)(?:\/|$)/.test(change.path)) return change
  const { op, path, before, after } = change
  const isWhole = path === "/data" || path === "/stringData"
  if (isWhole && op === "replace") return { op, path, ...maskMaps(before, after) }
  const masked = { ...change }
  const suffix = (text: string): string => (op === "replace" ? `*** (${text})` : "***")
  if ("before" in change) Object.assign(masked, { before: isWhole ? maskAll(before) : suffix("before") })
  if ("after" in change) Object.assign(masked, { after: isWhole ? maskAll(after) : suffix("after") })
  return masked
}

function maskMaps(before: unknown, after: unknown): { before: unknown; after: unknown } {
  if (!isMap(before) || !isMap(after)) return { before: maskAll(before), after: maskAll(after) }
  const maskOf = (values: JsonMap, others: JsonMap, word: string): JsonMap =>
    Object.fromEntries(
      Object.keys(values).map((key) => {
        const changed = Object.hasOwn(others, key) && !equalJson(values[key], others[key])
        return [key, changed ? `*** (${word})` : "***"]
      }),
    )
  return { before: maskOf(before, after, "before"), after: maskOf(after, before, "after") }
}

function maskAll(values: unknown): unknown {
  return isMap(values) ? Object.fromEntries(Object.keys(values).map((key) => [key, "***"])) : "***"
}
