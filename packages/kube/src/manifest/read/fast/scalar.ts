import { decodeDouble, decodeSingle } from "../quoted.ts"
import { resolvePlain } from "../resolve.ts"
import { code, endLine, giveUp, isEnd, isOddBreak, type Cursor } from "./cursor.ts"

// Characters that cannot begin a plain scalar here; `-`, `?` and `:` may when something follows them.
const starters: Uint8Array = new Uint8Array(128)
for (const character of "#,[]{}&*!|>'\"%@`\t") starters[character.charCodeAt(0)] = 1
for (const character of "-?:") starters[character.charCodeAt(0)] = 2

/** Gives up unless a plain scalar may begin at `at`. */
export function checkPlainStart(text: string, at: number): void {
  const character = text.charCodeAt(at)
  if (character > 127) return
  const kind = starters[character]
  if (kind === 1 || (kind === 2 && isEnd(text.charCodeAt(at + 1)))) throw giveUp
}

/** Reads a plain scalar with its continuation lines, which stand deeper than `parent`. Moves to the next content. */
export function readPlain(cursor: Cursor, parent: number): unknown {
  checkPlainStart(cursor.text, cursor.at)
  let value = plainLine(cursor)
  while (cursor.text.charCodeAt(cursor.at) === code.newline) {
    const breaks = continuation(cursor, parent)
    if (breaks === 0) break
    value += (breaks === 1 ? " " : "\n".repeat(breaks - 1)) + plainLine(cursor)
  }
  endLine(cursor)
  return finiteScalar(value, cursor)
}

/** The value of plain text; gives up on infinities and NaN, which are errors. */
export function finiteScalar(text: string, { profile, scalar }: Cursor): unknown {
  const value = resolvePlain(text, profile)
  if (value === text) return text
  if (typeof value === "number" && !Number.isFinite(value)) throw giveUp
  return scalar === undefined ? value : scalar(text, value)
}

// One line of a plain scalar, without the blanks behind it. Stops at the newline, or before the blanks of a comment.
function plainLine(cursor: Cursor): string {
  const { text } = cursor
  const start = cursor.at
  let last = start
  let at = start
  for (; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === code.newline) break
    if (character === code.blank) continue
    if (character === code.colon) {
      if (isEnd(text.charCodeAt(at + 1))) throw giveUp
    } else if (character === code.hash) {
      if (last < at) break
    } else if (character === code.tab || isOddBreak(character)) throw giveUp
    last = at + 1
  }
  const comment = text.charCodeAt(at) === code.hash
  cursor.at = comment ? last : at
  return text.slice(start, last)
}

// At a newline: moves to the content of a continuation line and returns the number of breaks before it, or 0.
function continuation(cursor: Cursor, parent: number): number {
  const { text } = cursor
  let start = cursor.at + 1
  for (let breaks = 1; ; breaks++) {
    let at = start
    while (text.charCodeAt(at) === code.blank) at++
    const character = text.charCodeAt(at)
    if (character === code.newline) start = at + 1
    else if (at - start <= parent || at >= text.length || character === code.hash) return 0
    else if (character === code.tab) throw giveUp
    else {
      cursor.at = at
      return breaks
    }
  }
}

/** Reads a quoted scalar whose further lines stand deeper than `parent`. Stops behind the closing quote. */
export function readQuoted(cursor: Cursor, parent: number): string {
  const { text, at: start } = cursor
  const double = text.charCodeAt(start) === code.doubleQuote
  const end = double ? endOfDouble(text, start + 1) : endOfSingle(text, start + 1)
  const raw = text.slice(start + 1, end)
  if (/[\u0085\u2028\u2029]/.test(raw)) throw giveUp
  if (raw.includes("\n")) checkIndents(raw, parent)
  cursor.at = end + 1
  if (!double) return decodeSingle(raw)
  const value = decodeDouble(raw)
  if (value === undefined) throw giveUp
  return value
}

function endOfSingle(text: string, from: number): number {
  for (let at = text.indexOf("'", from); at >= 0; at = text.indexOf("'", at + 2)) {
    if (text.charCodeAt(at + 1) !== code.singleQuote) return at
  }
  throw giveUp
}

function endOfDouble(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === code.doubleQuote) return at
    if (character === code.backslash) at++
  }
  throw giveUp
}

function checkIndents(raw: string, parent: number): void {
  for (let newline = raw.indexOf("\n"); newline >= 0; newline = raw.indexOf("\n", newline + 1)) {
    let at = newline + 1
    while (raw.charCodeAt(at) === code.blank) at++
    const character = raw.charCodeAt(at)
    if (character === code.tab) throw giveUp
    if (character !== code.newline && at - newline - 1 <= parent) throw giveUp
  }
}

/** A quoted scalar that is a whole value: nothing but a comment may follow on its line. */
export function readQuotedValue(cursor: Cursor, parent: number): string {
  const value = readQuoted(cursor, parent)
  cursor.inQuotes = true
  endLine(cursor)
  return value
}
