import { collect } from "@gitops-toolkit/kube"
import { createGitServer, type GitServer, type GitServerOptions } from "@gitops-toolkit/testing"
import { describe, expect, it } from "vitest"
import { createGit, displayUrl, isSourceError, type Git, type GitFetchOptions, type SourceError } from "./index.ts"

const releases = {
  tags: {
    "v1.0.0": { "deploy/cm.yaml": "a: 1\n", "bin/run": { executable: "#!/bin/sh\n" }, current: { symlink: "deploy" } },
    "v1.1.0": { "deploy/cm.yaml": "a: 2\n", "docs/read.md": "# hi\n" },
    "v2.0.0-rc.1": { "deploy/cm.yaml": "a: 3\n" },
  },
  branches: { next: { "deploy/cm.yaml": "a: 4\n" } },
} as const

interface Setup {
  readonly server: GitServer
  readonly git: Git
  readonly fetch: (options?: Partial<GitFetchOptions>) => ReturnType<Git["fetch"]>
}

function setUp(options: GitServerOptions = {}, seed: Parameters<typeof createGitServer>[0] = releases): Setup {
  const server = createGitServer(seed, options)
  const git = createGit({ transport: () => server.transport })
  return { server, git, fetch: (own = {}) => git.fetch({ url: server.url, ...own }) }
}

const actions = (server: GitServer, from = 0): string[] => server.requests.slice(from).map(({ action }) => action)

const failure = async (work: PromiseLike<unknown>): Promise<SourceError> => {
  try {
    await work
  } catch (error) {
    if (isSourceError(error)) return error
    throw error
  }
  throw new Error("it did not fail")
}

describe("git.fetch, by ref", () => {
  it.each([
    [undefined, "main@", "a: 3\n"],
    [{ branch: "next" }, "next@", "a: 4\n"],
    [{ tag: "v1.0.0" }, "v1.0.0@", "a: 1\n"],
    [{ semver: "1.x" }, "v1.1.0@", "a: 2\n"],
    [{ semver: ">=1.0.0-0" }, "v2.0.0-rc.1@", "a: 3\n"],
    [{ name: "refs/tags/v1.0.0" }, "refs/tags/v1.0.0@", "a: 1\n"],
    [{ name: "refs/heads/next" }, "refs/heads/next@", "a: 4\n"],
  ] as const)("%j gives %s", async (ref, name, content) => {
    const { fetch } = setUp()
    const artifact = await fetch(ref ? { ref } : {})
    expect(artifact.revision.slice(0, name.length)).toBe(name)
    expect(artifact.revision).toMatch(/@sha1:[0-9a-f]{40}$/)
    expect(Buffer.from(await artifact.files.read("deploy/cm.yaml")).toString()).toBe(content)
  })

  it("takes a commit that no ref names, without asking for refs", async () => {
    const { server, fetch } = setUp()
    const commit = server.repository.refs().get("refs/tags/v1.0.0")!
    server.repository.setRef("refs/tags/v1.0.0", undefined)
    expect((await fetch({ ref: { commit } })).revision).toBe(`sha1:${commit}`)
    expect((await fetch({ ref: { commit, branch: "main" } })).revision).toBe(`main@sha1:${commit}`)
    expect(actions(server)).toEqual(["advertise", "fetch"])
  })

  it("names the commit behind annotated and nested tags", async () => {
    const { server, fetch } = setUp()
    const commit = server.repository.refs().get("refs/tags/v1.0.0")!
    const inner = server.repository.tag("inner", { target: commit, message: "inner" })
    server.repository.tag("outer", { target: inner, message: "outer" })
    expect((await fetch({ ref: { tag: "outer" } })).revision).toBe(`outer@sha1:${commit}`)
    expect((await fetch({ ref: { name: "refs/tags/inner" } })).revision).toBe(`refs/tags/inner@sha1:${commit}`)
  })

  it("breaks ties of equal versions by the commit's time, not the tag's, as Flux does", async () => {
    let now = 0
    const { server, fetch } = setUp({ clock: { now: () => now } }, {})
    const tag = (name: string, minute: number): void => {
      now = minute * 60_000
      const target = server.repository.commit({ version: name })
      now = (100 - minute) * 60_000
      server.repository.tag(name, { target, message: name })
    }
    tag("v1.0.0+a", 2)
    tag("v1.0.0+c", 3)
    tag("v1.0.0+b", 1)
    expect((await fetch({ ref: { semver: "1.x" } })).revision).toMatch(/^v1\.0\.0\+c@/)
    const before = server.requests.length
    await fetch({ ref: { semver: "1.x" } })
    expect(actions(server, before)).toEqual(["ls-refs"])
  })

  it.each([
    [{ branch: "no such branch" }, "InvalidReference"],
    [{ branch: "../up" }, "InvalidReference"],
    [{ branch: "a\nwant b" }, "InvalidReference"],
    [{ commit: "abc" }, "InvalidReference"],
    [{ name: "main" }, "InvalidReference"],
    [{ branch: "main", tag: "v1" } as never, "InvalidReference"],
    [{ semver: "one" }, "InvalidVersion"],
  ] as const)("refuses %j before it sends anything", async (ref, code) => {
    const { server, fetch } = setUp()
    expect((await failure(fetch({ ref }))).code).toBe(code)
    expect(server.requests).toEqual([])
  })

  it.each([
    [{ branch: "gone" }, "ReferenceNotFound", "the repository has no refs/heads/gone"],
    [{ tag: "v9" }, "ReferenceNotFound", "the repository has no refs/tags/v9"],
    [{ semver: ">=9" }, "ReferenceNotFound", "no match found for semver: >=9 (the repository has 3 tags)"],
    [{ commit: "1".repeat(40) }, "ReferenceNotFound", "the server has no such commit"],
  ] as const)("%j is not there", async (ref, code, text) => {
    const { fetch } = setUp()
    const error = await failure(fetch({ ref }))
    expect(error).toMatchObject({ code, retryable: true })
    expect(error.message).toContain(text)
  })

  it("says that a repository is empty", async () => {
    const { fetch } = setUp({}, {})
    expect((await failure(fetch())).code).toBe("EmptyRepository")
  })
})

describe("git.fetch, again", () => {
  it("asks for the ref alone and returns previous itself when nothing changed", async () => {
    const { server, fetch } = setUp()
    const first = await fetch({ ref: { semver: "1.x" } })
    const before = server.requests.length
    const { events, result } = await collect(fetch({ ref: { semver: "1.x" }, previous: first }))
    expect(result).toBe(first)
    expect(actions(server, before)).toEqual(["ls-refs"])
    expect(events).toEqual([{ type: "source.unchanged", url: server.url, revision: first.revision }])
  })

  it("knows previous even when another client made it", async () => {
    const { server, fetch } = setUp()
    const previous = await fetch()
    const other = createGit({ transport: () => server.transport })
    expect(await other.fetch({ url: server.url, previous })).toBe(previous)
    expect(actions(server).filter((action) => action === "fetch")).toHaveLength(1)
  })

  it("does not take previous for another selection of the same revision", async () => {
    const { fetch } = setUp()
    const previous = await fetch({ ref: { tag: "v1.1.0" } })
    const part = await fetch({ ref: { tag: "v1.1.0" }, include: ["deploy"], previous })
    expect((await part.files.list("")).map(({ name }) => name)).toEqual(["deploy"])
    const without = await fetch({ ref: { tag: "v1.1.0" }, ignore: "docs/", previous })
    expect((await without.files.list("")).map(({ name }) => name)).toEqual(["deploy"])
    expect(without.digest).toBe(part.digest)
  })

  it("receives only the difference to the last commit", async () => {
    const { server, fetch } = setUp({}, { big: "x".repeat(10_000), "deploy/cm.yaml": "a: 1\n" })
    const first = await fetch({ ref: { branch: "main" } })
    server.repository.commit({ "deploy/cm.yaml": "a: 2\n" })
    const before = server.requests.length
    const { events, result } = await collect(fetch({ ref: { branch: "main" }, previous: first }))
    expect(actions(server, before)).toEqual(["ls-refs", "fetch"])
    expect(events.at(-1)).toMatchObject({ type: "source.fetched", incremental: true, subject: "Change 1 paths" })
    expect(result.digestOf("big")).toBe(first.digestOf("big"))
    expect(result.digestOf("deploy")).not.toBe(first.digestOf("deploy"))
    expect((await result.files.read("big")).length).toBe(10_000)
  })

  it("follows a branch that was rewritten to unrelated history", async () => {
    const { server, fetch } = setUp()
    await fetch({ ref: { branch: "main" } })
    server.repository.setRef("refs/heads/main", undefined)
    server.repository.commit({ fresh: "start" })
    const artifact = await fetch({ ref: { branch: "main" } })
    expect((await artifact.files.list("")).map(({ name }) => name)).toEqual(["fresh"])
  })

  it("fetches again in full what the cache had to drop", async () => {
    const { server } = setUp()
    const git = createGit({ transport: () => server.transport, cacheBytes: 0 })
    await git.fetch({ url: server.url })
    const { events } = await collect(git.fetch({ url: server.url }))
    expect(events.at(-1)).toMatchObject({ type: "source.fetched", incremental: false })
  })

  it("downloads once when several ask at the same time", async () => {
    const { server, fetch } = setUp()
    const all = await Promise.all([fetch(), fetch(), fetch({ include: ["deploy"] })])
    expect(all[0]).toBe(all[1])
    expect(actions(server).filter((action) => action === "fetch")).toHaveLength(1)
  })

  it("reads every answer to its end, so that connections are kept", async () => {
    const server = createGitServer(releases)
    let [begun, ended] = [0, 0]
    const git = createGit({
      transport: () => async (request) => {
        const answer = await server.transport(request)
        const body = (async function* () {
          begun++
          yield* answer.body
          ended++
        })()
        return { ...answer, body }
      },
    })
    const previous = await git.fetch({ url: server.url, ref: { branch: "next" } })
    await git.fetch({ url: server.url, ref: { branch: "next" }, previous })
    expect([begun, ended]).toEqual([4, 4])
  })

  it("keeps what different credentials see apart", async () => {
    const { server, git } = setUp({ authorize: (header) => header === `Basic ${btoa("me:right")}` })
    const url = server.url.replace("git.test", "localhost")
    const commit = server.repository.refs().get("refs/tags/v1.0.0")!
    await git.fetch({ url, ref: { commit }, auth: { username: "me", password: "right" } })
    const error = await failure(git.fetch({ url, ref: { commit }, auth: { username: "me", password: "wrong" } }))
    expect(error.code).toBe("AuthenticationFailed")
  })
})

describe("git.fetch, a part", () => {
  const seed = {
    "apps/a/cm.yaml": "a\n",
    "apps/b/cm.yaml": "b\n",
    "infra/big": "x".repeat(5000),
    ".sourceignore": "*.md\n",
    "apps/read.md": "no",
    "picture.png": "no default holds beside an ignore file",
  }

  it.each([true, false])(
    "downloads only the folders that are included (server can leave out blobs: %s)",
    async (filter) => {
      const { server, fetch } = setUp({ filter }, seed)
      const artifact = await fetch({ include: ["apps/b", "./apps/a/"] })
      expect((await artifact.files.list("")).map(({ name }) => name)).toEqual([".sourceignore", "apps"])
      expect((await artifact.files.list("apps")).map(({ name }) => name)).toEqual(["a", "b"])
      expect((await failure(fetch({ include: ["nope"] }))).code).toBe("FileNotFound")
      expect(
        server.requests.filter(({ action }) => action === "fetch").every(({ sentBytes }) => sentBytes < 1000),
      ).toBe(true)
    },
  )

  it.each([
    [undefined, [".sourceignore", "apps", "infra", "picture.png"]],
    ["/*\n!/infra/\n", ["infra"]],
    [false, [".sourceignore", "apps", "infra", "picture.png"]],
  ] as const)("ignore %j leaves %j", async (ignore, names) => {
    const { fetch } = setUp({}, seed)
    const artifact = await fetch(ignore === undefined ? {} : { ignore })
    expect((await artifact.files.list("")).map(({ name }) => name)).toEqual(names)
    const apps = ignore === false ? ["a", "b", "read.md"] : ["a", "b"]
    if (names.some((name) => name === "apps")) {
      expect((await artifact.files.list("apps")).map(({ name }) => name)).toEqual(apps)
    }
  })

  it("leaves out Flux's defaults where nobody says what to leave out", async () => {
    const { fetch } = setUp(
      {},
      { "a.png": "", ".sops.yaml": "", ".github/ci.yml": "", "cm.yaml": "", ".gitignore": "" },
    )
    expect((await (await fetch()).files.list("")).map(({ name }) => name)).toEqual(["cm.yaml"])
  })

  it("reports submodules and leaves them out", async () => {
    const { fetch } = setUp({}, { "cm.yaml": "", "vendor/lib": { submodule: "1".repeat(40) } })
    const { events, result } = await collect(fetch())
    expect(events.find(({ type }) => type === "source.submodules")).toMatchObject({ paths: ["vendor/lib"] })
    expect((await result.files.list("")).map(({ name }) => name)).toEqual(["cm.yaml"])
  })
})

describe("git.fetch, with servers of other ages", () => {
  it.each([0, 1] as const)("speaks protocol %i", async (protocol) => {
    const { server, fetch } = setUp({ protocol })
    const first = await fetch({ ref: { semver: "1.x" } })
    expect(await fetch({ ref: { semver: "1.x" }, previous: first })).toBe(first)
    server.repository.commit({ "deploy/cm.yaml": "a: 9\n" })
    server.repository.tag("v1.9.0", { message: "release" })
    const next = await fetch({ ref: { semver: "1.x" }, previous: first })
    expect(next.revision).toMatch(/^v1\.9\.0@/)
    expect(Buffer.from(await next.files.read("deploy/cm.yaml")).toString()).toBe("a: 9\n")
    expect((await fetch()).revision).toMatch(/^main@/)
  })

  it("notices that a server it remembers was replaced by an older one", async () => {
    const { server, git, fetch } = setUp()
    await fetch()
    const old = createGitServer(releases, { protocol: 0 })
    const swapped = createGit({ transport: () => (request) => current.transport(request) })
    let current = server
    await swapped.fetch({ url: server.url, ref: { branch: "next" } })
    current = old
    expect((await swapped.fetch({ url: server.url, ref: { tag: "v1.0.0" } })).revision).toMatch(/^v1\.0\.0@/)
    await git[Symbol.asyncDispose]()
  })
})

describe("git.fetch, when things go wrong", () => {
  it.each([
    [401, "AuthenticationFailed", false],
    [403, "AuthenticationFailed", false],
    [404, "RepositoryNotFound", false],
    [429, "Unreachable", true],
    [503, "Unreachable", true],
    [400, "InvalidResponse", false],
  ] as const)("HTTP %i is %s", async (status, code, retryable) => {
    const { fetch } = setUp({ intercept: () => new Response("secret body", { status }) })
    const error = await failure(fetch())
    expect(error).toMatchObject({ code, retryable })
    expect(error.message).not.toContain("secret body")
  })

  it("tells a web page from a repository", async () => {
    const { fetch } = setUp({ intercept: () => new Response("<html>", { headers: { "content-type": "text/html" } }) })
    expect((await failure(fetch())).message).toContain("answers, but not as a git repository")
  })

  it("follows a redirect of the first request and remembers it", async () => {
    const server = createGitServer(releases, {
      intercept: ({ url }) =>
        url.includes("/old.git/") ? Response.redirect(url.replace("/old.git/", "/repository.git/"), 301) : undefined,
    })
    const git = createGit({ transport: () => server.transport })
    await git.fetch({ url: "http://git.test/old.git" })
    await git.fetch({ url: "http://git.test/old.git" })
    expect(server.requests.filter(({ action }) => action === "intercepted")).toHaveLength(1)
  })

  it("goes back to its own URL when the place of a redirect is gone", async () => {
    let moved = true
    const server = createGitServer(releases, {
      intercept: ({ url }) => {
        if (url.includes("/old.git/") && moved)
          return Response.redirect(url.replace("/old.git/", "/repository.git/"), 302)
        return moved || url.includes("/old.git/") ? undefined : new Response(null, { status: 404 })
      },
    })
    const git = createGit({ transport: () => server.transport })
    const url = "http://git.test/old.git"
    await git.fetch({ url })
    server.repositoryAt("old").commit({ back: "home" })
    moved = false
    expect((await failure(git.fetch({ url }))).code).toBe("RepositoryNotFound")
    expect((await (await git.fetch({ url })).files.list("")).map(({ name }) => name)).toEqual(["back"])
  })

  it("finds a repository that moved while its server was remembered", async () => {
    let moved = false
    const server = createGitServer(releases, {
      intercept: ({ url }) =>
        moved && url.includes("/repository.git/")
          ? Response.redirect(url.replace("/repository.git/", "/new.git/"), 301)
          : undefined,
    })
    const git = createGit({ transport: () => server.transport })
    await git.fetch({ url: server.url })
    server.repositoryAt("new").commit({ fresh: "start" })
    moved = true
    expect((await (await git.fetch({ url: server.url })).files.list("")).map(({ name }) => name)).toEqual(["fresh"])
  })

  it.each([
    ["https://git.test/a.git", "http://git.test/a.git/info/refs", "InvalidResponse"],
    ["http://git.test/a.git", "http://git.test/login?next=a", "AuthenticationFailed"],
    ["http://git.test/a.git", "http://git.test/a.git/info/refs", "Unreachable"],
  ])("refuses the redirect of %s to %s", async (url, location, code) => {
    const { server } = setUp({ intercept: () => new Response(null, { status: 302, headers: { location } }) })
    const git = createGit({ transport: () => server.transport })
    expect((await failure(git.fetch({ url }))).code).toBe(code)
  })

  it("never sends credentials to another origin", async () => {
    const seen: (string | null)[] = []
    const server = createGitServer(releases, {
      authorize: () => true,
      intercept: (request) => {
        seen.push(request.headers.get("authorization"))
        const first = seen.length === 1
        const location = "https://other.test/repository.git/info/refs"
        return first ? new Response(null, { status: 302, headers: { location } }) : undefined
      },
    })
    const git = createGit({ transport: () => server.transport })
    await git.fetch({ url: "https://git.test/repository.git", auth: { bearerToken: "abc" } })
    expect(seen[0]).toBe("Bearer abc")
    expect(seen.slice(1).every((header) => header === null)).toBe(true)
  })

  it.each([
    ["http://git.test/a.git", { username: "me", password: "hush-hush" }],
    ["http://git.test/a.git", { bearerToken: "hush-hush" }],
    ["http://me:hush-hush@git.test/a.git", undefined],
  ])("does not send credentials over plain http to %s", async (url, auth) => {
    const { server, git } = setUp()
    const error = await failure(git.fetch(auth ? { url, auth } : { url }))
    expect(error.code).toBe("InvalidAuth")
    expect(`${error.message} ${error.url}`).not.toContain("hush")
    expect(server.requests).toEqual([])
  })

  it("keeps credentials out of errors even when the server repeats them", async () => {
    const body = Buffer.from("001e# service=git-upload-pack\n0000001fERR no, hush-hush is denied")
    const headers = { "content-type": "application/x-git-upload-pack-advertisement" }
    const { git } = setUp({ intercept: () => new Response(body, { headers }) })
    const auth = { username: "me", password: "hush-hush" }
    const error = await failure(git.fetch({ url: "https://git.test/a.git", auth }))
    expect(error.message).toBe("[AuthenticationFailed] the server says: no, *** is denied")
  })

  it.each([
    ["ftp://git.test/a.git"],
    ["https://"],
    ["file:///etc"],
    ["https://git.test/a.git?token=hush-hush"],
    ["https://git.test/a b"],
    ["git@git.test:-oProxyCommand=x"],
    ["-oProxyCommand=x:y"],
  ])("refuses the URL %s without repeating it", async (url) => {
    const { git } = setUp()
    const error = await failure(git.fetch({ url }))
    expect(["InvalidUrl", "InvalidAuth"]).toContain(error.code)
    expect(error.message).not.toContain("hush")
  })

  it("rejects with the reason of the caller's signal, and with TimedOut after its own deadline", async () => {
    const stuck = setUp({ intercept: () => new Promise<Response>(() => undefined) })
    const controller = new AbortController()
    const reason = new Error("enough")
    const aborted = stuck.fetch({ signal: controller.signal }).then(() => undefined)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    expect(await failure(stuck.fetch({ timeoutMs: 5 }))).toMatchObject({ code: "TimedOut", retryable: true })
  })
})

describe("displayUrl", () => {
  it.each([
    ["https://me:secret@example.com/a.git", "https://example.com/a.git"],
    ["git@example.com:team/a.git", "ssh://git@example.com/team/a.git"],
    ["ssh://example.com:2222/team/a.git", "ssh://git@example.com:2222/team/a.git"],
    ["https://example.com:8443/a/", "https://example.com:8443/a"],
  ])("%s is shown as %s", (url, shown) => {
    expect(displayUrl(url)).toBe(shown)
  })
})
