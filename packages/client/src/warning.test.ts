import { expect, test } from "vitest"
import { parseWarnings } from "./warning.ts"

test.each([
  [undefined, []],
  [['299 - "unknown field \\"spec.x\\""'], ['unknown field "spec.x"']],
  [
    ['299 - "a"', '299 - "b"'],
    ["a", "b"],
  ],
  [['299 - "a", 299 - "b, c"'], ["a", "b, c"]],
  [['299 kube "a" "Sat, 21 Nov 2026 12:00:00 GMT", 199 - "b"'], ["a", "b"]],
  [['299 - "back\\\\slash"'], ["back\\slash"]],
  [['299 - ""'], [""]],
  [["nonsense", '299 - "open'], []],
  [['299 - "a" trailing, 299 - "b"'], []],
])("%j → %j", (lines, texts) => {
  expect(parseWarnings(lines)).toEqual(texts)
})

test("long lines take no long time", () => {
  const started = performance.now()
  parseWarnings([`299 - "${"\\a".repeat(100_000)}`, `299 - "${"a".repeat(200_000)}`, `299 ${"-".repeat(200_000)}`])
  expect(performance.now() - started).toBeLessThan(500)
})
