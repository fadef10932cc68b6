import { hash } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { inflateSync } from "node:zlib"
import { SourceError } from "../../error.ts"
import type { GitLimits } from "../limits.ts"
import { oidBytes, oidOf, type GitObject, type ObjectFormat, type ObjectType } from "../oid.ts"
import { applyDelta } from "./delta.ts"

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
  readonly pack: Buffer
  readonly end: number
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

/**
 * The objects of a pack (version 2 or 3), by id: every id is computed from the bytes, every delta resolved, the
 * trailer compared. Leaves the event loop free at least every few milliseconds. Throws `InvalidPack` for anything
 * damaged, `LimitExceeded` before taking more than `limits` allow, and the signal's reason.
 */
export async function readPack(pack: Buffer, options: ReadPackOptions): Promise<Map<string, GitObject>> {
  const trailer = oidBytes(options.format)
  if (pack.length < 12 + trailer || pack.toString("latin1", 0, 4) !== "PACK") throw invalid("has no header")
  const version = pack.readUInt32BE(4)
  if (version !== 2 && version !== 3) throw invalid(`has the unknown version ${version}`)
  const count = pack.readUInt32BE(8)
  if (count > options.limits.objects) {
    throw new SourceError("LimitExceeded", `the pack holds ${count} objects, ${options.limits.objects} are allowed`)
  }
  const end = pack.length - trailer
  if (hash(options.format, pack.subarray(0, end), "hex") !== pack.toString("hex", end)) {
    throw invalid("does not match its checksum")
  }
  const reading: Reading = { pack, end, options, objects: new Map(), waiting: new Map(), byOffset: new Map(), bytes: 0 }
  const rest = createPause(options.signal)
  let at = 12
  for (let left = count; left > 0; left--) {
    at = readEntry(reading, at)
    await rest()
  }
  if (at !== end) throw invalid("holds more than it announces")
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

function readEntry(reading: Reading, start: number): number {
  const { pack, end, waiting } = reading
  let at = start
  const next = (): number => {
    if (at >= end) throw invalid("is cut off")
    return pack[at++]!
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
      if (distance > start) break
    }
    base = start - distance
    if (distance <= 0 || base < 12) throw invalid("has a delta whose base lies outside")
  } else if (kind === refDelta) {
    const width = oidBytes(reading.options.format)
    if (at + width > end) throw invalid("is cut off")
    base = pack.toString("hex", at, (at += width))
  }
  const { data, used } = inflate(reading, at, size)
  const type = types[kind]
  if (base !== undefined) {
    const delta = { offset: start, data }
    const others = waiting.get(base)
    if (others) others.push(delta)
    else waiting.set(base, [delta])
  } else if (type) keep(reading, start, { type, data })
  else throw invalid(`holds an object of the unknown kind ${kind}`)
  return at + used
}

function inflate(reading: Reading, at: number, size: number): { data: Buffer; used: number } {
  const { pack, end, options } = reading
  takeBytes(reading, size)
  if (size > options.limits.objectBytes) {
    throw new SourceError("LimitExceeded", `an object is larger than ${options.limits.objectBytes} bytes`)
  }
  try {
    const { buffer, engine } = inflateSync(pack.subarray(at, end), {
      info: true,
      maxOutputLength: size + 1,
      chunkSize: Math.min(Math.max(size + 1, 64), 1024 * 1024),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (buffer.length !== size) throw invalid("holds an object of another size than announced")
    return { data: buffer, used: engine.bytesWritten }
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw invalid("holds an object that cannot be inflated", error)
  }
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
