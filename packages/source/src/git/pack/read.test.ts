import { hash } from "node:crypto"
import { deflateSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SourceError } from "../../error.ts"
import { defaultLimits, type GitLimits } from "../limits.ts"
import { oidOf, type GitObject } from "../oid.ts"
import { applyDelta } from "./delta.ts"
import { readPack } from "./read.ts"

const varint = (value: number, first: number, bits: number): Buffer => {
  const bytes = [first | (value & (2 ** bits - 1))]
  for (let rest = Math.floor(value / 2 ** bits); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80
    bytes.push(rest & 0x7f)
  }
  return Buffer.from(bytes)
}

/** An entry of a pack: kind 1 to 4 an object, 6 a delta by distance, 7 a delta by id. */
type Entry = { readonly kind: number; readonly data: Buffer; readonly base?: Buffer; readonly size?: number }

const entry = ({ kind, data, base = Buffer.alloc(0), size = data.length }: Entry): Buffer =>
  Buffer.concat([varint(size, kind << 4, 4), base, deflateSync(data)])

const seal = (body: Buffer): Buffer => Buffer.concat([body, Buffer.from(hash("sha1", body, "hex"), "hex")])

function packOf(entries: readonly Entry[], count: number = entries.length): Buffer {
  const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1")
  header.writeUInt32BE(count, 8)
  return seal(Buffer.concat([header, ...entries.map(entry)]))
}

/** The distance of a delta's base, in git's offset encoding. */
function distance(value: number): Buffer {
  const bytes = [value & 0x7f]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((--rest & 0x7f) | 0x80)
  return Buffer.from(bytes)
}

/** A delta that copies the common beginning and inserts the rest. */
function deltaOf(base: Buffer, target: Buffer): Buffer {
  let common = 0
  while (common < 0xffff && common < base.length && common < target.length && base[common] === target[common]) common++
  const parts = [varint(base.length, 0, 7), varint(target.length, 0, 7)]
  if (common > 0) parts.push(Buffer.of(0x80 | 0x10 | 0x20, common & 0xff, common >> 8))
  for (let at = common; at < target.length; at += 127) {
    const piece = target.subarray(at, at + 127)
    parts.push(Buffer.of(piece.length), piece)
  }
  return Buffer.concat(parts)
}

/** A pack in pieces, as a network gives it. */
async function* inPieces(pack: Buffer, size = 1 + (pack.length % 37)): AsyncGenerator<Buffer> {
  for (let at = 0; at < pack.length; at += size) yield pack.subarray(at, at + size)
}

const read = (pack: Buffer, limits: Partial<GitLimits> = {}, base?: (oid: string) => GitObject | undefined) =>
  readPack(inPieces(pack), { format: "sha1", limits: { ...defaultLimits, ...limits }, ...(base ? { base } : {}) })

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "read",
    (error: unknown) => (error instanceof SourceError ? error.code : String(error)),
  )

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array))

describe("readPack", () => {
  it("gives the objects of a pack by their ids", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 20 }), async (blobs) => {
        const objects = await read(packOf(blobs.map((data) => ({ kind: 3, data }))))
        expect([...objects.keys()].toSorted()).toEqual(
          [...new Set(blobs.map((data) => oidOf("blob", data, "sha1")))].toSorted(),
        )
        for (const [oid, { type, data }] of objects) expect(oidOf(type, data, "sha1")).toBe(oid)
      }),
    )
  })

  it("resolves chains of deltas of both kinds, in any order, and on objects outside the pack", async () => {
    const versions = fc.array(bytes, { minLength: 2, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(versions, fc.boolean(), async (texts, thin) => {
        const oid = (at: number): string => oidOf("blob", texts[at]!, "sha1")
        const deltas = texts.slice(1).map((target, i): Entry => {
          return { kind: 7, data: deltaOf(texts[i]!, target), base: Buffer.from(oid(i), "hex") }
        })
        const entries = thin ? deltas : [...deltas.toReversed(), { kind: 3, data: texts[0]! }]
        const outside: GitObject = { type: "blob", data: texts[0]! }
        const objects = await read(packOf(entries), {}, (wanted) => (thin && wanted === oid(0) ? outside : undefined))
        for (const [at, text] of texts.entries()) {
          if (thin && oid(at) === oid(0)) continue
          expect(objects.get(oid(at))?.data.equals(text)).toBe(true)
        }
      }),
    )
  })

  it("resolves deltas by distance", async () => {
    const base = Buffer.alloc(5000, "a")
    const target = Buffer.concat([base, Buffer.from("!")])
    const first = entry({ kind: 2, data: base })
    const objects = await read(
      packOf([
        { kind: 2, data: base },
        { kind: 6, data: deltaOf(base, target), base: distance(first.length) },
      ]),
    )
    expect(objects.get(oidOf("tree", target, "sha1"))).toEqual({ type: "tree", data: target })
  })

  it("never fails but with a typed error, whatever byte is changed", async () => {
    const texts = ["one", "two and more", "x".repeat(300)].map((text) => Buffer.from(text))
    const good = packOf([
      ...texts.map((data) => ({ kind: 3, data })),
      { kind: 7, data: deltaOf(texts[1]!, texts[2]!), base: Buffer.from(oidOf("blob", texts[1]!, "sha1"), "hex") },
    ])
    const change = fc.record({ at: fc.nat(good.length - 21), to: fc.nat(255), cut: fc.nat(10) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.boolean(), async (changes, sealed) => {
        let body = Buffer.from(good.subarray(0, -20))
        for (const { at, to, cut } of changes) {
          body[at % body.length] = to
          if (cut === 0) body = body.subarray(0, Math.max(1, at))
        }
        const pack = sealed ? seal(body) : Buffer.concat([body, good.subarray(-20)])
        expect(["read", "InvalidPack", "LimitExceeded"]).toContain(
          await code(read(pack, { totalBytes: 1e6, objectBytes: 1e5 })),
        )
      }),
      { numRuns: 500 },
    )
  })

  it("never fails but with a typed error on noise", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (noise) => {
        const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\u0003", "latin1")
        for (const pack of [noise, seal(Buffer.concat([header, noise]))]) {
          expect(["read", "InvalidPack", "LimitExceeded"]).toContain(await code(read(pack)))
        }
      }),
    )
  })

  const blob = { kind: 3, data: Buffer.from("hello") }
  it.each([
    ["no header", Buffer.from("nothing"), {}, "InvalidPack"],
    ["another checksum", Buffer.concat([packOf([blob]).subarray(0, -1), Buffer.of(0)]), {}, "InvalidPack"],
    ["fewer objects than announced", packOf([blob], 2), {}, "InvalidPack"],
    ["more objects than announced", packOf([blob, blob], 1), {}, "InvalidPack"],
    ["an unknown kind", packOf([{ ...blob, kind: 5 }]), {}, "InvalidPack"],
    ["a smaller object than announced", packOf([{ ...blob, size: 6 }]), {}, "InvalidPack"],
    ["a larger object than announced (a bomb)", packOf([{ ...blob, size: 4 }]), {}, "InvalidPack"],
    [
      "a delta without its base",
      packOf([{ kind: 7, data: deltaOf(blob.data, blob.data), base: Buffer.alloc(20) }]),
      {},
      "InvalidPack",
    ],
    ["a delta on itself", packOf([{ kind: 6, data: blob.data, base: distance(0) }]), {}, "InvalidPack"],
    ["a delta before the pack", packOf([{ kind: 6, data: blob.data, base: distance(5000) }]), {}, "InvalidPack"],
    ["too many objects", packOf([blob, blob, blob]), { objects: 2 }, "LimitExceeded"],
    ["too large an object", packOf([blob]), { objectBytes: 4 }, "LimitExceeded"],
    ["too much in all", packOf([blob, blob]), { totalBytes: 9 }, "LimitExceeded"],
  ])("refuses %s", async (_, pack, limits, expected) => {
    expect(await code(read(pack, limits))).toBe(expected)
  })

  it("refuses a chain of deltas that is too long", async () => {
    const texts = Array.from({ length: 6 }, (_, i) => Buffer.from(`version ${i}`))
    const oid = (at: number): Buffer => Buffer.from(oidOf("blob", texts[at]!, "sha1"), "hex")
    const deltas = texts.slice(1).map((target, i) => ({ kind: 7, data: deltaOf(texts[i]!, target), base: oid(i) }))
    const pack = packOf([{ kind: 3, data: texts[0]! }, ...deltas])
    expect(await code(read(pack, { deltaDepth: 5 }))).toBe("read")
    expect(await code(read(pack, { deltaDepth: 4 }))).toBe("LimitExceeded")
  })

  it("reads objects that arrive in many pieces", async () => {
    const data = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) % 251))
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i % 13) ** 3) % 256))
    const pack = packOf([
      { kind: 3, data },
      { kind: 3, data: noise },
      { kind: 3, data: Buffer.from("last") },
    ])
    for (const size of [1000, 65_536, 70_000, pack.length]) {
      const objects = await readPack(inPieces(pack, size), { format: "sha1", limits: defaultLimits })
      expect([...objects.values()].map((object) => object.data.length)).toEqual([400_000, 300_000, 4])
    }
  })

  it("stops when the signal aborts", async () => {
    const pack = packOf(Array.from({ length: 3000 }, (_, i) => ({ kind: 3, data: Buffer.alloc(3000, i) })))
    const reason = new Error("enough")
    const work = readPack(inPieces(pack, 65_536), {
      format: "sha1",
      limits: defaultLimits,
      signal: AbortSignal.abort(reason),
    })
    await expect(work).rejects.toBe(reason)
  })
})

describe("applyDelta", () => {
  const base = Buffer.from("0123456789")
  it.each([
    ["for another base", Buffer.of(9, 1, 1, 65)],
    ["with an unknown instruction", Buffer.of(10, 1, 0)],
    ["that copies beyond its base", Buffer.of(10, 5, 0x91, 8, 5)],
    ["that inserts beyond its end", Buffer.of(10, 5, 5, 65)],
    ["that gives less than announced", Buffer.of(10, 5, 1, 65)],
    ["that gives more than announced", Buffer.of(10, 1, 2, 65, 66)],
    ["that is cut off in an instruction", Buffer.of(10, 5, 0xff, 1)],
    ["with an endless size", Buffer.alloc(20, 0xff)],
    ["without a size", Buffer.alloc(0)],
  ])("refuses one %s", (_, delta) => {
    expect(() => applyDelta(base, delta, 100)).toThrow(SourceError)
  })

  it("refuses a result that is too large before it takes memory", () => {
    const huge = Buffer.concat([Buffer.of(10), varint(2 ** 40, 0, 7), Buffer.of(1, 65)])
    expect(() => applyDelta(base, huge, 1000)).toThrow("[LimitExceeded]")
  })

  it("reads an empty length of a copy as 65 536", () => {
    const large = Buffer.alloc(70_000, "z")
    const delta = Buffer.concat([varint(70_000, 0, 7), varint(65_536, 0, 7), Buffer.of(0x80)])
    expect(applyDelta(large, delta, 100_000)).toHaveLength(65_536)
  })
})
