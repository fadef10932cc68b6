import { KustomizeError } from "../error.ts"
import { peek, scan } from "./scanner.ts"
import type { Accept, ScanMode, Scanner } from "./scanner.ts"

/** A part of a template: text, or an expression. */
export type TemplatePart = string | Expression

/** `${variable}`, with an operator and its arguments where there are any. */
export interface Expression {
  readonly variable: string
  readonly operator: string
  readonly parameters: readonly (readonly TemplatePart[])[]
}

const maxDepth = 100

const bad = (): never => {
  throw new KustomizeError("SubstitutionFailed", "bad substitution: an expression ${…} does not end or cannot be read")
}

const anything: Accept = () => true
const isNameCharacter: Accept = (character) => /[\p{L}\p{Nd}_]/u.test(character)
const notClosing: Accept = (character) => character !== "}"

interface Parsing {
  readonly scanner: Scanner
  /** Expressions inside of each other. */
  depth: number
}

/** Reads a template in the dialect of Flux (a fork of drone/envsubst). Throws for an expression that does not end. */
export function parseTemplate(text: string): TemplatePart[] {
  const parsing: Parsing = { scanner: { text, position: 0, word: "" }, depth: 0 }
  const parts: TemplatePart[] = []
  for (;;) {
    switch (scan(parsing.scanner, anything, { word: true, open: true, escapes: "dollar" })) {
      case "word":
        parts.push(parsing.scanner.word)
        break
      case "open":
        parts.push(parseExpression(parsing))
        break
      case "end":
        return parts
      default:
        bad()
    }
  }
}

function word(scanner: Scanner, accept: Accept): string {
  return scan(scanner, accept, { word: true }) === "word" ? scanner.word : bad()
}

function close(scanner: Scanner): void {
  if (scan(scanner, anything, { close: true }) !== "close") bad()
}

function parseExpression(parsing: Parsing): Expression {
  if (++parsing.depth > maxDepth) bad()
  const expression = parseInner(parsing)
  parsing.depth--
  return expression
}

function parseInner(parsing: Parsing): Expression {
  const { scanner } = parsing
  if (peek(scanner) === "#") {
    word(scanner, (character, index) => character === "#" && index === 1)
    const variable = word(scanner, isNameCharacter)
    close(scanner)
    return { variable, operator: "#", parameters: [] }
  }
  const variable = word(scanner, isNameCharacter)
  switch (peek(scanner)) {
    case ":":
      return "=-?+".includes(scanner.text[scanner.position + 1] || " ")
        ? parseDefault(parsing, variable)
        : parseSubstring(parsing, variable)
    case "=":
      return parseDefault(parsing, variable)
    case ",":
    case "^": {
      const operator = word(scanner, (character, index) => (character === "," || character === "^") && index < 3)
      close(scanner)
      return { variable, operator, parameters: [] }
    }
    case "/":
      return parseReplace(parsing, variable)
    case "#":
    case "%":
      return parseRemove(parsing, variable)
    default:
      close(scanner)
      return { variable, operator: "", parameters: [] }
  }
}

function parseParameter(parsing: Parsing, accept: Accept, mode: ScanMode = {}): TemplatePart {
  switch (scan(parsing.scanner, accept, { ...mode, word: true, open: true })) {
    case "open":
      return parseExpression(parsing)
    case "word":
      return parsing.scanner.word
    default:
      return bad()
  }
}

function parseDefault(parsing: Parsing, variable: string): Expression {
  const { scanner } = parsing
  const operator =
    peek(scanner) === "="
      ? word(scanner, (character, index) => character === "=" && index === 1)
      : word(scanner, (character, index) =>
          index === 1 ? character === ":" : index === 2 && "=-?+".includes(character),
        )
  const parts: TemplatePart[] = []
  while (peek(scanner) !== "}") parts.push(parseParameter(parsing, notClosing))
  close(scanner)
  return { variable, operator, parameters: parts.length === 0 ? [] : [parts] }
}

function parseSubstring(parsing: Parsing, variable: string): Expression {
  const { scanner } = parsing
  const operator = word(scanner, (character, index) => character === ":" && index === 1)
  const position = parseParameter(parsing, (character) => character !== ":" && character !== "}")
  const next = scan(scanner, (character) => character === ":", { word: true, close: true })
  if (next === "close") return { variable, operator, parameters: [[position]] }
  if (next !== "word") bad()
  const length = parseParameter(parsing, notClosing)
  close(scanner)
  return { variable, operator, parameters: [[position], [length]] }
}

function parseReplace(parsing: Parsing, variable: string): Expression {
  const { scanner } = parsing
  const operator = word(scanner, (character, index) =>
    index === 1 ? character === "/" : index === 2 && "/#%".includes(character),
  )
  const pattern = parseParameter(parsing, (character) => character !== "/", { escapes: "all" })
  word(scanner, (character) => character === "/")
  if (peek(scanner) === "}") {
    close(scanner)
    return { variable, operator, parameters: [[pattern]] }
  }
  const replacement = parseParameter(parsing, notClosing, { escapes: "all" })
  close(scanner)
  return { variable, operator, parameters: [[pattern], [replacement]] }
}

function parseRemove(parsing: Parsing, variable: string): Expression {
  const { scanner } = parsing
  const sign = peek(scanner)
  const operator = word(scanner, (character, index) => character === sign && index < 3)
  const pattern = parseParameter(parsing, notClosing)
  close(scanner)
  return { variable, operator, parameters: [[pattern]] }
}
