import { decodeBlock, type BlockHeader } from "../block.ts"
import { code, giveUp, isOddBreak, nextLine, type Cursor } from "./cursor.ts"

interface Header extends BlockHeader {
  /** The explicit indent; 0 when it is to be found. */
  readonly indent: number
}

const header = /[|>](?:([1-9])([-+]?)|([-+])([1-9]?))?(?: +#[^\n]*| *)(?:\n|$)/y

/** Reads `|` and `>` scalars whose lines stand deeper than `parent`. Moves to the next content. */
export function readBlockScalar(cursor: Cursor, parent: number): unknown {
  const { literal, chomp, indent: digit } = readHeader(cursor)
  const indent = digit === 0 ? findIndent(cursor, parent) : Math.max(parent, 0) + digit
  const lines: string[] = []
  const { text } = cursor
  let at = cursor.at
  while (at < text.length) {
    let content = at
    const limit = at + indent
    while (content < limit && text.charCodeAt(content) === code.blank) content++
    const character = text.charCodeAt(content)
    if (content < limit && character !== code.newline) {
      if (content >= text.length || character === code.tab) throw giveUp
      break
    }
    const newline = text.indexOf("\n", content)
    // Without a newline at the end of the text the profiles differ.
    if (newline < 0) throw giveUp
    const line = text.slice(content, newline)
    if (digit !== 0 && line !== "" && line.trim() === "") throw giveUp
    lines.push(line)
    at = newline + 1
  }
  cursor.at = at
  nextLine(cursor)
  cursor.inQuotes = true
  const value = decodeBlock(lines, { literal, chomp })
  return literal || cursor.folded === undefined ? value : cursor.folded(value)
}

function readHeader(cursor: Cursor): Header {
  header.lastIndex = cursor.at
  const found = header.exec(cursor.text)
  if (!found) throw giveUp
  const literal = cursor.text.charCodeAt(cursor.at) === code.pipe
  cursor.at = header.lastIndex
  return { literal, chomp: found[2] || found[3] || "", indent: Number(found[1] || found[4] || 0) }
}

// The indent of the first line with content. Blank lines before it that are longer are an error.
function findIndent(cursor: Cursor, parent: number): number {
  const { text } = cursor
  let longest = 0
  let start = cursor.at
  for (;;) {
    let at = start
    while (text.charCodeAt(at) === code.blank) at++
    const character = text.charCodeAt(at)
    if (at >= text.length || character === code.tab || isOddBreak(character)) throw giveUp
    if (character !== code.newline) {
      const indent = at - start
      if (longest > indent || (indent <= parent && longest > 0)) throw giveUp
      return Math.max(indent, parent + 1)
    }
    longest = Math.max(longest, at - start)
    start = at + 1
  }
}
