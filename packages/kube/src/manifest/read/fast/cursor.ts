import type { YamlOptions, YamlProfile } from "../../options.ts"

/** The fast lane's place in one document. */
export interface Cursor {
  readonly text: string
  readonly profile: YamlProfile
  readonly maxDepth: number
  readonly scalar: YamlOptions["scalar"]
  readonly folded: YamlOptions["folded"]
  readonly flow: YamlOptions["flow"]
  readonly quoted: YamlOptions["quoted"]
  /** The next character to read; after `nextLine`, the first of a line's content. */
  at: number
  /** The column of the content at hand; -1 at the end of the text. */
  indent: number
  depth: number
  /** Whether the last scalar stood in quotes or in a block; who asks sets it to false before. */
  inQuotes: boolean
}

/** Thrown when the text has something that only the slow lane reads. One value for all: nobody reads its stack. */
export const giveUp: { readonly reason: string } = { reason: "left to the slow lane" }

/** Thrown where the text nests deeper than allowed: whatever follows, no lane would take it. */
export const tooDeep: { readonly reason: string } = { reason: "nested too deeply" }

/** Notes that a collection begins. Who reads its end takes one off `depth`. */
export function enter(cursor: Cursor): void {
  if (++cursor.depth > cursor.maxDepth) throw tooDeep
}

/** The char codes that structure YAML. */
export const code = {
  tab: 9,
  newline: 10,
  blank: 32,
  doubleQuote: 34,
  hash: 35,
  singleQuote: 39,
  comma: 44,
  dash: 45,
  dot: 46,
  colon: 58,
  question: 63,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  pipe: 124,
  closeBrace: 125,
  greater: 62,
} as const

/** Moves to the next line that has content; blank lines and comments are passed over. Call it at the end of a line. */
export function nextLine(cursor: Cursor): void {
  const { text } = cursor
  let start = cursor.at
  for (;;) {
    let at = start
    let character = text.charCodeAt(at)
    while (character === code.blank) character = text.charCodeAt(++at)
    if (character === code.newline) start = at + 1
    else if (character === code.hash) {
      const end = text.indexOf("\n", at)
      if (end < 0) return finish(cursor)
      start = end + 1
    } else if (at >= text.length) return finish(cursor)
    else {
      if (character === code.tab) throw giveUp
      if (character === code.dot && at === start && text.startsWith("...", at)) throw giveUp
      cursor.at = at
      cursor.indent = at - start
      return
    }
  }
}

function finish(cursor: Cursor): void {
  cursor.at = cursor.text.length
  cursor.indent = -1
}

/** True when the character ends a word: a blank, a line's end or the text's. Tabs are left to the slow lane. */
export function isEnd(character: number): boolean {
  if (character === code.tab) throw giveUp
  return character === code.blank || character === code.newline || Number.isNaN(character)
}

/** After a value: passes over blanks and a comment up to the end of the line, and on to the next content. */
export function endLine(cursor: Cursor): void {
  const { text } = cursor
  let at = cursor.at
  let character = text.charCodeAt(at)
  const separated = character === code.blank
  while (character === code.blank) character = text.charCodeAt(++at)
  if (character === code.hash && separated) {
    const end = text.indexOf("\n", at)
    at = end < 0 ? text.length : end
    character = text.charCodeAt(at)
  }
  if (character === code.newline) cursor.at = at + 1
  else if (at >= text.length) cursor.at = at
  else throw giveUp
  nextLine(cursor)
}

/** True for the line breaks of YAML 1.1 that people hardly ever write: left to the slow lane. */
export function isOddBreak(character: number): boolean {
  return character === 0x85 || character === 0x2028 || character === 0x2029
}
