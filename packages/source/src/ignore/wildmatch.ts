/** One step of a compiled glob. */
type Token =
  | { readonly type: "char"; readonly char: string }
  | { readonly type: "any" }
  | { readonly type: "class"; readonly matches: (char: string) => boolean }
  /** `*`: any characters but a slash. */
  | { readonly type: "star" }
  /** `**` between slashes or at the start: nothing, or anything that ends in a slash. */
  | { readonly type: "folders" }
  /** `**` at the end: everything. */
  | { readonly type: "rest" }

/** A compiled glob. */
export interface Glob {
  readonly tokens: readonly Token[]
  /** The only text that matches, where the glob has no wildcard. */
  readonly literal: string | undefined
  /** How every text that matches ends. */
  readonly suffix: string
}

const wholeGlob: readonly Token["type"][] = ["star", "folders", "rest"]

/**
 * Compiles a glob of git (`wildmatch` with WM_PATHNAME). Undefined for one that can match nothing: an open bracket, an
 * unknown class, a backslash at the end.
 */
export function compileGlob(text: string): Glob | undefined {
  const chars = Array.from(text)
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!
    if (char === "\\") {
      const next = chars[++at]
      if (next === undefined) return undefined
      tokens.push({ type: "char", char: next })
    } else if (char === "?") tokens.push({ type: "any" })
    else if (char === "[") {
      const bracket = compileBracket(chars, at)
      if (!bracket) return undefined
      tokens.push({ type: "class", matches: bracket.matches })
      at = bracket.end
    } else if (char === "*") {
      const start = at
      while (chars[at + 1] === "*") at++
      const token = starOf(chars, start, at)
      if (token.type === "folders") at++
      const last = tokens.at(-1)
      if (last?.type !== token.type || !wholeGlob.includes(token.type)) tokens.push(token)
    } else tokens.push({ type: "char", char })
  }
  const last = tokens.findLastIndex(({ type }) => type !== "char")
  const suffix = textOf(tokens.slice(last + 1))
  return { tokens, literal: last < 0 ? suffix : undefined, suffix }
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.type === "char" ? token.char : "")).join("")
}

function starOf(chars: readonly string[], start: number, end: number): Token {
  const before = start === 0 || chars[start - 1] === "/"
  const after = chars[end + 1]
  if (end === start || !before || (after !== undefined && after !== "/")) return { type: "star" }
  return { type: after === undefined ? "rest" : "folders" }
}

const posix: Readonly<Record<string, RegExp>> = {
  alnum: /^[A-Za-z0-9]$/,
  alpha: /^[A-Za-z]$/,
  blank: /^[ \t]$/,
  cntrl: /^[\u0000-\u001f\u007f]$/,
  digit: /^[0-9]$/,
  graph: /^[\u0021-\u007e]$/,
  lower: /^[a-z]$/,
  print: /^[\u0020-\u007e]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^[\t-\r ]$/,
  upper: /^[A-Z]$/,
  xdigit: /^[A-Fa-f0-9]$/,
}

interface Bracket {
  readonly matches: (char: string) => boolean
  /** The place of the closing bracket. */
  readonly end: number
}

/** A bracket expression with the rules of git's `wildmatch.c`; `start` is the place of the opening bracket. */
function compileBracket(chars: readonly string[], start: number): Bracket | undefined {
  let at = start + 1
  const negated = chars[at] === "!" || chars[at] === "^"
  if (negated) at++
  const tests: ((char: string) => boolean)[] = []
  let low: string | undefined
  for (let first = true; first || chars[at] !== "]"; at++, first = false) {
    let char = chars[at]
    if (char === undefined) return undefined
    if (char === "-" && low !== undefined && chars[at + 1] !== undefined && chars[at + 1] !== "]") {
      char = chars[++at]
      if (char === "\\") char = chars[++at]
      if (char === undefined) return undefined
      tests.push(between(low, char))
      low = undefined
      continue
    }
    if (char === "[" && chars[at + 1] === ":") {
      const close = chars.indexOf("]", at + 2)
      if (close < 0) return undefined
      if (close > at + 2 && chars[close - 1] === ":") {
        const pattern = posixClass(chars.slice(at + 2, close - 1).join(""))
        if (!pattern) return undefined
        tests.push((text) => pattern.test(text))
        low = undefined
        at = close
        continue
      }
    }
    if (char === "\\") char = chars[++at]
    if (char === undefined) return undefined
    const exact = char
    tests.push((text) => text === exact)
    low = exact
  }
  return { end: at, matches: (char) => char !== "/" && tests.some((test) => test(char)) !== negated }
}

function posixClass(name: string): RegExp | undefined {
  return Object.hasOwn(posix, name) ? posix[name] : undefined
}

function between(low: string, high: string): (char: string) => boolean {
  const [from, to] = [low.codePointAt(0)!, high.codePointAt(0)!]
  return (char) => char.codePointAt(0)! >= from && char.codePointAt(0)! <= to
}

/** True when `glob` matches all of `text`. Takes time in proportion to the product of both lengths at most. */
export function matchGlob({ tokens, literal, suffix }: Glob, text: string): boolean {
  if (literal !== undefined) return text === literal
  if (!text.endsWith(suffix)) return false
  let states = new Set<number>()
  enter(tokens, 0, states)
  for (const char of text) {
    const next = new Set<number>()
    for (const state of states) step(tokens, state, { char, next })
    if (next.size === 0) return false
    states = next
  }
  return states.has(tokens.length)
}

/** Adds a state and those that are reached from it without a character. */
function enter(tokens: readonly Token[], state: number, states: Set<number>): void {
  for (let at = state; ; at++) {
    states.add(at)
    const token = tokens[at]
    if (token === undefined || !wholeGlob.includes(token.type)) return
  }
}

function step(tokens: readonly Token[], state: number, { char, next }: { char: string; next: Set<number> }): void {
  const token = tokens[state]
  switch (token?.type) {
    case "char":
      if (token.char === char) enter(tokens, state + 1, next)
      break
    case "any":
      if (char !== "/") enter(tokens, state + 1, next)
      break
    case "class":
      if (token.matches(char)) enter(tokens, state + 1, next)
      break
    case "star":
      if (char !== "/") enter(tokens, state, next)
      break
    case "rest":
      enter(tokens, state, next)
      break
    case "folders":
      // Only a slash ends it: until then the state stays without what follows it.
      if (char === "/") enter(tokens, state, next)
      else next.add(state)
      break
    default:
  }
}
