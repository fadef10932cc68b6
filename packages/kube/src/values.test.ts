import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  compareQuantities,
  conditionsOf,
  findCondition,
  formatMicroTime,
  isFalse,
  isKubeObject,
  isTrue,
  KubeError,
  parseDuration,
  parseDurationMs,
  parseQuantity,
  printDuration,
  printQuantity,
  removeCondition,
  setCondition,
  topologicalOrder,
  type Condition,
} from "./index.ts"

test.each([
  ["", { apiVersion: "v1", kind: "Namespace", metadata: {} }, true],
  ["without metadata", { apiVersion: "v1", kind: "Namespace" }, false],
  ["with a list as metadata", { apiVersion: "v1", kind: "Namespace", metadata: [] }, false],
  ["with null as metadata", { apiVersion: "v1", kind: "Namespace", metadata: null }, false],
  ["of no kind", { apiVersion: "v1", kind: 1, metadata: {} }, false],
])("an object %s", (_, value, expected) => expect(isKubeObject(value)).toBe(expected))

describe("durations", () => {
  test.each([
    ["0", 0n, "0s"],
    ["1h30m", 5_400_000_000_000n, "1h30m0s"],
    ["1.5s", 1_500_000_000n, "1.5s"],
    ["300ms", 300_000_000n, "300ms"],
    ["-2us", -2_000n, "-2µs"],
    ["2µs", 2_000n, "2µs"],
    ["2μs", 2_000n, "2µs"],
    ["+5ns", 5n, "5ns"],
    [".5h", 1_800_000_000_000n, "30m0s"],
    ["1.h", 3_600_000_000_000n, "1h0m0s"],
    ["1m0.25s", 60_250_000_000n, "1m0.25s"],
    ["9223372036854775807ns", 9223372036854775807n, "2562047h47m16.854775807s"],
    ["-9223372036854775808ns", -9223372036854775808n, "-2562047h47m16.854775808s"],
    ["0.9223372036854775807h", 3320413933267n, undefined],
    ["0.3333333333333333333h", 1_200_000_000_000n, "20m0s"],
    ["0.100000000000000000000h", 360_000_000_000n, "6m0s"],
  ])("%s", (text, nanoseconds, printed) => {
    expect(parseDuration(text)).toBe(nanoseconds)
    if (printed !== undefined) expect(printDuration(nanoseconds)).toBe(printed)
  })

  test.each([
    "",
    "3",
    "-",
    "s",
    ".",
    "-.",
    ".s",
    "+.s",
    "1d",
    "1 h",
    "1h ",
    "-1h-2m",
    "3000000h",
    "9223372036854775808ns",
    "1e3s",
    "１s",
    "1x".repeat(99),
  ])("%j is refused", (text) => expect(() => parseDuration(text)).toThrow(KubeError))

  test("what is printed is read back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(parseDuration(printDuration(value))).toBe(value)
      }),
    )
  })

  test("in milliseconds, towards zero", () => {
    expect(parseDurationMs("1.5s")).toBe(1500)
    expect(parseDurationMs("-1999us")).toBe(-1)
  })
})

describe("quantities", () => {
  test.each([
    ["0", "0"],
    ["1500m", "1500m"],
    ["1.5", "1500m"],
    ["0.2", "200m"],
    ["1000m", "1"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["0.5Ki", "512"],
    ["100Ki", "100Ki"],
    ["1000Ki", "1000Ki"],
    ["1E", "1E"],
    ["1e3", "1e3"],
    ["1E3", "1e3"],
    ["1e-3", "1e-3"],
    ["12e4", "120e3"],
    ["+5", "5"],
    ["-1.5k", "-1500"],
    ["1n", "1n"],
    ["0.1n", "1n"],
    ["-0.1n", "-1n"],
    [".5", "500m"],
    ["5.", "5"],
    ["9223372036854775807", "9223372036854775807"],
    ["9999999999999999999", "9223372036854775807"],
    ["1e1000000000000", "9223372036854775807"],
    ["1e-1000000000000", "1e-9"],
    ["0e99999999999999", "0"],
    ["8Ei", "9223372036854775807"],
  ])("%s is %s", (text, printed) => expect(printQuantity(parseQuantity(text))).toBe(printed))

  test.each([
    "",
    "-",
    ".",
    "Ki",
    "1.2.3",
    "1 Gi",
    "1K",
    "1gi",
    "1ki",
    "1e",
    "1e+",
    "1ee3",
    "1Ki3",
    "0x10",
    "1_000",
    "1e3Ki",
    "NaN",
    "9".repeat(300),
  ])("%j is refused", (text) =>
    expect(() => parseQuantity(text)).toThrow(expect.objectContaining({ code: "InvalidQuantity" })),
  )

  test.each([
    ["1500m", "1.5", 0],
    ["1Gi", "1G", 1],
    ["100m", "0.2", -1],
    ["1e3", "1k", 0],
    ["-1", "0", -1],
  ])("%s compared with %s: %i", (a, b, expected) => {
    expect(Math.sign(compareQuantities(parseQuantity(a), parseQuantity(b)))).toBe(expected)
    expect(Math.sign(compareQuantities(parseQuantity(b), parseQuantity(a))) + expected).toBe(0)
  })

  test("printing keeps the value", () => {
    const text = fc.tuple(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.constantFrom("", "m", "k", "Mi", "Ki", "u", "n", "e3", "e-2", "G"),
    )
    fc.assert(
      fc.property(text, ([digits, suffix]) => {
        const quantity = parseQuantity(`${digits}${suffix}`)
        expect(compareQuantities(parseQuantity(printQuantity(quantity)), quantity)).toBe(0)
      }),
    )
  })
})

describe("conditions", () => {
  const at = (seconds: number): Date => new Date(seconds * 1000 + 123)
  const ready = { type: "Ready", status: "True", reason: "Succeeded", message: "ok" } as const

  test("the time moves only with the status", () => {
    const first = setCondition([], ready, at(0))
    expect(first).toEqual([{ ...ready, lastTransitionTime: "1970-01-01T00:00:00Z" }])
    const second = setCondition(first, { ...ready, message: "still ok" }, at(10))
    expect(second[0]).toMatchObject({ message: "still ok", lastTransitionTime: "1970-01-01T00:00:00Z" })
    const third = setCondition(second, { ...ready, status: "False" }, at(20))
    expect(third[0]?.lastTransitionTime).toBe("1970-01-01T00:00:20Z")
  })

  test("an unchanged condition gives the same array", () => {
    const first = setCondition([], { ...ready, observedGeneration: 3 }, at(0))
    expect(setCondition(first, { ...ready, observedGeneration: 3 }, at(99))).toBe(first)
    expect(setCondition(first, ready, at(99))).not.toBe(first)
    expect(removeCondition(first, "Stalled")).toBe(first)
    expect(removeCondition(first, "Ready")).toEqual([])
  })

  test("other types keep their place; long texts are cut", () => {
    const two = setCondition(setCondition([], ready, at(0)), { ...ready, type: "Stalled", status: "False" }, at(0))
    const changed = setCondition(two, { ...ready, message: "m".repeat(40_000), reason: "R".repeat(2000) }, at(1))
    expect(changed.map(({ type }) => type)).toEqual(["Ready", "Stalled"])
    expect(changed[0]?.message).toHaveLength(32_768)
    expect(changed[0]?.reason).toHaveLength(1024)
    expect(isTrue(changed, "Ready") && isFalse(changed, "Stalled")).toBe(true)
    expect(findCondition(undefined, "Ready")).toBeUndefined()
  })

  test.each([
    [undefined],
    [null],
    [{}],
    [{ conditions: "no" }],
    [{ conditions: [null, 1, { type: 1, status: "True" }] }],
  ])("none in the status %j", (status) => expect(conditionsOf({ status })).toEqual([]))

  test("are found in a status", () => {
    const condition = { ...ready, lastTransitionTime: "x" } satisfies Condition
    expect(conditionsOf({ status: { conditions: [condition] } })).toEqual([condition])
    expect(formatMicroTime(at(1))).toBe("1970-01-01T00:00:01.123000Z")
  })
})

describe("topologicalOrder", () => {
  const graph = (text: string): Map<string, string[]> =>
    new Map(text.split("; ").map((entry) => [entry.split(" ← ")[0]!, entry.split(" ← ")[1]?.split(" ") ?? []]))

  test.each([
    ["web ← db; db; app ← web", [["db"], ["web"], ["app"]], [], []],
    ["b; a; c ← a b", [["b", "a"], ["c"]], [], []],
    ["a ← missing", [["a"]], [], []],
    ["a ← b; b ← a; c ← a d; d; e ← c", [["d"]], [["a", "b"]], ["c", "e"]],
    ["a ← a; b", [["b"]], [["a"]], []],
    [
      "a ← b; b ← c; c ← a; x ← y; y ← x",
      [],
      [
        ["a", "b", "c"],
        ["x", "y"],
      ],
      [],
    ],
    ["a ← b c; b ← d; c ← d; d", [["d"], ["b", "c"], ["a"]], [], []],
  ])("%s", (text, levels, cycles, blocked) => {
    const found = topologicalOrder(graph(text))
    expect(found.levels).toEqual(levels)
    expect(found.order).toEqual(levels.flat())
    expect(found.cycles.map((cycle) => cycle.toSorted())).toEqual(cycles)
    expect(found.blocked).toEqual(blocked)
  })

  test("a cycle is a closed walk, and order respects every edge", () => {
    const node = fc.integer({ min: 0, max: 9 }).map(String)
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node), { maxLength: 25 }), (edges) => {
        const needs = new Map<string, string[]>()
        for (const [from, to] of edges) {
          needs.set(from, [...(needs.get(from) ?? []), to])
          needs.set(to, needs.get(to) ?? [])
        }
        const { order, cycles, blocked } = topologicalOrder(needs)
        const position = new Map(order.map((name, index) => [name, index]))
        for (const name of order)
          for (const to of needs.get(name)!) expect(position.get(to)!).toBeLessThan(position.get(name)!)
        for (const cycle of cycles)
          cycle.forEach((name, index) => expect(needs.get(name)).toContain(cycle[(index + 1) % cycle.length]))
        expect(order.length + blocked.length + cycles.flat().length).toBeLessThanOrEqual(needs.size)
        if (order.length < needs.size) expect(cycles.length).toBeGreaterThan(0)
      }),
    )
  })

  test("long chains and wide hubs need neither recursion nor long", () => {
    const chain = new Map(Array.from({ length: 20_000 }, (_, index) => [String(index), [String(index + 1)]]))
    expect(topologicalOrder(chain).order[0]).toBe("19999")
    chain.set("19999", ["0"])
    expect(topologicalOrder(chain).cycles[0]).toHaveLength(20_000)
    const hub = new Map(Array.from({ length: 20_000 }, (_, index) => [String(index), index === 0 ? [] : ["0"]]))
    expect(topologicalOrder(hub).levels).toHaveLength(2)
  })
})
