import type { TransportResponse } from "@gitops-toolkit/http"
import ssh2 from "ssh2"
import { describe, expect, it, vi } from "vitest"
import { createClock } from "../clock.ts"
import { createGitServer, type GitFault, type GitServer, type GitSshAddress } from "./index.ts"

vi.setConfig({ testTimeout: 20_000 })

const seed = { repositories: { apps: { files: { "cm.yaml": "a: 1\n" } }, other: { files: { x: "y" } } } }
const advertise = { method: "GET", path: "/apps.git/info/refs", query: [["service", "git-upload-pack"]] } as const

const bytesOf = async ({ body }: TransportResponse): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const ask = (server: GitServer, signal?: AbortSignal): Promise<TransportResponse> =>
  server.transport({ ...advertise, ...(signal ? { signal } : {}) })
const whole = await bytesOf(await ask(createGitServer(seed)))

/** What an anonymous pull over SSH gives: bytes and how it ended. */
function pull(ssh: GitSshAddress): Promise<{ bytes: number; ending: string }> {
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    let [bytes, ending] = [0, ""]
    client.on("error", ({ level }) => (ending ||= level ?? "broken"))
    client.on("close", () => resolve({ bytes, ending: ending || "broken" }))
    client.on("ready", () =>
      client.exec("git-upload-pack '/apps.git'", (error, channel) => {
        if (error) return void client.end()
        channel.stderr.on("data", (chunk: Buffer) => (ending += chunk))
        channel.on("data", (chunk: Buffer) => (bytes += chunk.length))
        let exit = ""
        channel.on("exit", (code) => (exit = String(code)))
        channel.on("close", () => {
          ending = `${exit} ${ending}`.trim()
          client.end()
        })
        channel.end("0000")
      }),
    )
    const { hostname, port } = new URL(ssh.url)
    client.connect({ host: hostname, port: Number(port), username: "git", privateKey: ssh.auth.identity })
  })
}

describe("faults over HTTP", () => {
  it.each<[GitFault, number, Record<string, string>]>([
    [{ type: "unauthorized" }, 401, { "www-authenticate": 'Basic realm="git"' }],
    [{ type: "status", status: 503 }, 503, {}],
    [{ type: "status", status: 429, retryAfterSeconds: 7 }, 429, { "retry-after": "7" }],
  ])("%o answers %i", async (fault, status, headers) => {
    const server = createGitServer(seed)
    server.faults.add({ fault })
    const answer = await ask(server)
    expect(answer.status).toBe(status)
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name]).toEqual([value])
    expect(server.requests).toMatchObject([{ action: "advertise", status }])
    expect((await ask(server)).status).toBe(200)
  })

  it.each<[GitFault, number]>([
    [{ type: "truncate" }, Math.floor(whole.length / 2)],
    [{ type: "truncate", afterBytes: 10 }, 10],
    [{ type: "truncate", afterBytes: 0 }, 0],
  ])("%o leaves %i bytes, in process and on a port", async (fault, length) => {
    await using server = createGitServer(seed)
    server.faults.add({ fault, times: 2 })
    expect(await bytesOf(await ask(server))).toEqual(whole.subarray(0, length))
    const { url } = await server.listen()
    const answer = await fetch(`${url}/info/refs?service=git-upload-pack`)
    expect((await answer.arrayBuffer()).byteLength).toBe(length)
  })

  it.each([
    [{ type: "corrupt" }, Math.floor(whole.length / 2)],
    [{ type: "corrupt", atByte: 3 }, 3],
  ] as const)("%o turns one byte over", async (fault, at) => {
    const server = createGitServer(seed)
    server.faults.add({ fault })
    const bytes = await bytesOf(await ask(server))
    expect([...bytes].flatMap((byte, i) => (byte === whole[i] ? [] : [i]))).toEqual([at])
    expect(bytes[at]).toBe(whole[at]! ^ 0xff)
  })

  it("disconnects before and in the middle of an answer", async () => {
    await using server = createGitServer(seed)
    server.faults.add({ fault: { type: "disconnect" }, times: 2 })
    await expect(ask(server)).rejects.toMatchObject({ code: "ECONNRESET" })
    const url = `${(await server.listen()).url}/info/refs?service=git-upload-pack`
    const outcome = (): Promise<string> =>
      fetch(url)
        .then((answer) => answer.text())
        .then(String, ({ message }) => message)
    expect(await outcome()).toBe("fetch failed")
    server.faults.add({ fault: { type: "disconnect", afterBytes: 10 }, times: 2 })
    await expect(bytesOf(await ask(server))).rejects.toMatchObject({ code: "ECONNRESET" })
    expect(await outcome()).toBe("terminated")
  })

  it("stalls until the caller gives up, at the head and in the body", async () => {
    const server = createGitServer(seed)
    const reason = new Error("enough")
    const first = new AbortController()
    server.faults.add({ fault: { type: "stall" } })
    const head = ask(server, first.signal)
    first.abort(reason)
    await expect(head).rejects.toBe(reason)
    const second = new AbortController()
    server.faults.add({ fault: { type: "stall", afterBytes: 10 } })
    const body = (await ask(server, second.signal)).body[Symbol.asyncIterator]()
    expect((await body.next()).value).toHaveLength(10)
    const next = body.next()
    second.abort(reason)
    await expect(next).rejects.toBe(reason)
  })

  it("is slow on the server's clock", async () => {
    const clock = createClock()
    const server = createGitServer(seed, { clock })
    server.faults.add({ fault: { type: "slow", delayMs: 5000 } })
    let done = false
    const asking = ask(server).then((answer) => {
      done = true
      return bytesOf(answer)
    })
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    await clock.advance(4999)
    expect(done).toBe(false)
    await clock.advance(1)
    expect((await asking).length).toBe(whole.length)
  })
})

describe("plans", () => {
  const statuses = async (server: GitServer, count: number): Promise<number[]> => {
    const found: number[] = []
    for (let i = 0; i < count; i++) found.push((await ask(server)).status)
    return found
  }

  it("hit as often and as late as they say, and can be taken back", async () => {
    const server = createGitServer(seed)
    server.faults.add({ fault: { type: "status", status: 500 }, after: 1, times: 2 })
    expect(await statuses(server, 4)).toEqual([200, 500, 500, 200])
    const takeBack = server.faults.add({ fault: { type: "status", status: 500 } })
    takeBack()
    server.faults.add({ fault: { type: "status", status: 500 } })
    server.faults.clear()
    expect(await statuses(server, 1)).toEqual([200])
  })

  it.each([
    [{ action: "advertise" }, 500],
    [{ action: ["fetch", "advertise"] }, 500],
    [{ action: "fetch" }, 200],
    [{ repository: "apps" }, 500],
    [{ repository: "other" }, 200],
    [{ over: "http" }, 500],
    [{ over: "ssh" }, 200],
  ] as const)("%o", async (match, status) => {
    const server = createGitServer(seed)
    server.faults.add({ match, fault: { type: "status", status: 500 } })
    expect(await statuses(server, 1)).toEqual([status])
  })

  it("do not meet a request that was refused anyway", async () => {
    const server = createGitServer(seed, { authorize: (header) => header === "Bearer x" })
    server.faults.add({ fault: { type: "status", status: 500 } })
    expect(await statuses(server, 1)).toEqual([401])
    const answer = await server.transport({ ...advertise, headers: { authorization: "Bearer x" } })
    expect(answer.status).toBe(500)
  })
})

describe("faults over SSH", () => {
  const advertised = whole.length - "001e# service=git-upload-pack\n0000".length

  it.each<[string, GitFault, { bytes: number; ending: string }]>([
    ["login", { type: "unauthorized" }, { bytes: 0, ending: "client-authentication" }],
    ["advertise", { type: "unauthorized" }, { bytes: 0, ending: "128 Permission denied (a planned fault)" }],
    ["advertise", { type: "status", status: 503 }, { bytes: 0, ending: "128 503 (a planned fault)" }],
    ["advertise", { type: "truncate", afterBytes: 10 }, { bytes: 10, ending: "0" }],
    ["advertise", { type: "corrupt" }, { bytes: advertised, ending: "0" }],
    ["advertise", { type: "slow", delayMs: 1 }, { bytes: advertised, ending: "0" }],
    ["login", { type: "slow", delayMs: 1 }, { bytes: advertised, ending: "0" }],
  ])("at %s: %o", async (action, fault, expected) => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    server.faults.add({ match: { action }, fault })
    expect(await pull(ssh)).toEqual(expected)
    expect(await pull(ssh)).toEqual({ bytes: advertised, ending: "0" })
  })

  it.each(["login", "advertise"])("breaks the connection at %s", async (action) => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    server.faults.add({ match: { action }, fault: { type: "disconnect" } })
    const { bytes, ending } = await pull(ssh)
    expect([bytes, /^\d/.test(ending)]).toEqual([0, false])
  })

  it("stalls the login until the connection is dropped", async () => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    server.faults.add({ fault: { type: "stall" } })
    const pulling = pull(ssh)
    await vi.waitFor(() => expect(ssh.connections).toBe(1))
    expect(server.requests).toEqual([])
    ssh.drop()
    expect((await pulling).bytes).toBe(0)
  })

  it("keeps faults of answers for answers", async () => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    server.faults.add({ match: { over: "ssh" }, fault: { type: "truncate", afterBytes: 4 } })
    expect((await pull(ssh)).bytes).toBe(4)
  })
})
