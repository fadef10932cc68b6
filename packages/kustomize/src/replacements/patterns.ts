import { fail } from "../error.ts"
import { isListIndex, splitListIndex } from "../node/path.ts"
import { isPlainPattern, loadPattern, matchPlainPrefix } from "../node/pattern.ts"
import type { Matcher } from "../node/pattern.ts"

// The value in `[name=value]` is a regular expression that may match anywhere in the field's text. All of a path are
// compiled before it is walked.

/** The matchers of a path's `[name=value]` parts, by value. */
export type ElementMatchers = ReadonlyMap<string, Matcher>

/** Compiles the expressions in a path. */
export async function compileElements(path: readonly string[]): Promise<ElementMatchers> {
  const matchers = new Map<string, Matcher>()
  for (const part of path) {
    if (!isListIndex(part) || !part.includes("=")) continue
    const [, pattern] = splitListIndex(part)
    matchers.set(pattern, await compileContaining(pattern))
  }
  return matchers
}

async function compileContaining(pattern: string): Promise<Matcher> {
  if (isPlainPattern(pattern)) return (text) => containsPlain(pattern, text)
  const compiled = await loadPattern(pattern).catch((error: unknown) =>
    fail(`invalid regular expression '${pattern}'`, { cause: error }),
  )
  return (text) => compiled.test(text)
}

function containsPlain(pattern: string, text: string): boolean {
  if (!pattern.includes(".")) return text.includes(pattern)
  for (let at = 0; at + pattern.length <= text.length; at++) {
    if (matchPlainPrefix(pattern, text.slice(at, at + pattern.length)) >= 0) return true
  }
  return false
}
