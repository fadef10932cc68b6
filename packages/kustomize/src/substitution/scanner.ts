/** What the scanner has found. */
export type Token = "end" | "word" | "open" | "close" | "illegal"

/** Tells whether a character belongs to a word; `index` counts the word's characters from 1. */
export type Accept = (character: string, index: number) => boolean

/** What a scan looks for beside its word. */
export interface ScanMode {
  readonly word?: boolean
  readonly open?: boolean
  readonly close?: boolean
  /** Characters that escape: `$` before `$`, a backslash before `/` and itself. */
  readonly escapes?: "dollar" | "all"
}

/** A place in a template, and the word that was read last. */
export interface Scanner {
  readonly text: string
  position: number
  word: string
}

/** The next character; empty at the end. */
export function peek({ text, position }: Scanner): string {
  const code = text.codePointAt(position)
  return code === undefined ? "" : String.fromCodePoint(code)
}

const isOpen = ({ text }: Scanner, at: number): boolean => text[at] === "$" && text[at + 1] === "{"

function escapeAt({ text }: Scanner, at: number, escapes: ScanMode["escapes"]): boolean {
  const next = text[at + 1]
  if (text[at] === "$") return escapes !== undefined && next === "$"
  return text[at] === "\\" && escapes === "all" && (next === "/" || next === "\\")
}

/** Reads one token. A word is in `scanner.word`, its escapes resolved. */
export function scan(scanner: Scanner, accept: Accept, mode: ScanMode): Token {
  const { text } = scanner
  const start = scanner.position
  if (start >= text.length) return "end"
  if (mode.open === true && isOpen(scanner, start)) {
    scanner.position += 2
    return "open"
  }
  if (mode.close === true && text[start] === "}") {
    scanner.position++
    scanner.word = "}"
    return "close"
  }
  if (mode.word !== true) {
    scanner.position += peek(scanner).length
    return "illegal"
  }
  return scanWord(scanner, accept, mode)
}

function scanWord(scanner: Scanner, accept: Accept, mode: ScanMode): Token {
  const { text } = scanner
  const parts: string[] = []
  let from = scanner.position
  let index = 0
  while (scanner.position < text.length) {
    const at = scanner.position
    if (index > 0 && mode.open === true && isOpen(scanner, at)) break
    index++
    if (escapeAt(scanner, at, mode.escapes)) {
      parts.push(text.slice(from, at))
      from = at + 1
      scanner.position += 2
      continue
    }
    const character = peek(scanner)
    if (!accept(character, index)) break
    scanner.position += character.length
  }
  if (index === 1 && scanner.position === from && parts.length === 0) {
    scanner.position += peek(scanner).length
    return "illegal"
  }
  scanner.word = parts.join("") + text.slice(from, scanner.position)
  return "word"
}
