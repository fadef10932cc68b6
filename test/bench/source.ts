// Fetching from git beside the git CLI, from the same `git http-backend` on loopback, in turns.
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { collect } from "@gitops-toolkit/kube"
import { createGit } from "@gitops-toolkit/source"
import { serveRepositories } from "@gitops-toolkit/testing"
import type { Bench } from "./figure.ts"

const run = promisify(execFile)
const rounds = 7
const files = 5000

const git = async (cwd: string, ...args: string[]): Promise<void> => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" }
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
  await run("git", [...identity, ...args], { cwd, env, maxBuffer: 1024 ** 3, encoding: "buffer" })
}

/** 5,000 manifests in 100 folders with some history, in a bare repository with bitmaps. */
async function createRepository(folder: string): Promise<string> {
  const work = join(folder, "work")
  await mkdir(work)
  await git(work, "init", "-q", "-b", "main")
  for (let i = 0; i < files; i++) {
    const path = join(work, `apps/app-${i % 100}`)
    if (i < 100) await mkdir(path, { recursive: true })
    const data = Array.from({ length: 20 }, (_, line) => `  key-${line}: value-${(i * 7919 + line) % 1000}\n`).join("")
    await writeFile(join(path, `file-${i}.yaml`), `kind: ConfigMap\nmetadata:\n  name: cm-${i}\ndata:\n${data}`)
  }
  await git(work, "add", ".")
  await git(work, "commit", "-qm", "First")
  for (let i = 0; i < 50; i++) await change(work, i)
  await git(folder, "clone", "-q", "--bare", work, "apps.git")
  await git(join(folder, "apps.git"), "repack", "-adqb")
  return work
}

async function change(work: string, i: number): Promise<void> {
  await writeFile(
    join(work, `apps/app-${i % 100}/file-${i % 100}.yaml`),
    `kind: Secret\nnumber: ${i} ${Math.random()}\n`,
  )
  await git(work, "commit", "-qam", `Change ${i}`)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function time(work: () => PromiseLike<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Medians of both, measured in turns. */
async function beside(
  ours: () => PromiseLike<unknown>,
  peer: () => PromiseLike<unknown>,
): Promise<{ ours: number; peer: number }> {
  const times: [number, number][] = []
  for (let i = 0; i < rounds + 1; i++) times.push([await time(ours), await time(peer)])
  const warm = times.slice(1)
  return { ours: median(warm.map(([a]) => a)), peer: median(warm.map(([, b]) => b)) }
}

/** What a process of its own needs, in MiB, that holds the files and has looked again. */
async function memory(url: string): Promise<number> {
  const script = `
    import { createGit } from "@gitops-toolkit/source"
    const git = createGit()
    const options = { url: process.argv[1], ref: { branch: "main" } }
    const previous = await git.fetch(options)
    await git.fetch({ ...options, previous })
    await git[Symbol.asyncDispose]()
    console.log(process.memoryUsage().rss, previous.digest)`
  const { stdout } = await run(process.execPath, [...process.execArgv, "--input-type=module", "-e", script, url])
  return Number(stdout.split(" ")[0]) / 1024 ** 2
}

const bench: Bench = async function* () {
  const folder = await mkdtemp(join(tmpdir(), "gitops-toolkit-bench-"))
  const work = await createRepository(folder)
  const served = await serveRepositories(folder)
  const url = `${served.url}/apps.git`
  const ref = { branch: "main" }
  const client = createGit()
  const shared = { unit: "ms", better: "lower" } as const
  try {
    let previous = await client.fetch({ url, ref })
    const poll = await beside(
      () => client.fetch({ url, ref, previous }),
      () => git(folder, "ls-remote", url, "refs/heads/main"),
    )
    yield { name: "no-op", ...shared, ...poll, goal: 0.5 }

    let clones = 0
    const first = await beside(
      async () => {
        await using fresh = createGit()
        await fresh.fetch({ url, ref })
      },
      async () => {
        const name = `clone-${clones++}.git`
        await git(folder, "clone", "-q", "--bare", "--depth=1", url, name)
        await git(join(folder, name), "archive", "HEAD")
      },
    )
    yield { name: "first-5000-files", ...shared, ...first, goal: 1 }

    let step = 0
    let receivedBytes = 0
    const push = async (): Promise<void> => {
      await change(work, step++)
      await git(work, "push", "-q", join(folder, "apps.git"), "main")
    }
    const times: [number, number][] = []
    for (let i = 0; i < rounds + 1; i++) {
      await push()
      const ours = await time(async () => {
        const { events, result } = await collect(client.fetch({ url, ref, previous }))
        previous = result
        const last = events.at(-1)
        if (last?.type === "source.fetched") receivedBytes = Math.max(receivedBytes, last.receivedBytes)
      })
      const peer = await time(async () => {
        await git(join(folder, "clone-0.git"), "fetch", "-q", "--depth=1", url, "main")
        await git(join(folder, "clone-0.git"), "archive", "FETCH_HEAD")
      })
      times.push([ours, peer])
    }
    const warm = times.slice(1)
    const incremental = { ours: median(warm.map(([a]) => a)), peer: median(warm.map(([, b]) => b)) }
    yield { name: "one-file-changed", ...shared, ...incremental, goal: 0.6 }
    yield { name: "one-file-changed-received", unit: "B", better: "lower", ours: receivedBytes, goal: 2048 }
    yield { name: "memory-5000-files", unit: "MiB", better: "lower", ours: await memory(url), goal: 150 }
  } finally {
    await client[Symbol.asyncDispose]()
    await served.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export default bench
