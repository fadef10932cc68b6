import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  compareVersions,
  isRange,
  isVersion,
  parseRange,
  parseVersion,
  printVersion,
  satisfies,
  selectVersions,
} from "./index.ts"

const lies = (version: string, range: string): boolean => satisfies(parseVersion(version), parseRange(range))

describe("satisfies", () => {
  it.each([
    ["1.4.0", "1.x", true],
    ["2.0.0", "1.x", false],
    ["1.4.0", ">=1.2, <2 || ^3.1", true],
    ["3.2.0", ">=1.2, <2 || ^3.1", true],
    ["2.5.0", ">=1.2 <2 || ^3.1", false],
    ["5.1.0", "!=4.1", true],
    ["4.1.1", "!=4.1", false],
    ["2.0.0-rc.1", ">=1.0.0", false],
    ["2.0.0-rc.1", ">=1.0.0-0", true],
    ["1.3.0-rc.1", "^1.2.3-beta.2", true],
    ["2025.2.3", "2025.02.x", true],
    ["1.0.20260102030405678", ">=1.0.20260102030405677", true],
    ["1.0.20260102030405677", ">1.0.20260102030405677", false],
    ["1.2.5", "1.2 - 1.4", true],
    ["1.4.9", "1.2 - 1.4", true],
    ["1.5.0", "1.2 - 1.4", false],
    ["0.2.9", "^0.2.3", true],
    ["0.3.0", "^0.2.3", false],
    ["1.2.3", "=> 1.2", true],
  ])("%s in %s: %s", (version, range, expected) => {
    expect(lies(version, range)).toBe(expected)
  })
})

describe("parseRange", () => {
  it.each(["", " ", "||", "1.x ||", "one", ">>1", "1.2.3.4", "1.2.3, ", `>=1${" ".repeat(600)}`, "1 ||".repeat(40)])(
    "refuses %j",
    (text) => {
      expect(isRange(text)).toBe(false)
    },
  )

  it("takes no time that grows with the power of its length: else this would not end", () => {
    const texts = [
      "1 ".repeat(250),
      `${" ".repeat(500)}!`,
      "1-".repeat(250),
      `${"1.".repeat(250)}!`,
      "1 - ".repeat(120),
    ]
    expect(texts.map(isRange)).toEqual([true, false, false, false, false])
  })

  it("never throws but a SourceError", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9xX*.|<>=!~^v, -]{0,40}$/), (text) => typeof isRange(text) === "boolean"),
    )
  })
})

describe("versions", () => {
  const part = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  const version = fc
    .tuple(part, part, part, fc.constantFrom("", "-rc.1", "-rc.2", "-alpha", "-1", "-1.a"))
    .map(([a, b, c, end]) => parseVersion(`${a}.${b}.${c}${end}`))

  it("print as they were read", () => {
    fc.assert(
      fc.property(version, (v) => {
        expect(parseVersion(printVersion(v))).toEqual(v)
      }),
    )
  })

  it("have one order", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it.each([
    ["v1.2.3", "tag", true],
    ["1.2", "tag", false],
    ["v2025.02.03", "tag", true],
    ["V1.2.3", "coerce", false],
    ["1", "coerce", true],
    ["1.2.3-01", "coerce", false],
    ["18446744073709551616.0.0", "coerce", false],
    ["01.2.3", "strict", false],
    ["v1.2.3", "strict", false],
  ] as const)("%s as %s: %s", (text, form, expected) => {
    expect(isVersion(text, form)).toBe(expected)
  })
})

describe("selectVersions", () => {
  it("gives the same whatever the order of the names, and all that tie", () => {
    const names = ["v1.0.0", "1.0.0", "v1.0.0+b", "v0.9.0", "latest", "v1.0", "v2.0.0-rc.1"]
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (shuffled) => {
        expect(selectVersions(shuffled, "*")).toEqual(["1.0.0", "v1.0.0", "v1.0.0+b"])
      }),
    )
    expect(selectVersions(names, ">5")).toEqual([])
  })
})
