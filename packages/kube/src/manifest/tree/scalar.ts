import { printString } from "../print/scalar.ts"

// Scalars as the emitter of go-yaml v3 writes them.

/** True when a text cannot be written plain. */
export function needsQuotes(text: string, inFlow: boolean): boolean {
  if (/^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$))/.test(text) || /:(?:[ \t]|$)|[ \t]#/.test(text)) return true
  if (/^[ ]| $|[\0-\x1f\x7f\ufeff]/.test(text)) return true
  return inFlow && /[,?[\]{}]|:/.test(text)
}

/** True when a text can stand in single quotes. */
export function singleAllowed(text: string): boolean {
  return !/ \n|\n |[\0-\t\v-\x1f\x7f\ufeff]/.test(text)
}

/** In single quotes; a line break is an empty line. */
export function printSingleQuoted(text: string, indent: number): string {
  const escaped = text.replaceAll("'", "''")
  if (!escaped.includes("\n")) return `'${escaped}'`
  const pad = " ".repeat(indent)
  return `'${escaped.replace(/\n+(?=[^])/g, (run) => `\n${run}${pad}`).replace(/\n+$/, (run) => `\n${run}`)}'`
}

/** In double quotes, never folded. */
export function printDoubleQuoted(text: string): string {
  // A control character in front makes the printer choose double quotes; it is cut off again.
  const printed = printString(`\u0001${text}`, { column: 0, indent: 0, fold: false })
  return `"${printed.slice('"\\x01'.length)}`
}

/** The lines of a folded block: one more break between lines that are to stay apart. */
export function foldText(text: string): string {
  let out = ""
  let atStart = true
  let leadingBlank = true
  const first = text.replace(/^\n+/, "")[0]
  const adds = first !== undefined && first !== " " && first !== "\t"
  for (const character of text) {
    if (character === "\n") {
      if (!atStart && !leadingBlank && adds) out += "\n"
      out += "\n"
      atStart = true
      continue
    }
    if (atStart) leadingBlank = character === " " || character === "\t"
    out += character
    atStart = false
  }
  return out
}
