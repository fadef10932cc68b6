/**
 * The paths of members that stand twice in one object of a JSON text, in the server's notation (`spec.ports[0].name`),
 * each once, in the order of the text. `text` must be valid JSON.
 */
export function duplicateMembers(text: string, value: unknown): string[] {
  return mayHaveDuplicates(text, value) ? scan(text) : []
}

/** Compares the number of names in the text with that in the value; true when in doubt. */
function mayHaveDuplicates(text: string, value: unknown): boolean {
  if (text.includes("\\")) return true
  let names = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    let next = at + 1
    while (text.charCodeAt(next) <= 32) next++
    if (text.charCodeAt(next) === 58) names++
  }
  return names !== countMembers(value)
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) count += countMembers(item)
    return count
  }
  for (const name in value) {
    count++
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === "object" && member !== null) count += countMembers(member)
  }
  return count
}

interface Open {
  readonly path: string
  /** The names so far; undefined for a list. */
  readonly names: Set<string> | undefined
  index: number
  /** The name whose value comes next. */
  name: string
}

function scan(text: string): string[] {
  const found: string[] = []
  const open: Open[] = []
  const pathOfNext = (): string => {
    const parent = open.at(-1)
    if (!parent) return ""
    if (!parent.names) return `${parent.path}[${parent.index}]`
    return parent.path === "" ? parent.name : `${parent.path}.${parent.name}`
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === "{") open.push({ path: pathOfNext(), names: new Set(), index: 0, name: "" })
    else if (character === "[") open.push({ path: pathOfNext(), names: undefined, index: 0, name: "" })
    else if (character === "}" || character === "]") open.pop()
    else if (character === ",") {
      const parent = open.at(-1)
      if (parent) parent.index++
    } else if (character === '"') {
      const end = stringEnd(text, at)
      noteName(text, { start: at, end }, { parent: open.at(-1), found })
      at = end
    }
  }
  return [...new Set(found)]
}

/** Takes note of the string between `start` and `end` when it is the name of a member. */
function noteName(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  { parent, found }: { readonly parent: Open | undefined; readonly found: string[] },
): void {
  let next = end + 1
  while (text.charCodeAt(next) <= 32) next++
  if (!parent?.names || text[next] !== ":") return
  const name = JSON.parse(text.slice(start, end + 1)) as string
  parent.name = name
  if (parent.names.has(name)) found.push(parent.path === "" ? name : `${parent.path}.${name}`)
  parent.names.add(name)
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at
}
