import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { retry, retryDelay, ToolkitError, type Clock } from "./index.ts"

/** A clock that never waits and remembers how long it would have. */
function recordingClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => 0,
    sleep: async (ms, { signal } = {}) => {
      signal?.throwIfAborted()
      slept.push(ms)
    },
  }
}

const flaky = new ToolkitError("Flaky", "try again", { retryable: true })

describe("retryDelay", () => {
  test.each([
    [1, 0, 1000],
    [2, 0, 2000],
    [5, 0, 16_000],
    [7, 0, 60_000],
    [1000, 0, 60_000],
    [1, 0.5, 900],
    [0, 0, 1000],
  ])("after %i failures, with %d: %i ms", (failures, random, expected) =>
    expect(retryDelay(failures, random)).toBe(expected),
  )

  test("grows until its bound, and jitter only shortens", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const delay = retryDelay(failures, random, { baseMs: 10, maxMs: 5000, jitter: 1 })
          expect(delay).toBeGreaterThanOrEqual(0)
          expect(delay).toBeLessThanOrEqual(retryDelay(failures, 0, { baseMs: 10, maxMs: 5000, jitter: 1 }))
          expect(delay).toBeLessThanOrEqual(5000)
        },
      ),
    )
  })
})

describe("retry", () => {
  test("stops at the first success and tells of each wait", async () => {
    const clock = recordingClock()
    const told: number[] = []
    const result = await retry(
      async ({ attempt }) => {
        if (attempt < 3) throw flaky
        return attempt
      },
      { clock, random: () => 0, onRetry: ({ delayMs }) => told.push(delayMs) },
    )
    expect([result, clock.slept, told]).toEqual([3, [1000, 2000], [1000, 2000]])
  })

  test("gives the last error after all attempts", async () => {
    const clock = recordingClock()
    await expect(retry(() => Promise.reject(flaky), { clock, attempts: 3, random: () => 0 })).rejects.toBe(flaky)
    expect(clock.slept).toHaveLength(2)
  })

  test("does not repeat what cannot succeed", async () => {
    const clock = recordingClock()
    const wrong = new Error("wrong")
    await expect(retry(() => Promise.reject(wrong), { clock })).rejects.toBe(wrong)
    expect(clock.slept).toEqual([])
  })

  test("waits as long as a server asks", async () => {
    const clock = recordingClock()
    const busy = Object.assign(new ToolkitError("Busy", "later", { retryable: true }), { retryAfterMs: 30_000 })
    await expect(retry(() => Promise.reject(busy), { clock, attempts: 2 })).rejects.toBe(busy)
    expect(clock.slept).toEqual([30_000])
  })

  test("does not begin a wait that is too long", async () => {
    const clock = recordingClock()
    const closed = Object.assign(new ToolkitError("Busy", "tomorrow", { retryable: true }), {
      retryAfterMs: 86_400_000,
    })
    await expect(retry(() => Promise.reject(closed), { clock })).rejects.toBe(closed)
    expect(clock.slept).toEqual([])
  })

  test("ends with the signal's reason", async () => {
    const controller = new AbortController()
    const reason = new Error("stopped")
    const work = retry(
      async () => {
        controller.abort(reason)
        throw flaky
      },
      { clock: recordingClock(), signal: controller.signal },
    )
    await expect(work).rejects.toBe(flaky)
    await expect(retry(() => Promise.resolve(1), { signal: controller.signal })).rejects.toBe(reason)
  })
})
