import fc from "fast-check"
import { expect, test } from "vitest"
import { applyMergePatch, combineMergePatches, createMergePatch, createThreeWayMergePatch } from "./merge-patch.ts"

// target · patch · result
test.each<[unknown, unknown, unknown]>([
  [{ a: 1 }, { a: null }, {}],
  [{ a: 1 }, { b: { c: null, d: 1 } }, { a: 1, b: { d: 1 } }],
  [{ a: [1] }, { a: [null, 2] }, { a: [null, 2] }],
  [{ a: { b: 1 } }, { a: "x" }, { a: "x" }],
  ["text", { a: 1 }, { a: 1 }],
  [{ a: 1 }, null, null],
  [undefined, { a: { b: null } }, { a: {} }],
])("%j + %j", (target, patch, result) => {
  expect(applyMergePatch(target, patch)).toEqual(result)
})

test("unchanged parts are shared, a patch without effect gives the target itself", () => {
  const target = { a: { b: 1 }, c: [1] }
  expect(applyMergePatch(target, { a: { b: 1 }, x: null })).toBe(target)
  expect((applyMergePatch(target, { a: { b: 2 } }) as typeof target).c).toBe(target.c)
})

test("hostile names stay names", () => {
  const patch: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":null}}')
  const result = applyMergePatch({}, patch) as object
  expect(Object.keys(result)).toEqual(["__proto__", "constructor"])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test("documents of different outer types have no patch", () => {
  expect(() => createMergePatch([], {})).toThrow("same outer type")
  expect(() => createMergePatch([{}], [{}, {}])).toThrow("same outer type")
})

test("what others added stays, what was applied and is gone is deleted", () => {
  const patch = createThreeWayMergePatch({
    original: { spec: { a: 1, b: 1 } },
    modified: { spec: { a: 2 } },
    current: { spec: { a: 1, b: 1, foreign: true } },
  })
  expect(patch).toEqual({ spec: { a: 2, b: null } })
})

/** Merge patches cannot say null, so no value here is null. */
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 0, max: 2 }),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("node")),
  ),
})).node
const map = fc.dictionary(fc.constantFrom("a", "b", "c"), tree)

test("law: a created patch gives what it was created for", () => {
  fc.assert(
    fc.property(map, map, (before, after) => {
      expect(applyMergePatch(before, createMergePatch(before, after))).toEqual(after)
    }),
  )
})

const flat = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 2 }))

test("law: two patches combined do what both do one after the other, where no map is deleted and set again", () => {
  fc.assert(
    fc.property(flat, flat, flat, (document, first, second) => {
      const both = combineMergePatches(createMergePatch(document, first), createMergePatch(first, second))
      expect(applyMergePatch(document, both)).toEqual(second)
    }),
  )
})
