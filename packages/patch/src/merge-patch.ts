import { equalJson } from "@gitops-toolkit/kube"
import { PatchError } from "./error.ts"
import { onlyNulls, withoutNulls } from "./merge/nulls.ts"
import { assertBounded, assign, isMap, own, type JsonMap } from "./value/json.ts"

/**
 * `target` after a JSON merge patch (RFC 7386): null deletes, maps are merged, everything else replaces. Nulls inside
 * new maps are dropped, nulls inside lists stay. Neither argument is changed; unchanged parts are shared.
 * Throws `TooDeep` for a patch that is nested too deeply.
 *
 * @example
 * applyMergePatch({ a: 1, b: { c: 2 } }, { b: { c: null, d: 3 } })   // { a: 1, b: { d: 3 } }
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  assertBounded(patch)
  return mergeValue(target, patch)
}

function mergeValue(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const before: JsonMap = isMap(target) ? target : {}
  let changed: { [name: string]: unknown } | undefined = isMap(target) ? undefined : {}
  for (const name of Object.keys(patch)) {
    const value = own(patch, name)
    const present = own(before, name)
    if (value === null) {
      if (present !== undefined) delete (changed ??= { ...before })[name]
      continue
    }
    const after = mergeValue(present, value)
    if (after === present) continue
    changed ??= { ...before }
    assign(changed, name, after)
  }
  return changed ?? target
}

/**
 * The merge patch that turns `original` into `modified`: lists that differ are sent whole, what is gone is null.
 * Both must be maps, or both lists of maps of one length (a list of patches), as evanphx/json-patch has it.
 * Throws `InvalidPatch` for documents of different outer types, and for scalars.
 *
 * @example
 * createMergePatch({ a: 1, b: 2 }, { a: 1, c: 3 })   // { b: null, c: 3 }
 */
export function createMergePatch(original: unknown, modified: unknown): unknown {
  assertBounded(original, modified)
  if (isMap(original) && isMap(modified)) return diffMaps(original, modified)
  if (Array.isArray(original) && Array.isArray(modified) && original.length === modified.length) {
    return original.map((item, i) => createMergePatch(item, modified[i]))
  }
  throw new PatchError("InvalidPatch", "a merge patch needs two documents of the same outer type")
}

function diffMaps(original: JsonMap, modified: JsonMap): JsonMap {
  const patch: { [name: string]: unknown } = {}
  for (const name of Object.keys(modified)) {
    const before = own(original, name)
    const after = modified[name]
    if (before === undefined) assign(patch, name, after)
    else if (isMap(before) && isMap(after)) {
      const inner = diffMaps(before, after)
      if (Object.keys(inner).length > 0) assign(patch, name, inner)
    } else if (!equalJson(before, after)) assign(patch, name, after)
  }
  for (const name of Object.keys(original)) if (own(modified, name) === undefined) assign(patch, name, null)
  return patch
}

/**
 * One merge patch that does what `first` and then `second` do: the nulls of both are kept. One thing no merge patch
 * can say: where `first` deletes a member and `second` sets it to a map, what the document has in that member stays.
 *
 * @example
 * combineMergePatches({ a: null }, { b: 1 })   // { a: null, b: 1 }
 */
export function combineMergePatches(first: unknown, second: unknown): unknown {
  assertBounded(first, second)
  return combine(first, second)
}

function combine(first: unknown, second: unknown): unknown {
  if (!isMap(first) || !isMap(second)) return second
  const both: { [name: string]: unknown } = { ...first }
  for (const name of Object.keys(second)) {
    const before = own(first, name)
    assign(both, name, before === undefined ? second[name] : combine(before, second[name]))
  }
  return both
}

/** What `createThreeWayMergePatch` takes; null and undefined stand for an empty map. */
export interface ThreeWayMergeOptions {
  /** What was applied last. */
  readonly original: unknown
  /** What is to be. */
  readonly modified: unknown
  /** What is. */
  readonly current: unknown
}

/**
 * The merge patch of `kubectl apply` for custom resources: what `modified` adds to or changes in `current`, and null
 * for everything that `original` has and `modified` lacks. What others added to `current` stays.
 *
 * @example
 * const [original, modified] = [{ spec: { size: 1, tier: "free" } }, { spec: { size: 3 } }]
 * createThreeWayMergePatch({ original, modified, current: { spec: { size: 1, tier: "free", node: "a" } } })   // { spec: { size: 3, tier: null } }
 */
export function createThreeWayMergePatch({ original, modified, current }: ThreeWayMergeOptions): unknown {
  const changes = withoutNulls(createMergePatch(current ?? {}, modified ?? {}))
  const deletions = onlyNulls(createMergePatch(original ?? {}, modified ?? {}))
  return applyMergePatch(deletions, changes)
}
