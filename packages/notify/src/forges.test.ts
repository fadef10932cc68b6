import { generateKeyPairSync, createVerify } from "node:crypto"
import type { FetchOptions, Fetcher } from "@gitops-toolkit/http"
import { describe, expect, test } from "vitest"
import {
  azureDevOpsStatusChannel,
  bitbucketServerBuildUrl,
  bitbucketStatusChannel,
  giteaCommentChannel,
  giteaStatusChannel,
  githubCommentChannel,
  githubDispatchChannel,
  githubStatusChannel,
  gitlabCommentChannel,
  gitlabStatusChannel,
  sentryChannel,
  type Notification,
} from "./index.ts"

const sha = "69b59063470310ebbd88a9156325322a124e55a3"
const told: Notification = {
  involvedObject: { kind: "Kustomization", namespace: "flux", name: "apps" },
  severity: "info",
  message: "applied",
  reason: "ReconciliationSucceeded",
  metadata: { revision: `main@sha1:${sha}`, change_request: "7" },
  reportingController: "c",
}

/** A forge: answers by `METHOD path`, 200 without a body otherwise, and keeps what was asked in the form `METHOD URL body`. */
function forge(answers: { readonly [request: string]: unknown } = {}) {
  const asked: string[] = []
  const headers: { readonly [name: string]: string }[] = []
  const fetcher = async (url: string | URL, options: FetchOptions = {}) => {
    const { method = "GET", body = "" } = options
    asked.push(`${method} ${String(url)} ${String(body)}`.trim())
    headers.push(options.headers as { readonly [name: string]: string })
    const answer = answers[`${method} ${new URL(url).pathname}`]
    const text = answer === undefined || typeof answer === "number" ? "" : JSON.stringify(answer)
    const bytes = new TextEncoder().encode(text)
    const status = typeof answer === "number" ? answer : 200
    const stream = (async function* () {
      yield bytes
    })()
    return { url: String(url), status, headers: {}, body: stream, bytes: async () => bytes, text: async () => text }
  }
  const typed: Fetcher = Object.assign(fetcher, { [Symbol.asyncDispose]: async () => undefined })
  return { fetcher: typed, asked, headers }
}

describe("commit statuses", () => {
  const list = `/repos/acme/fleet/commits/${sha}/statuses`
  const equal = { state: "success", context: "kustomization/apps", description: "reconciliation succeeded" }

  test("github: asks, then sets", async () => {
    const { fetcher, asked, headers } = forge({ [`GET ${list}`]: [{ ...equal, state: "failure" }, equal] })
    await githubStatusChannel({ address: "https://github.com/acme/fleet.git", token: "t", fetcher }).send(told)
    expect(asked).toEqual([
      `GET https://api.github.com${list}?per_page=50`,
      `POST https://api.github.com/repos/acme/fleet/statuses/${sha} {"state":"success","context":"kustomization/apps","description":"reconciliation succeeded"}`,
    ])
    expect(headers[1]).toMatchObject({ authorization: "Bearer t", "content-type": "application/json" })
  })

  test("an equal newest status is not set again", async () => {
    const { fetcher, asked } = forge({ [`GET ${list}`]: [{ ...equal, context: "other", state: "failure" }, equal] })
    await githubStatusChannel({ address: "https://github.com/acme/fleet", token: "t", fetcher }).send(told)
    expect(asked).toHaveLength(1)
  })

  test.each([
    ["gitlab", "https://gitlab.com/a/b/c", "https://gitlab.com/api/v4/projects/a%2Fb%2Fc/statuses/"],
    ["gitea", "git@git.example.com:a/b.git", "https://git.example.com/api/v1/repos/a/b/statuses/"],
  ])("%s", async (kind, address, url) => {
    const { fetcher, asked } = forge(
      Object.fromEntries(
        [
          `/api/v4/projects/a%2Fb%2Fc/repository/commits/${sha}/statuses`,
          `/api/v1/repos/a/b/commits/${sha}/statuses`,
        ].map((path) => [`GET ${path}`, []]),
      ),
    )
    const make = kind === "gitlab" ? gitlabStatusChannel : giteaStatusChannel
    await make({ address, token: "t", context: ({ reason }) => reason, fetcher }).send(told)
    expect(asked.at(-1)).toContain(`POST ${url}${sha}`)
    expect(asked.at(-1)).toContain('"ReconciliationSucceeded"')
  })

  test("bitbucket: a status that is not there yet is no failure", async () => {
    const key = "12ea142172e98435e16336acbbed8919610922c3"
    const path = `/2.0/repositories/a/b/commit/${sha}/statuses/build/${key}`
    const { fetcher, asked } = forge({ [`GET ${path}`]: 404 })
    const context = "kustomization/namespace-foo-and-service-bar"
    await bitbucketStatusChannel({ address: "https://bitbucket.org/a/b", token: "u:p", context, fetcher }).send(told)
    expect(asked[1]).toContain(`"key":"${key}"`)
  })

  test.each(["https://dev.azure.com/o/p/_git/r", "git@ssh.dev.azure.com:v3/o/p/r"])(
    "azure devops at %s",
    async (address) => {
      const path = `/o/p/_apis/git/repositories/r/commits/${sha}/statuses`
      const { fetcher, asked } = forge({ [`GET ${path}`]: { value: [] } })
      await azureDevOpsStatusChannel({ address, token: "t", fetcher }).send(told)
      expect(asked[1]).toMatch(`POST https://dev.azure.com${path}?`)
    },
  )

  test.each(["git@ssh.dev.azure.com:v3/o/p", "https://dev.azure.com/o/p"])("azure devops not at %s", (address) => {
    expect(() => azureDevOpsStatusChannel({ address, token: "t" })).toThrow(/invalid repository id/)
  })

  test("azure devops: another genre is another status", async () => {
    const path = `/o/p/_apis/git/repositories/r/commits/${sha}/statuses`
    const status = {
      state: "succeeded",
      description: "reconciliation succeeded",
      context: { genre: "fluxcd", name: "kustomization/apps" },
    }
    const { fetcher, asked } = forge({ [`GET ${path}`]: { value: [status] } })
    const channel = azureDevOpsStatusChannel({ address: "https://dev.azure.com/o/p/_git/r", token: "t", fetcher })
    await channel.send(told)
    expect(asked).toHaveLength(1)
    await channel.send({ ...told, metadata: { ...told.metadata, summary: "s" } })
    expect(asked.at(-1)).toContain('"genre":"fluxcd:s"')
  })

  test("progress is passed over, but for gitea", async () => {
    const progressing = { ...told, reason: "Progressing" }
    const github = forge()
    await githubStatusChannel({ address: "https://github.com/a/b", token: "t", fetcher: github.fetcher }).send(
      progressing,
    )
    expect(github.asked).toEqual([])
    const gitea = forge({ [`GET /api/v1/repos/a/b/commits/${sha}/statuses`]: [] })
    await giteaStatusChannel({ address: "https://git.example.com/a/b", token: "t", fetcher: gitea.fetcher }).send(
      progressing,
    )
    expect(gitea.asked.at(-1)).toContain('"state":"pending"')
  })

  test("no commit, strange severities and strange answers are failures", async () => {
    const { fetcher } = forge({ [`GET ${list}`]: { message: "no list" } })
    const channel = githubStatusChannel({ address: "https://github.com/acme/fleet", token: "t", fetcher })
    await expect(channel.send({ ...told, metadata: {} })).rejects.toMatchObject({ code: "InvalidEvent" })
    await expect(channel.send({ ...told, severity: "trace" })).rejects.toMatchObject({ code: "InvalidEvent" })
    await expect(channel.send(told)).rejects.toMatchObject({ code: "DeliveryFailed" })
  })

  test.each([
    ["https://host/context/scm/p/r.git", "https://host/context/rest/api/latest/projects/p/repos/r/commits/c/builds"],
    ["https://host:7990/scm/scm/p/r", "https://host:7990/scm/rest/api/latest/projects/p/repos/r/commits/c/builds"],
  ])("bitbucket server %s", (address, url) => expect(bitbucketServerBuildUrl(address, "c")).toBe(url))

  test.each(["ssh://git@host/scm/p/r.git", "https://host/p/r.git", "https://host/scm/p/r/x", "nothing"])(
    "%s is refused",
    (address) => {
      expect(() => bitbucketServerBuildUrl(address, "c")).toThrow(expect.objectContaining({ code: "InvalidConfig" }))
    },
  )
})

describe("a GitHub App", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString()
  const app = { appId: "123", installationId: "456", privateKey: pem }

  test("signs for a token, and renews it in time", async () => {
    const clock = { time: Date.parse("2026-01-01T00:00:00Z"), now: () => clock.time, sleep: async () => undefined }
    const { fetcher, asked, headers } = forge({
      "POST /app/installations/456/access_tokens": { token: "installed", expires_at: "2026-01-01T01:00:00Z" },
    })
    const channel = githubDispatchChannel({ address: "https://github.com/a/b", app, clock, fetcher })
    await channel.send(told)
    await channel.send(told)
    clock.time += 56 * 60_000
    await channel.send(told)
    expect(asked.map((request) => request.split(" ")[1])).toEqual([
      "https://api.github.com/app/installations/456/access_tokens",
      "https://api.github.com/repos/a/b/dispatches",
      "https://api.github.com/repos/a/b/dispatches",
      "https://api.github.com/app/installations/456/access_tokens",
      "https://api.github.com/repos/a/b/dispatches",
    ])
    expect(headers[1]?.["authorization"]).toBe("Bearer installed")
    const [head = "", claims = "", signature = ""] =
      headers[0]?.["authorization"]?.replace("Bearer ", "").split(".") ?? []
    expect(createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url")).toBe(true)
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({ iss: "123" })
    expect(JSON.parse(asked[1]!.slice(asked[1]!.indexOf("{")))).toMatchObject({
      event_type: "Kustomization/apps.flux",
      client_payload: { reason: told.reason },
    })
  })

  test.each([
    [{}, "token or github app details"],
    [{ app: { ...app, installationId: "" } }, "installation"],
    [{ app: { ...app, privateKey: "" } }, "private key must"],
    [{ app: { ...app, privateKey: "hunter2" } }, "cannot be read"],
  ])("incomplete details are refused", (auth, text) => {
    const make = (): unknown => githubStatusChannel({ address: "https://github.com/a/b", ...auth })
    expect(make).toThrow(text)
    expect(make).not.toThrow("hunter2")
  })
})

describe("comments on change requests", () => {
  const marker = "<!-- flux-pr-comment-key:uid/Kustomization/flux/apps -->"
  const comments = "/api/v3/repos/a/b/issues/7/comments"
  const address = "https://ghe.example.com/a/b"

  test("the first is created, later ones edit it", async () => {
    const first = forge({ "GET /api/v3/user": { login: "bot" }, [`GET ${comments}`]: [] })
    await githubCommentChannel({ address, token: "t", senderId: "uid", fetcher: first.fetcher }).send(told)
    expect(first.asked[2]).toContain(`POST https://ghe.example.com${comments}`)
    expect(first.asked[2]).toContain(marker)
    const listed = [
      { id: 1, user: { login: "mallory" }, body: marker },
      { id: 2, user: { login: "bot" }, body: "something else" },
      { id: 3, user: { login: "bot" }, body: `${marker} old` },
    ]
    const later = forge({ "GET /api/v3/user": { login: "bot" }, [`GET ${comments}`]: listed })
    const channel = githubCommentChannel({ address, token: "t", senderId: "uid", fetcher: later.fetcher })
    await channel.send(told)
    await channel.send(told)
    const edits = later.asked.filter((request) => request.startsWith("PATCH"))
    expect(edits.map((request) => request.split(" ")[1])).toEqual(
      Array(2).fill("https://ghe.example.com/api/v3/repos/a/b/issues/comments/3"),
    )
    expect(later.asked.filter((request) => request.includes("/user"))).toHaveLength(1)
  })

  test("gitlab and gitea", async () => {
    const gitlab = forge({
      "GET /api/v4/user": { username: "bot" },
      "GET /api/v4/projects/a%2Fb/merge_requests/7/notes": [
        { id: 9, author: { username: "bot" }, body: "<!-- flux-mr-comment-key:uid/Kustomization/flux/apps -->" },
      ],
    })
    await gitlabCommentChannel({
      address: "https://gitlab.com/a/b",
      token: "t",
      senderId: "uid",
      fetcher: gitlab.fetcher,
    }).send(told)
    expect(gitlab.asked.at(-1)).toContain("PUT https://gitlab.com/api/v4/projects/a%2Fb/merge_requests/7/notes/9")
    const gitea = forge({ "GET /api/v1/user": { login: "bot" }, "GET /api/v1/repos/a/b/issues/7/comments": [] })
    await giteaCommentChannel({
      address: "https://git.example.com/a/b",
      token: "t",
      senderId: "uid",
      fetcher: gitea.fetcher,
    }).send(told)
    expect(gitea.asked.at(-1)).toContain("POST https://git.example.com/api/v1/repos/a/b/issues/7/comments")
  })

  test.each([undefined, "", "7/../8", "-1", "1e3"])("change request %s is none", async (number) => {
    const { fetcher } = forge()
    const channel = githubCommentChannel({ address, token: "t", senderId: "uid", fetcher })
    await expect(
      channel.send({ ...told, metadata: number === undefined ? {} : { change_request: number } }),
    ).rejects.toMatchObject({ code: "InvalidEvent" })
  })
})

test("sentry: errors are events, all else transactions", async () => {
  const { fetcher, asked } = forge()
  const channel = sentryChannel({
    dsn: "https://key@sentry.example.com/sub/42",
    environment: "live",
    idOf: (bytes) => "0".repeat(bytes * 2),
    fetcher,
  })
  await channel.send({ ...told, severity: "error" })
  await channel.send(told)
  const types = asked.map((request) => (JSON.parse(request.split("\n")[1] ?? "{}") as { type: string }).type)
  expect(types).toEqual(["event", "transaction"])
  expect(asked[0]).toContain("POST https://sentry.example.com/sub/api/42/envelope/")
  for (const dsn of ["", "https://sentry.example.com/42", "https://key@host/", "ftp://key@host/1"]) {
    expect(() => sentryChannel({ dsn })).toThrow(expect.objectContaining({ code: "InvalidConfig" }))
  }
})
