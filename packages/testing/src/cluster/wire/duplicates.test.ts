import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { duplicateMembers } from "./duplicates.ts"
import { goJsonError } from "./json-error.ts"

const find = (text: string): string[] => duplicateMembers(text, JSON.parse(text))

describe("duplicateMembers", () => {
  test.each([
    [`{"a":1,"a":2}`, ["a"]],
    [`{"a":1,"b":{"c":1,"c":1}}`, ["b.c"]],
    [`{"a":[{"b":1},{"b":1,"b":2}]}`, ["a[1].b"]],
    [`{"a":1,"\\u0061":2}`, ["a"]],
    [`{"a":"a\\":1","b":1}`, []],
    [`{"a":1,"a":2,"a":3}`, ["a"]],
    [`{"a":{"a":{"a":1}}}`, []],
  ])("%s", (text, found) => expect(find(text)).toEqual(found))

  test("law: no value that is written by JSON.stringify has any", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(find(JSON.stringify(JSON.parse(text)))).toEqual([])
      }),
    )
  })
})

describe("goJsonError", () => {
  test.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["{a", "invalid character 'a' looking for beginning of object key string"],
    ["[1 2]", "invalid character '2' after array element"],
    [`{"a" 1}`, "invalid character '1' after object key"],
    ["{} x", "invalid character 'x' after top-level value"],
    ["tru", "unexpected end of JSON input"],
  ])("%s", (text, message) => expect(goJsonError(text)).toBe(message))

  test("law: it finds a fault where JSON.parse does, and none where it does not", () => {
    const texts = fc.string({ unit: fc.constantFrom(...'{}[]",:1-.etrufalsn \\'.split("")), maxLength: 12 })
    fc.assert(
      fc.property(texts, (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        expect(goJsonError(text) === undefined).toBe(valid)
      }),
      { numRuns: 2000 },
    )
  })
})
