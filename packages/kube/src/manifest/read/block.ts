/** What the header of a block scalar says. */
export interface BlockHeader {
  /** `|`, else `>`. */
  readonly literal: boolean
  /** `-` strips, `+` keeps, otherwise one newline stays. */
  readonly chomp: string
}

/** The string that the lines of a block scalar stand for; their indent is taken off, each ends with a newline. */
export function decodeBlock(lines: readonly string[], { literal, chomp }: BlockHeader): string {
  let content = lines.length
  while (content > 0 && lines[content - 1] === "") content--
  const kept = content === lines.length ? lines : lines.slice(0, content)
  const value = literal ? kept.join("\n") : joinFolded(kept)
  if (chomp === "+") return value + "\n".repeat(lines.length - content + (content > 0 ? 1 : 0))
  return chomp === "-" || content === 0 ? value : `${value}\n`
}

// A line that begins with a blank keeps the breaks around it; elsewhere one break is a blank, each further one a newline.
function joinFolded(lines: readonly string[]): string {
  let value = ""
  let pending = 0
  let spaced = false
  for (const [index, line] of lines.entries()) {
    if (line === "") {
      pending++
      continue
    }
    const blank = line.startsWith(" ") || line.startsWith("\t")
    if (index === pending) value += "\n".repeat(pending)
    else if (spaced || blank) value += "\n".repeat(pending + 1)
    else value += pending === 0 ? " " : "\n".repeat(pending)
    value += line
    spaced = blank
    pending = 0
  }
  return value
}

/**
 * The string of a block scalar from its whole text, header included; `undefined` when the header gives an indent, which
 * counts from the parent's. A last line without a newline has none in the value either when `closed` is false.
 */
export function decodeBlockText(raw: string, closed: boolean): string | undefined {
  const end = raw.indexOf("\n")
  const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\s.*$/, "")
  if (end < 0 || /\d/.test(head)) return undefined
  const body = raw.slice(end + 1)
  const lines = (body.endsWith("\n") ? body.slice(0, -1) : body).split("\n")
  const first = lines.find((line) => /[^ ]/.test(line))
  const indent = first === undefined ? Number.POSITIVE_INFINITY : leadingBlanks(first)
  const cut = lines.map((line) => line.slice(Math.min(indent, leadingBlanks(line))))
  const chomp = head.slice(1)
  const value = decodeBlock(body === "" ? [] : cut, { literal: head.startsWith("|"), chomp })
  return closed || body.endsWith("\n") || cut.at(-1) === "" || chomp === "-" ? value : value.slice(0, -1)
}

function leadingBlanks(line: string): number {
  let count = 0
  while (line.charCodeAt(count) === 32) count++
  return count
}
