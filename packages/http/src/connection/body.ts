/** What a body needs from its connection. */
export interface BodySource {
  pause(): void
  resume(): void
  /** The reader left before the end: the connection cannot be used again. */
  cancel(): void
}

const highWaterBytes = 1024 * 1024

/**
 * The queue between one connection, which pushes, and one reader, which pulls. The source is paused while more than
 * 1 MiB waits. A failure is thrown after the chunks that came before it.
 */
export class BodyQueue implements AsyncIterableIterator<Uint8Array> {
  readonly #source: BodySource
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #paused = false
  #done = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(source: BodySource) {
    this.#source = source
  }

  push(chunk: Uint8Array): void {
    if (this.#done || this.#failure) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
    if (!this.#paused && this.#bytes > highWaterBytes) {
      this.#paused = true
      this.#source.pause()
    }
    this.#signal()
  }

  end(): void {
    this.#done = true
    this.#signal()
  }

  fail(error: unknown): void {
    if (!this.#done) this.#failure ??= { error }
    this.#signal()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const value = this.#chunks.shift()
      if (value !== undefined) return this.#taken(value)
      if (this.#failure) throw this.#failure.error
      if (this.#done) return { done: true, value: undefined }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks.length = 0
    if (!this.#done && !this.#failure) this.#source.cancel()
    this.end()
    return { done: true, value: undefined }
  }

  #taken(value: Uint8Array): IteratorResult<Uint8Array> {
    this.#bytes -= value.byteLength
    if (this.#paused && this.#bytes === 0) {
      this.#paused = false
      this.#source.resume()
    }
    return { done: false, value }
  }

  #signal(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
