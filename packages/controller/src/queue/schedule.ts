import type { Clock } from "@gitops-toolkit/kube"

/** Timers of JavaScript cannot be longer; waking too early does no harm. */
const longest = 2_000_000_000

interface Entry {
  readonly key: string
  readonly at: number
}

/** Keys with a time each; one timer for all of them. */
export interface Schedule {
  /** Keeps the earlier time when the key has one already. */
  at(key: string, time: number): void
  cancel(key: string): void
  close(): void
  readonly size: number
}

/**
 * A schedule that calls `onDue` once for each key when its time comes. The heap may hold entries that were replaced or
 * cancelled; `times` says which ones count.
 */
export function createSchedule({ clock, onDue }: { clock: Clock; onDue: (key: string) => void }): Schedule {
  const heap: Entry[] = []
  const times = new Map<string, number>()
  let closed = false
  let timer: { readonly at: number; readonly stop: AbortController } | undefined

  const arm = (): void => {
    while (heap[0] !== undefined && times.get(heap[0].key) !== heap[0].at) pop(heap)
    const first = heap[0]
    if (first === undefined || (timer !== undefined && timer.at <= first.at)) return
    timer?.stop.abort()
    const mine = { at: first.at, stop: new AbortController() }
    timer = mine
    const wake = (): void => {
      if (timer !== mine) return
      timer = undefined
      fire()
    }
    // Rejects only when a nearer time or `close` stopped it.
    clock
      .sleep(Math.min(longest, Math.max(0, mine.at - clock.now())), { signal: mine.stop.signal })
      .then(wake, () => undefined)
  }
  const fire = (): void => {
    const now = clock.now()
    for (let first = heap[0]; first !== undefined && first.at <= now; first = heap[0]) {
      pop(heap)
      if (times.get(first.key) !== first.at) continue
      times.delete(first.key)
      onDue(first.key)
    }
    arm()
  }
  return {
    at(key, time) {
      const known = times.get(key)
      if (closed || (known !== undefined && known <= time)) return
      times.set(key, time)
      push(heap, { key, at: time })
      arm()
    },
    cancel: (key) => void times.delete(key),
    close() {
      closed = true
      timer?.stop.abort()
      timer = undefined
      heap.length = 0
      times.clear()
    },
    get size() {
      return times.size
    },
  }
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length
  heap.push(entry)
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (heap[parent]!.at <= entry.at) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
    if (heap[child]!.at >= last.at) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = last
}
