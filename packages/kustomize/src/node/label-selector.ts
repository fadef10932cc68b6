import { fail } from "../error.ts"

/** Tells whether labels (or annotations) are selected. */
export type LabelSelector = (labels: ReadonlyMap<string, string>) => boolean

type Requirement = LabelSelector

interface Tokens {
  readonly items: readonly string[]
  position: number
}

const symbols = new Set([")", ",", "!", "==", "=", ">", "<", "!=", "("])
const tokenPattern = /[ \t\r\n]*(==|!=|[=!(),<>]|[^=!(),<> \t\r\n]+)/y
const namePattern = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const prefixPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function tokenize(text: string): string[] {
  const items: string[] = []
  tokenPattern.lastIndex = 0
  for (;;) {
    const match = tokenPattern.exec(text)
    if (match === null) return items
    items.push(match[1]!)
  }
}

/**
 * Reads a selector string of Kubernetes: `a=b,c!=d,e in (f,g),h,!i,j>1`. An empty one selects everything.
 * Throws for anything else.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens: Tokens = { items: tokenize(text), position: 0 }
  const requirements: Requirement[] = []
  while (peek(tokens) !== undefined) {
    requirements.push(parseRequirement(tokens, text))
    const next = tokens.items[tokens.position++]
    if (next === undefined) break
    const following = peek(tokens)
    if (next !== "," || following === undefined || (symbols.has(following) && following !== "!")) refuse(text, next)
  }
  return (labels) => requirements.every((requirement) => requirement(labels))
}

const peek = (tokens: Tokens): string | undefined => tokens.items[tokens.position]

function refuse(selector: string, found: string | undefined): never {
  return fail(`invalid selector '${selector}': unexpected ${found === undefined ? "end" : `'${found}'`}`)
}

function takeWord(tokens: Tokens, selector: string): string {
  const word = tokens.items[tokens.position++]
  if (word === undefined || symbols.has(word)) refuse(selector, word)
  return word
}

function parseRequirement(tokens: Tokens, selector: string): Requirement {
  const negated = peek(tokens) === "!"
  if (negated) tokens.position++
  const key = takeWord(tokens, selector)
  checkKey(key, selector)
  const next = peek(tokens)
  if (next === undefined || next === ",") return negated ? (labels) => !labels.has(key) : (labels) => labels.has(key)
  if (negated) refuse(selector, next)
  tokens.position++
  switch (next) {
    case "in":
    case "notin": {
      const values = parseValues(tokens, selector)
      return next === "in"
        ? (labels) => labels.has(key) && values.has(labels.get(key)!)
        : (labels) => !labels.has(key) || !values.has(labels.get(key)!)
    }
    case "=":
    case "==": {
      const value = parseValue(tokens, selector)
      return (labels) => labels.get(key) === value
    }
    case "!=": {
      const value = parseValue(tokens, selector)
      return (labels) => labels.get(key) !== value
    }
    case ">":
    case "<":
      return parseComparison(next, key, parseValue(tokens, selector))
    default:
      return refuse(selector, next)
  }
}

const integer = /^[-+]?[0-9]+$/

function parseComparison(operator: string, key: string, bound: string): Requirement {
  if (!integer.test(bound)) fail(`for '>' and '<' in a selector, the value must be an integer, not '${bound}'`)
  const limit = BigInt(bound.replace("+", ""))
  return (labels) => {
    const value = labels.get(key)
    if (value === undefined || !integer.test(value)) return false
    const number = BigInt(value.replace("+", ""))
    return operator === ">" ? number > limit : number < limit
  }
}

function parseValue(tokens: Tokens, selector: string): string {
  const next = peek(tokens)
  if (next === undefined || next === ",") return ""
  const value = takeWord(tokens, selector)
  checkValue(value, selector)
  return value
}

function parseValues(tokens: Tokens, selector: string): Set<string> {
  if (tokens.items[tokens.position++] !== "(") refuse(selector, tokens.items[tokens.position - 1])
  const values = new Set<string>()
  let expectsValue = true
  for (;;) {
    const word = tokens.items[tokens.position++]
    if (word === undefined) refuse(selector, word)
    if (word === ")" || word === ",") {
      if (expectsValue) values.add("")
      expectsValue = true
      if (word === ")") return values
      continue
    }
    if (symbols.has(word) || !expectsValue) refuse(selector, word)
    checkValue(word, selector)
    values.add(word)
    expectsValue = false
  }
}

function checkKey(key: string, selector: string): void {
  const slash = key.indexOf("/")
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  const name = slash < 0 ? key : key.slice(slash + 1)
  const validPrefix = prefix === undefined || (prefix.length <= 253 && prefixPattern.test(prefix))
  if (!validPrefix || name.length > 63 || !namePattern.test(name))
    fail(`invalid label key '${key}' in selector '${selector}'`)
}

function checkValue(value: string, selector: string): void {
  if (value.length > 63 || !namePattern.test(value)) fail(`invalid label value '${value}' in selector '${selector}'`)
}
