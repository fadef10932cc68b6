import { PatchError } from "../error.ts"

/** A JSON object. Reads of unknown names go through `own`, writes through `assign`: names are hostile. */
export type JsonMap = { readonly [name: string]: unknown }

/** Deeper nesting than this is refused everywhere: no Kubernetes object comes near, and recursion stays safe. */
export const maxDepth = 512

/** True for a JSON object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** True for a JSON array. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** The own member `name`, or undefined: never something inherited (`constructor`, `__proto__`). */
export function own(map: JsonMap, name: string): unknown {
  const value = map[name]
  if (value === undefined) return undefined
  if (typeof value === "function" || name === "__proto__") return Object.hasOwn(map, name) ? value : undefined
  return value
}

/** Sets an own member, also when it is called `__proto__`. */
export function assign(map: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  } else map[name] = value
}

/** True for a map without members. */
export function isEmptyMap(map: JsonMap): boolean {
  for (const name in map) if (Object.hasOwn(map, name)) return false
  return true
}

/** Throws `TooDeep` beyond `maxDepth`. */
export function assertDepth(depth: number): void {
  if (depth > maxDepth) throw new PatchError("TooDeep", `a value is nested deeper than ${maxDepth} levels`)
}

/** Throws `TooDeep` when any of `values` is nested too deeply. */
export function assertBounded(...values: readonly unknown[]): void {
  for (const value of values) assertBoundedAt(value, 0)
}

function assertBoundedAt(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return
  assertDepth(depth)
  if (Array.isArray(value)) {
    for (const item of value) assertBoundedAt(item, depth + 1)
  } else for (const name of Object.keys(value)) assertBoundedAt((value as JsonMap)[name], depth + 1)
}
