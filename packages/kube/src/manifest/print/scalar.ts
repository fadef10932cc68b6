import { ManifestError } from "../error.ts"
import { staysString } from "../read/resolve.ts"
import { isSimple, styleOf } from "./analyze.ts"

/** Where a scalar is written. */
export interface Place {
  /** The column of its first character, from 0. */
  readonly column: number
  /** The column of its further lines. */
  readonly indent: number
  /** Whether long text is folded; keys never are. */
  readonly fold: boolean
}

const width = 80

/** A string as the emitter of go-yaml v2 writes it, without a newline at the end. */
export function printString(value: string, place: Place): string {
  if (isSimple(value)) {
    if (!staysString(value)) return printDouble(value, place)
    return mayFold(value, place) ? foldPlain(value, place) : value
  }
  const text = odd.test(value) ? readBack(value) : value
  switch (styleOf(text)) {
    case "plain":
      return mayFold(text, place) ? foldPlain(text, place) : text
    case "single":
      return printSingle(text, place)
    case "double":
      return printDouble(text, place)
    case "literal":
      return printLiteral(text, place.indent)
  }
}

const odd = /[\x7f-\x9f\ufffe\uffff\ud800-\udfff]/
const refused = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/

// kustomize has v2 read the text before v2 writes it: control characters are refused, U+0085 is folded as a line break.
function readBack(value: string): string {
  if (refused.test(value)) throw new ManifestError("Unprintable", "control characters are not allowed in YAML")
  const text = value.toWellFormed()
  if (!text.includes("\u0085")) return text
  return text.replace(/[ \t]*\u0085[ \t\u0085]*/g, (run) => {
    const count = run.split("\u0085").length - 1
    return count === 1 ? " " : "\n".repeat(count - 1)
  })
}

// Every character counts one column, so a short text cannot pass the limit.
function mayFold(text: string, { column, fold }: Place): boolean {
  return fold && column + text.length > width && text.includes(" ")
}

function foldPlain(text: string, place: Place): string {
  const pad = `\n${" ".repeat(place.indent)}`
  let out = ""
  let column = place.column
  let spaces = false
  let index = 0
  for (const rune of text) {
    const space = rune === " "
    if (space && !spaces && column > width && text[index + 1] !== " ") {
      out += pad
      column = place.indent
    } else {
      out += rune
      column++
    }
    spaces = space
    index += rune.length
  }
  return out
}

const plainBreak = /[\u2028\u2029]/

function printSingle(text: string, place: Place): string {
  if (!mayFold(text, place) && !plainBreak.test(text)) return `'${text.replaceAll("'", "''")}'`
  const indentation = " ".repeat(place.indent)
  let out = "'"
  let column = place.column + 1
  let spaces = false
  let broken = false
  let index = 0
  for (const rune of text) {
    const space = rune === " "
    if (space && place.fold && foldsAt(text, index, { spaces, column }) && text[index + 1] !== " ") {
      out += `\n${indentation}`
      column = place.indent
    } else if (plainBreak.test(rune)) {
      // The emitter copies these breaks raw and indents what follows.
      out += rune
      column = 0
    } else {
      if (broken && !space) {
        out += indentation
        column = place.indent
      }
      out += rune === "'" ? "''" : rune
      column += rune === "'" ? 2 : 1
    }
    broken = plainBreak.test(rune)
    spaces = space
    index += rune.length
  }
  return `${out}'`
}

function foldsAt(text: string, index: number, state: { readonly spaces: boolean; readonly column: number }): boolean {
  return !state.spaces && state.column > width && index > 0 && index < text.length - 1
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0x00, "0"],
  [0x07, "a"],
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0b, "v"],
  [0x0c, "f"],
  [0x0d, "r"],
  [0x1b, "e"],
  [0x22, '"'],
  [0x5c, "\\"],
  [0x85, "N"],
  [0xa0, "_"],
  [0x2028, "L"],
  [0x2029, "P"],
])

const escaped = /[\0-\x1f"\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/

function printDouble(text: string, place: Place): string {
  if (!mayFold(text, place) && !escaped.test(text)) return `"${text}"`
  // The emitter looks for the BOM at the start of the text only, and then takes every character for one.
  const everything = text.startsWith("\ufeff")
  let out = '"'
  let column = place.column + 1
  let spaces = false
  let index = 0
  for (const rune of text) {
    const space = rune === " " && !everything
    let piece = rune
    if (everything || escaped.test(rune)) piece = escapeOf(rune.codePointAt(0) ?? 0)
    else if (space && place.fold && foldsAt(text, index, { spaces, column })) {
      out += `\n${" ".repeat(place.indent)}`
      column = place.indent
      piece = text[index + 1] === " " ? "\\" : ""
    }
    out += piece
    column += piece === rune ? 1 : piece.length
    spaces = space
    index += rune.length
  }
  return `${out}"`
}

function escapeOf(code: number): string {
  const short = escapes.get(code)
  if (short !== undefined) return `\\${short}`
  const digits = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`
}

const anyBreak = /[\n\u2028\u2029]/

/** A literal block. Its last newline is left to whatever follows, as after any other scalar. */
function printLiteral(text: string, indent: number): string {
  const hint = /^[ \n\u2028\u2029]/.test(text) ? "2" : ""
  const pad = " ".repeat(indent)
  // A line is padded when it holds something; U+2028 and U+2029 end lines too, and are written raw.
  const body = text.replace(/(^|[\n\u2028\u2029])(?![\n\u2028\u2029]|$)/g, `$1${pad}`)
  return `|${hint}${chompOf(text)}\n${body.endsWith("\n") ? body.slice(0, -1) : body}`
}

function chompOf(text: string): string {
  if (!anyBreak.test(text.at(-1) ?? "")) return "-"
  return text.length === 1 || anyBreak.test(text.at(-2) ?? "") ? "+" : ""
}
