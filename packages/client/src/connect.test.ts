import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { createClock, createCluster } from "@gitops-toolkit/testing"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { startProxy } from "../../http/test/loopback.ts"
import { script } from "../test/script.ts"
import { inClusterAddress, inClusterKubeconfig, isInCluster } from "./in-cluster.ts"
import { connect, type ConnectOptions, minifyKubeconfig } from "./index.ts"
import { addressOf } from "./kubeconfig.ts"
import { parseKubeconfig } from "./kubeconfig/parse.ts"

/** An API server that serves nothing but ConfigMaps and notes who asks. */
interface Peer extends AsyncDisposable {
  readonly url: string
  readonly asked: IncomingHttpHeaders[]
  /** Tokens that are refused from now on. */
  readonly refused: Set<string>
}

async function startPeer(): Promise<Peer> {
  const asked: IncomingHttpHeaders[] = []
  const refused = new Set<string>()
  const { transport } = script({
    "GET /api/v1/configmaps": { body: { metadata: { resourceVersion: "1" }, items: [] } },
  })
  const server = createServer((request, response) => {
    asked.push(request.headers)
    if (refused.has(request.headers.authorization ?? "")) return void response.writeHead(401).end()
    const path = (request.url ?? "").split("?")[0]!
    void transport({ method: request.method ?? "GET", path }).then(async ({ status, headers, body }) => {
      response.writeHead(status, headers as never)
      for await (const chunk of body) response.write(chunk)
      response.end()
    })
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const dispose = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    refused,
    [Symbol.asyncDispose]: dispose,
  }
}

let peer: Peer
let folder: string
beforeEach(async () => {
  peer = await startPeer()
  folder = await mkdtemp(join(tmpdir(), "gitops-toolkit-client-"))
})
afterEach(async () => {
  await peer[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const kubeconfig = (user: object, cluster: object = {}): string =>
  JSON.stringify({
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace: "team" } }],
    clusters: [{ name: "c", cluster: { server: peer.url, ...cluster } }],
    users: [{ name: "u", user }],
  })

/** Asks once and gives the headers that arrived. */
async function ask(options: ConnectOptions): Promise<IncomingHttpHeaders> {
  await using cluster = await connect(options)
  await cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
  return peer.asked.at(-1)!
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing thrown",
    (error: { readonly message: string }) => error.message,
  )

describe("logs in", () => {
  test.each([
    ["with a token", { token: "t0ken\n" }, "Bearer t0ken"],
    [
      "with user name and password",
      { username: "jane", password: "ä:b" },
      `Basic ${Buffer.from("jane:ä:b").toString("base64")}`,
    ],
    ["with a token rather than a password", { token: "t0ken", username: "jane" }, "Bearer t0ken"],
    ["with a token rather than a plug-in", { token: "t0ken", exec: { command: "/nope" } }, "Bearer t0ken"],
    ["without anything", {}, undefined],
  ])("%s", async (_, user, authorization) => {
    expect((await ask({ kubeconfig: { text: kubeconfig(user) } })).authorization).toBe(authorization)
  })

  test("as somebody else, with every group as a header line", async () => {
    const user = {
      token: "t",
      as: "jane",
      "as-groups": ["dev", "ops"],
      "as-uid": "7",
      "as-user-extra": { scope: ["a"] },
    }
    expect(await ask({ kubeconfig: { text: kubeconfig(user) } })).toMatchObject({
      "impersonate-user": "jane",
      "impersonate-group": "dev, ops",
      "impersonate-uid": "7",
      "impersonate-extra-scope": "a",
    })
    const headers = await ask({ kubeconfig: { text: kubeconfig(user) }, as: "bob" })
    expect([headers["impersonate-user"], headers["impersonate-group"]]).toEqual(["bob", undefined])
  })
})

describe("token files", () => {
  test("are read relative to the kubeconfig, again after a minute, and at once after a 401", async () => {
    await writeFile(join(folder, "token"), "one\n")
    await writeFile(join(folder, "config"), kubeconfig({ tokenFile: "token" }))
    const clock = createClock()
    await using cluster = await connect({ kubeconfig: join(folder, "config"), clock })
    const token = async (): Promise<string | undefined> => {
      await cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
      return peer.asked.at(-1)?.authorization
    }
    expect(await token()).toBe("Bearer one")
    await writeFile(join(folder, "token"), "two")
    await clock.advance(59_000)
    expect(await token()).toBe("Bearer one")
    await clock.advance(1000)
    expect(await token()).toBe("Bearer two")
    await writeFile(join(folder, "token"), "three")
    peer.refused.add("Bearer two")
    expect(await token()).toBe("Bearer three")
    peer.refused.add("Bearer three")
    await expect(token()).rejects.toMatchObject({ code: "Unauthorized" })
  })

  test("that are missing fail the request and name the file", async () => {
    await using cluster = await connect({ kubeconfig: { text: kubeconfig({ tokenFile: join(folder, "nope") }) } })
    const work = cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
    await expect(work).rejects.toMatchObject({ code: "Unauthorized", cause: { code: "CredentialsUnavailable" } })
  })
})

describe("credential plug-ins", () => {
  const plugin = (code: string, more: object = {}): object => ({
    exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["--eval", code], ...more },
  })
  const credential = (status: object): string =>
    `console.log(JSON.stringify({ kind: "ExecCredential", status: ${JSON.stringify(status)} }))`

  test("run once for many requests, and again after a 401", async () => {
    const log = join(folder, "runs")
    const code = `require("node:fs").appendFileSync(${JSON.stringify(log)}, "x")
      const runs = require("node:fs").readFileSync(${JSON.stringify(log)}, "utf8").length
      console.log(JSON.stringify({ status: { token: "run" + runs } }))`
    await using cluster = await connect({ kubeconfig: { text: kubeconfig(plugin(code)) } })
    const list = (): PromiseLike<unknown> => cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
    await Promise.all([list(), list(), list()])
    expect(await readFile(log, "utf8")).toBe("x")
    peer.refused.add("Bearer run1")
    await Promise.all([list(), list(), list()])
    expect(peer.asked.slice(-3).map(({ authorization }) => authorization)).toEqual(Array(3).fill("Bearer run2"))
    expect(await readFile(log, "utf8")).toBe("xx")
  })

  test("are told what they are for, and their credential is renewed a minute before it ends", async () => {
    const code = `const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
      const token = [info.kind, info.spec.interactive, info.spec.cluster.server === ${JSON.stringify(peer.url)}, process.env.EXTRA, Date.now()].join()
      console.log(JSON.stringify({ status: { token, expirationTimestamp: "2026-01-01T00:10:00Z" } }))`
    const clock = createClock()
    const user = plugin(code, { provideClusterInfo: true, env: [{ name: "EXTRA", value: "e" }] })
    await using cluster = await connect({ kubeconfig: { text: kubeconfig(user) }, clock })
    const token = async (): Promise<string | undefined> => {
      await cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
      return peer.asked.at(-1)?.authorization
    }
    const first = await token()
    expect(first).toMatch(/^Bearer ExecCredential,false,true,e,/)
    await clock.advance(8 * 60_000)
    expect(await token()).toBe(first)
    await clock.advance(60_000)
    expect(await token()).not.toBe(first)
  })

  test.each([
    [
      "that are not there",
      { exec: { command: "/nope/plugin", installHint: "install it" } },
      /"\/nope\/plugin" of user "u" failed.*ENOENT[^]*install it/,
    ],
    ["that fail", plugin("console.error('log in first'); process.exit(3)"), /exit code 3 log in first/],
    ["that answer nonsense", plugin("console.log('hunter2')"), /answered without a credential/],
    ["that have no command", { exec: {} }, /plug-in "" of user "u" failed/],
    ["that answer nothing", plugin(credential({})), /answered without a credential/],
  ])("%s are named", async (_, user, message) => {
    const text = await failureOf(ask({ kubeconfig: { text: kubeconfig(user) } }))
    expect(text).toMatch(message)
    expect(text).not.toContain("hunter2")
  })

  test("that want a terminal are refused at once", async () => {
    const user = plugin("", { interactiveMode: "Always" })
    expect(await failureOf(connect({ kubeconfig: { text: kubeconfig(user) } }))).toContain("NotSupported")
  })
})

test("an auth-provider's token comes from client-node", async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const token = `${part({ alg: "none" })}.${part({ exp: 4_102_444_800 })}.c2ln`
  const user = { "auth-provider": { name: "oidc", config: { "id-token": token, "client-id": "x" } } }
  expect((await ask({ kubeconfig: { text: kubeconfig(user) } })).authorization).toBe(`Bearer ${token}`)
})

describe("kubeconfig files", () => {
  test("are merged as kubectl does: the first that says something wins, missing ones of $KUBECONFIG are passed over", async () => {
    const first = { "current-context": "a", users: [{ name: "u", user: { token: "first" } }] }
    const second = {
      "current-context": "b",
      contexts: [{ name: "a", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: peer.url } }],
      users: [{ name: "u", user: { token: "second" } }],
    }
    await writeFile(join(folder, "1"), JSON.stringify(first))
    await writeFile(join(folder, "2"), JSON.stringify(second))
    const list = [join(folder, "1"), join(folder, "2")].join(delimiter)
    expect((await ask({ kubeconfig: list })).authorization).toBe("Bearer first")
    const text = await minifyKubeconfig({ kubeconfig: list })
    expect(JSON.parse(text)).toMatchObject({ "current-context": "a", users: [{ user: { token: "first" } }] })
    expect((await ask({ kubeconfig: { text } })).authorization).toBe("Bearer first")
    expect(await failureOf(minifyKubeconfig({ kubeconfig: list, context: "b" }))).toMatch(/no context "b"/)
    expect(await failureOf(connect({ kubeconfig: `${list}${delimiter}${folder}/3` }))).toContain("ENOENT")
    const before = process.env["KUBECONFIG"]
    process.env["KUBECONFIG"] = `${folder}/3${delimiter}${list}`
    try {
      expect((await ask({})).authorization).toBe("Bearer first")
    } finally {
      if (before === undefined) delete process.env["KUBECONFIG"]
      else process.env["KUBECONFIG"] = before
    }
  })

  test.each([
    ["a context that is not there", "{}", "x", /no context "x"/],
    ["no current context", "{}", undefined, /no current context/],
    [
      "a cluster that is not there",
      "current-context: a\ncontexts: [{ name: a, context: { cluster: b } }]",
      undefined,
      /no cluster "b"/,
    ],
    [
      "no server",
      "current-context: a\ncontexts: [{ name: a, context: { cluster: b } }]\nclusters: [{ name: b }]",
      undefined,
      /no server URL/,
    ],
    ["no map", "[1]", undefined, /not a map/],
    [
      "a server that is no URL",
      "current-context: a\ncontexts: [{ name: a, context: { cluster: b } }]\nclusters: [{ name: b, cluster: { server: here } }]",
      undefined,
      /no server URL/,
    ],
  ])("%s is an error", async (_, text, context, message) => {
    expect(await failureOf(connect({ kubeconfig: { text }, ...(context && { context }) }))).toMatch(message)
  })

  test("TLS material, inline or as files", async () => {
    const pem = (name: string): string => `-----${name}-----\n`
    const base64 = (text: string): string => Buffer.from(text).toString("base64")
    await writeFile(join(folder, "ca.crt"), pem("CA"))
    const text = (user: object, cluster: object): { readonly text: string; readonly path: string } => ({
      text: kubeconfig(user, cluster),
      path: join(folder, "config"),
    })
    const tlsOf = async (user: object, cluster: object): Promise<unknown> => {
      const config = await parseKubeconfig([text(user, cluster)])
      return (await addressOf(config, createClock()).login.current()).tls
    }
    const user = { "client-certificate-data": base64(pem("CERT")), "client-key-data": base64(pem("KEY")) }
    expect(await tlsOf(user, { "certificate-authority": "ca.crt", "tls-server-name": "api" })).toEqual({
      ca: pem("CA"),
      cert: pem("CERT"),
      key: pem("KEY"),
      serverName: "api",
    })
    expect(
      await tlsOf({}, { "certificate-authority-data": base64(pem("X")), "certificate-authority": "nope" }),
    ).toEqual({ ca: pem("X") })
    expect(await tlsOf({}, { "insecure-skip-tls-verify": true })).toEqual({ insecure: true })
  })
})

test("a proxy is gone through: as the kubeconfig says", async () => {
  await using server = createCluster()
  const { kubeconfig: text, url } = await server.listen({ tls: true })
  await using proxy = await startProxy()
  const config = JSON.parse(text) as { readonly clusters: readonly [{ readonly cluster: { "proxy-url"?: string } }] }
  config.clusters[0].cluster["proxy-url"] = proxy.url
  await using cluster = await connect({ kubeconfig: { text: JSON.stringify(config) } })
  expect((await cluster.list({ apiVersion: "v1", kind: "Namespace" })).objects.length).toBeGreaterThan(0)
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(url).host}`]))
})

describe("in a pod", () => {
  const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" }

  test("address, token, CA and namespace come from where the kubelet puts them", async () => {
    expect(isInCluster({ env, directory: folder })).toBe(false)
    for (const [name, content] of [
      ["token", "t\n"],
      ["ca.crt", "CA"],
      ["namespace", "team\n"],
    ] as const) {
      await writeFile(join(folder, name), content)
    }
    expect(isInCluster({ env, directory: folder })).toBe(true)
    const address = await inClusterAddress(createClock(), { env, directory: folder })
    expect([address.url, address.namespace]).toEqual(["https://10.0.0.1:443", "team"])
    expect(await address.login.current()).toEqual({ headers: { authorization: "Bearer t" }, tls: { ca: "CA" } })
    const six = await inClusterAddress(createClock(), {
      env: { ...env, KUBERNETES_SERVICE_HOST: "fd00::1" },
      directory: folder,
    })
    expect(six.url).toBe("https://[fd00::1]:443")
    const own = addressOf(
      await parseKubeconfig([{ text: inClusterKubeconfig({ env, directory: folder }), path: "" }]),
      createClock(),
    )
    expect(await own.login.current()).toEqual(await address.login.current())
  })

  test("a missing token is an error", async () => {
    await expect(inClusterAddress(createClock(), { env, directory: folder })).rejects.toMatchObject({
      code: "CredentialsUnavailable",
    })
    await expect(inClusterAddress(createClock(), { env: {}, directory: folder })).rejects.toMatchObject({
      code: "NoCluster",
    })
  })
})

test("a given transport needs nothing else", async () => {
  const { transport, lines } = script({
    "GET /api/v1/configmaps": { body: { metadata: { resourceVersion: "1" }, items: [] } },
  })
  await using cluster = await connect({ transport })
  await cluster.list({ apiVersion: "v1", kind: "ConfigMap" })
  expect(lines()).toEqual(["GET /api/v1/configmaps?limit=500"])
})

test("neither client-node nor undici nor yaml load with the package", async () => {
  const code = `import "@gitops-toolkit/client"
    import { createRequire } from "node:module"
    const heavy = /node_modules.(undici|yaml|@kubernetes)/
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => heavy.test(path)).length)`
  const { execFileSync } = await import("node:child_process")
  const args = ["--conditions=@gitops-toolkit/source", "--input-type=module", "--eval", code]
  const root = new URL("../../..", import.meta.url)
  expect(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }).trim()).toBe("0")
})
