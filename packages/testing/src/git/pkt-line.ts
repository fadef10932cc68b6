/** A special packet of git's line protocol. */
export type PktSpecial = "flush" | "delim" | "end"

/** One packet: bytes, or a special one. */
export type Pkt = Buffer | PktSpecial

const specials: Record<PktSpecial, string> = { flush: "0000", delim: "0001", end: "0002" }

/** One packet with its length in front. */
export function pkt(line: string | Buffer): Buffer {
  const bytes = Buffer.from(line as string)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes])
}

/** Many packets; text that names a special packet becomes that packet. */
export function pktLines(lines: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    lines.map((line) =>
      typeof line === "string" && line in specials ? Buffer.from(specials[line as PktSpecial]) : pkt(line),
    ),
  )
}

/** The packets of `bytes` from the start; stops after the first flush when `untilFlush`. `rest` is what follows. */
export function parsePkts(bytes: Buffer, untilFlush = false): { packets: Pkt[]; rest: Buffer } {
  const packets: Pkt[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const length = Number.parseInt(bytes.toString("latin1", at, at + 4), 16)
    if (Number.isNaN(length) || length === 3 || at + length > bytes.length) break
    if (length < 4) {
      packets.push((["flush", "delim", "end"] as const)[length]!)
      at += 4
      if (length === 0 && untilFlush) break
      continue
    }
    packets.push(bytes.subarray(at + 4, at + length))
    at += length
  }
  return { packets, rest: bytes.subarray(at) }
}

/** A packet's text without its line end; empty for special packets. */
export function textOf(packet: Pkt): string {
  return typeof packet === "string" ? "" : packet.toString("utf8").replace(/\n$/, "")
}

/** `bytes` as packets of one side-band channel (1 data, 2 progress, 3 fatal error). */
export function sideBand(channel: 1 | 2 | 3, bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 65_515) {
    parts.push(pkt(Buffer.concat([Buffer.of(channel), bytes.subarray(at, at + 65_515)])))
  }
  return Buffer.concat(parts)
}
