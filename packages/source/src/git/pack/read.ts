import { setImmediate } from "node:timers/promises"
import { inflateSync } from "node:zlib"
import { SourceError } from "../../error.ts"
import type { GitLimits } from "../limits.ts"
import { oidBytes, oidOf, type GitObject, type ObjectFormat, type ObjectType } from "../oid.ts"
import { applyDelta } from "./delta.ts"
import { createPackWindow, type PackWindow } from "./window.ts"

/** Options of `readPack`. */
export interface ReadPackOptions {
  readonly format: ObjectFormat
  readonly limits: GitLimits
  /** Objects outside the pack that its deltas may build on. */
  readonly base?: (oid: string) => GitObject | undefined
  readonly signal?: AbortSignal | undefined
}

interface Delta {
  readonly offset: number
  readonly data: Buffer
}

interface Reading {
  readonly window: PackWindow
  readonly options: ReadPackOptions
  readonly objects: Map<string, GitObject>
  /** Deltas by what they build on: an offset in the pack or an id. */
  readonly waiting: Map<number | string, Delta[]>
  readonly byOffset: Map<number, string>
  bytes: number
}

const types: readonly (ObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"]
const ofsDelta = 6
const refDelta = 7

const invalid = (what: string, cause?: unknown): SourceError =>
  new SourceError("InvalidPack", `the pack ${what}`, { cause })

/** Bytes that are waited for before an entry is read: most entries are smaller. */
const slack = 65_536

/**
 * The objects of a pack (version 2 or 3), by id, read while it arrives: every id is computed from the bytes, every delta
 * resolved, the checksum compared. Leaves the event loop free at least every few milliseconds. Throws `InvalidPack` for
 * anything damaged, `LimitExceeded` before taking more than `limits` allow, and the signal's reason.
 */
export async function readPack(
  pack: AsyncIterable<Uint8Array>,
  options: ReadPackOptions,
): Promise<Map<string, GitObject>> {
  options.signal?.throwIfAborted()
  const window = createPackWindow(pack, options.format)
  const whole = await window.fill(12)
  if (!whole || window.bytes.toString("latin1", 0, 4) !== "PACK") throw invalid("has no header")
  const version = window.bytes.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw invalid(`has the unknown version ${version}`)
  const count = window.bytes.readUInt32BE(8)
  if (count > options.limits.objects) {
    throw new SourceError("LimitExceeded", `the pack holds ${count} objects, ${options.limits.objects} are allowed`)
  }
  window.skip(12)
  const reading: Reading = { window, options, objects: new Map(), waiting: new Map(), byOffset: new Map(), bytes: 0 }
  const rest = createPause(options.signal)
  for (let left = count; left > 0; left--) {
    await readEntry(reading)
    await rest()
  }
  await window.finish()
  await resolveDeltas(reading, rest)
  return reading.objects
}

/** Lets others run when the last pause is some milliseconds ago. */
function createPause(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = performance.now()
  let calls = 0
  return () => {
    if (++calls % 16 !== 0 || performance.now() - last < 8) return undefined
    return setImmediate().then(() => {
      signal?.throwIfAborted()
      last = performance.now()
    })
  }
}

interface EntryHeader {
  readonly kind: number
  /** Bytes of the object, or of the delta, unpacked. */
  readonly size: number
  /** What a delta builds on: an offset in the pack, or an id. */
  readonly base: number | string | undefined
  /** Bytes of the header itself. */
  readonly length: number
}

/** The longest header: a size, and a distance or an id. */
const maxHeader = 64

async function readEntry(reading: Reading): Promise<void> {
  const { window, waiting, options } = reading
  if (window.bytes.length < slack) await window.fill(slack)
  const { kind, size, base, length } = parseHeader(window.bytes.subarray(0, maxHeader), window.offset, options.format)
  takeBytes(reading, size)
  if (size > options.limits.objectBytes) {
    throw new SourceError("LimitExceeded", `an object is larger than ${options.limits.objectBytes} bytes`)
  }
  const { data, used } = inflate(window.bytes.subarray(length), size) ?? (await inflateLater(window, length, size))
  const type = types[kind]
  if (base !== undefined) {
    const delta = { offset: window.offset, data }
    const others = waiting.get(base)
    if (others) others.push(delta)
    else waiting.set(base, [delta])
  } else if (type) keep(reading, window.offset, { type, data })
  else throw invalid(`holds an object of the unknown kind ${kind}`)
  window.skip(length + used)
}

function parseHeader(bytes: Buffer, offset: number, format: ObjectFormat): EntryHeader {
  let at = 0
  const next = (): number => {
    if (at >= bytes.length) throw invalid("is cut off")
    return bytes[at++]!
  }
  let byte = next()
  const kind = (byte >> 4) & 7
  let size = byte & 15
  for (let shift = 4; byte & 0x80; shift += 7) {
    if (shift > 46) throw invalid("announces an impossible size")
    byte = next()
    size += (byte & 0x7f) * 2 ** shift
  }
  let base: number | string | undefined
  if (kind === ofsDelta) {
    byte = next()
    let distance = byte & 0x7f
    while (byte & 0x80) {
      byte = next()
      distance = (distance + 1) * 128 + (byte & 0x7f)
      if (distance > offset) break
    }
    base = offset - distance
    if (distance <= 0 || base < 12) throw invalid("has a delta whose base lies outside")
  } else if (kind === refDelta) {
    const width = oidBytes(format)
    if (at + width > bytes.length) throw invalid("is cut off")
    base = bytes.toString("hex", at, (at += width))
  }
  return { kind, size, base, length: at }
}

interface Inflated {
  readonly data: Buffer
  /** Compressed bytes. */
  readonly used: number
}

/** The object at the beginning of `bytes`; undefined when it is not there to its end. */
function inflate(bytes: Buffer, size: number): Inflated | undefined {
  try {
    const { buffer, engine } = inflateSync(bytes, {
      info: true,
      maxOutputLength: size + 1,
      chunkSize: Math.min(Math.max(size + 1, 64), 1024 * 1024),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (buffer.length !== size) throw invalid("holds an object of another size than announced")
    return { data: buffer, used: engine.bytesWritten }
  } catch (error) {
    if (error instanceof SourceError) throw error
    if ((error as NodeJS.ErrnoException).code === "Z_BUF_ERROR") return undefined
    throw invalid("holds an object that cannot be inflated", error)
  }
}

/** Tries again each time that twice as much of the pack is there. */
async function inflateLater(window: PackWindow, header: number, size: number): Promise<Inflated> {
  for (let more = true; more;) {
    more = await window.fill(window.bytes.length * 2 + slack)
    const inflated = inflate(window.bytes.subarray(header), size)
    if (inflated) return inflated
  }
  throw invalid("is cut off")
}

function takeBytes(reading: Reading, size: number): void {
  const { totalBytes } = reading.options.limits
  reading.bytes += size
  if (reading.bytes > totalBytes) {
    throw new SourceError("LimitExceeded", `the pack unpacks to more than ${totalBytes} bytes`)
  }
}

function keep(reading: Reading, offset: number, object: GitObject): string {
  const oid = oidOf(object.type, object.data, reading.options.format)
  reading.objects.set(oid, object)
  reading.byOffset.set(offset, oid)
  return oid
}

interface Resolved {
  readonly oid: string
  readonly offset: number | undefined
  readonly depth: number
}

async function resolveDeltas(reading: Reading, rest: () => Promise<void> | undefined): Promise<void> {
  const { waiting, byOffset, objects, options } = reading
  const stack: Resolved[] = []
  for (const [offset, oid] of byOffset) {
    if (waiting.has(offset) || waiting.has(oid)) stack.push({ oid, offset, depth: 0 })
  }
  const outside = new Map<string, GitObject>()
  for (const base of waiting.keys()) {
    const object = typeof base === "string" && !objects.has(base) ? options.base?.(base) : undefined
    if (object) {
      outside.set(base as string, object)
      stack.push({ oid: base as string, offset: undefined, depth: 0 })
    }
  }
  for (let base = stack.pop(); base; base = stack.pop()) {
    const object = objects.get(base.oid) ?? outside.get(base.oid)!
    for (const delta of claim(waiting, base)) {
      if (base.depth >= options.limits.deltaDepth) {
        throw new SourceError("LimitExceeded", `a chain of deltas is longer than ${options.limits.deltaDepth}`)
      }
      const data = applyDelta(object.data, delta.data, options.limits.objectBytes)
      takeBytes(reading, data.length)
      const oid = keep(reading, delta.offset, { type: object.type, data })
      stack.push({ oid, offset: delta.offset, depth: base.depth + 1 })
      await rest()
    }
  }
  if (waiting.size > 0) throw invalid("has a delta whose base is missing")
}

/** Takes the deltas that build on `base` out of `waiting`. */
function claim(waiting: Map<number | string, Delta[]>, { oid, offset }: Resolved): Delta[] {
  const deltas = [...(waiting.get(oid) ?? []), ...(offset === undefined ? [] : (waiting.get(offset) ?? []))]
  waiting.delete(oid)
  if (offset !== undefined) waiting.delete(offset)
  return deltas
}
