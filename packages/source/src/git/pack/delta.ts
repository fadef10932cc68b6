import { SourceError } from "../../error.ts"

const broken = (what: string): SourceError => new SourceError("InvalidPack", `a delta ${what}`)

/**
 * The object that `delta` makes of `base`. Throws `InvalidPack` for a delta that is damaged, does not fit its base or
 * reads outside it, and `LimitExceeded` before it takes more than `maxBytes`.
 */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  let at = 0
  const size = (): number => {
    let value = 0
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = delta[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw broken("has no size")
  }
  if (size() !== base.length) throw broken("is for another base")
  const length = size()
  if (length > maxBytes) throw new SourceError("LimitExceeded", `an object is larger than ${maxBytes} bytes`)
  const result = Buffer.allocUnsafe(length)
  let end = 0
  while (at < delta.length) {
    const op = delta[at++]!
    if (op === 0) throw broken("holds an unknown instruction")
    let source = delta
    let [from, count] = [at, op]
    if (op & 0x80) {
      source = base
      ;[from, count] = [0, 0]
      for (let bit = 0; bit < 4; bit++) if (op & (1 << bit)) from += (delta[at++] ?? Number.NaN) * 2 ** (8 * bit)
      for (let bit = 0; bit < 3; bit++) if (op & (16 << bit)) count += (delta[at++] ?? Number.NaN) * 2 ** (8 * bit)
      if (count === 0) count = 0x10000
    } else at += op
    if (!(from + count <= source.length) || end + count > length) throw broken("copies outside its bounds")
    source.copy(result, end, from, from + count)
    end += count
  }
  if (end !== length) throw broken("ends early")
  return result
}
