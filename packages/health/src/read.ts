import type { JsonMap } from "./health.ts"

/** The map at `path` below `value`; an empty one when something on the way is absent or of another type. */
export function mapAt(value: unknown, ...path: readonly string[]): JsonMap {
  const found = valueAt(value, path)
  return isMap(found) ? found : {}
}

/** The list at `path` below `value`; an empty one when it is absent or of another type. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, path)
  return Array.isArray(found) ? found : []
}

/** The text at `path` below `value`; the empty one when it is absent or of another type. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, path)
  return typeof found === "string" ? found : ""
}

/** The integer at `path` below `value`; `fallback` when it is absent, no number or has a fraction. */
export function integerAt(value: unknown, path: readonly string[], fallback: number): number {
  return integerOf(valueAt(value, path)) ?? fallback
}

/** An integer as a number (a `bigint` loses precision beyond 2^53), undefined for any other value. */
export function integerOf(value: unknown): number | undefined {
  if (typeof value === "bigint") return Number(value)
  return typeof value === "number" && Number.isInteger(value) ? value : undefined
}

/** The value at `path` below `value`, own properties only. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const field of path) {
    if (!isMap(found) || !Object.hasOwn(found, field)) return undefined
    found = found[field]
  }
  return found
}

/** One entry of `status.conditions` as a stranger wrote it: absent texts are empty. */
export interface AnyCondition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** The entries of `status.conditions` in their order. Never throws. */
export function conditionsIn(object: unknown): readonly AnyCondition[] {
  return listAt(object, "status", "conditions").map((item) => ({
    type: textAt(item, "type"),
    status: textAt(item, "status"),
    reason: textAt(item, "reason"),
    message: textAt(item, "message"),
  }))
}

/** True when `status.conditions` is there and is no list: nothing can be concluded from such an object. */
export function hasInvalidConditions(object: unknown): boolean {
  const conditions = valueAt(object, ["status", "conditions"])
  return conditions !== undefined && conditions !== null && !Array.isArray(conditions)
}

/** True when there is a condition of this type and status. */
export function hasCondition(object: unknown, type: string, status: string): boolean {
  return conditionsIn(object).some((condition) => condition.type === type && condition.status === status)
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
