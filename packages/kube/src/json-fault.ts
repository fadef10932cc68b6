const space = /[ \t\n\r]*/y
const token =
  /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[{}[\],:]/y

type Wanted = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end"

/**
 * Where a text stops being JSON: the offset of the first token that does not fit. The engine's own message often has
 * no position, and quotes the text.
 */
export function findJsonFault(text: string): number {
  const open: string[] = []
  let wanted: Wanted = "value"
  let at = 0
  for (;;) {
    space.lastIndex = at
    at += space.exec(text)?.[0].length ?? 0
    if (open.length === 0 && wanted === ", or end") return at
    token.lastIndex = at
    const found = token.exec(text)?.[0]
    const next: Wanted | undefined = found === undefined ? undefined : step(found, wanted, open)
    if (found === undefined || next === undefined) return at
    wanted = next
    at += found.length
  }
}

/** What may follow `found`; `undefined` when it is not what is wanted. Keeps the open brackets. */
function step(found: string, wanted: Wanted, open: string[]): Wanted | undefined {
  const closes = found === "]" ? wanted === "value or ]" : found === "}" && wanted === "key or }"
  if (closes || (wanted === ", or end" && found === (open.at(-1) === "[" ? "]" : "}"))) {
    open.pop()
    return ", or end"
  }
  if (wanted === ", or end") return found !== "," ? undefined : open.at(-1) === "[" ? "value" : "key"
  if (wanted === ":") return found === ":" ? "value" : undefined
  if (wanted === "key" || wanted === "key or }") return found.startsWith('"') ? ":" : undefined
  if (found === "[" || found === "{") {
    open.push(found)
    return found === "[" ? "value or ]" : "key or }"
  }
  return /^[\]},:]$/.test(found) ? undefined : ", or end"
}
