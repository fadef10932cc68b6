import type { Document, Node } from "yaml"
import type { ManifestError } from "../error.ts"
import { fault, type Source } from "./fault.ts"
import { loadYaml } from "./library.ts"

/** A document as the library's tree of nodes with offsets; `undefined` when it is empty. Throws for faulty syntax. */
export function compose(source: Source): Node | undefined {
  const { text } = source.chunk
  checkCost(source)
  const { Composer, Parser } = loadYaml()
  const composer = new Composer({
    schema: "failsafe",
    uniqueKeys: false,
    resolveKnownTags: false,
    merge: false,
    prettyErrors: false,
    // For `checkPairs` of the slow lane.
    keepSourceTokens: explicitKey.test(text),
  })
  // The library collects every error; the first is enough, and a hostile text has one at every character.
  Object.assign(composer, { onError: stopAtFirst(source) })
  try {
    // What follows the first document (after `...`) is not read, as kubectl and kustomize do not.
    for (const document of composer.compose(lenientParser(Parser).parse(text), true, text.length)) {
      return checked(source, document)
    }
    return undefined
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw fault(source, "LimitExceeded", { message: tooDeep, offset: 0 })
  }
}

type Step = (this: Lexer) => Generator<string, unknown>

interface Lexer {
  indentNext: number
  parseQuotedScalar: Step
  parseFlowCollection: Step
}

/**
 * A parser that minds no indent inside of quotes and brackets, as go-yaml minds none. The library has no option for
 * that, so the two steps of its lexer are told that nothing has to be indented while they run.
 */
function lenientParser(Parser: typeof import("yaml").Parser): InstanceType<typeof Parser> {
  const parser = new Parser()
  const { lexer } = parser as unknown as { readonly lexer: Lexer }
  for (const step of ["parseQuotedScalar", "parseFlowCollection"] as const) {
    const original = lexer[step]
    lexer[step] = function* lenient() {
      const { indentNext } = this
      this.indentNext = 0
      const next = yield* original.call(this)
      this.indentNext = indentNext
      return next
    }
  }
  return parser
}

const explicitKey = /(?:^|\s)\?(?:\s|$)/

const tooDeep = "the document is nested too deeply"
const mostCharacters = 16 * 1024 * 1024
const manyIndicators = /^ *(?:[-?] +){1000}/m
const mostOpen = 10_000

function checkCost(source: Source): void {
  const { text } = source.chunk
  if (/^\s*%/.test(text)) throw fault(source, "InvalidYaml", { message: "directives are not supported", offset: 0 })
  if (manyIndicators.test(text) || leavesOpen(text))
    throw fault(source, "LimitExceeded", { message: tooDeep, offset: 0 })
  if (text.length <= mostCharacters) return
  const message = `a document of more than ${mostCharacters} characters must be plain YAML`
  throw fault(source, "LimitExceeded", { message, offset: 0 })
}

/** True when so many brackets are open at once that the library would take minutes to find that too much. */
function leavesOpen(text: string): boolean {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    // [ { and ] }
    if (character === 91 || character === 123) open++
    else if ((character === 93 || character === 125) && open > 0) open--
    if (open > mostOpen) return true
  }
  return false
}

/** A report of the library: its place, code and message, and whether it is but a warning. */
type Report = readonly [place: unknown, code: string, message: string, warning?: boolean]

function stopAtFirst(source: Source): (...report: Report) => void {
  let first: ManifestError | undefined
  return (...[place, code, , warning]) => {
    if (warning === true || code === "BAD_DQ_ESCAPE") return
    // The library catches what is thrown here, and reports it once more.
    first ??= faultOf(source, code, offsetOf(place))
    throw first
  }
}

function offsetOf(place: unknown): number {
  if (typeof place === "number") return place
  const first = (Array.isArray(place) ? place[0] : (place as { readonly offset?: unknown } | null)?.offset) as unknown
  return typeof first === "number" ? first : 0
}

function faultOf(source: Source, code: string, offset: number): ManifestError {
  const kind = code === "RESOURCE_EXHAUSTION" ? "LimitExceeded" : "InvalidYaml"
  return fault(source, kind, { message: sentences[code] ?? "the text is not YAML", offset })
}

function checked(source: Source, document: Document.Parsed): Node | undefined {
  const error = document.errors.find(({ code }) => code !== "BAD_DQ_ESCAPE")
  if (error) throw faultOf(source, error.code, error.pos[0])
  return document.contents ?? undefined
}

// The library's own messages may quote the text, which may be a secret's.
const sentences: { readonly [code: string]: string } = {
  ALIAS_PROPS: "an alias cannot have an anchor or a tag",
  BAD_ALIAS: "an alias or anchor has no proper name",
  BAD_DIRECTIVE: "directives are not supported",
  BAD_INDENT: "the indentation does not fit",
  BAD_PROP_ORDER: "an anchor or tag stands in the wrong place",
  BAD_SCALAR_START: "an unquoted text cannot start with this character",
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this place",
  BLOCK_IN_FLOW: "a block collection cannot stand inside brackets",
  DUPLICATE_KEY: "the key is already defined",
  KEY_OVER_1024_CHARS: "a key has more than 1024 characters",
  MISSING_CHAR: "a `:`, `-`, quote or bracket is missing",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line",
  MULTIPLE_ANCHORS: "a value has two anchors",
  MULTIPLE_DOCS: "a second document begins here",
  MULTIPLE_TAGS: "a value has two tags",
  RESOURCE_EXHAUSTION: "the document is nested too deeply",
  TAB_AS_INDENT: "a tab cannot be used as indentation",
  UNEXPECTED_TOKEN: "this is not expected here",
}
