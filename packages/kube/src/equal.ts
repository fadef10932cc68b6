/**
 * Deep equality of JSON values. The order of keys does not count, a property that is undefined equals an absent one,
 * and a `bigint` equals the number of the same value. Strings are compared as they are: quantities that mean the
 * same in other words differ here.
 *
 * @example
 * equalJson({ a: 1n, b: [null] }, { b: [null], a: 1 })   // true
 */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== "object" || typeof b !== "object") return isNumeric(a) && isNumeric(b) && equalNumbers(a, b)
  if (a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && equalLists(a, b)
  return equalMaps(a as JsonMap, b as JsonMap)
}

type JsonMap = { readonly [key: string]: unknown }

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => equalJson(item, b[index]))
}

function equalMaps(a: JsonMap, b: JsonMap): boolean {
  let count = 0
  for (const key in a) {
    if (!Object.hasOwn(a, key) || a[key] === undefined) continue
    if (!Object.hasOwn(b, key) || !equalJson(a[key], b[key])) return false
    count++
  }
  for (const key in b) if (Object.hasOwn(b, key) && b[key] !== undefined) count--
  return count === 0
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint"
}

function equalNumbers(a: number | bigint, b: number | bigint): boolean {
  // Loose equality compares a bigint and a number by their mathematical value; a number with a number is `===` and NaN.
  // oxlint-disable-next-line eqeqeq
  return typeof a !== typeof b ? a == b : Number.isNaN(a) && Number.isNaN(b)
}
