import { retryDelay, systemClock, type Backoff, type Clock } from "@gitops-toolkit/kube"
import { defaultBackoff } from "./queue/backoff.ts"
import { createLanes, type Urgency } from "./queue/lanes.ts"
import { createSchedule } from "./queue/schedule.ts"

export type { Urgency } from "./queue/lanes.ts"

/** Options of `createQueue`. */
export interface QueueOptions {
  readonly clock?: Clock
  /** Numbers from 0 to below 1; default `Math.random`. */
  readonly random?: () => number
  /** Waits of `retry`; default 5 ms, doubling to 1,000 s, 10 % jitter. */
  readonly backoff?: Backoff
}

/** What a queue has done so far and holds now: for metrics. */
export interface QueueFigures {
  /** Keys that wait for a worker. */
  readonly depth: number
  /** Keys that workers hold. */
  readonly active: number
  /** Keys whose time has not come. */
  readonly delayed: number
  readonly adds: number
  readonly retries: number
}

/**
 * A work queue of keys. A key is in it at most once; a key that is added while a worker holds it comes once more after
 * `done`; no two workers ever hold the same key; none is lost.
 */
export interface Queue {
  /** Makes `key` due now. */
  add(key: string, urgency?: Urgency): void
  /** Makes `key` due after `delayMs`; of several the earliest counts. Taking the key for work forgets it. */
  addAfter(key: string, delayMs: number): void
  /** Makes `key` due after its back-off, which grows with every call; returns the delay in milliseconds. */
  retry(key: string, atLeastMs?: number): number
  /** Ends the back-off of `key`: call it after a success. */
  forget(key: string): void
  /** How many times `key` was retried since `forget`. */
  failures(key: string): number
  /** The next key, as soon as there is one; undefined once the queue is closed. Give it back with `done`. */
  next(): Promise<string | undefined>
  /** The worker that took `key` is finished with it. */
  done(key: string): void
  /** Ends all waits: `next` answers undefined, later calls do nothing. */
  close(): void
  readonly figures: QueueFigures
}

/**
 * A queue with the semantics of client-go's rate-limiting work queue. Holds one timer at most.
 *
 * @example
 * const queue = createQueue()
 * queue.add("prod/web")
 * for (let key = await queue.next(); key !== undefined; key = await queue.next()) queue.done(key)
 */
export function createQueue(options: QueueOptions = {}): Queue {
  const { clock = systemClock, random = Math.random } = options
  const lanes = createLanes()
  const active = new Set<string>()
  const dirty = new Map<string, Urgency>()
  const failures = countFailures(random, { ...defaultBackoff, ...options.backoff })
  const takers: ((key: string | undefined) => void)[] = []
  let adds = 0
  let closed = false

  const take = (): string | undefined => {
    const key = closed ? undefined : lanes.take()
    if (key === undefined) return undefined
    active.add(key)
    schedule.cancel(key)
    return key
  }
  const add = (key: string, urgency: Urgency = "high"): void => {
    if (closed) return
    adds++
    if (active.has(key)) {
      if (dirty.get(key) !== "high") dirty.set(key, urgency)
      return
    }
    lanes.add(key, urgency)
    takers.shift()?.(take())
  }
  const schedule = createSchedule({ clock, onDue: (key) => add(key) })
  const addAfter = (key: string, delayMs: number): void => {
    if (delayMs > 0) schedule.at(key, clock.now() + delayMs)
    else add(key)
  }
  return {
    add,
    addAfter,
    retry(key, atLeastMs = 0) {
      const delayMs = Math.max(atLeastMs, failures.add(key))
      addAfter(key, delayMs)
      return delayMs
    },
    forget: failures.forget,
    failures: failures.of,
    next: async () => take() ?? (closed ? undefined : new Promise((resolve) => takers.push(resolve))),
    done(key) {
      active.delete(key)
      const urgency = dirty.get(key)
      dirty.delete(key)
      if (urgency !== undefined) add(key, urgency)
    },
    close() {
      closed = true
      schedule.close()
      for (const taker of takers.splice(0)) taker(undefined)
    },
    get figures() {
      return { depth: lanes.size, active: active.size, delayed: schedule.size, adds, retries: failures.total() }
    },
  }
}

interface Failures {
  /** Counts one more failure of the key; returns the delay in milliseconds. */
  add(key: string): number
  of(key: string): number
  forget(key: string): void
  total(): number
}

function countFailures(random: () => number, backoff: Backoff): Failures {
  const counts = new Map<string, number>()
  let total = 0
  return {
    add(key) {
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      total++
      return retryDelay(count, random(), backoff)
    },
    of: (key) => counts.get(key) ?? 0,
    forget: (key) => void counts.delete(key),
    total: () => total,
  }
}
