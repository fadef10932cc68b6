import type { Pattern } from "@gitops-toolkit/kube/pattern"
import { fail } from "../error.ts"

// Names in target selectors and images are regular expressions; nearly all of them are plain names. Those are compared
// here, so that the engine for regular expressions is loaded only when somebody uses one.

/** Tells whether a text matches. */
export type Matcher = (text: string) => boolean

const plain = /^[A-Za-z0-9_/:@~#%&=<>,;!'"` .-]*$/

/** True for a pattern whose only special character is the dot. */
export function isPlainPattern(pattern: string): boolean {
  return plain.test(pattern)
}

/** Where `text` stops matching a plain pattern at its start: the index after it, or -1. */
export function matchPlainPrefix(pattern: string, text: string): number {
  if (text.length < pattern.length) return -1
  for (let i = 0; i < pattern.length; i++) {
    const expected = pattern.charCodeAt(i)
    if (expected === 46 ? text.charCodeAt(i) === 10 : expected !== text.charCodeAt(i)) return -1
  }
  return pattern.length
}

/** Compiles a pattern with RE2's semantics; loads the engine. */
export async function loadPattern(pattern: string): Promise<Pattern> {
  const { compilePattern } = await import("@gitops-toolkit/kube/pattern")
  return compilePattern(pattern)
}

/**
 * A matcher for a pattern that is anchored at both ends, as the fields of a target selector are. Throws for an invalid
 * one.
 */
export async function compileAnchored(pattern: string): Promise<Matcher> {
  if (isPlainPattern(pattern)) {
    return (text) => text.length === pattern.length && matchPlainPrefix(pattern, text) === pattern.length
  }
  const compiled = await loadPattern(`^(?:${pattern})$`).catch((error: unknown) =>
    fail(`invalid regular expression '${pattern}'`, { cause: error }),
  )
  return (text) => compiled.test(text)
}
