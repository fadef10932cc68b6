import { expect, test } from "vitest"
import { applyJsonPatch } from "./json-patch.ts"

test("copies that double each other end in LimitExceeded", () => {
  const copies = Array.from({ length: 40 }, () => ({ op: "copy", from: "/z", path: "/z/-" }))
  expect(() => applyJsonPatch({ z: [0] }, copies)).toThrow("LimitExceeded")
  expect(applyJsonPatch({ z: [0] }, copies.slice(0, 2))).toEqual({ z: [0, [0], [0, [0]]] })
})
