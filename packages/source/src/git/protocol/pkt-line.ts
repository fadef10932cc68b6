import { SourceError } from "../../error.ts"

/** Packets without content: end of a list, of a section, of an answer. */
export type SpecialPacket = "flush" | "delim" | "end"

/** One packet of git's line protocol: its content, or a special one. */
export type Packet = Buffer | SpecialPacket

const special: readonly SpecialPacket[] = ["flush", "delim", "end"]

/** The bytes of packets; a special packet is given by `{ special }`. Text gets the line end that git expects. */
export function printPackets(packets: readonly (string | { readonly special: SpecialPacket })[]): Buffer {
  return Buffer.concat(
    packets.map((packet) => {
      if (typeof packet !== "string") return Buffer.from(`000${special.indexOf(packet.special)}`)
      const bytes = Buffer.from(`${packet}\n`)
      return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes])
    }),
  )
}

/** Packets one by one, as they arrive. */
export interface PacketReader {
  /** The next packet; undefined at the end of the body. Throws `InvalidResponse` for anything that is no packet. */
  next(): Promise<Packet | undefined>
  /** Leaves the body, which frees the connection. */
  close(): Promise<void>
}

const invalid = (what: string): SourceError =>
  new SourceError("InvalidResponse", `the server's answer ${what}; is this the URL of a git repository?`)

/** Reads packets from a body of at most `maxBytes`, beyond which it throws `LimitExceeded`. */
export function createPacketReader(body: AsyncIterable<Uint8Array>, maxBytes: number): PacketReader {
  const chunks = body[Symbol.asyncIterator]()
  let buffer: Buffer = Buffer.alloc(0)
  let at = 0
  let total = 0
  const fill = async (need: number): Promise<boolean> => {
    if (buffer.length - at >= need) return true
    const parts: Buffer[] = [buffer.subarray(at)]
    let length = buffer.length - at
    while (length < need) {
      const { done, value } = await chunks.next()
      if (done) break
      total += value.length
      if (total > maxBytes)
        throw new SourceError("LimitExceeded", `the server's answer is larger than ${maxBytes} bytes`)
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.length))
      length += value.length
    }
    buffer = Buffer.concat(parts, length)
    at = 0
    return length >= need
  }
  return {
    next: async () => {
      if (!(await fill(4))) {
        if (buffer.length > at) throw invalid("is cut off")
        return undefined
      }
      const digits = buffer.toString("latin1", at, at + 4)
      if (!/^[0-9a-f]{4}$/i.test(digits)) throw invalid("is not in git's protocol")
      const length = Number.parseInt(digits, 16)
      if (length < 4) {
        at += 4
        if (length === 3) throw invalid("is not in git's protocol")
        return special[length]!
      }
      if (!(await fill(length))) throw invalid("is cut off")
      const content = buffer.subarray(at + 4, at + length)
      at += length
      return content
    },
    close: async () => {
      await chunks.return?.()
    },
  }
}

/** A packet's text without the line end. Throws what the server reports when the packet is an error. */
export function textOf(packet: Buffer): string {
  const text = packet.toString("utf8")
  const line = text.endsWith("\n") ? text.slice(0, -1) : text
  if (line.startsWith("ERR ")) throw serverError(line.slice(4))
  return line
}

/** An error that the server reports, with what it says cleaned for people. */
export function serverError(text: string): SourceError {
  const message = printable(text)
  if (/not our ref|not a valid object|unadvertised object/i.test(message)) {
    return new SourceError("ReferenceNotFound", `the server has no such commit (${message})`)
  }
  if (/not found|does not exist|does not appear to be a git repository/i.test(message)) {
    return new SourceError("RepositoryNotFound", `the server says: ${message}`)
  }
  if (/denied|not allowed|unauthori[sz]ed|forbidden|authenticat/i.test(message)) {
    return new SourceError("AuthenticationFailed", `the server says: ${message}`)
  }
  return new SourceError("Unreachable", `the server says: ${message}`)
}

/** `text` on one line, without control characters, at most 300 characters long. */
export function printable(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    .slice(0, 300)
}
