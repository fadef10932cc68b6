import type { JsonPatchOperation, KubeObject, ManagedFieldsEntry } from "@gitops-toolkit/kube"
import {
  difference,
  emptyFieldSet,
  isEmptyFieldSet,
  parseFieldSet,
  printFieldSet,
  union,
  type FieldSet,
} from "@gitops-toolkit/patch"
import { removeFields } from "../diff/remove-fields.ts"

/** The managers whose fields become ours (Flux's list): what kubectl wrote, and what was there before the first apply. */
function isTakenOver({ manager = "", operation, subresource }: ManagedFieldsEntry, fieldManager: string): boolean {
  if (subresource) return false
  if (manager === fieldManager) return operation === "Update"
  return manager.startsWith("kubectl") || (manager === "before-first-apply" && operation === "Update")
}

/** True when some fields of `live` are managed by kubectl and would survive our apply although nobody desires them. */
export function hasForeignManagers({ metadata }: KubeObject, fieldManager: string): boolean {
  return (metadata.managedFields ?? []).some((entry) => isTakenOver(entry, fieldManager))
}

/** True when `live` still knows of our apply; managers can be wiped, and what we own with them. */
export function hasOwnManager({ metadata }: KubeObject, fieldManager: string): boolean {
  return (metadata.managedFields ?? []).some(
    ({ manager, operation, subresource }) => manager === fieldManager && operation === "Apply" && !subresource,
  )
}

/**
 * What the object will be after a take-over: `answer` (of the dry run, made before it) without the fields that only
 * the taken-over managers have.
 */
export function withoutTakenOver(answer: KubeObject, fieldManager: string): KubeObject {
  const entries = answer.metadata.managedFields ?? []
  const fieldsOf = (wanted: boolean): FieldSet =>
    entries
      .filter((entry) => isTakenOver(entry, fieldManager) === wanted)
      .reduce((all, entry) => union(all, parseFieldSet(entry.fieldsV1)), emptyFieldSet)
  const kept = fieldsOf(false)
  const freed = difference(fieldsOf(true), kept)
  if (isEmptyFieldSet(freed)) return answer
  return removeFields(answer, { freed: printFieldSet(freed), kept: printFieldSet(kept) }) as KubeObject
}

/** The patch that turns the entries of the taken-over managers into ours, for exactly this version of `live`. */
export function takeOverPatch(live: KubeObject, fieldManager: string): JsonPatchOperation[] {
  const entries = live.metadata.managedFields ?? []
  const taken = entries.filter((entry) => isTakenOver(entry, fieldManager))
  const kept = entries.filter((entry) => !isTakenOver(entry, fieldManager))
  const own = kept.find((entry) => entry.manager === fieldManager && entry.operation === "Apply" && !entry.subresource)
  const first = own ?? taken[0]
  if (first === undefined) return []
  const sets = [...taken, ...(own ? [own] : [])].map((entry) => parseFieldSet(entry.fieldsV1))
  const fieldsV1 = printFieldSet(sets.reduce(union, emptyFieldSet))
  const merged: ManagedFieldsEntry = {
    ...first,
    manager: fieldManager,
    operation: "Apply",
    fieldsType: "FieldsV1",
    fieldsV1,
  }
  return [
    // The server's own check: another version answers Conflict (a failed `test` would be an Invalid like any other).
    { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion ?? "" },
    { op: "replace", path: "/metadata/managedFields", value: [...kept.filter((entry) => entry !== own), merged] },
  ]
}
