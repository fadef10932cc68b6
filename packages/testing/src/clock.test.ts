import fc from "fast-check"
import { expect, test } from "vitest"
import { createClock } from "./clock.ts"

test("moves only when it is told to", async () => {
  const clock = createClock(1000)
  expect(clock.now()).toBe(1000)
  await clock.advance(500)
  expect(clock.now()).toBe(1500)
})

test("wakes its sleepers each at its own moment, in order, whatever the order they came in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 8 }), async (naps) => {
      const clock = createClock(0)
      const woken: number[] = []
      for (const nap of naps) void clock.sleep(nap).then(() => woken.push(clock.now()))
      await clock.advance(100)
      expect(woken).toEqual(naps.toSorted((a, b) => a - b))
      expect(clock.sleepers).toBe(0)
    }),
    { numRuns: 30 },
  )
})

test("wakes who falls asleep again on the way", async () => {
  const clock = createClock(0)
  const ticks: number[] = []
  const tick = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(10)
      ticks.push(clock.now())
    }
  }
  void tick()
  await clock.advance(35)
  expect(ticks).toEqual([10, 20, 30])
  expect(clock.sleepers).toBe(1)
})

test("a signal ends a sleep, before it begins too", async () => {
  const clock = createClock()
  const ending = new AbortController()
  const asleep = clock.sleep(1000, { signal: ending.signal })
  ending.abort(new Error("enough"))
  await expect(asleep).rejects.toThrow("enough")
  await expect(clock.sleep(1000, { signal: ending.signal })).rejects.toThrow("enough")
  expect(clock.sleepers).toBe(0)
})
