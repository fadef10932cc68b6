/** One DER element: tag, length, content (X.690). */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

/** SEQUENCE. */
export const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content)
/** SET. */
export const set = (...content: readonly Uint8Array[]): Buffer => der(0x31, ...content)
/** OCTET STRING. */
export const octets = (...content: readonly Uint8Array[]): Buffer => der(0x04, ...content)
/** BIT STRING whose last byte has `unused` padding bits. */
export const bits = (unused: number, content: Uint8Array): Buffer => der(0x03, Buffer.from([unused]), content)
/** UTF8String. */
export const text = (value: string): Buffer => der(0x0c, Buffer.from(value, "utf8"))
/** BOOLEAN true. */
export const yes: Buffer = der(0x01, Buffer.from([0xff]))
/** `[n]` around `content`: constructed, explicit. */
export const tagged = (n: number, ...content: readonly Uint8Array[]): Buffer => der(0xa0 | n, ...content)

/** A positive integer. */
export function integer(bytes: Uint8Array): Buffer {
  return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

/** A moment before 2050, to the second. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, "").slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`, "ascii"))
}
