import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { isSourceError, memoryFiles, packArchive, unpackArchive, type Files, type UnpackOptions } from "./index.ts"

const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-archive-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bytesOf = async (files: Files): Promise<Buffer> =>
  Buffer.from(await new Response(packArchive(files)).arrayBuffer())
const unpack = (bytes: Uint8Array, options: UnpackOptions = {}) =>
  unpackArchive(
    (async function* () {
      for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
    })(),
    options,
  )
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "unpacked",
    (error: unknown) => (isSourceError(error) ? error.code : String(error)),
  )
const example = {
  "deploy/cm.yaml": "a: 1\n",
  "bin/run": { executable: "#!/bin/sh\n" },
  current: { symlink: "deploy" },
  empty: "",
  "große Datei": "utf-8",
  [`${"long/".repeat(40)}name`]: "x".repeat(2000),
} as const

describe("packArchive and unpackArchive", () => {
  it("give back what went in, whatever it is", async () => {
    const name = fc.stringMatching(/^[a-zé]{1,60}$/)
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join("/"))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 1500 })), { maxLength: 8 }),
        async (entries) => {
          const files = unfold(entries)
          const again = await unpack(await bytesOf(files))
          const third = await unpack(await bytesOf(again))
          expect(again.digestOf("")).toBe(third.digestOf(""))
          for (const [at, content] of entries) {
            const same = await files.read(at).catch(() => undefined)
            if (same) expect(Buffer.compare(await again.read(at), same)).toBe(0)
            else expect(content).toBeDefined()
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it("makes the same bytes whatever the order of the files, without times and owners", async () => {
    const reversed = Object.fromEntries(Object.entries(example).toReversed())
    const bytes = await bytesOf(memoryFiles(example))
    expect(bytes.equals(await bytesOf(memoryFiles(reversed)))).toBe(true)
    expect(bytes.subarray(0, 10)).toEqual(Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255))
  })

  it("is read by the real tar, and reads what it writes", async () => {
    const archive = join(folder, "ours.tar.gz")
    writeFileSync(archive, await bytesOf(memoryFiles(example)))
    execFileSync("tar", ["-xzf", archive, "-C", folder])
    expect(readFileSync(join(folder, "current/cm.yaml"), "utf8")).toBe("a: 1\n")
    execFileSync("tar", [
      "-czf",
      join(folder, "theirs.tar.gz"),
      "-C",
      folder,
      "deploy",
      "bin",
      "current",
      "long",
      "empty",
      "große Datei",
    ])
    const files = await unpack(readFileSync(join(folder, "theirs.tar.gz")))
    expect(files.digestOf("")).toBe((await unpack(await bytesOf(memoryFiles(example)))).digestOf(""))
  })

  interface Raw {
    readonly name?: string
    readonly type?: string
    readonly target?: string
    readonly data?: string
  }
  /** A tar that holds whatever a stranger writes into it. */
  const tarOf = (...entries: readonly Raw[]): Buffer => {
    const blocks = entries.map(({ name = "a", type = "0", target = "", data = "" }) => {
      const header = Buffer.alloc(512)
      header.write(name)
      header.write("0000644", 100)
      header.write(data.length.toString(8).padStart(11, "0"), 124)
      header.write("        ", 148)
      header.write(type, 156)
      header.write(target, 157)
      header.write("ustar\u000000", 257)
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        148,
      )
      return Buffer.concat([header, Buffer.from(data), Buffer.alloc((512 - (data.length % 512)) % 512)])
    })
    return Buffer.concat([...blocks, Buffer.alloc(1024)])
  }
  it.each([
    ["an absolute path", [{ name: "/etc/passwd" }], {}, "InvalidArchive"],
    ["a path that leaves the root", [{ name: "a/../../b" }], {}, "InvalidArchive"],
    ["a long path that leaves the root", [{ type: "L", data: "../b\0" }, {}], {}, "InvalidArchive"],
    ["a pax path that leaves the root", [{ type: "x", data: "13 path=../b\n" }, {}], {}, "InvalidArchive"],
    ["a broken pax header", [{ type: "x", data: "99 path=../b\n" }, {}], {}, "InvalidArchive"],
    ["git's own folder", [{ name: ".git/config" }], {}, "InvalidArchive"],
    ["a hard link", [{ type: "1", target: "/etc/passwd" }], {}, "InvalidArchive"],
    ["a device", [{ type: "3" }], {}, "InvalidArchive"],
    ["a path twice", [{ data: "1" }, { data: "2" }], {}, "InvalidArchive"],
    ["a file below a file", [{}, { name: "a/b" }], {}, "InvalidArchive"],
    ["a file below a link", [{ type: "2", target: "/tmp" }, { name: "a/b" }], {}, "InvalidArchive"],
    ["too many entries", [{}, { name: "b" }], { limits: { entries: 1 } }, "LimitExceeded"],
    ["too many folders that only paths mention", [{ name: "a/b/c" }], { limits: { entries: 2 } }, "LimitExceeded"],
    ["too many bytes", [{ data: "x".repeat(5000) }], { limits: { bytes: 4000 } }, "LimitExceeded"],
  ])("refuses %s", async (_, entries, options, expected) => {
    expect(await code(unpack(gzipSync(tarOf(...entries)), options))).toBe(expected)
  })

  it("stops a bomb while it grows", async () => {
    const bomb = gzipSync(tarOf({ data: "\0".repeat(8_000_000) }))
    expect(bomb.length).toBeLessThan(20_000)
    expect(await code(unpack(bomb, { limits: { bytes: 1_000_000 } }))).toBe("LimitExceeded")
  })

  it("refuses damage, and never fails otherwise", async () => {
    const good = await bytesOf(memoryFiles({ "a/b": "content", c: "d".repeat(600) }))
    const plain = gunzipSync(good)
    const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.boolean(), plain: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to, cut, plain: raw }) => {
        const bytes = Buffer.from(raw ? plain : good)
        bytes[at % bytes.length] = to
        const verdict = await code(unpack(cut ? bytes.subarray(0, at % bytes.length) : bytes))
        expect(["unpacked", "InvalidArchive", "LimitExceeded"]).toContain(verdict)
      }),
      { numRuns: 200 },
    )
    expect(await code(unpack(Buffer.from("no archive at all")))).toBe("InvalidArchive")
  })

  it("reads links inside, and never what a link outside names", async () => {
    const files = await unpack(tarOf({ name: "up", type: "2", target: "../../etc" }, { name: "b" }))
    expect(await code(files.read("up/passwd"))).toBe("InvalidPath")
  })
})

function unfold(entries: readonly (readonly [string, Uint8Array])[]): Files {
  const record: Record<string, Uint8Array> = Object.create(null) as Record<string, Uint8Array>
  for (const [path, content] of entries) {
    const clashes = Object.keys(record).some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
    if (!clashes) record[path] = content
  }
  return memoryFiles(record)
}
