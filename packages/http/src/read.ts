import { HttpError } from "./error.ts"

/** Options of `readBytes` and `readText`. */
export interface ReadOptions {
  /** The most that is read; beyond it `TooLarge` is thrown and the connection dropped. Default 512 MiB. */
  readonly maxBytes?: number
}

/**
 * The whole body. Throws `TooLarge` beyond `maxBytes`, and whatever broke the connection.
 *
 * @example
 * const bytes = await readBytes(response.body, { maxBytes: 1024 * 1024 })
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<Uint8Array> {
  const { maxBytes = 512 * 1024 * 1024 } = options
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > maxBytes) throw new HttpError("TooLarge", `the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const [first] = chunks
  return chunks.length === 1 && first ? first : Buffer.concat(chunks, length)
}

/**
 * The whole body as UTF-8 text; see `readBytes`.
 *
 * @example
 * await readText(ReadableStream.from([Buffer.from("hello, "), Buffer.from("world")]), { maxBytes: 1024 })   // "hello, world"
 */
export async function readText(body: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<string> {
  const bytes = await readBytes(body, options)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
}
