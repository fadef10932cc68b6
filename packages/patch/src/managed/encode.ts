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
    entries.push({
      ...(manager ? { manager } : {}),
      operation: applied ? "Apply" : operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: "FieldsV1",
      fieldsV1: writeFieldsV1(fields),
      ...(subresource ? { subresource } : {}),
    })
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

/** A time as the server writes it: UTC, to the second. */
export function printTime(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`
}
