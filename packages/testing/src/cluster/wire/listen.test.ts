import { once } from "node:events"
import { connect } from "node:net"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Transport } from "@gitops-toolkit/http"
import { createCluster, type TestCluster } from "../../index.ts"
import { listenWith } from "./listen.ts"

let cluster: TestCluster
let port: number

beforeAll(async () => {
  cluster = createCluster()
  port = Number(new URL((await cluster.listen()).url).port)
})
afterAll(() => cluster[Symbol.asyncDispose]())

/** Everything that the server says to these bytes until it hangs up; the client has said all it has to say. */
async function say(bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1")
  let text = ""
  socket.on("data", (chunk) => (text += String(chunk)))
  socket.on("error", () => socket.destroy()) // a reset is an answer too
  socket.end(bytes, "latin1")
  await once(socket, "close")
  return text
}

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0)
const lines = (...texts: readonly string[]): string => [...texts, "Host: x", "Connection: close", "", ""].join("\r\n")
const get = (target: string, ...headers: readonly string[]): string => lines(`GET ${target} HTTP/1.1`, ...headers)
const post = (body: string, ...headers: readonly string[]): string =>
  `${lines("POST /api/v1/namespaces/default/configmaps HTTP/1.1", ...headers)}${body}`

const large = `{"kind":"ConfigMap","apiVersion":"v1","data":{"a":"${"x".repeat(3 * 1024 * 1024)}"}}`

describe("hostile requests", () => {
  test.for<readonly [what: string, bytes: string, status: number]>([
    [
      "headers with the names of Object.prototype",
      get("/version", "constructor: a", "__proto__: b", "toString: c"),
      200,
    ],
    ["the same header twice", get("/version", "__proto__: a", "__proto__: b"), 200],
    ["a whole URL", get("http://elsewhere/version?x=1"), 200],
    ["a path with a broken escape", get("/api/v1/%zz"), 400],
    ["a path that is escaped twice", get("/api/v1/namespaces/default/configmaps/%252e%252e%252fa"), 400],
    ["an escaped slash parts segments", get("/api/v1/namespaces%2Fdefault"), 200],
    ["a path that is no UTF-8", get("/api/v1/namespaces/%ff"), 404],
    ["a path of dots", get("/api/../version"), 404],
    ["a name of dots", get("/api/v1/namespaces/default/configmaps/.."), 400],
    ["a path that is none", get("*"), 404],
    ["a long path", get(`/api/v1/${"a/".repeat(4000)}`), 404],
    ["a query with broken escapes", get("/version?%zz=1&a=%&b;c&=&&"), 200],
    [
      "an impersonated extra with a broken escape",
      get("/version", "impersonate-user: a", "impersonate-extra-%zz: b"),
      403,
    ],
    [
      "impersonated extras with the names of Object.prototype",
      get("/version", "impersonate-user: a", "impersonate-extra-__proto__: b"),
      403,
    ],
    ["an Accept that is none", get("/api/v1/namespaces", "accept: ;;,/,\x80"), 406],
    ["headers of 20 KiB", get("/version", `a: ${"x".repeat(20_000)}`), 431],
    ["a method that is none", lines("FETCH /version HTTP/1.1"), 400],
    ["a version that is none", lines("GET /version HTTP/7.1"), 400],
    ["a length that is none", post("", "content-length: ten"), 400],
    ["two lengths", post("{}", "content-length: 2", "content-length: 3"), 400],
    ["a length and chunks", post("0\r\n\r\n", "content-length: 2", "transfer-encoding: chunked"), 400],
    ["chunks without a size", post("{}\r\n0\r\n\r\n", "transfer-encoding: chunked"), 400],
    ["a chunk that is shorter than it says", post("9\r\n{}", "transfer-encoding: chunked"), 400],
    ["a body that breaks off", post("{", "content-length: 20"), 400],
    ["a body over the limit", post(large, `content-length: ${large.length}`), 413],
    [
      "chunks over the limit",
      post(`${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`, "transfer-encoding: chunked"),
      413,
    ],
    ["a body that is no UTF-8", post("\xff\xfe{}", "content-length: 4"), 400],
    [
      "an unknown field with a name that no header may have",
      post(
        body("\\u007f\\u00e9\u00e9"),
        "content-type: application/json",
        `content-length: ${body("\\u007f\\u00e9\u00e9").length}`,
      ),
      201,
    ],
    ["nothing", "", 0],
    ["line feeds", "\r\n\r\n\r\n", 0],
  ])("%s", async ([, bytes, status]) => {
    expect(statusOf(await say(bytes))).toBe(status)
    expect(statusOf(await say(get("/version")))).toBe(200)
  })

  test("a header's bytes are those of its UTF-8", async () => {
    const text = body("\\u00e9")
    const answer = await say(post(text, "content-type: application/json", `content-length: ${text.length}`))
    expect(/^warning: (.*)$/im.exec(answer)?.[1]).toBe(`299 - "unknown field \\"\xc3\xa9\\""`)
  })
})

function body(unknown: string): string {
  return JSON.stringify({ kind: "ConfigMap", apiVersion: "v1", metadata: { generateName: "a-" } }).replace(
    /}$/,
    `,"${unknown}":1}`,
  )
}

const target = fc
  .array(
    fc.constantFrom(
      "",
      ".",
      "..",
      "api",
      "apis",
      "v1",
      "apps",
      "namespaces",
      "default",
      "pods",
      "deployments",
      "status",
      "%2e",
      "%2F",
      "%",
      "%00",
      "%ff",
      "__proto__",
      "constructor",
      "%250a",
      "\xff",
      "?",
      "?limit=1&continue=a",
      "?labelSelector=!!",
      "?fieldSelector=%00",
      "#",
      ";",
    ),
    { maxLength: 9 },
  )
  .map((parts) => `/${parts.join("/")}`)
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      "accept",
      "content-type",
      "authorization",
      "impersonate-user",
      "impersonate-group",
      "impersonate-extra-a",
      "user-agent",
      "audit-id",
      "constructor",
      "__proto__",
      "expect",
      "transfer-encoding",
      "content-length",
      "connection",
      "upgrade",
    ),
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        "application/json",
        "application/yaml",
        "application/vnd.kubernetes.protobuf",
        "application/apply-patch+yaml",
        "application/merge-patch+json",
        "application/json-patch+json",
        "*/*",
        "chunked",
        "100-continue",
        "websocket",
        "5",
      ),
    ),
  ),
  fc.tuple(fc.string(), fc.string()),
)
const content = fc.oneof(
  fc.constant(""),
  fc.string(),
  fc.json(),
  fc.json().map((data) => `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":${data}}`),
  fc.json().map((metadata) => `{"kind":"Pod","apiVersion":"v1","metadata":${metadata},"spec":${metadata}}`),
  fc.constant("k8s\x00\x0a\x04"),
)

test("who waits is told that the client hung up", async () => {
  const left = Promise.withResolvers<unknown>()
  const serve: Transport = ({ signal }) =>
    new Promise((_, reject) => {
      signal!.addEventListener("abort", () => {
        left.resolve(signal!.reason)
        reject(signal!.reason as Error)
      })
      socket.destroy()
    })
  await using listener = await listenWith(serve, { port: 0 })
  const socket = connect(Number(new URL(listener.url).port), "127.0.0.1")
  socket.write(get("/a"))
  expect(await left.promise).toMatchObject({ message: "the client hung up" })
})

test("requests in one connection are answered in order, each with its own", async () => {
  const bodies = ["{", "{}", `{"kind":"ConfigMap","metadata":{"name":"mine"}}`].map((text) =>
    post(text, "content-type: application/json", `content-length: ${text.length}`).replace("Connection: close", "X: y"),
  )
  const answers = await say([...bodies, get("/version")].join(""))
  const parts = answers.split(/(?=HTTP\/1\.1 )/)
  expect(parts.map(statusOf)).toEqual([400, 422, 201, 200])
  expect(parts.map((part) => part.includes("mine"))).toEqual([false, false, true, false])
})

describe("requests of any bytes", () => {
  test("never end in a 5xx, nor show in the answers to others", { timeout: 60_000 }, async () => {
    const secret = "Rumpelstiltskin"
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "\x00"),
        target,
        fc.array(header, { maxLength: 4 }),
        content,
        fc.boolean(),
        async (method, path, headers, text, honest) => {
          const given = headers.map(([name, value]) => `${name}: ${value}`)
          const length = honest ? [`content-length: ${Buffer.byteLength(text, "latin1")}`] : []
          const bytes = `${lines(`${method} ${path} HTTP/1.1`, `x-secret: ${secret}`, ...given, ...length)}${text}`
          const told = await Promise.all([say(bytes), say(get("/api/v1/namespaces/default"))])
          expect(statusOf(told[0])).toBeLessThan(500)
          expect(statusOf(told[1])).toBe(200)
          expect(told[1]).not.toContain(secret)
        },
      ),
      { numRuns: 400 },
    )
  })
})
