import { createHash } from "node:crypto"
import { SourceError } from "../../error.ts"
import { oidBytes, type ObjectFormat } from "../oid.ts"

/** The part of a pack that has arrived and is not read yet. */
export interface PackWindow {
  /** What is there, from the place that is read next. */
  readonly bytes: Buffer
  /** Where `bytes` begins in the pack. */
  readonly offset: number
  /** Waits until `bytes` holds at least `count` bytes. False when the pack ends before; `bytes` then holds the rest. */
  fill(count: number): Promise<boolean>
  /** Goes `count` bytes on. */
  skip(count: number): void
  /** Reads to the end. Throws `InvalidPack` unless exactly the checksum of all that was read is left. */
  finish(): Promise<void>
}

/** A window on a pack that arrives in pieces; what was read is hashed and let go. */
export function createPackWindow(pack: AsyncIterable<Uint8Array>, format: ObjectFormat): PackWindow {
  const chunks = pack[Symbol.asyncIterator]()
  const sum = createHash(format)
  const trailer = oidBytes(format)
  let bytes = Buffer.alloc(0)
  let offset = 0
  let ended = false
  /** What was read since the last hash; hashed in one go, since there are many small objects. */
  let readFrom = bytes
  let readLength = 0
  const hashRead = (): void => {
    if (readLength > 0) sum.update(readFrom.subarray(0, readLength))
    readFrom = bytes
    readLength = 0
  }
  const fill = async (count: number): Promise<boolean> => {
    if (bytes.length >= count || ended) return bytes.length >= count
    const parts: Uint8Array[] = [bytes]
    let length = bytes.length
    while (length < count && !ended) {
      const { done, value } = await chunks.next()
      if (done) ended = true
      else {
        parts.push(value)
        length += value.length
      }
    }
    hashRead()
    bytes = Buffer.concat(parts, length)
    readFrom = bytes
    return length >= count
  }
  return {
    get bytes() {
      return bytes
    },
    get offset() {
      return offset
    },
    fill,
    skip: (count) => {
      readLength += count
      bytes = bytes.subarray(count)
      offset += count
    },
    finish: async () => {
      const more = await fill(trailer + 1)
      hashRead()
      if (more || bytes.length !== trailer)
        throw new SourceError("InvalidPack", "the pack has another length than it announces")
      if (sum.digest("hex") !== bytes.toString("hex"))
        throw new SourceError("InvalidPack", "the pack does not match its checksum")
    },
  }
}
