import { fault, type Source } from "../fault.ts"
import { readBlockScalar } from "./block-scalar.ts"
import { code, endLine, enter, giveUp, isEnd, isOddBreak, nextLine, tooDeep, type Cursor } from "./cursor.ts"
import { addEntry, checkKey } from "./entry.ts"
import { readFlow } from "./flow.ts"
import { readPlain, readQuoted, readQuotedValue } from "./scalar.ts"

/** What `readFast` returns for a text that only the slow lane reads. */
export const unread: unique symbol = Symbol("unread")

const defaultDepth = 100

/**
 * Reads one document in a single pass, or returns `unread`. Covers block maps and lists, plain and quoted scalars over
 * several lines, `|` and `>`, brackets and comments; leaves anchors, tags, `?`, directives, tabs between tokens,
 * duplicate keys and everything faulty. Law: the value equals the slow lane's, or the text is `unread`. Throws `LimitExceeded`
 * for a text that is nested too deeply, as the slow lane would after much more work.
 */
export function readFast(source: Source): unknown {
  const { chunk, options } = source
  const { profile = "kubectl", limits } = options
  const maxDepth = limits?.depth ?? defaultDepth
  const { scalar, folded, flow, quoted } = options
  const cursor: Cursor = {
    text: chunk.text,
    profile,
    maxDepth,
    scalar,
    folded,
    flow,
    quoted,
    at: 0,
    indent: 0,
    depth: 0,
    inQuotes: false,
  }
  try {
    nextLine(cursor)
    if (cursor.indent < 0) return undefined
    const value = readRoot(cursor)
    if (cursor.indent >= 0) return unread
    return value
  } catch (error) {
    if (error === giveUp) return unread
    if (error !== tooDeep) throw error
    throw fault(source, "LimitExceeded", { message: `more than ${maxDepth} levels of nesting`, offset: cursor.at })
  }
}

function readRoot(cursor: Cursor): unknown {
  const first = cursor.text.charCodeAt(cursor.at)
  if (cursor.indent === 0 && cursor.text.startsWith("---", cursor.at)) throw giveUp
  if (first === code.openBracket || first === code.openBrace) {
    const value = readFlow(cursor, -1)
    endLine(cursor)
    return value
  }
  if (isItem(cursor) || isEntry(cursor)) return readBlock(cursor)
  // A document of one plain scalar is a file's name most often, so it is worth no library.
  if (first === code.doubleQuote || first === code.singleQuote || isOfLines(cursor)) throw giveUp
  return readPlain(cursor, -1)
}

const isOfLines = ({ text, at }: Cursor): boolean => text.trimEnd().includes("\n", at)

/** Reads the list or map whose first line is at hand. */
function readBlock(cursor: Cursor): unknown {
  enter(cursor)
  const value = isItem(cursor) ? readList(cursor, cursor.indent) : readMap(cursor, cursor.indent)
  cursor.depth--
  return value
}

function isItem({ text, at }: Cursor): boolean {
  return text.charCodeAt(at) === code.dash && isEnd(text.charCodeAt(at + 1))
}

function readMap(cursor: Cursor, indent: number): { [key: string]: unknown } {
  const map: { [key: string]: unknown } = {}
  while (cursor.indent === indent) {
    const key = readKey(cursor)
    cursor.inQuotes = false
    const value = readEntryValue(cursor, indent)
    addEntry(map, key, value)
    if (cursor.inQuotes && typeof value === "string") cursor.quoted?.(map, key, value)
    if (cursor.indent > indent) throw giveUp
  }
  return map
}

// Stops behind the colon.
function readKey(cursor: Cursor): string {
  const { text, at } = cursor
  const first = text.charCodeAt(at)
  if (first === code.doubleQuote || first === code.singleQuote) return readQuotedKey(cursor)
  const end = plainKeyEnd(text, at)
  if (end < 0) throw giveUp
  let last = end
  while (text.charCodeAt(last - 1) === code.blank) last--
  const key = text.slice(at, last)
  checkKey(key, cursor)
  cursor.at = end + 1
  return key
}

function readQuotedKey(cursor: Cursor): string {
  const { text, at } = cursor
  const key = readQuoted(cursor, cursor.indent)
  if (text.slice(at, cursor.at).includes("\n") || key.length > 1000) throw giveUp
  while (text.charCodeAt(cursor.at) === code.blank) cursor.at++
  if (text.charCodeAt(cursor.at) !== code.colon || !isEnd(text.charCodeAt(cursor.at + 1))) throw giveUp
  cursor.at++
  return key
}

// Characters that a plain key cannot begin with; with `-`, `?` and `:` something must follow.
const keyStarters: Uint8Array = new Uint8Array(128)
for (const character of "#,[]{}&*!|>'\"%@`\t") keyStarters[character.charCodeAt(0)] = 1
for (const character of "-?:") keyStarters[character.charCodeAt(0)] = 2

/** The colon that ends a plain key on this line; -1 when the line has none. */
function plainKeyEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  const kind = first < 128 ? keyStarters[first] : 0
  if (kind === 1 || (kind === 2 && isEnd(text.charCodeAt(start + 1)))) throw giveUp
  for (let at = start; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === code.colon) {
      if (isEnd(text.charCodeAt(at + 1))) return at - start > 1000 ? giveUpNow() : at
    } else if (character === code.newline) return -1
    else if (character === code.hash && text.charCodeAt(at - 1) === code.blank) return -1
    else if (character === code.tab || isOddBreak(character)) throw giveUp
  }
  return -1
}

function giveUpNow(): never {
  throw giveUp
}

function readEntryValue(cursor: Cursor, indent: number): unknown {
  const { text } = cursor
  let at = cursor.at
  while (text.charCodeAt(at) === code.blank) at++
  const first = text.charCodeAt(at)
  cursor.at = at
  if (first !== code.newline && first !== code.hash && at < text.length) return readInline(cursor, indent)
  if (first === code.hash && text.charCodeAt(at - 1) !== code.blank) throw giveUp
  endLineFrom(cursor)
  if (cursor.indent > indent) return readNested(cursor, indent)
  if (cursor.indent === indent && isItem(cursor)) return readBlock(cursor)
  return readNothing(cursor)
}

// At a newline, a comment or the end of the text.
function endLineFrom(cursor: Cursor): void {
  if (cursor.text.charCodeAt(cursor.at) === code.newline) cursor.at++
  nextLine(cursor)
}

/** A value on the same line as its key or dash; its further lines stand deeper than `parent`. */
function readInline(cursor: Cursor, parent: number): unknown {
  switch (cursor.text.charCodeAt(cursor.at)) {
    case code.doubleQuote:
    case code.singleQuote:
      return readQuotedValue(cursor, parent)
    case code.pipe:
    case code.greater:
      return readBlockScalar(cursor, parent)
    case code.openBracket:
    case code.openBrace: {
      const value = readFlow(cursor, parent)
      endLine(cursor)
      return value
    }
    default:
      return readPlain(cursor, parent)
  }
}

/** A value on lines of its own, deeper than `parent`: a collection, or a scalar that begins there. */
function readNested(cursor: Cursor, parent: number): unknown {
  return isItem(cursor) || isEntry(cursor) ? readBlock(cursor) : readInline(cursor, parent)
}

/** True when the line at hand begins with a key. */
function isEntry(cursor: Cursor): boolean {
  const { text, at } = cursor
  const first = text.charCodeAt(at)
  if (first === code.openBracket || first === code.openBrace) return false
  if (first === code.pipe || first === code.greater) throw giveUp
  if (first !== code.doubleQuote && first !== code.singleQuote) return plainKeyEnd(text, at) >= 0
  readQuoted(cursor, cursor.indent)
  let next = cursor.at
  while (text.charCodeAt(next) === code.blank) next++
  cursor.at = at
  return text.charCodeAt(next) === code.colon
}

function readList(cursor: Cursor, indent: number): unknown[] {
  const list: unknown[] = []
  while (cursor.indent === indent && isItem(cursor)) {
    list.push(readItem(cursor, indent))
    if (cursor.indent > indent) throw giveUp
  }
  return list
}

function readItem(cursor: Cursor, indent: number): unknown {
  const { text } = cursor
  let at = cursor.at + 1
  while (text.charCodeAt(at) === code.blank) at++
  const first = text.charCodeAt(at)
  if (first === code.tab) throw giveUp
  cursor.indent += at - cursor.at
  cursor.at = at
  if (first === code.pipe || first === code.greater) return readBlockScalar(cursor, indent)
  if (first !== code.newline && first !== code.hash && at < text.length) return readNested(cursor, indent)
  endLineFrom(cursor)
  return cursor.indent > indent ? readNested(cursor, indent) : readNothing(cursor)
}

const readNothing = ({ scalar }: Cursor): unknown => (scalar === undefined ? null : scalar("", null))
