import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ManifestError, printManifests, printYaml } from "./index.ts"
import { compareKeys } from "./print/order.ts"

const line = (value: unknown): string => printYaml({ k: value }).slice(3).trimEnd()

describe("scalars", () => {
  test.each<[unknown, string]>([
    [1, "1"],
    [1.5, "1.5"],
    [999999.5, "999999.5"],
    [1234567.5, "1.2345675e+06"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e19, "10000000000000000000"],
    [1e20, "1e+20"],
    [-1e19, "-1e+19"],
    [-0, "0"],
    [-9223372036854775808n, "-9223372036854775808"],
    [-(2 ** 63), "-9.223372036854776e+18"],
    [18446744073709551615n, "18446744073709551615"],
    [18446744073709551616n, "1.8446744073709552e+19"],
    [true, "true"],
    [null, "null"],
    ["", '""'],
    ["plain text", "plain text"],
    ["yes", '"yes"'],
    ["y", '"y"'],
    ["tRUE", "tRUE"],
    ["0o8", "0o8"],
    ["1.2.3", "1.2.3"],
    ["2001-12-14", '"2001-12-14"'],
    ["2001-12", "2001-12"],
    ["12:30:45", '"12:30:45"'],
    ["~", '"~"'],
    ["~a", "~a"],
    ["<<", "<<"],
    ["-", "'-'"],
    ["-a", "-a"],
    ["- a", "'- a'"],
    ["a: b", "'a: b'"],
    ["a:b", "a:b"],
    ["a:", "'a:'"],
    ["a #b", "'a #b'"],
    ["a#b", "a#b"],
    ["it's", "it's"],
    ["'a'", "'''a'''"],
    [" a", "' a'"],
    ["a ", "'a '"],
    ["a\tb", '"a\\tb"'],
    ["a\rb", '"a\\rb"'],
    ["\u{1F600}", '"\\U0001F600"'],
    ["é", "é"],
    ["\ufeffab", '"\\uFEFF\\x61\\x62"'],
    ["a\u0085b", "a b"],
    ["...", "'...'"],
    ["---a", "'---a'"],
    [[], "[]"],
    [{}, "{}"],
    [{ a: undefined }, "{}"],
  ])("%s is %s", (value, expected) => expect(line(value)).toBe(expected))

  test.each([["a\u007fb"], ["\u0090"], [Number.NaN], [() => 1], [Symbol("x")]])("%s is refused", (value) =>
    expect(() => printYaml(value)).toThrow(ManifestError),
  )
})

test("collections, as kustomize lays them out", () => {
  const value = { list: [1, [2, { b: 3, a: [] }], { x: { z: 1 } }], empty: {}, map: { inner: ["a"] } }
  expect(printYaml(value)).toBe(
    "empty: {}\nlist:\n- 1\n- - 2\n  - a: []\n    b: 3\n- x:\n    z: 1\nmap:\n  inner:\n  - a\n",
  )
  expect(printYaml([])).toBe("[]\n")
  expect(printYaml("a\nb\n")).toBe("|\n  a\n  b\n")
})

test("keys come in natural order", () => {
  const keys = ["a10", "a2", "A", "b", "_", "1", "a.b", "a-b", "ab", "a", "é", "a01", "a1"]
  const printed = printYaml(Object.fromEntries(keys.map((key) => [key, 0])))
  const order = printed
    .trim()
    .split("\n")
    .map((entry) => entry.split(":")[0]?.replaceAll('"', ""))
  expect(order).toEqual(["_", "1", "A", "a", "a-b", "a.b", "a1", "a01", "a2", "a10", "ab", "b", "é"])
})

test("keys with digits come in the order of their numbers, however they are compared", () => {
  // Go's rule, word by word, on code points.
  const byRule = (a: string, b: string): number => {
    const [x, y] = [Array.from(a), Array.from(b)]
    const digit = (rune: string | undefined): boolean => rune !== undefined && /\d/.test(rune)
    for (let at = 0; at < Math.min(x.length, y.length); at++) {
      if (x[at] === y[at]) continue
      const [xLetter, yLetter] = [/\p{L}/u.test(x[at]!), /\p{L}/u.test(y[at]!)]
      if (xLetter || yLetter)
        return xLetter && yLetter ? x[at]!.codePointAt(0)! - y[at]!.codePointAt(0)! : xLetter ? 1 : -1
      let [n, m] = [0n, 0n]
      if (x[at] === "0" || y[at] === "0") {
        for (let back = at - 1; digit(x[back]); back--) if (x[back] !== "0") [n, m] = [1n, 1n]
      }
      let [i, j] = [at, at]
      for (; digit(x[i]); i++) n = n * 10n + BigInt(x[i]!)
      for (; digit(y[j]); j++) m = m * 10n + BigInt(y[j]!)
      return n === m ? i - j || x[at]!.codePointAt(0)! - y[at]!.codePointAt(0)! : n < m ? -1 : 1
    }
    return x.length - y.length
  }
  const key = fc
    .array(fc.constantFrom("0", "1", "9", "10", "a", "B", "-", ".", "_", "é", "00"), { maxLength: 8 })
    .map((parts) => parts.join(""))
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(byRule(a, b)))
    }),
    { numRuns: 3000 },
  )
})

test("long text folds after column 80, long keys stand alone", () => {
  const words = Array(30).fill("word").join(" ")
  expect(printYaml({ k: words })).toBe(`k: ${words.slice(0, 79)}\n  ${words.slice(80)}\n`)
  expect(printYaml({ ["k".repeat(128)]: 1 })).toBe(`${"k".repeat(128)}: 1\n`)
  expect(printYaml({ ["k".repeat(129)]: { a: [1] } })).toBe(`? ${"k".repeat(129)}\n: a:\n  - 1\n`)
  expect(printYaml({ "a\nb": [1] })).toBe("? |-\n  a\n  b\n: - 1\n")
})

test.each([
  ["a\n", "|\n  a"],
  ["a", "a"],
  ["a\nb", "|-\n  a\n  b"],
  ["a\n\n", "|+\n  a\n"],
  [" a\n", "|2\n   a"],
  ["\na", "|2-\n\n  a"],
  ["\n", "|2+\n"],
  ["a \nb", '"a \\nb"'],
  ["a\n b ", '"a\\n b "'],
])("block %j", (text, expected) => {
  expect(printYaml({ k: text, l: 1 })).toBe(`k: ${expected}\nl: 1\n`)
})

test("streams", () => {
  const object = (name: string) => ({ apiVersion: "v1", kind: "A", metadata: { name } })
  expect(printManifests([])).toBe("")
  expect(printManifests([object("a"), object("b")])).toBe(
    "apiVersion: v1\nkind: A\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: A\nmetadata:\n  name: b\n",
  )
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  expect(() => printYaml(cycle)).toThrow(expect.objectContaining({ code: "Unprintable" }))
})
