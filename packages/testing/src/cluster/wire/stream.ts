/** A stream of bytes that somebody else fills; reading waits for more. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  push(bytes: Uint8Array): void
  /** Ends the stream after what was pushed. */
  end(): void
  /** Ends it with an error: the connection breaks. */
  fail(error: unknown): void
}

/**
 * A stream for one reader. `onClose` is called once, when the reader leaves or the stream ends. A reader that stops
 * reading without leaving is cut off after `limit` chunks: nobody may fill the server's memory.
 */
export function createStream(onClose: () => void, limit: number = 100_000): ByteStream {
  let waiting: { resolve(step: IteratorResult<Uint8Array>): void; reject(error: unknown): void } | undefined
  let chunks: Uint8Array[] = []
  let first = 0
  let state: "open" | "ended" | { readonly error: unknown } = "open"
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    onClose()
  }
  const finish = (next: typeof state): void => {
    if (state !== "open") return
    state = next
    close()
    const reader = waiting
    waiting = undefined
    if (!reader) return
    if (typeof next === "object") reader.reject(next.error)
    else reader.resolve({ done: true, value: undefined })
  }
  const take = (): Uint8Array | undefined => {
    const chunk = chunks[first]
    if (chunk === undefined) return undefined
    first++
    if (first === chunks.length) {
      chunks = []
      first = 0
    }
    return chunk
  }
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      const chunk = take()
      if (chunk) return Promise.resolve({ done: false, value: chunk })
      if (state === "ended") return Promise.resolve({ done: true, value: undefined })
      if (typeof state === "object") return Promise.reject(state.error as Error)
      return new Promise((resolve, reject) => (waiting = { resolve, reject }))
    },
    return: () => {
      finish("ended")
      chunks = []
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return {
    push(bytes) {
      if (state !== "open") return
      if (waiting) {
        const reader = waiting
        waiting = undefined
        reader.resolve({ done: false, value: bytes })
      } else if (chunks.length - first < limit) chunks.push(bytes)
      else finish({ error: new Error("the reader of a watch fell too far behind") })
    },
    end: () => finish("ended"),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]: () => iterator,
  }
}
