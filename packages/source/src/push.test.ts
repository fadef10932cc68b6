import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { publicAddressesOnly } from "@gitops-toolkit/http"
import { collect } from "@gitops-toolkit/kube"
import { createGitServer, findHttpBackend, serveRepositories } from "@gitops-toolkit/testing"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { createGit, isSourceError, pushGit, type Files, type PushOptions } from "./index.ts"

const backend = await findHttpBackend()
if (!backend) console.log("SKIPPED: pushes to git http-backend, which is not installed here")

const clock = { now: () => Date.UTC(2026, 0, 1) }
const common = { branch: "main", message: "Change", author: { name: "Bot", email: "bot@example.com" }, clock }
type Server = ReturnType<typeof createGitServer>
const push = (server: Server, options: Partial<PushOptions>): ReturnType<typeof pushGit> =>
  pushGit({ ...common, url: server.url, changes: {}, transport: () => server.transport, ...options })

async function codeOf(work: PromiseLike<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (!isSourceError(error)) throw error
    return error.code
  }
}

async function contents(files: Files, path = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name, type, mode, target } of await files.list(path)) {
    const inner = path === "" ? name : `${path}/${name}`
    if (type === "directory") Object.assign(found, await contents(files, inner))
    else if (type === "symlink") found[inner] = `→ ${target}`
    else found[inner] = `${mode.toString(8)} ${Buffer.from(await files.read(inner)).toString()}`
  }
  return found
}

async function readBack(server: Server, branch = "main"): Promise<Record<string, string>> {
  await using git = createGit({ transport: () => server.transport })
  return contents((await git.fetch({ url: server.url, ref: { branch }, ignore: false })).files)
}

const seed = {
  "apps/web.yaml": "tag: 1\n",
  "apps/db.yaml": "tag: 1\n",
  "docs/big.txt": "x".repeat(200_000),
  run: { executable: "#!/bin/sh\n" },
  current: { symlink: "apps" },
  module: { submodule: "1".repeat(40) },
}

describe("a commit", () => {
  test("changes, adds and deletes files and leaves all others as they are", async () => {
    const server = createGitServer({ files: seed })
    const before = await readBack(server)
    const changes = {
      "apps/web.yaml": "tag: 2\n",
      "apps/new/é.yaml": Buffer.from("n: 1\n"),
      "apps/db.yaml": null,
      run: "b",
    }
    const { events, result } = await collect(push(server, { changes }))
    expect(events.map(({ type }) => type)).toEqual(["push.resolved", "push.pushed"])
    expect(result).toMatchObject({
      pushed: true,
      url: server.url,
      branch: "main",
      revision: `main@sha1:${result.commit}`,
    })
    expect([...result.paths].toSorted()).toEqual(Object.keys(changes).toSorted())
    const { "apps/db.yaml": _, ...kept } = before
    expect(await readBack(server)).toEqual({
      ...kept,
      "apps/web.yaml": "644 tag: 2\n",
      "apps/new/é.yaml": "644 n: 1\n",
      run: "755 b",
    })
    const tree = server.repository.files()
    expect(Object.keys(tree)).toContain("module")
    expect(server.repository.object(result.commit)!.data.toString()).toMatch(
      /^tree \w{40}\nparent \w{40}\nauthor Bot <bot@example.com> 1767225600 \+0000\ncommitter Bot <bot@example.com> 1767225600 \+0000\n\nChange\n$/,
    )
    expect(server.repository.refs().get("refs/heads/main")).toBe(result.commit)
  })

  test("costs no file that it does not change", async () => {
    const server = createGitServer({ files: { ...seed, "docs/random.bin": Buffer.from(noise(100_000)) } })
    await push(server, { changes: { "apps/web.yaml": "tag: 2\n" } })
    const bytes = server.requests.reduce((sum, { sentBytes, receivedBytes }) => sum + sentBytes + receivedBytes, 0)
    expect(bytes).toBeLessThan(8000)
  })

  test.each([0, 1, 2] as const)("works with a server of protocol %i", async (protocol) => {
    const server = createGitServer({ files: seed }, { protocol })
    await push(server, { changes: { "apps/web.yaml": "tag: 2\n" } })
    await push(server, { branch: "new", base: "main", changes: { "apps/web.yaml": "tag: 3\n" } })
    expect(await readBack(server, "new")).toMatchObject({ "apps/web.yaml": "644 tag: 3\n", run: "755 #!/bin/sh\n" })
    expect(await codeOf(push(createGitServer({}, { protocol }), { changes: { a: "1" } }))).toBeUndefined()
  })

  test("has the same id for the same content, people and time", async () => {
    const ids = [1, 2].map(async () => (await push(createGitServer({ files: seed }), { changes: { a: "1" } })).commit)
    expect(new Set(await Promise.all(ids)).size).toBe(1)
  })

  test.each<[string, PushOptions["changes"]]>([
    ["no changes", {}],
    ["the content that is there", { "apps/web.yaml": "tag: 1\n" }],
    ["the end of a file that is not there", { "apps/none.yaml": null, "none/at/all": null, "run/below": null }],
  ])("%s: nothing is pushed", async (_, changes) => {
    const server = createGitServer({ files: seed })
    const tip = server.repository.refs().get("refs/heads/main")
    const { events, result } = await collect(push(server, { changes }))
    expect(events.at(-1)!.type).toBe("push.unchanged")
    expect(result).toMatchObject({ pushed: false, commit: tip, parent: tip, paths: [] })
    expect(server.requests.map(({ action }) => action)).not.toContain("receive")
  })

  test("can turn a file into a folder, and a folder into a file", async () => {
    const server = createGitServer({ files: { a: "1", "b/c": "2" } })
    await push(server, { changes: { a: null, "a/x": "3", "b/c": null, b: "4" } })
    expect(await readBack(server)).toEqual({ "a/x": "644 3", b: "644 4" })
  })

  test("can end a link, not what it leads to", async () => {
    const server = createGitServer({ files: seed })
    await push(server, { changes: { current: null } })
    const { current: _, ...kept } = await readBack(createGitServer({ files: seed }))
    expect(await readBack(server)).toEqual(kept)
  })

  test("may leave no file at all", async () => {
    const server = createGitServer({ files: { a: "1" } })
    await push(server, { changes: { a: null } })
    expect(await readBack(server)).toEqual({})
  })
})

describe("branches", () => {
  test("an empty repository gets its first commit", async () => {
    const server = createGitServer({})
    const result = await push(server, { changes: { a: "1" } })
    expect(result).not.toHaveProperty("parent")
    expect(await readBack(server)).toEqual({ a: "644 1" })
  })

  test("a new branch begins at base, and sends only what is new", async () => {
    const server = createGitServer({ files: { ...seed, "random.bin": noise(10_000) } })
    const result = await push(server, { branch: "updates", base: "main", changes: { a: "1" } })
    expect(result.parent).toBe(server.repository.refs().get("refs/heads/main"))
    expect(await readBack(server, "updates")).toMatchObject({ a: "644 1", run: "755 #!/bin/sh\n" })
    const sent = server.requests.find(({ action }) => action === "receive")!
    expect(sent.receivedBytes).toBeLessThan(700) // a commit, the root and a file: no random.bin
    const again = await push(server, { branch: "updates", base: "main", changes: { b: "1" } })
    expect(again.parent).toBe(result.commit)
  })

  test.each<[string, Partial<PushOptions>]>([
    ["a branch that is not there, without base", { branch: "other" }],
    ["a base that is not there", { branch: "other", base: "none" }],
  ])("%s", async (_, options) => {
    expect(await codeOf(push(createGitServer({ a: "1" }), { changes: { b: "1" }, ...options }))).toBe(
      "ReferenceNotFound",
    )
  })

  test("a commit as base must still be the tip", async () => {
    const server = createGitServer({ a: "1" })
    const base = server.repository.refs().get("refs/heads/main")!
    await push(server, { base, changes: { b: "1" } })
    expect(await codeOf(push(server, { base, changes: { c: "1" } }))).toBe("ReferenceMoved")
  })
})

describe("races and refusals", () => {
  /** A server on which `meanwhile` happens before the n-th push is advertised or received. */
  function interrupted(at: "info/refs?service=git-receive-pack" | "/git-receive-pack", meanwhile: () => void): Server {
    let done = false
    return createGitServer(
      { a: "1" },
      {
        intercept: (request) => {
          if (!done && request.url.endsWith(at)) {
            done = true
            meanwhile()
          }
          return undefined
        },
      },
    )
  }

  test.each(["info/refs?service=git-receive-pack", "/git-receive-pack"] as const)(
    "somebody else's commit before %s: ReferenceMoved, and it stays",
    async (at) => {
      const server: Server = interrupted(at, () => void server.repository.commit({ theirs: "1" }))
      const work = push(server, { changes: { ours: "1" } })
      await expect(work).rejects.toMatchObject({ code: "ReferenceMoved", retryable: true })
      expect(await readBack(server)).toEqual({ a: "644 1", theirs: "644 1" })
      await push(server, { changes: { ours: "1" } })
      expect(await readBack(server)).toEqual({ a: "644 1", theirs: "644 1", ours: "644 1" })
    },
  )

  test("of two at once on the same commit exactly one wins", async () => {
    const server = createGitServer({ a: "1" })
    const base = server.repository.refs().get("refs/heads/main")!
    const work = ["x", "y"].map((name) => codeOf(push(server, { base, changes: { [name]: "1" } })))
    const outcomes = await Promise.all(work)
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(1)
    expect(outcomes).toContain("ReferenceMoved")
  })

  test("a lost answer to a push that arrived is a push", async () => {
    let lost = false
    const server: Server = createGitServer(
      { a: "1" },
      {
        intercept: async (request) => {
          if (lost || !request.url.endsWith("/git-receive-pack")) return undefined
          lost = true
          await server.fetch(request.clone())
          return new Response("gone", { status: 502 })
        },
      },
    )
    expect(await push(server, { changes: { b: "1" } })).toMatchObject({ pushed: true })
    expect(await readBack(server)).toEqual({ a: "644 1", b: "644 1" })
  })

  test("a push that never arrived is Unreachable", async () => {
    const intercept = (request: Request): Response | undefined =>
      request.url.endsWith("/git-receive-pack") ? new Response("gone", { status: 502 }) : undefined
    expect(await codeOf(push(createGitServer({ a: "1" }, { intercept }), { changes: { b: "1" } }))).toBe("Unreachable")
  })

  const packet = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text
  const report = (...lines: string[]): string =>
    `${packet(`\u0001${lines.map((line) => packet(`${line}\n`)).join("")}0000`)}0000`

  test.each<[string, string, string]>([
    ["nothing", "", "InvalidResponse"],
    ["no protocol at all", "<html>", "InvalidResponse"],
    ["a cut answer", "00ff\u0001000eunpack ok\n", "InvalidResponse"],
    ["no word about our ref", report("unpack ok"), "InvalidResponse"],
    ["a word about another ref", report("unpack ok", "ok refs/heads/main2"), "InvalidResponse"],
    ["no room", report("unpack disk full", "ng refs/heads/main unpacker error"), "PushRejected"],
    ["a protected branch", report("unpack ok", "ng refs/heads/main protected by wrong-secret"), "PushRejected"],
    ["odd names", report("unpack ok", "ng __proto__ x", "ng refs/heads/main"), "PushRejected"],
    ["a fatal error", packet("\u0003fatal: wrong-secret \u001b[31m"), "Unreachable"],
    ["a denial", packet("ERR access denied to wrong-secret"), "AuthenticationFailed"],
  ])("a server that answers %s", async (_, text, code) => {
    const headers = { "content-type": "application/x-git-receive-pack-result" }
    const intercept = (request: Request): Response | undefined =>
      request.url.endsWith("/git-receive-pack") ? new Response(text, { headers }) : undefined
    const server = createGitServer({ a: "1" }, { intercept })
    const options = {
      url: server.url.replace("git.test", "127.0.0.1"),
      auth: { username: "u", password: "wrong-secret" },
    }
    const work = push(server, { changes: { b: "1" }, ...options })
    const error = await work.then(undefined, (reason: unknown) => reason as Error)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).not.toMatch(/wrong-secret|\u001b/)
  })

  test("refused credentials, and their absence from messages", async () => {
    const server = createGitServer({ a: "1" }, { authorize: (text) => text === `Basic ${btoa("bot:right-one")}` })
    const auth = { username: "bot", password: "wrong-secret" }
    const refused = push(server, { changes: { b: "1" }, auth, url: server.url.replace("git.test", "127.0.0.1") })
    const error = await refused.then(undefined, (reason: unknown) => reason as Error)
    expect(error).toMatchObject({ code: "AuthenticationFailed" })
    expect(String(error)).not.toContain("wrong-secret")
    const right = { auth: { username: "bot", password: "right-one" }, url: server.url.replace("git.test", "127.0.0.1") }
    expect(await push(server, { changes: { b: "1" }, ...right })).toMatchObject({ pushed: true })
  })

  test.each<[string, Partial<PushOptions>]>([
    ["InvalidAuth", { auth: { username: "a", password: "b" } }],
    ["Unsupported", { url: "git@example.com:a/b" }],
    ["InvalidUrl", { url: "file:///etc" }],
    ["InvalidReference", { branch: "a..b" }],
    ["InvalidReference", { branch: "refs/heads/main" }],
    ["InvalidCommit", { message: "  " }],
    ["InvalidCommit", { author: { name: "a\ncommitter x", email: "x" } }],
    ["InvalidCommit", { author: { name: "a", email: "x> 0 +0000" } }],
    ["LimitExceeded", { changes: { a: "123" }, limits: { objectBytes: 2 } }],
  ])("%s before anything is sent: %j", async (code, options) => {
    const server = createGitServer({ a: "1" })
    expect(await codeOf(push(server, { changes: { b: "1" }, ...options }))).toBe(code)
    expect(server.requests).toEqual([])
  })

  test("the egress policy holds", async () => {
    const server = createGitServer({ a: "1" })
    await server.listen()
    const options = { ...common, url: server.url, changes: { b: "1" } }
    expect(await codeOf(pushGit({ ...options, egress: publicAddressesOnly() }))).toBe("EgressDenied")
    expect(server.requests).toEqual([])
    expect(await pushGit(options)).toMatchObject({ pushed: true })
    await server[Symbol.asyncDispose]()
  })

  test("a redirect to another origin is followed without the credentials", async () => {
    const seen: [string, boolean][] = []
    const target = createGitServer(
      { a: "1" },
      {
        intercept: (request) => {
          seen.push([request.url, request.headers.has("authorization")])
          return undefined
        },
      },
    )
    const intercept = (request: Request): Response =>
      new Response(null, { status: 301, headers: { location: request.url.replace("127.0.0.1", "git.test") } })
    const old = createGitServer({ a: "1" }, { intercept })
    const transport = (origin: string): Server["transport"] => (origin === "http://git.test" ? target : old).transport
    const auth = { username: "u", password: "secret" }
    const url = target.url.replace("git.test", "127.0.0.1")
    await push(target, { url, auth, transport, changes: { b: "1" } })
    expect(await readBack(target)).toEqual({ a: "644 1", b: "644 1" })
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.filter(([, authorized]) => authorized)).toEqual([])
  })

  test("stops in the middle with the signal's reason, before the commit is sent", async () => {
    const stop = new AbortController()
    const reason = new Error("enough")
    const intercept = (request: Request): undefined => {
      if (request.url.includes("service=git-receive-pack")) stop.abort(reason)
    }
    const server = createGitServer({ a: "1" }, { intercept })
    await server.listen()
    const options = { ...common, url: server.url, changes: { b: "1" }, signal: stop.signal }
    await expect(pushGit(options)).rejects.toBe(reason)
    expect(server.requests.map(({ action }) => action)).not.toContain("receive")
    await server[Symbol.asyncDispose]()
  })

  test("begins nothing when the signal has its reason already", async () => {
    const reason = new Error("enough")
    const work = push(createGitServer({ a: "1" }), { changes: { b: "1" }, signal: AbortSignal.abort(reason) })
    await expect(work).rejects.toBe(reason)
  })
})

describe("paths", () => {
  test.each([
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "./a",
    "../a",
    "a/../b",
    ".git/config",
    "a/.GIT/x",
    "git~1/x",
    ".git ./x",
    "a\\b",
    "a\u0000",
    "a\nb",
    "\ud800",
  ])("%j is refused before anything is sent", async (path) => {
    const server = createGitServer({ a: "1" })
    expect(await codeOf(push(server, { changes: { [path]: "x" } }))).toBe("InvalidPath")
    expect(await codeOf(push(server, { changes: { [path]: null } }))).toBe("InvalidPath")
    expect(server.requests).toEqual([])
  })

  test.each<[string, PushOptions["changes"]]>([
    ["a folder as a file", { apps: "x" }],
    ["the end of a folder", { apps: null }],
    ["below a file", { "run/x": "x" }],
    ["through a link", { "current/web.yaml": "x" }],
    ["over a link", { current: "x" }],
    ["into a submodule", { "module/x": "x" }],
    ["over a submodule", { module: null }],
    ["another case", { "Apps/x": "x" }],
    ["another case in a folder", { "apps/WEB.yaml": "x" }],
    ["two new ones of different case", { "new/a": "x", "new/A": "x" }],
  ])("%s: refused, nothing is pushed", async (_, changes) => {
    const server = createGitServer({ files: seed })
    const before = server.repository.refs()
    expect(await codeOf(push(server, { changes }))).toBe("InvalidPath")
    expect(server.repository.refs()).toEqual(before)
  })

  test("__proto__ is a name like any other", async () => {
    const server = createGitServer({ a: "1" })
    await push(server, {
      changes: JSON.parse('{"__proto__": "x", "constructor/prototype": "y"}') as PushOptions["changes"],
    })
    expect(Object.keys(server.repository.files()).length).toBeGreaterThanOrEqual(2)
    expect(({} as { x?: string }).x).toBeUndefined()
  })
})

test("random changes read back as they were made", async () => {
  const name = fc.constantFrom("a", "b", "c", "é", "z.yaml")
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"))
  const content = fc.oneof(fc.string(), fc.constant(null))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.dictionary(path, content, { maxKeys: 8 }), { maxLength: 4 }), async (rounds) => {
      const server = createGitServer({ keep: "1" })
      const model = new Map([["keep", "644 1"]])
      for (const changes of rounds) {
        const code = await codeOf(push(server, { changes }))
        if (code === "InvalidPath") continue // a folder where a file is
        expect(code).toBeUndefined()
        for (const [at, text] of Object.entries(changes)) {
          if (text === null) model.delete(at)
          else model.set(at, `644 ${text}`)
        }
        expect(await readBack(server)).toEqual(Object.fromEntries(model))
      }
    }),
    { numRuns: 60 },
  )
})

test("fetching never loads isomorphic-git; pushing does", () => {
  const script = `
    import { createRequire } from "node:module"
    import { createGit, pushGit } from "@gitops-toolkit/source"
    import { createGitServer } from "@gitops-toolkit/testing"
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("isomorphic-git"))
    const server = createGitServer({ a: "1" })
    await createGit({ transport: () => server.transport }).fetch({ url: server.url })
    const before = loaded()
    const author = { name: "a", email: "b" }
    const options = { url: server.url, branch: "main", changes: { b: "1" }, message: "m", author }
    await pushGit({ ...options, transport: () => server.transport })
    console.log(before, loaded())`
  const options = ["--conditions=@gitops-toolkit/source", "--input-type=module", "-e", script]
  const cwd = join(import.meta.dirname, "..")
  expect(execFileSync(process.execPath, options, { cwd, encoding: "utf8" }).trim()).toBe("false true")
}, 30_000)

describe.skipIf(!backend)("git http-backend", () => {
  const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-push-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder },
    }).trim()

  test("first commit, next commit, new branch, a race, and git's own checks", async () => {
    git("init", "-q", "--bare", "-b", "main", "a.git")
    git("-C", "a.git", "config", "uploadpack.allowFilter", "true")
    git("-C", "a.git", "config", "receive.fsckObjects", "true")
    await using served = await serveRepositories(folder)
    const at = { ...common, url: `${served.url}/a.git` }
    const first = await pushGit({
      ...at,
      changes: { "a.yaml": "1\n", "a/b": "2\n", "a-b": "3\n", "\uff5e": "4", "😀": "5" },
    })
    expect(git("-C", "a.git", "rev-parse", "main")).toBe(first.commit)
    const second = await pushGit({ ...at, changes: { "a/b": "9\n" }, message: "Second\n\nwith a body" })
    expect(git("-C", "a.git", "log", "--format=%H %P %an %ae %ct %s", "-1", "main")).toBe(
      `${second.commit} ${first.commit} Bot bot@example.com 1767225600 Second`,
    )
    await pushGit({ ...at, branch: "team/x", base: first.commit, changes: { c: "1" } })
    expect(git("-C", "a.git", "show", "team/x:c")).toBe("1")
    const race = ["x", "y", "z"].map((name) =>
      codeOf(pushGit({ ...at, base: second.commit, changes: { [name]: "1" } })),
    )
    const outcomes = await Promise.all(race)
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(1)
    expect(outcomes.filter((code) => code === "ReferenceMoved")).toHaveLength(2)
    expect(git("-C", "a.git", "show", "main:a/b")).toBe("9")
    git("-C", "a.git", "fsck", "--strict", "--full")
  }, 60_000)

  test("SHA-256 is Unsupported, a hook's refusal PushRejected", async () => {
    git("init", "-q", "--bare", "-b", "main", "--object-format=sha256", "b.git")
    git("init", "-q", "--bare", "-b", "main", "c.git")
    git("-C", "c.git", "config", "receive.maxInputSize", "10")
    await using served = await serveRepositories(folder)
    expect(await codeOf(pushGit({ ...common, url: `${served.url}/b.git`, changes: { a: "1" } }))).toBe("Unsupported")
    const refused = pushGit({ ...common, url: `${served.url}/c.git`, changes: { a: "1".repeat(99) } })
    await expect(refused).rejects.toMatchObject({ code: "PushRejected", retryable: false })
  }, 60_000)
})

/** Bytes that do not compress. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => (state = (state * 48271) % 2147483647) & 255)
}
