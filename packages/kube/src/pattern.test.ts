import { describe, expect, test } from "vitest"
import { KubeError } from "./index.ts"
import { compilePattern } from "./pattern.ts"

describe("compilePattern", () => {
  test.each([
    ["^web-[0-9]+$", "web-12", true],
    ["web", "a web b", true],
    ["(?i)WEB", "web", true],
    ["a.b", "a\nb", false],
    ["(?s)a.b", "a\nb", true],
    ["\\pL+", "é", true],
    ["^.$", "\u{1F600}", true],
    ["", "anything", true],
  ])("%s in %j: %s", (pattern, text, expected) => expect(compilePattern(pattern).test(text)).toBe(expected))

  test.each(["(", "(?=a)", "(?<!a)b", "(a)\\1", "a{1001}", "[z-a]", "*", "a".repeat(4097)])("%s is refused", (text) =>
    expect(() => compilePattern(text)).toThrow(KubeError),
  )

  test("matches anchors at both ends", () => {
    const pattern = compilePattern("a|ab")
    expect([pattern.matches("ab"), pattern.matches("abc"), pattern.source]).toEqual([true, false, "a|ab"])
  })

  test("exec gives groups by number and name", () => {
    expect(compilePattern("(?P<major>\\d+)\\.(\\d+)(-x)?").exec("v1.20")).toEqual({
      groups: ["1.20", "1", "20", undefined],
      named: { major: "1" },
      index: 1,
    })
    expect(compilePattern("x").exec("y")).toBeUndefined()
  })

  test.each([
    ["(?P<n>a)(b)?", "ab a", "<${n}$2$9>", "<ab> <a>"],
    ["a", "aaa", "$$", "$$$"],
    ["a(x)", "ax", "$1y-${1}y", "-xy"],
    ["x*", "ab", "-", "-a-b-"],
  ])("%s replaced in %j by %s", (pattern, text, replacement, expected) =>
    expect(compilePattern(pattern).replaceAll(text, replacement)).toBe(expected),
  )

  test("takes linear time where a backtracking engine would hang", () => {
    expect(compilePattern("^(a+)+$").test(`${"a".repeat(5000)}!`)).toBe(false)
  })
})
