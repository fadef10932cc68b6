import { expect, test } from "vitest"
import { createMirrorCache, type Kept } from "./mirror.ts"

const kept = (bytes: number): Kept => ({ snapshot: { bytes } as Kept["snapshot"], artifacts: new Map() })

test("repositories of which nothing is kept are forgotten too", () => {
  const cache = createMirrorCache(1000)
  const first = cache.open("0")
  cache.keep(first, "main", kept(10))
  for (let index = 1; index <= 10_000; index++) cache.open(String(index))
  expect(cache.bytes).toBe(0)
  // A fetch that was under way: what it brings is not counted for a mirror that nobody finds again.
  cache.keep(first, "main", kept(10))
  expect(cache.bytes).toBe(0)
  expect(cache.open("0")).not.toBe(first)
  expect(cache.open("10000")).toBe(cache.open("10000"))
})

test("the least recently used give way within the bound of bytes", () => {
  const cache = createMirrorCache(1000)
  for (const key of ["a", "b", "c"]) cache.keep(cache.open(key), "main", kept(400))
  expect(cache.bytes).toBe(800)
  expect([cache.open("a").refs.size, cache.open("c").refs.size]).toEqual([0, 1])
})
