import type { Clock } from "@gitops-toolkit/kube"

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  /**
   * Moves the time on by `ms` and wakes the sleepers on the way, each at its own moment and in order; what they do
   * before they sleep again is done when the promise resolves.
   */
  advance(ms: number): Promise<void>
  /** How many are asleep. */
  readonly sleepers: number
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** How often `advance` lets pending promises run between two moments. */
const turns = 20

/**
 * A `Clock` for tests: starts at `startMs` (default 2026-01-01T00:00:00Z), moves only by `advance`, holds no timers.
 *
 * @example
 * const clock = createClock()
 * const nap = clock.sleep(60_000)
 * await clock.advance(60_000)
 * await nap
 */
export function createClock(startMs: number = Date.UTC(2026, 0, 1)): TestClock {
  let time = startMs
  const asleep = new Set<Sleeper>()
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const nextBefore = (end: number): Sleeper | undefined => {
    let next: Sleeper | undefined
    for (const sleeper of asleep) if (sleeper.at <= end && (!next || sleeper.at < next.at)) next = sleeper
    return next
  }
  return {
    now: () => time,
    get sleepers() {
      return asleep.size
    },
    sleep: (ms, { signal } = {}) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const stop = (): void => {
          asleep.delete(sleeper)
          reject(signal?.reason as Error)
        }
        const sleeper: Sleeper = {
          at: time + Math.max(0, ms),
          wake: () => {
            asleep.delete(sleeper)
            signal?.removeEventListener("abort", stop)
            resolve()
          },
        }
        asleep.add(sleeper)
        signal?.addEventListener("abort", stop, { once: true })
      }),
    async advance(ms) {
      const end = time + ms
      await settle()
      for (let next = nextBefore(end); next; next = nextBefore(end)) {
        time = Math.max(time, next.at)
        next.wake()
        await settle()
      }
      time = end
      await settle()
    },
  }
}
