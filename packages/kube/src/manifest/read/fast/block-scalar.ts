import { code, giveUp, isOddBreak, nextLine, type Cursor } from "./cursor.ts"

interface Header {
  readonly literal: boolean
  /** `-` strips, `+` keeps, otherwise one newline stays. */
  readonly chomp: string
  /** The explicit indent; 0 when it is to be found. */
  readonly indent: number
}

const header = /[|>](?:([1-9])([-+]?)|([-+])([1-9]?))?(?: +#[^\n]*| *)(?:\n|$)/y

/** Reads `|` and `>` scalars whose lines stand deeper than `parent`. Moves to the next content. */
export function readBlockScalar(cursor: Cursor, parent: number): string {
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
    lines.push(text.slice(content, newline))
    at = newline + 1
  }
  cursor.at = at
  nextLine(cursor)
  const value = literal ? joinLiteral(lines) : joinFolded(lines)
  return chomped(value, lines, chomp)
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

function joinLiteral(lines: readonly string[]): string {
  return lines.join("\n")
}

// A line that begins with a blank keeps the breaks around it; elsewhere one break is a blank, each further one a newline.
function joinFolded(lines: readonly string[]): string {
  let value = ""
  let pending = 0
  let spaced = false
  let first = true
  for (const line of lines) {
    if (line === "") {
      pending++
      continue
    }
    const blank = line.charCodeAt(0) === code.blank || line.charCodeAt(0) === code.tab
    if (first) value += "\n".repeat(pending)
    else if (spaced || blank) value += "\n".repeat(pending + 1)
    else value += pending === 0 ? " " : "\n".repeat(pending)
    value += line
    spaced = blank
    pending = 0
    first = false
  }
  return value + "\n".repeat(pending)
}

function chomped(value: string, lines: readonly string[], chomp: string): string {
  let content = lines.length
  while (content > 0 && lines[content - 1] === "") content--
  if (chomp === "+") return value + (lines.length > 0 ? "\n" : "")
  const trailing = lines.length - content
  // With no content at all every line is a trailing one.
  const text = content === 0 ? "" : value.slice(0, value.length - trailing)
  return chomp === "-" || text === "" ? text : `${text}\n`
}
