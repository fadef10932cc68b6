import { execFileSync } from "node:child_process"
import { once } from "node:events"
import type { ServerResponse } from "node:http"
import { createServer } from "node:net"
import { expect, test } from "vitest"
import { echo, listen } from "../test/loopback.ts"
import {
  createHttpTransport,
  isHttpError,
  printQuery,
  readText,
  type HttpError,
  type TransportRequest,
} from "./index.ts"

const get = (path: string, more: Partial<TransportRequest> = {}): TransportRequest => ({ method: "GET", path, ...more })
const failure = async (work: Promise<unknown>): Promise<HttpError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isHttpError(error)) throw new Error("expected an HttpError", { cause: error })
  return error
}

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

test("sends path, query, array headers and body as they are", async () => {
  await using server = await listen(echo)
  await using transport = createHttpTransport({
    url: `${server.url}/prefix/`,
    headers: { authorization: "Bearer t", accept: "a/b" },
  })
  const response = await transport({
    method: "PATCH",
    path: "/names/system%3AFoo-Bar",
    query: [
      ["labelSelector", "app in (a,b)"],
      ["x", "1&2"],
      ["x", "é"],
    ],
    headers: { "impersonate-group": ["dev", "ops"], accept: "c/d" },
    body: new TextEncoder().encode("{}"),
  })
  const asked = JSON.parse(await readText(response.body)) as Echo
  expect(asked.method).toBe("PATCH")
  expect(asked.url).toBe("/prefix/names/system%3AFoo-Bar?labelSelector=app%20in%20(a%2Cb)&x=1%262&x=%C3%A9")
  expect(asked.headers.filter(([name]) => name.startsWith("impersonate"))).toEqual([
    ["impersonate-group", "dev"],
    ["impersonate-group", "ops"],
  ])
  expect(asked.headers).toContainEqual(["authorization", "Bearer t"])
  expect(asked.headers).toContainEqual(["accept", "c/d"])
  expect(asked.body).toBe("{}")
})

test("gives every header as the list of its lines, and every status as an answer", async () => {
  await using server = await listen((_, response) => {
    response
      .writeHead(503, [
        ["warning", "a"],
        ["Warning", "b"],
        ["__proto__", "x"],
      ] as never)
      .end("gone")
  })
  await using transport = createHttpTransport({ url: server.url })
  const response = await transport(get("/"))
  expect(response.status).toBe(503)
  expect(response.headers["warning"]).toEqual(["a", "b"])
  expect(response.headers["__proto__"]).toEqual(["x"])
  expect(Object.keys({})).toEqual([])
  expect(await readText(response.body)).toBe("gone")
})

test("reuses connections, and never has more than it may", async () => {
  await using server = await listen(echo)
  await using transport = createHttpTransport({ url: server.url, maxConnections: 3 })
  const ask = async (): Promise<void> => void (await readText((await transport(get("/"))).body))
  await Promise.all(Array.from({ length: 30 }, ask))
  await ask()
  expect(server.connections()).toBeLessThanOrEqual(3)
})

test("streams have connections of their own and no deadline", async () => {
  const streams: ServerResponse[] = []
  await using server = await listen((request, response) => {
    if (request.url !== "/watch") return echo(request, response)
    response.write("one\n")
    streams.push(response)
  })
  await using transport = createHttpTransport({ url: server.url, maxConnections: 1, timeoutMs: 2000 })
  const watches = await Promise.all([1, 2, 3].map(() => transport(get("/watch", { stream: true, timeoutMs: 60 }))))
  expect((await transport(get("/"))).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 80))
  for (const stream of streams) stream.end("two\n")
  expect(await Promise.all(watches.map((watch) => readText(watch.body)))).toEqual(Array(3).fill("one\ntwo\n"))
})

test("the deadline covers headers and body", async () => {
  await using server = await listen((request, response) => {
    if (request.url === "/body") response.write("half")
  })
  await using transport = createHttpTransport({ url: server.url, timeoutMs: 40 })
  expect(await failure(transport(get("/")))).toMatchObject({ code: "TimedOut", retryable: true, sent: true })
  const { body } = await transport(get("/body"))
  expect((await failure(readText(body))).code).toBe("TimedOut")
  expect((await failure(transport(get("/", { stream: true })))).code).toBe("TimedOut")
})

test("the deadline does not count the wait for a free connection", async () => {
  await using server = await listen((_, response) => void setTimeout(() => response.end("x"), 30))
  await using transport = createHttpTransport({ url: server.url, maxConnections: 1, timeoutMs: 70 })
  const ask = async (): Promise<string> => readText((await transport(get("/"))).body)
  expect(await Promise.all(Array.from({ length: 6 }, ask))).toEqual(Array(6).fill("x"))
})

test("an aborted signal rejects with its reason: before, while waiting, while reading, in the queue", async () => {
  await using server = await listen((request, response) => {
    if (request.url === "/body") response.write("half")
  })
  await using transport = createHttpTransport({ url: server.url, maxConnections: 1 })
  const reason = new Error("stop")
  await expect(transport(get("/", { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  const waiting = new AbortController()
  const first = transport(get("/", { signal: waiting.signal }))
  const queued = transport(get("/", { signal: waiting.signal }))
  await once(server.server, "request")
  waiting.abort(reason)
  await expect(first).rejects.toBe(reason)
  await expect(queued).rejects.toBe(reason)
  const reading = new AbortController()
  const { body } = await transport(get("/body", { signal: reading.signal }))
  reading.abort(reason)
  await expect(readText(body)).rejects.toBe(reason)
})

test("leaving a body closes its connection, and the next request has a new one", async () => {
  await using server = await listen((_, response) => void response.write("endless"))
  await using transport = createHttpTransport({ url: server.url, maxConnections: 1 })
  for (const round of [1, 2]) {
    for await (const chunk of (await transport(get("/"))).body) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    expect(server.connections()).toBe(round)
  }
})

test("a large body arrives complete, however slowly it is read", async () => {
  const size = 8 * 1024 * 1024
  await using server = await listen((_, response) => void response.end(Buffer.alloc(size, "x")))
  await using transport = createHttpTransport({ url: server.url })
  let read = 0
  for await (const chunk of (await transport(get("/"))).body) {
    if (read === 0) await new Promise((resolve) => setTimeout(resolve, 30))
    read += chunk.byteLength
  }
  expect(read).toBe(size)
})

test("tells whether a request may have been received", async () => {
  await using transport = createHttpTransport({ url: "http://127.0.0.1:1" })
  expect(await failure(transport(get("/")))).toMatchObject({ code: "Unreachable", sent: false, retryable: true })
  const rude = createServer((socket) => socket.once("data", () => socket.destroy())).listen(0, "127.0.0.1")
  await once(rude, "listening")
  const { port } = rude.address() as { readonly port: number }
  await using other = createHttpTransport({ url: `http://127.0.0.1:${port}` })
  expect(await failure(other(get("/secret-path")))).toMatchObject({ code: "Unreachable", sent: true, retryable: true })
  expect((await failure(other(get("/secret-path")))).message).not.toContain("secret-path")
  rude.close()
})

test("disposing rejects what runs and what comes", async () => {
  await using server = await listen(() => undefined)
  const transport = createHttpTransport({ url: server.url })
  const running = failure(transport(get("/")))
  await once(server.server, "request")
  await transport[Symbol.asyncDispose]()
  expect((await running).code).toBe("Closed")
  expect(await failure(transport(get("/")))).toMatchObject({ code: "Closed", sent: false })
})

test.each([
  ["a header with a line break", get("/", { headers: { "x-a": "b\r\nc: d" } })],
  ["a method with a space", { method: "GET /x", path: "/" }],
  ["a path with a line break", get("/a\r\nb")],
])("refuses %s", async (_, request) => {
  await using server = await listen(echo)
  await using transport = createHttpTransport({ url: server.url })
  expect(await failure(transport(request))).toMatchObject({ code: "InvalidRequest", sent: false, retryable: false })
})

test("refuses a base that is not http", () => {
  for (const url of ["ftp://x", "nonsense", "file:///etc/passwd"]) {
    expect(() => createHttpTransport({ url })).toThrow("InvalidRequest")
  }
})

test.each([
  [undefined, ""],
  [[], ""],
  [[["a", ""]], "?a="],
  [[["a b", "c/d?e=f&g"]], "?a%20b=c%2Fd%3Fe%3Df%26g"],
] as const)("prints the query %j as %j", (query, text) => {
  expect(printQuery(query)).toBe(text)
})

test("undici loads with the first request, not with the package", () => {
  const code = `import "@gitops-toolkit/http"
    import { createRequire } from "node:module"
    const { cache } = createRequire(import.meta.url)
    console.log(Object.keys(cache).filter((path) => path.includes("undici")).length)`
  const args = ["--conditions=@gitops-toolkit/source", "--input-type=module", "--eval", code]
  const root = new URL("../../..", import.meta.url)
  expect(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }).trim()).toBe("0")
})
