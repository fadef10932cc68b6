// The git repository of the demo: real `git http-backend` where git has it, else the toolkit's own server.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { createGitServer, findHttpBackend, serveRepositories } from "@gitops-toolkit/testing"

/** File texts by path; undefined removes one. */
export type Changes = { readonly [path: string]: string | undefined }

/** A repository that the demo commits to. */
export interface Repository {
  readonly url: string
  readonly server: string
  /** Applies `changes` to the tree of the last commit, commits and tags it. */
  release(tag: string, changes: Changes): void
  read(path: string): string
  close(): Promise<void>
}

/** Reads all files below `folder`, by path. */
function readFiles(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(folder, path).replaceAll("\\", "/"), readFileSync(path, "utf8")]
    }),
  )
}

async function realRepository(seed: string): Promise<Repository> {
  const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-demo-"))
  const [bare, work] = [join(folder, "shop.git"), join(folder, "work")]
  const identity = ["-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false"]
  const git = (...args: string[]): void =>
    void execFileSync("git", [...identity, ...args], { cwd: work, stdio: "pipe" })
  mkdirSync(work)
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare])
  git("init", "--quiet", "--initial-branch=main", ".")
  cpSync(seed, work, { recursive: true })
  const served = await serveRepositories(folder)
  return {
    url: `${served.url}/shop.git`,
    server: "git http-backend",
    release(tag, changes) {
      for (const [path, text] of Object.entries(changes)) {
        if (text === undefined) rmSync(join(work, path))
        else {
          mkdirSync(dirname(join(work, path)), { recursive: true })
          writeFileSync(join(work, path), text)
        }
      }
      git("add", "--all")
      git("commit", "--quiet", "--allow-empty", "--message", tag)
      git("tag", tag)
      git("push", "--quiet", bare, "main", "--tags")
    },
    read: (path) => readFileSync(join(work, path), "utf8"),
    async close() {
      await served.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The repository on the toolkit's own git server, in memory. */
export async function embeddedRepository(seed: string): Promise<Repository> {
  const files = readFiles(seed)
  const server = createGitServer({ repositories: { shop: {} } })
  const { url, close } = await server.listen()
  return {
    url,
    server: "createGitServer()",
    release(tag, changes) {
      for (const [path, text] of Object.entries(changes)) {
        if (text === undefined) files.delete(path)
        else files.set(path, text)
      }
      server.repository.commit(Object.fromEntries(files), { message: tag, replace: true })
      server.repository.tag(tag)
    },
    read: (path) => files.get(path) ?? "",
    close,
  }
}

/** A repository that begins with the files of the folder `seed` (not committed yet). */
export async function createRepository(seed: string): Promise<Repository> {
  return (await findHttpBackend()) === undefined ? embeddedRepository(seed) : realRepository(seed)
}
