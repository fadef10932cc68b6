import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, describe, expect, it, vi } from "vitest"
import { createGitServer } from "./index.ts"

vi.setConfig({ testTimeout: 30_000 })

const run = promisify(execFile)
const present = await run("git", ["--version"]).then(
  () => true,
  () => false,
)
if (!present) console.log("SKIPPED: tests with the real git, which is not installed here")

const folder = await mkdtemp(join(tmpdir(), "gitops-toolkit-git-"))
afterAll(() => rm(folder, { recursive: true, force: true }))

const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" }
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
  return (await run("git", [...identity, ...args], { cwd, env })).stdout.trim()
}

const seed = {
  tags: {
    "v1.0.0": { "deploy/cm.yaml": "a: 1\n", "bin/run": { executable: "#!/bin/sh\n" }, link: { symlink: "deploy" } },
    "v1.1.0": { "deploy/cm.yaml": "a: 2\n" },
  },
  branches: { next: { "next.txt": "hi\n" } },
} as const

describe.skipIf(!present)("createGitServer, with the real git", () => {
  it.each(["0", "1", "2"])(
    "clones whole and shallow over protocol %s, deepens, and fsck is content",
    async (version) => {
      await using server = createGitServer(seed)
      const { url } = await server.listen()
      const work = join(folder, `clone-${version}`)
      await git(folder, "-c", `protocol.version=${version}`, "clone", "-q", url, work)
      await git(work, "fsck", "--strict")
      expect(await git(work, "log", "--format=%s")).toBe("Release v1.1.0\nRelease v1.0.0")
      expect((await git(work, "ls-remote", "--tags", "origin")).split("\n")).toHaveLength(2)
      const shallow = join(folder, `shallow-${version}`)
      await git(folder, "-c", `protocol.version=${version}`, "clone", "-q", "--depth=1", url, shallow)
      expect(await git(shallow, "rev-list", "--count", "HEAD")).toBe("1")
      await git(shallow, "-c", `protocol.version=${version}`, "fetch", "-q", "--unshallow")
      expect(await git(shallow, "rev-list", "--count", "HEAD")).toBe("2")
      server.repository.commit({ "deploy/cm.yaml": "a: 3\n" })
      await git(work, "-c", `protocol.version=${version}`, "pull", "-q")
      expect(await readFile(join(work, "deploy/cm.yaml"), "utf8")).toBe("a: 3\n")
    },
  )

  it("takes pushes of branches and tags, and refuses one that is not based on its tip", async () => {
    await using server = createGitServer(seed)
    const { url } = await server.listen()
    const work = join(folder, "push")
    await git(folder, "clone", "-q", url, work)
    await writeFile(join(work, "new.txt"), "new\n")
    await git(work, "add", ".")
    await git(work, "commit", "-qm", "New file")
    await git(work, "tag", "-a", "v1.2.0", "-m", "release")
    await git(work, "push", "-q", "origin", "main", "v1.2.0")
    expect(server.repository.files()).toMatchObject({ "new.txt": "new\n", "deploy/cm.yaml": "a: 2\n" })
    expect([...server.repository.refs().keys()]).toContain("refs/tags/v1.2.0")
    server.repository.commit({ "other.txt": "other" })
    await git(work, "commit", "-q", "--allow-empty", "-m", "Late")
    await expect(git(work, "push", "-q", "origin", "main")).rejects.toThrow("rejected")
    await git(work, "push", "-q", "origin", "--delete", "v1.2.0")
    expect([...server.repository.refs().keys()]).not.toContain("refs/tags/v1.2.0")
  })

  it("leaves out blobs on demand and gives them by id later", async () => {
    await using server = createGitServer(seed)
    const { url } = await server.listen()
    const work = join(folder, "partial")
    await git(folder, "clone", "-q", "--filter=blob:none", "--no-checkout", url, work)
    expect(await git(work, "rev-list", "--objects", "--missing=print", "--all")).toContain("?")
    await git(work, "checkout", "-q", "main")
    expect(await readFile(join(work, "deploy/cm.yaml"), "utf8")).toBe("a: 2\n")
  })

  it("asks for credentials", async () => {
    await using server = createGitServer(seed, { authorize: (header) => header === `Basic ${btoa("me:secret")}` })
    const { url } = await server.listen()
    await expect(git(folder, "ls-remote", url)).rejects.toThrow("could not read Username")
    expect(await git(folder, "ls-remote", url.replace("//", "//me:secret@"))).toContain("refs/heads/next")
  })

  it("serves several repositories", async () => {
    await using server = createGitServer({
      repositories: { "team/a": { files: { a: "1" } }, b: { files: { b: "2" } } },
    })
    await server.listen()
    expect(await git(folder, "ls-remote", server.urlOf("team/a"))).toContain("refs/heads/main")
    server.repositoryAt("late").commit({ c: "3" })
    expect(await git(folder, "ls-remote", server.urlOf("late"))).toContain("refs/heads/main")
    await expect(git(folder, "ls-remote", server.urlOf("absent"))).rejects.toThrow("not found")
  })
})

describe("createGitServer", () => {
  it("answers 404 to a path with a broken escape, and goes on", async () => {
    const git = createGitServer({ "a.txt": "a" })
    const broken = await git.fetch(new Request("http://git.test/%zz.git/info/refs?service=git-upload-pack"))
    expect(broken.status).toBe(404)
  })

  it("gives the same ids for the same content and clock", () => {
    const ids = (): unknown => [...createGitServer(seed).repository.refs()]
    expect(ids()).toEqual(ids())
  })

  it("takes a file that is called like a part of a seed", () => {
    expect(createGitServer({ files: "text", tags: "text" }).repository.files()).toEqual({ files: "text", tags: "text" })
  })

  it("answers instead of the server on demand", async () => {
    const server = createGitServer(seed, { intercept: () => new Response("busy", { status: 503 }) })
    const answer = await server.transport({ method: "GET", path: "/repository.git/info/refs" })
    expect([answer.status, server.requests[0]?.action]).toEqual([503, "intercepted"])
  })
})
