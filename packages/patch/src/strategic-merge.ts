import { PatchError } from "./error.ts"
import { haveConflicts } from "./strategic/conflict.ts"
import { diffMaps } from "./strategic/diff.ts"
import { asMap } from "./strategic/lookup.ts"
import { mergeMap } from "./strategic/merge.ts"
import type { Topology } from "./topology.ts"
import { assertBounded, type JsonMap } from "./value/json.ts"

/**
 * `target` after a strategic merge patch: maps are merged, lists by their patch strategy and merge key, null deletes.
 * All directives are carried out: `$patch: replace|delete`, `$retainKeys`, `$setElementOrder/<list>`,
 * `$deleteFromPrimitiveList/<list>`. Null and undefined stand for an empty target. Neither argument is changed.
 * Source: apimachinery's strategicpatch, Kubernetes 1.36, messages included.
 *
 * Throws `InvalidPatch` for bad directives, items without their merge key, fields that the type does not have (where
 * both sides hold a map or a list), lists of lists, and anything but maps at the root; `TooDeep`.
 *
 * @example
 * applyStrategicMerge(service, { spec: { ports: [{ port: 80, targetPort: 8080 }] } }, topologyOf({ apiVersion: "v1", kind: "Service" })!)
 */
export function applyStrategicMerge(target: unknown, patch: unknown, topology: Topology): JsonMap {
  assertBounded(target, patch)
  return mergeMap(topology, { original: rootOf(target), patch: asMap(patch) }, { final: true })
}

/**
 * The strategic merge patch that turns `original` into `modified`, the order of merging lists included. Null and undefined
 * stand for an empty map. Throws `InvalidPatch` as `applyStrategicMerge` does; `TooDeep`.
 *
 * @example
 * const pod = (image: string) => ({ spec: { containers: [{ name: "web", image }] } })
 * createStrategicMerge(pod("web:1"), pod("web:2"), topologyOf({ apiVersion: "v1", kind: "Pod" })!)
 * // { spec: { "$setElementOrder/containers": [{ name: "web" }], containers: [{ name: "web", image: "web:2" }] } }
 */
export function createStrategicMerge(original: unknown, modified: unknown, topology: Topology): JsonMap {
  assertBounded(original, modified)
  const sides = { original: rootOf(original), modified: rootOf(modified) }
  return diffMaps(topology, sides, { order: true, changes: true, deletions: true, retain: false })
}

/** What `createThreeWayStrategicMerge` takes. */
export interface ThreeWayOptions {
  /** What was applied last. */
  readonly original: unknown
  /** What is to be. */
  readonly modified: unknown
  /** What is. */
  readonly current: unknown
  /** True (default): the patch wins over what others changed in `current`. False: that is a `PatchConflict`. */
  readonly overwrite?: boolean
}

/**
 * The strategic merge patch of `kubectl apply`: what `modified` adds to or changes in `current`, and what it deletes
 * from `original`. What others added to `current` stays. Throws `PatchConflict` when `overwrite` is false and `current`
 * was changed in another way than `modified` asks for; `InvalidPatch` as `applyStrategicMerge` does; `TooDeep`.
 *
 * @example
 * const [original, modified] = [{ data: { mode: "dark", beta: "on" } }, { data: { mode: "light" } }]
 * const current = { data: { mode: "dark", beta: "on", theirs: "kept" } }
 * createThreeWayStrategicMerge({ original, modified, current }, topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!)
 * // { data: { mode: "light", beta: null } }
 */
export function createThreeWayStrategicMerge(options: ThreeWayOptions, topology: Topology): JsonMap {
  assertBounded(options.original, options.modified, options.current)
  const original = rootOf(options.original)
  const modified = rootOf(options.modified)
  const current = rootOf(options.current)
  const changes = { order: true, changes: true, deletions: false, retain: false }
  const delta = diffMaps(topology, { original: current, modified }, changes)
  const gone = diffMaps(topology, { original, modified }, { ...changes, changes: false, deletions: true })
  const patch = mergeMap(topology, { original: gone, patch: delta }, { final: false })
  if (options.overwrite === false) {
    const foreign = { order: false, changes: true, deletions: true, retain: false }
    const changed = diffMaps(topology, { original, modified: current }, foreign)
    if (haveConflicts(topology, patch, changed)) {
      throw new PatchError("PatchConflict", "the patch conflicts with changes made from original to current")
    }
  }
  return patch
}

function rootOf(document: unknown): JsonMap {
  return document === null || document === undefined ? {} : asMap(document)
}
