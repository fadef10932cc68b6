import { hash } from "node:crypto"
import { deflateSync, inflateSync } from "node:zlib"
import { oidOf, type GitObject, type GitObjectType } from "./object.ts"

const types: readonly (GitObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"]

/** A pack (version 2, no deltas) of `objects`. */
export function writePack(objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(12)
  header.write("PACK")
  header.writeUInt32BE(2, 4)
  header.writeUInt32BE(objects.length, 8)
  const parts: Buffer[] = [header]
  for (const { type, data } of objects) {
    parts.push(entryHeader(types.indexOf(type), data.length), deflateSync(data, { level: 1 }))
  }
  const body = Buffer.concat(parts)
  return Buffer.concat([body, Buffer.from(hash("sha1", body, "hex"), "hex")])
}

function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80
    bytes.push(rest & 0x7f)
  }
  return Buffer.from(bytes)
}

interface Entry {
  readonly type: number
  readonly data: Buffer
  readonly base: string | number | undefined
}

/**
 * The objects of a pack that a client pushed, by id. Deltas may build on objects of `lookup`. Throws an `Error` for a
 * pack that is damaged.
 */
export function readPack(pack: Buffer, lookup: (oid: string) => GitObject | undefined): Map<string, GitObject> {
  if (pack.length < 32 || pack.toString("latin1", 0, 4) !== "PACK") throw new Error("not a pack")
  if (hash("sha1", pack.subarray(0, -20), "hex") !== pack.toString("hex", pack.length - 20)) {
    throw new Error("pack checksum mismatch")
  }
  const entries = new Map<number, Entry>()
  let at = 12
  for (let left = pack.readUInt32BE(8); left > 0; left--) {
    const start = at
    const { entry, end } = readEntry(pack, start)
    entries.set(start, entry)
    at = end
  }
  return resolve(entries, lookup)
}

function readEntry(pack: Buffer, start: number): { entry: Entry; end: number } {
  let at = start
  let byte = pack[at++]!
  const type = (byte >> 4) & 7
  while (byte & 0x80) byte = pack[at++]!
  let base: string | number | undefined
  if (type === 7) {
    base = pack.toString("hex", at, at + 20)
    at += 20
  } else if (type === 6) {
    byte = pack[at++]!
    let offset = byte & 0x7f
    while (byte & 0x80) {
      byte = pack[at++]!
      offset = (offset + 1) * 128 + (byte & 0x7f)
    }
    base = start - offset
  }
  const { buffer, engine } = inflateSync(pack.subarray(at), { info: true }) as unknown as {
    buffer: Buffer
    engine: { bytesWritten: number }
  }
  return { entry: { type, data: buffer, base }, end: at + engine.bytesWritten }
}

function resolve(entries: Map<number, Entry>, lookup: (oid: string) => GitObject | undefined): Map<string, GitObject> {
  const found = new Map<string, GitObject>()
  const byOffset = new Map<number, GitObject>()
  let pending = [...entries]
  while (pending.length > 0) {
    const later: typeof pending = []
    for (const [offset, entry] of pending) {
      const base = typeof entry.base === "number" ? byOffset.get(entry.base) : baseOf(entry, found, lookup)
      const type = types[entry.type] ?? base?.type
      if (type === undefined) {
        later.push([offset, entry])
        continue
      }
      const object = { type, data: base ? applyDelta(base.data, entry.data) : entry.data }
      byOffset.set(offset, object)
      found.set(oidOf(object), object)
    }
    if (later.length === pending.length) throw new Error("a delta has no base")
    pending = later
  }
  return found
}

function baseOf(
  entry: Entry,
  found: ReadonlyMap<string, GitObject>,
  lookup: (oid: string) => GitObject | undefined,
): GitObject | undefined {
  return typeof entry.base === "string" ? (found.get(entry.base) ?? lookup(entry.base)) : undefined
}

function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0
  const size = (): void => {
    while (delta[at++]! & 0x80);
  }
  size()
  size()
  const parts: Buffer[] = []
  while (at < delta.length) {
    const op = delta[at++]!
    if (!(op & 0x80)) {
      parts.push(delta.subarray(at, (at += op)))
      continue
    }
    let [offset, length] = [0, 0]
    for (let bit = 0; bit < 4; bit++) if (op & (1 << bit)) offset += delta[at++]! * 2 ** (8 * bit)
    for (let bit = 0; bit < 3; bit++) if (op & (16 << bit)) length += delta[at++]! * 2 ** (8 * bit)
    parts.push(base.subarray(offset, offset + (length || 0x10000)))
  }
  return Buffer.concat(parts)
}
