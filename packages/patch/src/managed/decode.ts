import type { ManagedFieldsEntry } from "@gitops-toolkit/kube"
import { PatchError } from "../error.ts"
import { readFieldsV1 } from "../field-set/fields-v1.ts"
import type { ManagedSet, Managers } from "../structured-merge.ts"
import { isMap } from "../value/json.ts"
import { idOfEntry } from "./identity.ts"

/** `metadata.managedFields`, decoded: sets and times by manager. */
export interface Managed {
  readonly managers: Managers
  readonly times: ReadonlyMap<string, string | undefined>
}

/** Nobody owns anything. */
export const nobody: Managed = { managers: new Map(), times: new Map() }

/** Throws `InvalidFieldSet` for entries that no server wrote. */
export function decodeEntries(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  if (entries === undefined || entries === null) return nobody
  if (!Array.isArray(entries)) throw new PatchError("InvalidFieldSet", "managedFields must be a list")
  if (entries.length === 0) return nobody
  const managers = new Map<string, ManagedSet>()
  const times = new Map<string, string | undefined>()
  for (const [index, entry] of (entries as readonly ManagedFieldsEntry[]).entries()) {
    assertEntry(entry, index)
    const id = idOfEntry(entry)
    const fields = readFieldsV1(entry.fieldsV1)
    managers.set(id, { apiVersion: entry.apiVersion!, applied: entry.operation === "Apply", fields })
    times.set(id, entry.time)
  }
  return { managers, times }
}

function assertEntry(entry: ManagedFieldsEntry, index: number): void {
  if (!isMap(entry)) throw new PatchError("InvalidFieldSet", `managed fields entry ${index} is not a map`)
  const { operation, apiVersion, fieldsType } = entry
  if (operation !== "Apply" && operation !== "Update") {
    throw new PatchError("InvalidFieldSet", "operation must be `Apply` or `Update`")
  }
  for (const name of ["manager", "apiVersion", "time", "subresource"] as const) {
    const value: unknown = entry[name]
    if (value !== undefined && value !== null && typeof value !== "string") {
      throw new PatchError("InvalidFieldSet", `${name} of managed fields entry ${index} is not a text`)
    }
  }
  if (!apiVersion) throw new PatchError("InvalidFieldSet", "apiVersion must not be empty")
  if (!fieldsType) throw new PatchError("InvalidFieldSet", `missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== "FieldsV1") {
    throw new PatchError(
      "InvalidFieldSet",
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    )
  }
}

/** Unreadable entries count as none: nobody can repair them but a write. */
export function decodeOrNone(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  return decodeOr(entries, nobody)
}

/** The decoded entries, or `other` when they cannot be read. */
export function decodeOr<Other>(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  other: Other,
): Managed | Other {
  try {
    return decodeEntries(entries)
  } catch (error) {
    if (error instanceof PatchError) return other
    throw error
  }
}

/** An empty list, or a list of one empty entry, asks the server to forget all managers. */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false
  return entries.length === 0 || (entries.length === 1 && isMap(entries[0]) && Object.keys(entries[0]).length === 0)
}
