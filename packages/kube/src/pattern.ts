import { RE2JS, RE2JSException } from "re2js"
import { KubeError } from "./kube-error.ts"

/** A compiled regular expression with RE2's syntax and linear running time. */
export interface Pattern {
  /** The text that it was compiled from. */
  readonly source: string
  /** True when the pattern matches anywhere in `text`. */
  test(text: string): boolean
  /** True when the pattern matches the whole of `text`. */
  matches(text: string): boolean
  /** The first match and its groups, `undefined` where a group took no part; `undefined` when nothing matches. */
  exec(text: string): PatternMatch | undefined
  /** `text` with every match replaced; `$1` and `${name}` in `replacement` stand for groups, as in Go. */
  replaceAll(text: string, replacement: string): string
}

/** What `Pattern.exec` finds. */
export interface PatternMatch {
  /** The matched text first, then the groups by number. */
  readonly groups: readonly (string | undefined)[]
  /** The groups that have names. */
  readonly named: { readonly [name: string]: string | undefined }
  /** Where the match begins, in UTF-16 code units. */
  readonly index: number
}

// Far above what anybody writes by hand; keeps the compiled program small.
const maxLength = 4096

/**
 * Compiles a regular expression that a user wrote, with the syntax and semantics of RE2 (Go's `regexp`): no
 * look-around, no back-references, and matching takes time linear in the text whatever the pattern. Flags are written
 * inline: `(?i)`, `(?s)`, `(?m)`.
 *
 * Throws `KubeError` `InvalidPattern` for anything that RE2 refuses and for more than 4,096 characters.
 *
 * @example
 * compilePattern("^web-[0-9]+$").test("web-12")   // true
 */
export function compilePattern(text: string): Pattern {
  const compiled = compile(text)
  return {
    source: text,
    test: (input) => compiled.test(input),
    matches: (input) => compiled.testExact(input),
    exec: (input) => firstMatch(compiled, input),
    replaceAll: (input, replacement) => replaceMatches(compiled, input, replacement),
  }
}

function compile(text: string): RE2JS {
  if (text.length > maxLength) throw new KubeError("InvalidPattern", `a pattern has more than ${maxLength} characters`)
  try {
    return RE2JS.compile(text)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new KubeError("InvalidPattern", error.message, { cause: error })
  }
}

function firstMatch(compiled: RE2JS, input: string): PatternMatch | undefined {
  const matcher = compiled.matcher(input)
  if (!matcher.find()) return undefined
  return { groups: groupsOf(matcher), named: namedOf(compiled, matcher), index: matcher.start(0) }
}

type Matcher = ReturnType<RE2JS["matcher"]>

function groupsOf(matcher: Matcher): (string | undefined)[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined)
}

function namedOf(compiled: RE2JS, matcher: Matcher): { readonly [name: string]: string | undefined } {
  const named: { [name: string]: string | undefined } = Object.create(null) as { [name: string]: string | undefined }
  for (const [name, index] of Object.entries(compiled.namedGroups())) named[name] = matcher.group(index) ?? undefined
  return named
}

function replaceMatches(compiled: RE2JS, input: string, replacement: string): string {
  const matcher = compiled.matcher(input)
  let result = ""
  let end = 0
  while (matcher.find()) {
    result += input.slice(end, matcher.start(0)) + expand(replacement, groupsOf(matcher), namedOf(compiled, matcher))
    end = matcher.end(0)
  }
  return result + input.slice(end)
}

/** Go's `Regexp.Expand`: `$name` is the longest run of letters, digits and `_`; unknown groups are empty; `$$` is `$`. */
function expand(
  template: string,
  groups: readonly (string | undefined)[],
  named: { readonly [name: string]: string | undefined },
): string {
  return template.replace(/\$(?:\$|\w+|\{\w+\})/g, (whole) => {
    if (whole === "$$") return "$"
    const name = whole.replace(/[${}]/g, "")
    return (/^\d+$/.test(name) ? groups[Number(name)] : named[name]) ?? ""
  })
}
