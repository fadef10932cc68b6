import { compareBytes, type ManagedFieldsEntry } from "@gitops-toolkit/kube"
import { writeFieldsV1 } from "../field-set/fields-v1.ts"
import type { Managed } from "./decode.ts"
import { identityOf } from "./identity.ts"

/** The entries in the server's order: appliers first, then by time (to the second), manager, version, sub-resource. */
export function encodeEntries({ managers, times }: Managed): readonly ManagedFieldsEntry[] {
  const entries: ManagedFieldsEntry[] = []
  for (const [id, { apiVersion, applied, fields }] of managers) {
    const { manager, operation, subresource } = identityOf(id)
    const time = times.get(id)
    const entry: { -readonly [Name in keyof ManagedFieldsEntry]: ManagedFieldsEntry[Name] } = {}
    if (manager) entry.manager = manager
    entry.operation = applied ? "Apply" : operation
    entry.apiVersion = apiVersion
    if (time !== undefined) entry.time = time
    entry.fieldsType = "FieldsV1"
    entry.fieldsV1 = writeFieldsV1(fields)
    if (subresource) entry.subresource = subresource
    entries.push(entry)
  }
  return entries.length > 1 ? entries.sort(compareEntries) : entries
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareBytes(a.operation ?? "", b.operation ?? "") ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareBytes(a.manager ?? "", b.manager ?? "") ||
    compareBytes(a.apiVersion ?? "", b.apiVersion ?? "") ||
    compareBytes(a.subresource ?? "", b.subresource ?? "")
  )
}

/** Seconds since the epoch; a missing or unreadable time is the epoch. */
export function secondsOf(time: string | undefined): number {
  const milliseconds = time === undefined ? 0 : Date.parse(time)
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000)
}

let lastTime: { readonly second: number; readonly text: string } | undefined

/** A time as the server writes it: UTC, to the second. */
export function printTime(now: Date): string {
  const second = Math.floor(now.getTime() / 1000)
  // Many writes share a second.
  if (lastTime?.second !== second) lastTime = { second, text: `${now.toISOString().slice(0, 19)}Z` }
  return lastTime.text
}
