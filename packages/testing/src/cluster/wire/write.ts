import { printJson } from "@gitops-toolkit/kube"

/** A value as the JSON that the server writes: line separators escaped, big integers whole. */
export function wireJson(value: unknown, pretty: boolean = false): string {
  const text = printJson(value, pretty ? { indent: 2 } : {})
  // Found at once in a text of one-byte characters, as nearly all are; a regular expression would read all of it.
  return text.includes("\u2028") || text.includes("\u2029")
    ? text.replaceAll("\u2028", String.raw`\u2028`).replaceAll("\u2029", String.raw`\u2029`)
    : text
}

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "utf8")
}

/** A body that is there as a whole: a stream of one chunk, or at once for those who know it. */
export interface WholeBody extends AsyncIterable<Uint8Array> {
  readonly text: string
}

/** A text as a body. */
export function bodyOf(text: string): WholeBody {
  return { text, [Symbol.asyncIterator]: () => chunksOf(text) }
}

/** True for what `bodyOf` made. */
export function isWhole(body: AsyncIterable<Uint8Array>): body is WholeBody {
  return typeof (body as Partial<WholeBody>).text === "string"
}

function chunksOf(text: string): AsyncIterator<Uint8Array> {
  let left = text !== ""
  const end = (): Promise<IteratorResult<Uint8Array>> => {
    left = false
    return Promise.resolve({ done: true, value: undefined })
  }
  return {
    next() {
      if (!left) return end()
      left = false
      return Promise.resolve({ done: false, value: bytesOf(text) })
    },
    return: end,
  }
}
