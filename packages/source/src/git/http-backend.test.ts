import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createHttpTransport } from "@gitops-toolkit/http"
import { collect } from "@gitops-toolkit/kube"
import { findHttpBackend, serveRepositories, type ServedRepositories } from "@gitops-toolkit/testing"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { createGit, type Artifact, type Files } from "../index.ts"

const backend = await findHttpBackend()
if (!backend) console.log("SKIPPED: tests against git http-backend, which is not installed here")

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-source-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const environment = {
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
}
const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd, env: environment, encoding: "utf8" }).trim()

/** A repository of real git with history, deltas, folders, links and all kinds of tags. */
function createRepository(name: string, format: "sha1" | "sha256"): string {
  const work = join(folder, `${name}-work`)
  mkdirSync(work)
  git(work, "init", "-q", "-b", "main", `--object-format=${format}`)
  for (let i = 0; i < 120; i++) {
    mkdirSync(join(work, `apps/app-${i % 10}`), { recursive: true })
    writeFileSync(
      join(work, `apps/app-${i % 10}/file-${i}.yaml`),
      `kind: ConfigMap\nname: ${"x".repeat(i * 20)}\nn: ${i}\n`,
    )
  }
  writeFileSync(join(work, "run"), "#!/bin/sh\n", { mode: 0o755 })
  writeFileSync(join(work, "große Datei.txt"), "utf-8 name\n")
  symlinkSync("apps/app-1", join(work, "current"))
  git(work, "add", ".")
  git(work, "commit", "-qm", "First")
  git(work, "tag", "v1.0.0")
  for (let i = 0; i < 10; i++) {
    writeFileSync(join(work, "apps/app-3/file-3.yaml"), `kind: ConfigMap\n${"line\n".repeat(i * 90)}`)
    git(work, "commit", "-qam", `Change ${i}`)
  }
  git(work, "tag", "-a", "v1.1.0", "-m", "annotated")
  git(folder, "clone", "-q", "--bare", work, `${name}.git`)
  git(join(folder, `${name}.git`), "repack", "-adfq", "--depth=40", "--window=50")
  return join(folder, `${name}.git`)
}

async function contents(files: Files, path = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name, type, mode, target } of await files.list(path)) {
    const inner = path === "" ? name : `${path}/${name}`
    if (type === "directory") Object.assign(found, await contents(files, inner))
    else
      found[inner] =
        type === "symlink" ? `→ ${target}` : `${mode.toString(8)} ${Buffer.from(await files.read(inner)).toString()}`
  }
  return found
}

/** What git itself says is in a commit. */
function truth(repository: string, commit: string): Record<string, string> {
  const lines = git(repository, "ls-tree", "-r", "-z", commit)
    .split("\0")
    .filter((line) => line !== "")
  const entries = lines.map((line) => {
    const [meta = "", path = ""] = line.split("\t")
    const [mode = "", , oid = ""] = meta.split(" ")
    return { mode, oid, path }
  })
  const input = entries.map(({ oid }) => `${oid}\n`).join("")
  const batch = execFileSync("git", ["cat-file", "--batch"], { cwd: repository, env: environment, input })
  let at = 0
  const found: Record<string, string> = {}
  for (const { mode, path } of entries) {
    const line = batch.indexOf("\n", at)
    const size = Number(batch.toString("utf8", at, line).split(" ")[2])
    const text = batch.toString("utf8", line + 1, line + 1 + size)
    at = line + size + 2
    found[path] = mode === "120000" ? `→ ${text}` : `${mode.slice(3)} ${text}`
  }
  return found
}

describe.skipIf(!backend).each(["sha1", "sha256"] as const)("git http-backend, %s repository", (format) => {
  let repository = ""
  let served: ServedRepositories
  let client: ReturnType<typeof createGit>
  let url = ""
  beforeAll(async () => {
    repository = createRepository(format, format)
    served = await serveRepositories(folder)
    client = createGit()
    url = `${served.url}/${format}.git`
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await served.close()
  })
  const check = async (artifact: Artifact): Promise<void> => {
    const [, commit = ""] = artifact.revision.split(`${format}:`)
    expect(await contents(artifact.files)).toEqual(truth(repository, commit))
  }

  it.each([
    [undefined, /^main@/],
    [{ branch: "main" }, /^main@/],
    [{ tag: "v1.0.0" }, /^v1\.0\.0@/],
    [{ semver: "~1.1" }, /^v1\.1\.0@/],
  ] as const)("%j has git's own content", async (ref, revision) => {
    const fresh = createGit()
    const artifact = await fresh.fetch(ref ? { url, ref } : { url })
    await fresh[Symbol.asyncDispose]()
    expect(artifact.revision).toMatch(revision)
    await check(artifact)
  })

  it("takes any commit by its id", async () => {
    const commit = git(repository, "rev-parse", "main~7")
    await check(await client.fetch({ url, ref: { commit } }))
  })

  it("receives a small difference for a small change, and nothing for none", async () => {
    const ref = { branch: "main" }
    const first = await client.fetch({ url, ref })
    const work = join(folder, `${format}-work`)
    writeFileSync(join(work, "apps/app-2/file-2.yaml"), "changed\n")
    git(work, "commit", "-qam", "One file")
    git(work, "push", "-q", repository, "main") // not over http: git is awaited, and the server lives in this process
    const { events, result } = await collect(client.fetch({ url, ref, previous: first }))
    const last = events.at(-1)
    expect(last).toMatchObject({ type: "source.fetched", incremental: true, subject: "One file" })
    expect(last?.type === "source.fetched" && last.receivedBytes).toBeLessThan(2000)
    await check(result)
    const before = served.requests.length
    expect(await client.fetch({ url, ref, previous: result })).toBe(result)
    expect(served.requests.length - before).toBe(1)
  })

  it("speaks protocol 0 where the server knows no other", async () => {
    const http = createHttpTransport({ url: served.url })
    const old = createGit({
      transport: () => (request) => {
        const { "git-protocol": _, ...headers } = request.headers ?? {}
        return http({ ...request, headers })
      },
    })
    const first = await old.fetch({ url, ref: { tag: "v1.0.0" } })
    await check(first)
    const { events, result } = await collect(old.fetch({ url, ref: { branch: "main" } }))
    await check(result)
    expect(events.at(-1)).toMatchObject({ incremental: true })
    await check(await old.fetch({ url, ref: { semver: "1.x" } }))
    expect(await old.fetch({ url, ref: { branch: "main" }, previous: result })).toBe(result)
    await http[Symbol.asyncDispose]()
  })

  it("downloads only the folders that are included", async () => {
    git(repository, "config", "uploadpack.allowFilter", "true")
    const fresh = createGit()
    const { events, result } = await collect(fresh.fetch({ url, include: ["apps/app-9"] }))
    await fresh[Symbol.asyncDispose]()
    const whole = truth(repository, "main")
    const part = Object.fromEntries(Object.entries(whole).filter(([path]) => path.startsWith("apps/app-9/")))
    expect(await contents(result.files)).toEqual(part)
    const last = events.at(-1)
    expect(last?.type === "source.fetched" && last.receivedBytes).toBeGreaterThan(0)
  })
})

describe.skipIf(!backend)("git http-backend", () => {
  it("names a repository that is not there", async () => {
    const served = await serveRepositories(folder)
    const client = createGit()
    await expect(client.fetch({ url: `${served.url}/absent.git` })).rejects.toThrow("[RepositoryNotFound]")
    await client[Symbol.asyncDispose]()
    await served.close()
  })
})
