import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"

/** The rules of one kind: every violation; `previous` is there when the object is updated. */
export type Rule = (object: KubeObject, previous: KubeObject | undefined) => readonly Cause[]

/** A JSON map. */
export type Members = { readonly [name: string]: unknown }

/** True for a JSON map. */
export function isMap(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The map, or an empty one. */
export function mapOf(value: unknown): Members {
  return isMap(value) ? value : {}
}

/** The list of maps, or an empty one. */
export function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? (value as unknown[]).map((item) => mapOf(item)) : []
}

/** `Invalid value: …`. */
export function invalid(field: string, value: unknown, why: string): Cause {
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value ?? null)
  return { reason: "FieldValueInvalid", message: `Invalid value: ${text}: ${why}`, field }
}

/** `Required value`, with a reason when `why` is given. */
export function required(field: string, why: string = ""): Cause {
  return { reason: "FieldValueRequired", message: why === "" ? "Required value" : `Required value: ${why}`, field }
}

/** `Forbidden: …`. */
export function forbidden(field: string, why: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field }
}

/** `Unsupported value: …`. */
export function unsupported(field: string, value: unknown, values: readonly string[]): Cause {
  const list = values.map((each) => JSON.stringify(each)).join(", ")
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
    field,
  }
}

/** `Duplicate value: …`. */
export function duplicate(field: string, value: unknown): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(value)}`, field }
}

/** `Not found: …`. */
export function missing(field: string, value: unknown): Cause {
  return { reason: "FieldValueNotFound", message: `Not found: ${JSON.stringify(value)}`, field }
}

/** `Too long: …`. */
export function tooLong(field: string, limit: number): Cause {
  return { reason: "FieldValueTooLong", message: `Too long: may not be more than ${limit} bytes`, field }
}

/** Each fault as an `Invalid value`. */
export function faults(field: string, value: unknown, texts: readonly string[]): Cause[] {
  return texts.map((text) => invalid(field, value, text))
}

/** A number that must not be negative. */
export function notNegative(field: string, value: unknown): Cause[] {
  return typeof value === "number" && value < 0 ? [invalid(field, value, "must be greater than or equal to 0")] : []
}

/** A field that no update may change; `text` is what the server says. */
export function fixed(
  field: string,
  {
    now,
    before,
    text = "field is immutable",
  }: { readonly now: unknown; readonly before: unknown; readonly text?: string },
): Cause[] {
  return equalJson(now ?? null, before ?? null) ? [] : [invalid(field, now, text)]
}
