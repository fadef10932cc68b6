import { code, enter, giveUp, isOddBreak, type Cursor } from "./cursor.ts"
import { checkPlainStart, finiteScalar, readQuoted } from "./scalar.ts"
import { addEntry, checkKey } from "./entry.ts"

/** Reads `[…]` or `{…}`; further lines stand deeper than `parent`. Stops behind the closing bracket. */
export function readFlow(cursor: Cursor, parent: number): unknown {
  enter(cursor)
  const list = cursor.text.charCodeAt(cursor.at) === code.openBracket
  cursor.at++
  const value = list ? readItems(cursor, parent) : readEntries(cursor, parent)
  cursor.depth--
  cursor.flow?.(value)
  return value
}

function readItems(cursor: Cursor, parent: number): unknown[] {
  const items: unknown[] = []
  for (;;) {
    if (skipSpace(cursor, parent) === code.closeBracket) break
    items.push(readValue(cursor, parent))
    if (!separated(cursor, parent, code.closeBracket)) break
  }
  cursor.at++
  return items
}

function readEntries(cursor: Cursor, parent: number): { [key: string]: unknown } {
  const map: { [key: string]: unknown } = {}
  for (;;) {
    const first = skipSpace(cursor, parent)
    if (first === code.closeBrace) break
    const quoted = first === code.doubleQuote || first === code.singleQuote
    const line = cursor.at
    const key = quoted ? readQuoted(cursor, parent) : readPlainText(cursor)
    if (cursor.text.slice(line, cursor.at).includes("\n") || key.length > 1000) throw giveUp
    if (!quoted) checkKey(key, cursor)
    if (cursor.text.charCodeAt(cursor.at) !== code.colon) throw giveUp
    cursor.at++
    if (!quoted && !isSpace(cursor.text.charCodeAt(cursor.at))) throw giveUp
    const next = skipSpace(cursor, parent)
    if (next === code.comma || next === code.closeBrace) throw giveUp
    const value = readValue(cursor, parent)
    addEntry(map, key, value)
    if (next === code.doubleQuote || next === code.singleQuote) cursor.quoted?.(map, key, value as string)
    if (!separated(cursor, parent, code.closeBrace)) break
  }
  cursor.at++
  return map
}

// After a value: true when another may follow, false at the closing bracket.
function separated(cursor: Cursor, parent: number, close: number): boolean {
  const next = skipSpace(cursor, parent)
  if (next === close) return false
  if (next !== code.comma) throw giveUp
  cursor.at++
  return true
}

function readValue(cursor: Cursor, parent: number): unknown {
  const first = cursor.text.charCodeAt(cursor.at)
  if (first === code.openBracket || first === code.openBrace) return readFlow(cursor, parent)
  if (first === code.doubleQuote || first === code.singleQuote) return readQuoted(cursor, parent)
  const text = readPlainText(cursor)
  if (cursor.text.charCodeAt(cursor.at) === code.colon) throw giveUp
  return finiteScalar(text, cursor)
}

// Plain text on one line. Stops before a bracket, a comma, a newline, or a colon that ends a key.
function readPlainText(cursor: Cursor): string {
  const { text } = cursor
  checkPlainStart(text, cursor.at)
  const start = cursor.at
  let last = start
  let at = start
  for (; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === code.blank) continue
    if (character === code.comma || character === code.closeBracket || character === code.closeBrace) break
    if (character === code.newline) break
    if (character === code.colon && endsKey(text.charCodeAt(at + 1))) break
    if (isUnusual(character)) throw giveUp
    last = at + 1
  }
  if (last === start) throw giveUp
  cursor.at = text.charCodeAt(at) === code.colon ? at : last
  return text.slice(start, last)
}

function isUnusual(character: number): boolean {
  if (character === code.openBracket || character === code.openBrace) return true
  return character === code.question || character === code.hash || character === code.tab || isOddBreak(character)
}

function endsKey(next: number): boolean {
  if (next === code.comma || next === code.closeBracket || next === code.closeBrace || next === code.openBracket)
    throw giveUp
  if (next === code.openBrace || next === code.question) throw giveUp
  return isSpace(next) || Number.isNaN(next)
}

function isSpace(character: number): boolean {
  return character === code.blank || character === code.newline
}

// Passes over blanks and line breaks; returns the next character. Comments and shallow lines are left to the slow lane.
function skipSpace(cursor: Cursor, parent: number): number {
  const { text } = cursor
  let at = cursor.at
  let line = -1
  for (;;) {
    const character = text.charCodeAt(at)
    if (character === code.newline) line = at
    else if (character !== code.blank) {
      const shallow = line >= 0 && (at - line - 1 <= parent || character === code.dot)
      if (shallow || character === code.hash || character === code.tab || Number.isNaN(character)) throw giveUp
      cursor.at = at
      return character
    }
    at++
  }
}
