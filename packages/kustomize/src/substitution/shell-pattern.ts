// Shell patterns as Go's path.Match reads them, but for `/`, which is a character like any other. Matching takes time
// linear in pattern times text.

type Piece = { readonly kind: "star" } | { readonly kind: "one"; readonly test: (code: number) => boolean }

/**
 * How many characters of the text the pattern matches from its beginning: the fewest or the most, at least one; 0 when
 * none do. Absent for an invalid pattern. One pass over the text, with all places of the pattern that it can be at.
 */
export function matchedPrefix(
  pattern: string,
  characters: readonly string[],
  which: "shortest" | "longest",
): number | undefined {
  const pieces = parse(Array.from(pattern, (character) => character.codePointAt(0)!))
  if (pieces === undefined) return undefined
  let places = throughStars(pieces, new Set([0]))
  let matched = 0
  for (const [index, character] of characters.entries()) {
    places = advance(pieces, places, character.codePointAt(0)!)
    if (places.size === 0) break
    if (!places.has(pieces.length)) continue
    matched = index + 1
    if (which === "shortest") break
  }
  return matched
}

function advance(pieces: readonly Piece[], places: ReadonlySet<number>, code: number): Set<number> {
  const next = new Set<number>()
  for (const place of places) {
    const piece = pieces[place]
    if (piece?.kind === "star") next.add(place)
    else if (piece?.kind === "one" && piece.test(code)) next.add(place + 1)
  }
  return throughStars(pieces, next)
}

/** A star may match nothing: whoever is at one is behind it too. */
function throughStars(pieces: readonly Piece[], places: Set<number>): Set<number> {
  for (const place of places) if (pieces[place]?.kind === "star") places.add(place + 1)
  return places
}

const [star, question, backslash, open, closing, caret, dash] = Array.from("*?\\[]^-", (c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]

function parse(codes: readonly number[]): Piece[] | undefined {
  const pieces: Piece[] = []
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!
    if (code === star) pieces.push({ kind: "star" })
    else if (code === question) pieces.push({ kind: "one", test: () => true })
    else if (code === open) {
      const range = parseRange(codes, at + 1)
      if (range === undefined) return undefined
      pieces.push({ kind: "one", test: range.test })
      at = range.end
    } else {
      const literal = code === backslash ? codes[++at] : code
      if (literal === undefined) return undefined
      pieces.push({ kind: "one", test: (other) => other === literal })
    }
  }
  return pieces
}

interface Range {
  readonly test: (code: number) => boolean
  /** Where its closing bracket is. */
  readonly end: number
}

function parseRange(codes: readonly number[], start: number): Range | undefined {
  const negated = codes[start] === caret
  const ranges: [number, number][] = []
  let at = negated ? start + 1 : start
  while (codes[at] !== closing || ranges.length === 0) {
    const low = readCharacter(codes, at)
    if (low === undefined) return undefined
    let high = low
    if (codes[low.end] === dash) {
      const next = readCharacter(codes, low.end + 1)
      if (next === undefined) return undefined
      high = next
    }
    ranges.push([low.code, high.code])
    at = high.end
  }
  return { test: (code) => ranges.some(([low, high]) => low <= code && code <= high) !== negated, end: at }
}

function readCharacter(
  codes: readonly number[],
  at: number,
): { readonly code: number; readonly end: number } | undefined {
  const first = codes[at]
  if (first === undefined || first === dash || first === closing) return undefined
  const position = first === backslash ? at + 1 : at
  const code = codes[position]
  return code === undefined || position + 1 >= codes.length ? undefined : { code, end: position + 1 }
}
