const blanks = /[ \t]*/y
const folded = /\n[ \t\n]*/y

/**
 * The string that the inside of single quotes stands for, line breaks folded. Always succeeds: `''` is the only
 * special text.
 */
export function decodeSingle(raw: string): string {
  const text = raw.includes("\n") ? foldLines(raw) : raw
  return text.includes("'") ? text.replaceAll("''", "'") : text
}

function foldLines(raw: string): string {
  let out = ""
  let index = 0
  while (index < raw.length) {
    const newline = raw.indexOf("\n", index)
    if (newline < 0) return out + raw.slice(index)
    let end = newline
    while (end > index && isBlank(raw.charCodeAt(end - 1))) end--
    out += raw.slice(index, end)
    folded.lastIndex = newline
    out += foldOf(folded.exec(raw)?.[0] ?? "")
    index = folded.lastIndex
  }
  return out
}

// One break is a blank, each further one a newline.
function foldOf(gap: string): string {
  const breaks = gap.split("\n").length - 1
  return breaks === 1 ? " " : "\n".repeat(breaks - 1)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["\t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  [" ", " "],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
  ["N", "\x85"],
  ["_", "\xa0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
])

const hexLengths: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
])

/**
 * The string that the inside of double quotes stands for, with go-yaml's escapes (no `\/`, no surrogates) and line
 * breaks folded; `undefined` when an escape is none of these.
 */
export function decodeDouble(raw: string): string | undefined {
  if (!/[\\\n]/.test(raw)) return raw
  let out = ""
  let index = 0
  while (index < raw.length) {
    const special = nextSpecial(raw, index)
    if (special > index) {
      out += raw.slice(index, special)
      index = special
    } else if (raw.charCodeAt(index) === 92) {
      const piece = escapeAt(raw, index)
      if (piece === undefined) return undefined
      out += piece.text
      index = piece.end
    } else {
      const gap = gapAt(raw, index)
      out += gap.text
      index = gap.end
    }
  }
  return out
}

interface Piece {
  readonly text: string
  readonly end: number
}

// The next backslash, newline or blank: everything before it stands for itself.
function nextSpecial(raw: string, from: number): number {
  for (let index = from; index < raw.length; index++) {
    const code = raw.charCodeAt(index)
    if (code === 92 || code === 10 || isBlank(code)) return index
  }
  return raw.length
}

/** Blanks that stand for themselves, or blanks around line breaks, which are folded. */
function gapAt(raw: string, index: number): Piece {
  blanks.lastIndex = index
  const text = blanks.exec(raw)?.[0] ?? ""
  const end = index + text.length
  if (raw.charCodeAt(end) !== 10) return { text, end }
  folded.lastIndex = end
  const gap = folded.exec(raw)?.[0] ?? ""
  return { text: foldOf(gap), end: end + gap.length }
}

function escapeAt(raw: string, index: number): Piece | undefined {
  const letter = raw.charAt(index + 1)
  const simple = simpleEscapes.get(letter)
  if (simple !== undefined) return { text: simple, end: index + 2 }
  if (letter === "\n") {
    folded.lastIndex = index + 1
    const gap = folded.exec(raw)?.[0] ?? ""
    return { text: "\n".repeat(gap.split("\n").length - 2), end: index + 1 + gap.length }
  }
  const length = hexLengths.get(letter)
  if (length === undefined) return undefined
  const digits = raw.slice(index + 2, index + 2 + length)
  const code = digits.length === length && /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : -1
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { text: String.fromCodePoint(code), end: index + 2 + length }
}
