/**
 * What Go's decoder says of a text that is no JSON, or undefined when it finds nothing wrong: `unexpected end of JSON
 * input`, `invalid character 'x' looking for beginning of value`.
 */
export function goJsonError(text: string): string | undefined {
  const stack: ("{" | "[")[] = []
  let state = "value" as State
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === " " || character === "\n" || character === "\t" || character === "\r") continue
    if (character === '"' && stringStates.has(state)) {
      const end = endOfString(text, at)
      if (typeof end === "string") return end
      at = end
      state = state === "key" || state === "firstKey" ? "colon" : after(stack)
      continue
    }
    const literal = valueStates.has(state) ? literalAt(text, at) : undefined
    if (typeof literal === "string") return literal
    if (literal !== undefined) {
      at = literal - 1
      state = after(stack)
      continue
    }
    const next = step(character, state, stack)
    if (next === undefined) return `invalid character ${quote(character)} ${contexts[state]}`
    state = next
  }
  return state === "end" ? undefined : "unexpected end of JSON input"
}

type State = "value" | "firstItem" | "key" | "firstKey" | "colon" | "afterValue" | "afterItem" | "end"

const stringStates: ReadonlySet<State> = new Set(["value", "firstItem", "key", "firstKey"])
const valueStates: ReadonlySet<State> = new Set(["value", "firstItem"])

const contexts: { readonly [state in State]: string } = {
  value: "looking for beginning of value",
  firstItem: "looking for beginning of value",
  key: "looking for beginning of object key string",
  firstKey: "looking for beginning of object key string",
  colon: "after object key",
  afterValue: "after object key:value pair",
  afterItem: "after array element",
  end: "after top-level value",
}

const after = (stack: readonly string[]): State =>
  stack.length === 0 ? "end" : stack.at(-1) === "{" ? "afterValue" : "afterItem"

function step(character: string, state: State, stack: ("{" | "[")[]): State | undefined {
  if (valueStates.has(state) && (character === "{" || character === "[")) {
    stack.push(character)
    return character === "{" ? "firstKey" : "firstItem"
  }
  if (state === "colon") return character === ":" ? "value" : undefined
  const closes =
    character === "}"
      ? state === "firstKey" || state === "afterValue"
      : character === "]" && (state === "firstItem" || state === "afterItem")
  if (closes) {
    stack.pop()
    return after(stack)
  }
  if (character !== ",") return undefined
  return state === "afterValue" ? "key" : state === "afterItem" ? "value" : undefined
}

/** The index behind a literal or number, a message when it is broken, undefined when none begins here. */
function literalAt(text: string, at: number): number | string | undefined {
  const first = text[at]!
  for (const word of ["true", "false", "null"]) {
    if (first !== word[0]) continue
    for (let i = 1; i < word.length; i++) {
      if (at + i >= text.length) return "unexpected end of JSON input"
      if (text[at + i] !== word[i]) {
        return `invalid character ${quote(text[at + i]!)} in literal ${word} (expecting ${quote(word[i]!)})`
      }
    }
    return at + word.length
  }
  if (!/[-0-9]/.test(first)) return undefined
  const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/.exec(text.slice(at, at + 512))
  if (number) return at + number[0].length
  return text.length === at + 1
    ? "unexpected end of JSON input"
    : `invalid character ${quote(text[at + 1]!)} in numeric literal`
}

function endOfString(text: string, start: number): number | string {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') return at
    if (character < " ") return `invalid character ${quote(character)} in string literal`
    if (character !== "\\") continue
    at++
    const escaped = text[at]
    if (escaped !== undefined && !'"\\/bfnrtu'.includes(escaped)) {
      return `invalid character ${quote(escaped)} in string escape code`
    }
  }
  return "unexpected end of JSON input"
}

function quote(character: string): string {
  if (character === "'") return String.raw`'\''`
  if (character === '"') return `'"'`
  const code = character.charCodeAt(0)
  if (code >= 0x7f && code < 0xa1) return `'\\u${code.toString(16).padStart(4, "0")}'`
  return `'${JSON.stringify(character).slice(1, -1)}'`
}
