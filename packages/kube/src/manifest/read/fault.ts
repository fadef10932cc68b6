import { ManifestError, type ManifestErrorCode } from "../error.ts"
import type { YamlOptions } from "../options.ts"
import type { Chunk } from "./split.ts"

/** A document, and how to speak about it. */
export interface Source {
  readonly chunk: Chunk
  readonly options: YamlOptions
}

/** Line and column, in the whole text, of an offset into the document. */
export function positionAt({ chunk }: Source, offset: number): { readonly line: number; readonly column: number } {
  const before = chunk.text.slice(0, Math.min(offset, chunk.text.length))
  const lines = before.split("\n")
  return { line: chunk.line + lines.length - 1, column: (lines.at(-1) ?? "").length + 1 }
}

/** The error for a fault at an offset into the document. */
export function fault(source: Source, code: ManifestErrorCode, { message, offset }: Fault): ManifestError {
  const { path = "" } = source.options
  const { line, column } = positionAt(source, offset)
  const text = `${message} (${path === "" ? "" : `${path}, `}line ${line}, column ${column})`
  const frame = frameOf(source, line, column)
  return new ManifestError(code, text, { at: { path, line, column }, ...(frame === undefined ? {} : { frame }) })
}

/** What is wrong, and where. */
export interface Fault {
  readonly message: string
  readonly offset: number
}

const widest = 120

// However a Secret, what makes one, or a JSON patch (maybe of one) is spelled.
const secret =
  /kind["']?\s*:\s*["']?Secret|stringData|[sS]ecretGenerator|(?:^|[-{,\s])["']?op["']?\s*:|path["']?\s*:\s*["']?\/(?:data|stringData)\b/
// A list at the top is a patch, whatever is wrong with its operations.
const topList = /^(?:[ \t]*(?:#[^\n]*|---[^\n]*)?\n)*[ \t]*[-[](?!-)/

// The line before, the line, a caret. Lines of what may hold a secret are never shown.
function frameOf({ chunk }: Source, line: number, column: number): string | undefined {
  if (secret.test(chunk.text) || topList.test(chunk.text)) return undefined
  const lines = chunk.text.split("\n")
  const index = line - chunk.line
  const size = String(line).length
  const shown = [index - 1, index].filter((at) => at >= 0 && at < lines.length)
  const rows = shown.map((at) => `${String(chunk.line + at).padStart(size)} | ${(lines[at] ?? "").slice(0, widest)}`)
  return column > widest ? rows.join("\n") : [...rows, `${" ".repeat(size)} | ${" ".repeat(column - 1)}^`].join("\n")
}
