// Shell patterns as Go's path.Match reads them, but for `/`, which is a character like any other. Matching takes time
// linear in pattern times text.

type Piece = { readonly kind: "star" } | { readonly kind: "one"; readonly test: (code: number) => boolean }

/** Whether the pattern matches the whole text; absent for an invalid pattern. */
export function matchesShellPattern(pattern: string, text: string): boolean | undefined {
  const pieces = parse(Array.from(pattern, (character) => character.codePointAt(0)!))
  if (pieces === undefined) return undefined
  return match(
    pieces,
    Array.from(text, (character) => character.codePointAt(0)!),
  )
}

function match(pieces: readonly Piece[], codes: readonly number[]): boolean {
  let [piece, at] = [0, 0]
  let [starPiece, starAt] = [-1, 0]
  while (at < codes.length) {
    const current = pieces[piece]
    if (current?.kind === "star") {
      starPiece = piece++
      starAt = at
    } else if (current?.kind === "one" && current.test(codes[at]!)) {
      piece++
      at++
    } else if (starPiece >= 0) {
      piece = starPiece + 1
      at = ++starAt
    } else return false
  }
  while (pieces[piece]?.kind === "star") piece++
  return piece === pieces.length
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
