/**
 * Orders two strings by the bytes of their UTF-8 form, as Go compares strings: negative, zero or positive.
 * Differs from `<` (UTF-16 code units) for characters above U+FFFF, which come last here. Never depends on a locale.
 *
 * @example
 * ["web-10", "web-2", "Web"].toSorted(compareBytes)   // ["Web", "web-10", "web-2"]
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

// Surrogates (U+D800 to U+DFFF) stand for characters above U+FFFF, so they rank above U+E000 to U+FFFF.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

const wide = /[\uD800-\uFFFF]/

/**
 * The own enumerable keys of `object` in bytewise order (`compareBytes`); keys whose value is undefined are left out.
 *
 * @example
 * sortedKeys({ web: 1, API: 2, db: undefined })   // ["API", "web"]
 */
export function sortedKeys(object: { readonly [key: string]: unknown }): string[] {
  const keys = Object.keys(object).filter((key) => object[key] !== undefined)
  return keys.some((key) => wide.test(key)) ? keys.sort(compareBytes) : keys.sort()
}
