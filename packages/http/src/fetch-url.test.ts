import type { IncomingMessage, ServerResponse } from "node:http"
import type { Clock } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { echo, listen } from "../test/loopback.ts"
import { createFetcher, fetchUrl, isHttpError, publicAddressesOnly } from "./index.ts"

/** Sleeps at once and notes for how long. */
function recordingClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  return { slept, now: () => 1_000_000, sleep: async (ms) => void slept.push(ms) }
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => "nothing thrown",
    (reason: unknown) => reason,
  )
  return isHttpError(error) ? error.code : String(error)
}

/** Answers the n-th request with the n-th status (the last one for ever). */
function sequence(...statuses: readonly (number | "reset")[]): {
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  readonly asked: () => number
} {
  let asked = 0
  const listener = (_: IncomingMessage, response: ServerResponse): void => {
    const status = statuses[Math.min(asked++, statuses.length - 1)]
    if (status === "reset") return void response.socket?.destroy()
    response.writeHead(status ?? 200, status === 429 ? { "retry-after": "3" } : {}).end(`answer ${asked}`)
  }
  return { listener, asked: () => asked }
}

describe("retries", () => {
  test.each([
    ["GET", [503, 200], 200, 2],
    ["GET", ["reset", "reset", 200], 200, 3],
    ["GET", [503], 503, 3],
    ["GET", [500, 200], 500, 1],
    ["GET", [404, 200], 404, 1],
    ["POST", [503, 200], 503, 1],
    ["POST", [429, 200], 200, 2],
    ["POST", ["reset", 200], "Unreachable", 1],
    ["PUT", ["reset", 200], 200, 2],
  ] as const)("%s %j ends with %s after %i requests", async (method, statuses, expected, requests) => {
    const { listener, asked } = sequence(...statuses)
    await using server = await listen(listener)
    const clock = recordingClock()
    const outcome = fetchUrl(server.url, { method, clock, random: () => 0 })
    if (typeof expected === "number") {
      expect((await outcome).status).toBe(expected)
      expect(await (await outcome).text()).toBe(`answer ${requests}`)
    } else expect(await codeOf(outcome)).toBe(expected)
    expect(asked()).toBe(requests)
  })

  test("waits as long as Retry-After says, and gives the answer back when that is too long", async () => {
    const { listener } = sequence(429, 200)
    await using server = await listen(listener)
    const clock = recordingClock()
    expect((await fetchUrl(server.url, { clock, random: () => 0 })).status).toBe(200)
    expect(clock.slept).toEqual([3000])
    await using busy = await listen((_, response) => void response.writeHead(503, { "retry-after": "3600" }).end())
    expect((await fetchUrl(busy.url, { clock })).status).toBe(503)
    expect(clock.slept).toEqual([3000])
  })

  test("a POST that never left is sent again", async () => {
    const clock = recordingClock()
    expect(await codeOf(fetchUrl("http://127.0.0.1:1/", { method: "POST", body: "x", clock }))).toBe("Unreachable")
    expect(clock.slept).toHaveLength(2)
  })
})

describe("redirects", () => {
  const to =
    (location: string, status = 302) =>
    (request: IncomingMessage, response: ServerResponse) =>
      request.url === "/start" ? void response.writeHead(status, { location }).end() : echo(request, response)

  test("same origin: everything goes along", async () => {
    await using server = await listen(to("/end?x=1"))
    const response = await fetchUrl(`${server.url}/start`, { headers: { "private-token": "s3cret" } })
    expect(response.url).toBe(`${server.url}/end?x=1`)
    expect(await response.text()).toContain("s3cret")
  })

  test("other origin: no credential goes along, whatever its header is called", async () => {
    await using target = await listen(echo)
    await using server = await listen(to(target.url))
    const url = server.url.replace("//", "//user:pa%20ss@")
    const headers = { cookie: "a=b", "private-token": "s3cret", "X-Api-Key": "k3y", accept: "text/plain" }
    const text = await (await fetchUrl(`${url}/start`, { headers })).text()
    expect(text).toContain("text/plain")
    for (const secret of ["a=b", "s3cret", "k3y", "Basic", "pa ss"]) expect(text).not.toContain(secret)
  })

  test.each([
    [301, "POST", "GET", ""],
    [302, "POST", "GET", ""],
    [303, "PUT", "GET", ""],
    [307, "POST", "POST", "body"],
    [308, "PUT", "PUT", "body"],
    [302, "PUT", "PUT", "body"],
  ] as const)("%i turns %s into %s", async (status, method, expected, body) => {
    await using server = await listen(to("/end", status))
    const response = await fetchUrl(`${server.url}/start`, { method, body: "body", headers: { "content-type": "a/b" } })
    const asked = JSON.parse(await response.text()) as {
      readonly method: string
      readonly body: string
      readonly headers: string[][]
    }
    expect(asked.method).toBe(expected)
    expect(asked.body).toBe(body)
    expect(asked.headers.some(([name]) => name === "content-type")).toBe(body !== "")
  })

  test("are refused: loops, a body to another origin, what is no web address", async () => {
    await using loop = await listen((_, response) => void response.writeHead(302, { location: "/start" }).end())
    expect(await codeOf(fetchUrl(`${loop.url}/start`))).toBe("RedirectRefused")
    await using target = await listen(echo)
    await using server = await listen(to(target.url, 307))
    expect(await codeOf(fetchUrl(`${server.url}/start`, { method: "POST", body: "secret" }))).toBe("RedirectRefused")
    await using file = await listen(to("file:///etc/passwd"))
    expect(await codeOf(fetchUrl(`${file.url}/start`))).toBe("InvalidRequest")
  })

  test("with maxRedirects 0 the redirect is the answer", async () => {
    await using server = await listen(to("/end"))
    expect((await fetchUrl(`${server.url}/start`, { maxRedirects: 0 })).status).toBe(302)
  })
})

describe("limits", () => {
  test("a body beyond maxBytes is TooLarge, as bytes, text and stream", async () => {
    await using server = await listen((_, response) => void response.end("x".repeat(1000)))
    await using fetcher = createFetcher()
    expect((await (await fetcher(server.url, { maxBytes: 1000 })).bytes()).byteLength).toBe(1000)
    expect(await codeOf((await fetcher(server.url, { maxBytes: 999 })).text())).toBe("TooLarge")
    const { body } = await fetcher(server.url, { maxBytes: 999 })
    const drain = async (): Promise<void> => {
      for await (const chunk of body) expect(chunk.byteLength).toBeLessThanOrEqual(1000)
    }
    expect(await codeOf(drain())).toBe("TooLarge")
  })

  test("a silent server is TimedOut", async () => {
    await using server = await listen(() => undefined)
    expect(await codeOf(fetchUrl(server.url, { timeoutMs: 20, attempts: 2, clock: recordingClock() }))).toBe("TimedOut")
  })

  test("keeps connections, and disposing ends them", async () => {
    await using server = await listen(echo)
    const fetcher = createFetcher()
    for (let i = 0; i < 5; i++) await (await fetcher(server.url)).bytes()
    expect(server.connections()).toBeLessThanOrEqual(2)
    await fetcher[Symbol.asyncDispose]()
    expect(await codeOf(fetcher(server.url))).toBe("Closed")
  })
})

describe("egress", () => {
  const egress = publicAddressesOnly()

  test.each([
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "http://169.254.169.254/latest",
    "http://2130706433/",
    "http://0x7f.1/",
  ])("%s is denied", async (url) => expect(await codeOf(fetchUrl(url, { egress }))).toBe("EgressDenied"))

  test("a name is judged by the address it resolves to", async () => {
    expect(await codeOf(fetchUrl("http://localhost:1/", { egress }))).toBe("EgressDenied")
  })

  test("a redirect is judged like the first URL", async () => {
    await using target = await listen(echo)
    await using server = await listen((_, response) => void response.writeHead(302, { location: target.url }).end())
    const allowUrl = (url: URL): boolean => url.origin !== target.url
    expect(await codeOf(fetchUrl(server.url, { egress: { allowUrl } }))).toBe("EgressDenied")
  })

  test("nothing else than the web is asked", async () => {
    for (const url of ["file:///etc/passwd", "data:text/plain,x", "nonsense"]) {
      expect(await codeOf(fetchUrl(url))).toBe("InvalidRequest")
    }
  })
})

test("errors name the origin only", async () => {
  const error = await fetchUrl("http://user:pw@127.0.0.1:1/hooks/T0/secret?token=x", { attempts: 1 }).catch(String)
  expect(error).toContain("http://127.0.0.1:1")
  expect(error).not.toMatch(/pw|secret|token/)
})
