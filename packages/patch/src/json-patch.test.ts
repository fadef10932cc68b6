import type { JsonPatchOperation } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { applyJsonPatch, createJsonPatch, type JsonPatchDialect } from "./json-patch.ts"
import { isPatchError } from "./error.ts"

/** What comes out, or the code of the error. */
function outcome(document: unknown, patch: unknown, dialect: JsonPatchDialect): unknown {
  try {
    return applyJsonPatch(document, patch as JsonPatchOperation[], { dialect })
  } catch (error) {
    if (isPatchError(error)) return error.code
    throw error
  }
}

describe("dialects", () => {
  // document · operation · kubernetes · evanphx · rfc6902
  test.each<[unknown, object, unknown, unknown, unknown]>([
    [{}, { op: "replace", path: "/a", value: 1 }, { a: 1 }, "PatchFailed", "PatchFailed"],
    [{ a: [1, 2] }, { op: "remove", path: "/a/-1" }, { a: [1] }, { a: [1] }, "PatchFailed"],
    [{ a: [1] }, { op: "add", path: "/a/-1", value: 2 }, { a: [1, 2] }, { a: [1, 2] }, "PatchFailed"],
    [{ a: [1] }, { op: "test", path: "/a/00", value: 1 }, { a: [1] }, { a: [1] }, "PatchFailed"],
    [{}, { op: "test", path: "/a", value: null }, {}, {}, "TestFailed"],
    [{}, { op: "test", path: "/a" }, {}, {}, "InvalidPatch"],
    [{}, { op: "copy", from: "/a", path: "/b" }, { b: null }, "PatchFailed", "PatchFailed"],
    [{ a: 1 }, { op: "add", path: "", value: { b: 1 } }, "PatchFailed", { b: 1 }, { b: 1 }],
    [{ a: 1 }, { op: "replace", path: "", value: { b: 1 } }, { b: 1 }, { b: 1 }, { b: 1 }],
    [{ a: { b: 1 } }, { op: "move", from: "/a", path: "/a/b" }, "PatchFailed", "PatchFailed", "PatchFailed"],
    [{ "a/b": 1, "c~d": 2 }, { op: "move", from: "/a~1b", path: "/c~0d" }, { "c~d": 1 }, { "c~d": 1 }, { "c~d": 1 }],
    [{}, { op: "nonsense", path: "/a" }, "InvalidPatch", "InvalidPatch", "InvalidPatch"],
    [{}, { op: "remove" }, "InvalidPatch", "InvalidPatch", "InvalidPatch"],
    [{}, { op: "remove", path: "a" }, "InvalidPatch", "InvalidPatch", "InvalidPatch"],
    [{ a: 1 }, { op: "test", path: "/a", value: "1" }, "TestFailed", "TestFailed", "TestFailed"],
  ])("%j %j", (document, operation, kubernetes, evanphx, rfc6902) => {
    expect(outcome(document, [operation], "kubernetes")).toEqual(kubernetes)
    expect(outcome(document, [operation], "evanphx")).toEqual(evanphx)
    expect(outcome(document, [operation], "rfc6902")).toEqual(rfc6902)
  })
})

test("all operations or none: the document stays as it was", () => {
  const document = { a: 1 }
  const patch: JsonPatchOperation[] = [
    { op: "add", path: "/b", value: 2 },
    { op: "test", path: "/a", value: 2 },
  ]
  expect(() => applyJsonPatch(document, patch)).toThrow("testing value /a failed: test failed")
  expect(document).toEqual({ a: 1 })
})

test("untouched parts are shared", () => {
  const document = { a: { deep: [1] }, b: 1 }
  const result = applyJsonPatch(document, [{ op: "replace", path: "/b", value: 2 }]) as typeof document
  expect(result.a).toBe(document.a)
})

test("hostile names stay names", () => {
  const patch = JSON.parse('[{"op":"add","path":"/__proto__","value":{"polluted":1}}]') as JsonPatchOperation[]
  const result = applyJsonPatch({}, patch) as object
  expect(Object.keys(result)).toEqual(["__proto__"])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  expect(outcome({}, [{ op: "remove", path: "/constructor" }], "kubernetes")).toBe("PatchFailed")
  expect(outcome({}, [{ op: "add", path: "/toString/x", value: 1 }], "kubernetes")).toBe("PatchFailed")
})

test("copying into itself is bounded", () => {
  const grow = Array.from({ length: 40 }, () => ({ op: "copy", from: "/a", path: "/a/-" }) as const)
  expect(outcome({ a: ["x".repeat(1000)] }, grow, "kubernetes")).toBe("PatchFailed")
})

test("a path that is too deep is refused", () => {
  const deep = JSON.parse(`${"[".repeat(600)}${"]".repeat(600)}`) as unknown
  expect(outcome({}, [{ op: "add", path: "/a", value: deep }], "kubernetes")).toBe("TooDeep")
})

test("integers beyond 2^53 survive", () => {
  const patch = createJsonPatch({ a: { b: 1n } }, { a: { b: 9007199254740993n }, c: { d: 2n ** 60n } })
  expect(applyJsonPatch({ a: { b: 1n } }, patch)).toEqual({ a: { b: 9007199254740993n }, c: { d: 2n ** 60n } })
})

test.each([
  [{ a: [1, 3] }, { a: [1, 2, 3] }, '[{"op":"add","path":"/a/1","value":2}]'],
  [{ a: [1, 2, 3] }, { a: [3] }, '[{"op":"remove","path":"/a/1"},{"op":"remove","path":"/a/0"}]'],
  [{ a: [{ n: 1 }, 2] }, { a: [{ n: 2 }, 2] }, '[{"op":"replace","path":"/a/0/n","value":2}]'],
  [{ "a/b~c": 1 }, {}, '[{"op":"remove","path":"/a~1b~0c"}]'],
  [[1], { a: 1 }, '[{"op":"replace","path":"","value":{"a":1}}]'],
  [{ a: 1 }, { a: 1 }, "[]"],
])("%j → %j", (before, after, patch) => {
  expect(JSON.stringify(createJsonPatch(before, after))).toBe(patch)
})

test("law: a created patch gives what it was created for, in every dialect", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (before, after) => {
      const patch = createJsonPatch(before, after)
      for (const dialect of ["kubernetes", "evanphx", "rfc6902"] as const) {
        expect(JSON.stringify(sorted(applyJsonPatch(before, patch, { dialect })))).toBe(JSON.stringify(sorted(after)))
      }
    }),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return members.map(([name, each]) => [name, sorted(each)])
}
