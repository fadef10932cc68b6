// In a file with a secretGenerator every value of a literal may be a secret, in one that holds a Secret every value.
const literal = /^(\s*-?\s*["']?[\w.-]+=).*$/
const fieldValue = /(:\s+)\S.*$/

function withoutSecrets(text: string): (line: string) => string {
  if (/kind:\s*["']?Secret\b/.test(text)) return (line) => line.replace(literal, "$1…").replace(fieldValue, "$1…")
  return text.includes("secretGenerator") ? (line) => line.replace(literal, "$1…") : (line) => line
}

/**
 * The lines around a fault with a caret under it. Values of literals are left out where they may be secrets.
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
  const hide = withoutSecrets(text)
  for (let number = first; number <= last; number++) {
    const content = hide((lines[number - 1] ?? "").slice(0, 200))
    if (number === last && content === "" && number > line) continue
    frame.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${content}`.trimEnd())
    if (number === line && column !== undefined && column <= 200) {
      frame.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`)
    }
  }
  return frame.join("\n")
}
