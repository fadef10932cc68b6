import { isMap, own, type JsonMap } from "./json.ts"

/**
 * True when both are the same JSON: member order does not matter, `1` equals `1.0`, absent is not null.
 * Stops at shared structure.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object") return equalNumbers(a, b)
  if (a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  return isMap(a) && isMap(b) && equalMaps(a, b)
}

function equalNumbers(a: unknown, b: unknown): boolean {
  if (typeof a === "bigint") return typeof b === "number" && Number(a) === b
  return typeof b === "bigint" && typeof a === "number" && Number(b) === a
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
  return true
}

function equalMaps(a: JsonMap, b: JsonMap): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  for (const name of names) {
    const right = own(b, name)
    if (right === undefined || !equal(a[name], right)) return false
  }
  return true
}
