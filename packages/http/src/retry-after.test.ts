import { expect, test } from "vitest"
import { parseRetryAfter } from "./index.ts"

const now = Date.parse("2026-11-21T12:00:00Z")

test.each([
  [undefined, undefined],
  ["0", 0],
  ["2", 2000],
  [" 120 ", 120_000],
  ["Sat, 21 Nov 2026 12:00:05 GMT", 5000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ["-1", undefined],
  ["1.5", undefined],
  ["99999999999999999999", undefined],
  ["2026", 2_026_000],
  ["soon", undefined],
  ["", undefined],
])("%j → %j", (text, expected) => {
  expect(parseRetryAfter(text, now)).toBe(expected)
})
