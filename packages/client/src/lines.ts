import { ClusterError } from "@gitops-toolkit/kube"

const lineFeed = 10
/** No object is near this: etcd refuses 1.5 MiB by default. */
const maxLineBytes = 64 * 1024 * 1024

/**
 * The lines of a byte stream, split at LF bytes only (a line may hold U+2028). Empty lines are left out; a last line
 * without LF was cut off and is dropped. Throws `TooLarge` for an endless line.
 */
export async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  let pending: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      const tail = bytes.subarray(start, end)
      const line = pending.length === 0 ? tail : Buffer.concat([...pending, tail])
      if (line.length > 0) yield line.toString("utf8")
      pending = []
      length = 0
      start = end + 1
    }
    if (start === bytes.length) continue
    pending.push(bytes.subarray(start))
    length += bytes.length - start
    if (length > maxLineBytes) throw new ClusterError("TooLarge", `a line is longer than ${maxLineBytes} bytes`)
  }
}
