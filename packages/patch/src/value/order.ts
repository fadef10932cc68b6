/** Compares two texts by their UTF-8 bytes, as Go does: negative, zero or positive. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** In UTF-8 code points beyond the basic plane (surrogates in UTF-16) come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Compares two JSON scalars in the order of structured merge: numbers, texts, booleans, lists, maps, null. */
export function compareScalars(a: unknown, b: unknown): number {
  const left = kind(a)
  const right = kind(b)
  if (left !== right) return left - right
  if (left === 0) return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
  if (left === 1) return compareTexts(a as string, b as string)
  if (left === 2) return Number(a) - Number(b)
  return left === 5 ? 0 : compareTexts(JSON.stringify(a), JSON.stringify(b))
}

function kind(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return 0
  if (typeof value === "string") return 1
  if (typeof value === "boolean") return 2
  if (value === null || value === undefined) return 5
  return Array.isArray(value) ? 3 : 4
}
