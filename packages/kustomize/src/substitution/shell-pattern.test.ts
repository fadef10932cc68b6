import { describe, expect, test } from "vitest"
import { matchedPrefix } from "./shell-pattern.ts"

const cases: readonly (readonly [
  pattern: string,
  text: string,
  shortest: number | undefined,
  longest: number | undefined,
])[] = [
  ["*.", "a.b.c", 2, 4],
  ["*", "abc", 1, 3],
  ["a*", "abc", 1, 3],
  ["?", "abc", 1, 1],
  ["[a-b]*c", "abcc", 3, 4],
  ["[^a]", "abc", 0, 0],
  ["\\*", "*x", 1, 1],
  ["", "abc", 0, 0],
  ["b", "abc", 0, 0],
  ["*😀", "a😀b😀", 2, 4],
  ["[", "abc", undefined, undefined],
]

describe("matchedPrefix", () => {
  test.each(cases)("%s of %s: %s to %s", (pattern, text, shortest, longest) => {
    const characters = Array.from(text)
    expect(matchedPrefix(pattern, characters, "shortest")).toBe(shortest)
    expect(matchedPrefix(pattern, characters, "longest")).toBe(longest)
  })

  test("the time grows with the text's length, not with its square", () => {
    const characters = Array.from("a".repeat(200_000))
    expect(matchedPrefix("*a*a*a*b", characters, "longest")).toBe(0)
  })
})
