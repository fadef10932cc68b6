import type { Cause } from "../../answer.ts"
import { goJson } from "../go-json.ts"

/** 422: the value is none. */
export const invalid = (field: string, value: unknown, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${goJson(value)}: ${why}`,
  field,
})

/** 422: a value is missing. */
export const required = (field: string, why: string): Cause => ({
  reason: "FieldValueRequired",
  message: why === "" ? "Required value" : `Required value: ${why}`,
  field,
})

/** 422: nothing may stand here. */
export const forbidden = (field: string, why: string): Cause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
})

/** 422: not one of the values that there are. */
export const unsupported = (field: string, value: unknown, values: readonly string[]): Cause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${goJson(value)}: supported values: ${values.map((each) => JSON.stringify(each)).join(", ")}`,
  field,
})

/** 422: the value stands here for the second time. */
export const duplicate = (field: string, value: unknown): Cause => ({
  reason: "FieldValueDuplicate",
  message: `Duplicate value: ${goJson(value)}`,
  field,
})
