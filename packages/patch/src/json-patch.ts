import type { JsonPatchOperation } from "@gitops-toolkit/kube"
import { PatchError } from "./error.ts"
import { applyOperations } from "./json-patch/apply.ts"
import { diffAt } from "./json-patch/diff.ts"
import type { JsonPatchOptions } from "./json-patch/dialect.ts"
import { assertBounded } from "./value/json.ts"

export type { JsonPatchDialect, JsonPatchOptions } from "./json-patch/dialect.ts"

/**
 * `document` after all operations of a JSON patch (RFC 6902), or none of them: the first that fails throws. Neither
 * argument is changed; unchanged parts are shared.
 *
 * An absent document (undefined) stays absent.
 *
 * Throws `InvalidPatch` for a malformed operation, `PatchFailed` for a path that does not fit, `TestFailed` for a
 * `test` that finds another value, `TooDeep`.
 *
 * @example
 * applyJsonPatch({ a: [1, 2] }, [{ op: "add", path: "/a/-", value: 3 }])   // { a: [1, 2, 3] }
 */
export function applyJsonPatch(
  document: unknown,
  patch: readonly JsonPatchOperation[],
  options: JsonPatchOptions = {},
): unknown {
  assertBounded(patch)
  if (!Array.isArray(patch)) throw new PatchError("InvalidPatch", "a JSON patch must be a list of operations")
  return document === undefined ? undefined : applyOperations(document, patch, options)
}

/**
 * A JSON patch that turns `before` into `after`: member by member; of lists, what both begin and end with is left
 * alone and the items between are changed in place. Throws `TooDeep`.
 *
 * @example
 * createJsonPatch({ a: [1, 3] }, { a: [1, 2, 3] })   // [{ op: "add", path: "/a/1", value: 2 }]
 */
export function createJsonPatch(before: unknown, after: unknown): readonly JsonPatchOperation[] {
  assertBounded(before, after)
  const patch: JsonPatchOperation[] = []
  diffAt(patch, "", [before, after])
  return patch
}
