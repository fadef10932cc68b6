// fast-json-patch as an independent judge: what one writes the other must be able to carry out. It is no dependency of the
// package: it changes its argument, clones through JSON.stringify (which refuses bigint) and writes longer patches of lists.
import fastJsonPatch, { type Operation } from "fast-json-patch"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { applyJsonPatch, createJsonPatch } from "./json-patch.ts"

const name = fc.constantFrom("a", "b", "a/b", "m~n", "", "0")
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, "x", ""),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
}))
const document = fc.oneof(fc.dictionary(name, value, { maxKeys: 4 }), fc.array(value, { maxLength: 5 }))
const copy = (given: unknown): any => JSON.parse(JSON.stringify(given))

describe("beside fast-json-patch", () => {
  test("it carries out what createJsonPatch writes", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        fc.pre(Array.isArray(before) === Array.isArray(after))
        const patch = copy(createJsonPatch(before, after)) as Operation[]
        expect(fastJsonPatch.applyPatch(copy(before), patch, true).newDocument).toEqual(copy(after))
      }),
      { numRuns: 500 },
    )
  })

  test("applyJsonPatch carries out what it writes", () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        fc.pre(Array.isArray(before) === Array.isArray(after))
        const patch = fastJsonPatch.compare(copy(before), copy(after))
        expect(applyJsonPatch(copy(before), patch as never)).toEqual(copy(after))
      }),
      { numRuns: 500 },
    )
  })
})
