/**
 * A worker that runs `work` once soon after it was asked to, however often that was: in a later turn of the event
 * loop, so that the write that caused it is answered first. Errors of `work` go to `onError`.
 */
export function laterTurn<Key>(
  work: (key: Key) => void,
  onError: (error: unknown) => void,
): { add(key: Key): void; stop(): void } {
  const pending = new Set<Key>()
  let scheduled = false
  let stopped = false
  const run = (): void => {
    scheduled = false
    const keys = [...pending]
    pending.clear()
    for (const key of keys) {
      if (stopped) return
      try {
        work(key)
      } catch (error) {
        onError(error)
      }
    }
  }
  return {
    add(key) {
      if (stopped) return
      pending.add(key)
      if (scheduled) return
      scheduled = true
      queueMicrotask(run)
    },
    stop: () => {
      stopped = true
      pending.clear()
    },
  }
}
