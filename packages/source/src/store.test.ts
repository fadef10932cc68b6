import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createGitServer } from "@gitops-toolkit/testing"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createGit, directoryStore, memoryFiles, type Artifact } from "./index.ts"

let folder = ""
beforeEach(async () => void (folder = join(await mkdtemp(join(tmpdir(), "gitops-toolkit-store-")), "artifacts")))
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }))

async function artifactOf(text: string): Promise<Artifact> {
  const server = createGitServer({
    "deploy/cm.yaml": text,
    run: { executable: "#!/bin/sh\n" },
    link: { symlink: "deploy" },
  })
  return createGit({ transport: () => server.transport }).fetch({ url: server.url })
}

const read = async (artifact: Artifact): Promise<string> =>
  Buffer.from((await (await directoryStore(folder).get(artifact.digest))?.read("link/cm.yaml")) ?? []).toString()

describe("directoryStore", () => {
  it("gives back what it was given, also to another process and a second time", async () => {
    const [a, b] = [await artifactOf("a"), await artifactOf("b")]
    await directoryStore(folder).put(a)
    await Promise.all([directoryStore(folder).put(b), directoryStore(folder).put(b), directoryStore(folder).put(a)])
    expect([await read(a), await read(b)]).toEqual(["a", "b"])
    expect((await directoryStore(folder).list()).toSorted()).toEqual([a.digest, b.digest].toSorted())
    expect((await readdir(folder)).every((name) => /^sha256-[0-9a-f]{64}\.tar\.gz$/.test(name))).toBe(true)
  })

  it("has nothing before, and nothing after deletion", async () => {
    const store = directoryStore(folder)
    const a = await artifactOf("a")
    expect([await store.list(), await store.get(a.digest)]).toEqual([[], undefined])
    await store.put(a)
    await store.delete(a.digest)
    await store.delete(a.digest)
    expect([await store.list(), await store.get(a.digest)]).toEqual([[], undefined])
  })

  it.each([
    ["cut off", (bytes: Buffer) => bytes.subarray(0, 50)],
    ["replaced by another's", async () => readFile(join(folder, (await readdir(folder))[1]!))],
    ["empty", () => Buffer.alloc(0)],
  ])("takes an archive that was %s for absent, and can be given it again", async (_, damage) => {
    const store = directoryStore(folder)
    const all = [await artifactOf("a"), await artifactOf("b")].toSorted((x, y) => (x.digest < y.digest ? -1 : 1))
    for (const artifact of all) await store.put(artifact)
    const [first] = all as [Artifact, Artifact]
    const file = join(folder, `${first.digest.replace(":", "-")}.tar.gz`)
    await writeFile(file, await damage(await readFile(file)))
    expect(await store.get(first.digest)).toBeUndefined()
    await store.put(first)
    expect(await store.get(first.digest)).toBeDefined()
  })

  it("refuses files that are not those of the digest", async () => {
    const { digest } = await artifactOf("a")
    await expect(directoryStore(folder).put({ digest, files: memoryFiles({ a: "other" }) })).rejects.toThrow(
      "[InvalidArchive]",
    )
  })

  it.each(["sha256:../../etc/passwd", "main", "", `sha1:${"a".repeat(64)}`])(
    "refuses the digest %j",
    async (digest) => {
      await expect(directoryStore(folder).get(digest)).rejects.toThrow("[InvalidPath]")
    },
  )

  it("keeps as many as it may, the least recently used go first", async () => {
    const store = directoryStore(folder, { maxArtifacts: 2 })
    const [a, b, c] = [await artifactOf("a"), await artifactOf("b"), await artifactOf("c")]
    await store.put(a)
    await store.put(b)
    const file = (artifact: Artifact): string => join(folder, `${artifact.digest.replace(":", "-")}.tar.gz`)
    await utimes(file(a), 1000, 1000)
    await utimes(file(b), 2000, 2000)
    await store.get(a.digest)
    await store.put(c)
    expect((await store.list()).toSorted()).toEqual([a.digest, c.digest].toSorted())
  })
})
