const blank = /^[ \t]/

/**
 * What becomes of the text of a folded block (`>`) when kustomize writes it and reads it again. Its YAML library puts
 * an empty line before lines that stand deeper; and where the text begins with a blank it puts none at all, so that
 * lines are joined.
 */
export function refold(text: string): string {
  const lines = text.split("\n")
  // Anything but printable text, and blanks before a line's end, are written in quotes: nothing changes then.
  if (lines.length === 1 || lines.some((line) => line.endsWith(" ")) || /[^\n\t\x20-\x7E\u00A0-\uFFFD]/.test(text))
    return text
  const first = lines.find((line) => line !== "")
  if (first === undefined) return text
  const adds = !blank.test(first)
  let result = ""
  let previous: string | undefined
  let breaks = 0
  for (const [index, line] of lines.entries()) {
    if (index > 0) breaks++
    if (line === "") continue
    result += previous === undefined ? "\n".repeat(breaks) : between({ previous, line, breaks, adds })
    result += line
    previous = line
    breaks = 0
  }
  const keeps = breaks > 1 && adds && !blank.test(previous ?? "")
  return result + "\n".repeat(keeps ? breaks + 1 : breaks)
}

interface Gap {
  readonly previous: string
  readonly line: string
  readonly breaks: number
  readonly adds: boolean
}

function between({ previous, line, breaks, adds }: Gap): string {
  if (blank.test(previous)) return "\n".repeat(breaks)
  const written = adds ? breaks + 1 : breaks
  if (blank.test(line)) return "\n".repeat(written)
  return written === 1 ? " " : "\n".repeat(written - 1)
}
