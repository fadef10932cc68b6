// Texts with a Secret, what makes one, or a patch that may be for one, however they are spelled.
const sensitive = new RegExp(
  [
    String.raw`kind["']?\s*:\s*["']?Secret`,
    "stringData",
    "[sS]ecretGenerator",
    String.raw`(?:^|[-{,\s])["']?op["']?\s*:`,
    String.raw`path["']?\s*:\s*["']?/(?:data|stringData)\b`,
    String.raw`^["']?sops["']?\s*:`,
  ].join("|"),
  "m",
)
// A list at the top is a patch, whatever is wrong with its operations.
const topList = /^(?:[ \t]*(?:#[^\n]*|---[^\n]*)?\n)*[ \t]*[-[](?!-)/
// Fields at the top of a file whose values are no secrets.
const harmless = new Set(
  "apiVersion kind resources components bases crds namespace namePrefix nameSuffix images replicas labels".split(" "),
)
const topField = /^([\w-]+):(?=\s|$)/
// What may be shown of a line: its indent, dashes, and a key (of a literal: up to the `=`).
const shownPart = /^\s*(?:-\s+)*(?:["']?[\w./-]+["']?\s*:(?=\s|$)\s?|(?<=-\s+)["']?[A-Za-z_][\w.-]*=(?=[^=\s]))?/

/** The line at an index, without what may be a secret. */
function withoutSecrets(lines: readonly string[], index: number): string {
  const line = lines[index] ?? ""
  for (let above = index; above >= 0; above--) {
    const candidate = lines[above]!
    if (!/^[^\s#-]/.test(candidate)) continue
    if (harmless.has(topField.exec(candidate)?.[1] ?? "")) return line
    break
  }
  const shown = shownPart.exec(line)![0]
  return shown === line ? line : `${shown}…`
}

/**
 * The lines around a fault with a caret under it. In files that may hold secrets values are left out.
 *
 * @example
 * frameOf("a: 1\nb: y\n", 2, 4)
 * // "  1 | a: 1\n> 2 | b: y\n    |    ^"
 */
export function frameOf(text: string, line: number, column?: number): string {
  const lines = text.split(/\r?\n/)
  const first = Math.max(1, line - 2)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  const frame: string[] = []
  const hides = sensitive.test(text) || topList.test(text)
  for (let number = first; number <= last; number++) {
    const content = (hides ? withoutSecrets(lines, number - 1) : (lines[number - 1] ?? "")).slice(0, 200)
    if (number === last && content === "" && number > line) continue
    frame.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${content}`.trimEnd())
    if (number === line && column !== undefined && column <= 200) {
      frame.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`)
    }
  }
  return frame.join("\n")
}
