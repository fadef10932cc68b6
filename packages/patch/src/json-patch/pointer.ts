import { PatchError } from "../error.ts"
import type { Dialect } from "./dialect.ts"

/** The steps of a JSON pointer. Throws `InvalidPatch` for a text that is none. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === "") return []
  if (!pointer.startsWith("/")) throw new PatchError("InvalidPatch", `${quoted(pointer)} is no JSON pointer`)
  return pointer
    .slice(1)
    .split("/")
    .map((step) => (step.includes("~") ? step.replaceAll("~1", "/").replaceAll("~0", "~") : step))
}

/** A text in quotation marks, for messages. */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

/** The error for a place that does not exist. */
export function missing(pointer: string): PatchError {
  return new PatchError("PatchFailed", `${quoted(pointer)} does not exist`)
}

/** The index that a step means in a list of `length` items; undefined for one that is no index or out of range. */
export function indexOf(step: string, length: number, { negativeIndices }: Dialect): number | undefined {
  const pattern = negativeIndices ? /^[+-]?\d{1,15}$/ : /^(?:0|[1-9]\d{0,14})$/
  if (!pattern.test(step)) return undefined
  const index = Number(step)
  const counted = index < 0 ? length + index : index
  return counted >= 0 && counted < length ? counted : undefined
}

/** True for a step that can only be an item of a list. */
export function isIndex(step: string): boolean {
  return step === "-" || /^[+-]?\d{1,15}$/.test(step)
}
