import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { execFileSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { directoryFiles, filterFiles, isSourceError, memoryFiles, type Files } from "./index.ts"

const folder = await mkdtemp(join(tmpdir(), "gitops-toolkit-files-"))
afterAll(() => rm(folder, { recursive: true, force: true }))
await mkdir(join(folder, "root/deploy/sub"), { recursive: true })
await writeFile(join(folder, "outside.txt"), "secret")
await writeFile(join(folder, "root/deploy/cm.yaml"), "a: 1\n")
await writeFile(join(folder, "root/deploy/sub/b.yaml"), "b: 2\n")
await writeFile(join(folder, "root/run"), "#!/bin/sh\n", { mode: 0o755 })
await symlink("deploy", join(folder, "root/current"))
await symlink("../deploy/cm.yaml", join(folder, "root/deploy/sub/up"))
await symlink("loop", join(folder, "root/loop"))
await symlink("../outside.txt", join(folder, "root/escape"))
await symlink(join(folder, "outside.txt"), join(folder, "root/absolute"))
execFileSync("mkfifo", [join(folder, "root/pipe")])

const memory = memoryFiles({
  "deploy/cm.yaml": "a: 1\n",
  "deploy/sub/b.yaml": "b: 2\n",
  "deploy/sub/up": { symlink: "../deploy/cm.yaml" },
  run: { executable: "#!/bin/sh\n" },
  current: { symlink: "deploy" },
  loop: { symlink: "loop" },
  escape: { symlink: "../outside.txt" },
  absolute: { symlink: join(folder, "outside.txt") },
})

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "read",
    (error: unknown) => (isSourceError(error) ? error.code : String(error)),
  )

// One suite for both: what holds in memory holds on disk.
describe.each<[string, Files]>([
  ["memoryFiles", memory],
  ["directoryFiles", directoryFiles(join(folder, "root"))],
  ["filterFiles of everything", filterFiles(memory, () => false)],
])("%s", (_, files) => {
  it("lists in bytewise order, links as links, and nothing that is no file", async () => {
    expect(await files.list("")).toEqual([
      { name: "absolute", type: "symlink", mode: 0o777, target: join(folder, "outside.txt") },
      { name: "current", type: "symlink", mode: 0o777, target: "deploy" },
      { name: "deploy", type: "directory", mode: 0o755 },
      { name: "escape", type: "symlink", mode: 0o777, target: "../outside.txt" },
      { name: "loop", type: "symlink", mode: 0o777, target: "loop" },
      { name: "run", type: "file", mode: 0o755, size: 10 },
    ])
    expect(await files.list("./deploy/")).toHaveLength(2)
  })

  it.each(["deploy/cm.yaml", "./deploy//cm.yaml", "deploy/sub/../cm.yaml", "current/cm.yaml", "current/sub/b.yaml"])(
    "reads %s",
    async (path) => {
      expect(Buffer.from(await files.read(path)).toString()).toMatch(/^[ab]: \d\n$/)
    },
  )

  it.each([
    ["nothing", "FileNotFound"],
    ["deploy", "FileNotFound"],
    ["run/x", "FileNotFound"],
    ["../outside.txt", "InvalidPath"],
    ["deploy/../../outside.txt", "InvalidPath"],
    ["/etc/passwd", "InvalidPath"],
    ["a\0b", "InvalidPath"],
    ["escape", "InvalidPath"],
    ["absolute", "InvalidPath"],
  ])("does not read %j: %s", async (path, expected) => {
    expect(await code(files.read(path))).toBe(expected)
  })

  it("does not go round in circles", async () => {
    expect(["InvalidPath", "FileNotFound"]).toContain(await code(files.read("loop")))
  })

  it("does not list what is no folder", async () => {
    expect(await code(files.list("run"))).toBe("FileNotFound")
    expect(await code(files.list("nothing"))).toBe("FileNotFound")
    expect(await code(files.list(".."))).toBe("InvalidPath")
  })

  it("stops when the signal aborts", async () => {
    const reason = new Error("enough")
    await expect(files.read("run", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe("memoryFiles", () => {
  it.each([
    [{ "a/../../b": "" }],
    [{ "/a": "" }],
    [{ ".git/config": "" }],
    [{ a: "", "a/b": "" }],
    [{ "a/b": "", a: "" }],
    [{ "": "" }],
  ])("refuses %j", (record) => {
    expect(() => memoryFiles(record as Record<string, string>)).toThrow("[InvalidPath]")
  })

  it("takes names that are special in JavaScript", async () => {
    const files = memoryFiles(JSON.parse('{"__proto__":"x","constructor/toString":"y"}') as Record<string, string>)
    expect((await files.list("")).map(({ name }) => name)).toEqual(["__proto__", "constructor"])
    expect(Buffer.from(await files.read("__proto__")).toString()).toBe("x")
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

describe.each<[string, Files]>([
  ["memoryFiles", memory],
  ["directoryFiles", directoryFiles(join(folder, "root"))],
])("entry of %s", (_, files) => {
  it.each([
    ["", { name: "", type: "directory", mode: 0o755 }],
    ["deploy/cm.yaml", { name: "cm.yaml", type: "file", mode: 0o644, size: 5 }],
    ["current", { name: "current", type: "symlink", mode: 0o777, target: "deploy" }],
    ["current/sub", { name: "sub", type: "directory", mode: 0o755 }],
    ["nothing", undefined],
    ["nothing/below", undefined],
    ["run/below", undefined],
  ])("%j is %j", async (path, expected) => {
    expect(await files.entry?.(path)).toEqual(expected)
  })

  it("does not look outside", async () => {
    expect(await code(files.entry!("escape/x"))).toBe("InvalidPath")
  })
})

describe("directoryFiles", () => {
  it("says that its folder is not there", async () => {
    expect(await code(directoryFiles(join(folder, "absent")).list(""))).toBe("FileNotFound")
  })

  it("lists all members of a large folder, in order", async () => {
    const names = Array.from({ length: 600 }, (_, index) => `f${1000 + index}`)
    await mkdir(join(folder, "large"))
    for (const name of names.toReversed()) await writeFile(join(folder, "large", name), "")
    const entries = await directoryFiles(join(folder, "large")).list("")
    expect(entries.map(({ name }) => name)).toEqual(names)
  })

  it("has no entry for what is no file", async () => {
    expect(await directoryFiles(join(folder, "root")).entry?.("pipe")).toBeUndefined()
  })
})

describe("filterFiles", () => {
  const filtered = filterFiles(memory, (path, isDirectory) => (isDirectory ? path === "deploy/sub" : path === "run"))
  it("neither lists nor reads what is dropped, nor anything below it", async () => {
    expect((await filtered.list("deploy")).map(({ name }) => name)).toEqual(["cm.yaml"])
    expect((await filtered.list("")).map(({ name }) => name)).not.toContain("run")
    for (const path of ["run", "deploy/sub/b.yaml", "deploy/x/../sub/b.yaml"]) {
      expect(await code(filtered.read(path))).toBe("FileNotFound")
    }
    expect(await code(filtered.list("deploy/sub"))).toBe("FileNotFound")
  })
})
