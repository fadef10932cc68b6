/** The numbers of `0-2,5`. */
export function readIndexes(text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (part === "") return []
    const [first = 0, last = first] = part.split("-").map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Numbers as `0-2,5`. */
export function printIndexes(indexes: ReadonlySet<number>): string {
  const parts: [number, number][] = []
  for (const index of [...indexes].toSorted((a, b) => a - b)) {
    const last = parts.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else parts.push([index, index])
  }
  return parts.map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a},${b}` : `${a}-${b}`)).join(",")
}
