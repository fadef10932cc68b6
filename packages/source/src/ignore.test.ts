import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileGlob, matchGlob } from "./ignore/wildmatch.ts"
import { createIgnore, findIgnoreFiles, memoryFiles, parseIgnore } from "./index.ts"

const ignored = (text: string, path: string): boolean => {
  const isDirectory = path.endsWith("/")
  return createIgnore(parseIgnore(text)).ignores(isDirectory ? path.slice(0, -1) : path, isDirectory)
}

describe("createIgnore", () => {
  it.each([
    ["*.md", "docs/read.md", true],
    ["/*.md", "docs/read.md", false],
    ["docs/", "docs/read.md", true],
    ["docs/", "docs", false],
    ["/*\n!/deploy", "deploy/cm.yaml", false],
    ["/*\n!/deploy", "src/main.go", true],
    ["deploy\n!deploy/cm.yaml", "deploy/cm.yaml", true],
    ["deploy/*\n!deploy/cm.yaml", "deploy/cm.yaml", false],
    ["deploy/**\n!deploy/cm.yaml", "deploy/cm.yaml", false],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "a/xb", false],
    ["**/b", "b", true],
    ["a/**", "a", false],
    ["a/**", "a/", true],
    ["a\\ ", "a ", true],
    ["a  ", "a", true],
    ["\\#a", "#a", true],
    ["\\!a", "!a", true],
    ["#a", "#a", false],
    ["[a", "[a", false],
    ["[!a-c]x", "dx", true],
    ["[!a-c]x", "bx", false],
    ["[[:digit:]]x", "1x", true],
    ["a?c", "a/c", false],
    ["a*c", "a/c", false],
    ["*", ".hidden", true],
    ["/", "a", false],
    ["", "a", false],
  ])("%j and %s: %s", (text, path, expected) => {
    expect(ignored(text, path)).toBe(expected)
  })

  it("holds patterns of a folder below it alone", async () => {
    const files = memoryFiles({
      ".sourceignore": "*.tmp\n",
      "a/.sourceignore": "/x\n!keep.tmp\n",
      "b/x": "",
      ".gitignore": "*",
    })
    const matcher = createIgnore(await findIgnoreFiles(files))
    expect(["a/x", "b/x", "x", "a/keep.tmp", "keep.tmp"].map((path) => matcher.ignores(path, false))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
  })
})

describe("matchGlob", () => {
  const glob = fc.stringMatching(/^[ab*?/]{0,12}$/)
  const text = fc.stringMatching(/^[ab/]{0,12}$/)

  it("agrees with the same glob as a regular expression, where there is no **", () => {
    fc.assert(
      fc.property(glob, text, (pattern, path) => {
        const compiled = compileGlob(pattern)
        if (!compiled || pattern.includes("**")) return
        // Both alphabets are fixed: nothing in the pattern needs an escape.
        const expression = pattern.replaceAll("?", "[^/]").replaceAll("*", "[^/]*")
        expect(matchGlob(compiled, path)).toBe(new RegExp(`^${expression}$`).test(path))
      }),
      { numRuns: 2000 },
    )
  })

  it("takes no time that grows with the power of its stars: else this would not end", () => {
    const compiled = compileGlob(`${"a*".repeat(60)}b`)!
    expect(matchGlob(compiled, `${"a".repeat(2000)}c`)).toBe(false)
    expect(matchGlob(compiled, `${"a".repeat(2000)}cb/b`)).toBe(false)
  })

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (pattern, path) => {
        const compiled = compileGlob(pattern)
        expect(typeof (compiled ? matchGlob(compiled, path) : false)).toBe("boolean")
      }),
    )
  })
})
