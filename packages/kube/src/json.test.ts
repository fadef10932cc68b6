import fc from "fast-check"
import { describe, expect, test, vi } from "vitest"
import {
  cloneJson,
  compareBytes,
  digestBytes,
  digestOf,
  equalJson,
  isDigest,
  KubeError,
  parseJson,
  printCanonicalJson,
  printJson,
  setOwn,
  sortedKeys,
} from "./index.ts"

const scalar = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.boolean(),
  fc.constant(null),
)
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))),
}))

describe("parseJson", () => {
  test("text that looks like a number inside does not cost the fast path", () => {
    const parse = vi.spyOn(JSON, "parse")
    parseJson('{"uid":"0e123-4e567","time":"2026-11-21T12:00:00Z","digest":"1234567890123456"}')
    expect(parse.mock.calls[0]).toHaveLength(1)
    parseJson('{"n": -12345678901234567}')
    expect(parse.mock.calls[1]).toHaveLength(2)
    parse.mockRestore()
  })

  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ['{"a":[1,12345678901234567890]}', { a: [1, 12345678901234567890n] }],
    ['"12345678901234567890"', "12345678901234567890"],
    ["0.1234567890123456789", 0.12345678901234568],
    ["1e21", 1e21],
    ["9007199254740993.0", 9007199254740992],
  ])("%s", (text, expected) => expect(parseJson(text)).toEqual(expected))

  test.each([
    ["", 1, 1],
    ["{", 1, 2],
    ['{"a":\n x}', 2, 2],
    ['{"a": 1,}', 1, 9],
    ["[1 2]", 1, 4],
    ["[1]]", 1, 4],
    ['{"password": hunter2}', 1, 14],
    ['"a\nb"', 1, 1],
    ["nul", 1, 1],
  ])("points at the fault of %j and quotes nothing", (text, line, column) => {
    const error = failure(() => parseJson(text, { path: "a.json" }))
    expect(error).toMatchObject({ code: "InvalidJson", at: { path: "a.json", line, column } })
    expect(error.message).toBe(`[InvalidJson] the text is not JSON at a.json, line ${line}, column ${column}`)
  })

  test("refuses numbers that no double holds", () => {
    expect(failure(() => parseJson('{"a":1e999}')).code).toBe("InvalidJson")
    expect(failure(() => parseJson("9".repeat(2000))).code).toBe("InvalidJson")
  })

  test("keeps `__proto__` as plain data", () => {
    const value = parseJson('{"__proto__":{"admin":true},"big":9007199254740993}') as { admin?: boolean }
    expect(value.admin).toBeUndefined()
    expect(Object.keys(value)).toEqual(["__proto__", "big"])
    const copy = cloneJson(value)
    expect(Object.keys(copy)).toEqual(["__proto__", "big"])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(printJson(copy)).toBe('{"__proto__":{"admin":true},"big":9007199254740993}')
  })

  test("reads back what printJson writes", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(equalJson(parseJson(printJson(value)), value)).toBe(true)
      }),
    )
  })
})

function failure(work: () => unknown): KubeError {
  try {
    work()
  } catch (error) {
    if (error instanceof KubeError) return error
    throw error
  }
  throw new Error("nothing was thrown")
}

test("printJson writes bigints as integers, and indents", () => {
  expect(printJson({ a: 9007199254740993n, b: undefined })).toBe('{"a":9007199254740993}')
  expect(printJson({ a: [1n] }, { indent: 2 })).toBe('{\n  "a": [\n    1\n  ]\n}')
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  for (const value of [undefined, () => 1, cycle]) expect(() => printJson(value)).toThrow(KubeError)
})

describe("printCanonicalJson", () => {
  test("does not depend on the order of keys, nor on the type of integers", () => {
    expect(printCanonicalJson({ b: 1n, a: [1, { d: -0, c: undefined }] })).toBe('{"a":[1,{"d":0}],"b":1}')
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (map) => {
        const reversed = Object.fromEntries(Object.entries(map).toReversed())
        expect(printCanonicalJson(reversed)).toBe(printCanonicalJson(map))
        expect(digestOf(reversed)).toBe(digestOf(map))
      }),
    )
  })

  test("equal values print alike, others do not", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(printCanonicalJson(a) === printCanonicalJson(b)).toBe(equalJson(a, b))
      }),
    )
  })

  test("whole doubles print as the integers that they equal", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }).map(Math.floor), (value) => {
        expect(printCanonicalJson(value)).toBe(printCanonicalJson(BigInt(value)))
      }),
    )
  })

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [[undefined]], [() => 1]])("refuses %s", (value) =>
    expect(() => printCanonicalJson(value)).toThrow(KubeError),
  )
})

describe("equalJson", () => {
  test.each([
    [1, 1n, true],
    [9007199254740993n, 9007199254740992, false],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: undefined }, { b: undefined }, true],
    [{ a: 1 }, { b: 1 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    ["1", 1, false],
    [0, -0, true],
    [{ toString: 1 }, {}, false],
  ])("%s and %s: %s", (a, b, expected) => {
    expect(equalJson(a, b)).toBe(expected)
    expect(equalJson(b, a)).toBe(expected)
  })
})

test("compareBytes orders as the bytes of UTF-8 do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-composite" }), fc.string({ unit: "binary" }), (a, b) => {
      const bytes = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(Math.sign(compareBytes(a, b))).toBe(bytes)
    }),
  )
  expect(["\u{1F600}", "\uffee", "b", "a-10", "a-2"].toSorted(compareBytes)).toEqual([
    "a-10",
    "a-2",
    "b",
    "\uffee",
    "\u{1F600}",
  ])
  expect(sortedKeys({ "\u{1F600}": 1, "\uffee": 1, a: undefined })).toEqual(["\uffee", "\u{1F600}"])
})

test("digests are those of OCI", () => {
  expect(digestBytes("")).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  expect(digestOf({})).toBe(digestBytes("{}"))
  expect(isDigest(digestOf(null))).toBe(true)
  expect(isDigest("sha256:E3")).toBe(false)
})

test("setOwn never sets a prototype", () => {
  const target: { [key: string]: unknown } = {}
  setOwn(target, "__proto__", { polluted: true })
  expect((target as { polluted?: boolean }).polluted).toBeUndefined()
  expect(Object.keys(target)).toEqual(["__proto__"])
})
