import { once } from "node:events"
import { createServer, type AddressInfo, type Socket } from "node:net"
import { describe, expect, test } from "vitest"
import { createFetcher, createHttpTransport, fetchUrl, isHttpError, readText } from "./index.ts"

interface Peer extends AsyncDisposable {
  readonly url: string
}

/** A peer that does what it likes with the raw bytes of each request. */
async function peer(onRequest: (socket: Socket, request: string) => void): Promise<Peer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => sockets.delete(socket))
    socket.on("data", (bytes) => onRequest(socket, bytes.toString("latin1")))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function outcomeOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    return isHttpError(error) ? error.code : `not an HttpError: ${String(error)}`
  }
}

const head = "HTTP/1.1 200 OK\r\n"

describe("an answer that is none ends in an error, never in a hang or a crash", () => {
  test.each([
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n", "Unreachable"],
    ["a body that ends early", `${head}content-length: 10\r\n\r\nabc`, "Unreachable"],
    ["two lengths", `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, "Unreachable"],
    ["a length and chunks", `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, "Unreachable"],
    ["chunks of no size", `${head}transfer-encoding: chunked\r\n\r\nzz\r\nab\r\n`, "Unreachable"],
    ["headers without an end", `${head}${"x: y\r\n".repeat(10_000)}`, "Unreachable"],
    ["one endless header", `${head}x: ${"y".repeat(200_000)}\r\n\r\n`, "Unreachable"],
    ["a header with a NUL", `${head}x: a\0b\r\n\r\n`, "Unreachable"],
    ["a body that is announced too large", `${head}content-length: 99999999999\r\n\r\nabc`, "TooLarge"],
    ["a redirect to nowhere", "HTTP/1.1 302 Found\r\nlocation: http://[\r\n\r\n", "RedirectRefused"],
    [
      "an unasked upgrade",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "Unreachable",
    ],
    ["nothing but an end", "", "Unreachable"],
  ])("%s: %#", async (_, answer, code) => {
    await using server = await peer((socket) => socket.end(answer, "latin1"))
    const options = { attempts: 1, timeoutMs: 5000 }
    expect(await outcomeOf(async () => (await fetchUrl(server.url, options)).text())).toBe(code)
  })

  test("a body that trickles for ever", async () => {
    await using server = await peer((socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
      const timer = setInterval(() => socket.write("1\r\nx\r\n"), 5)
      socket.on("close", () => clearInterval(timer))
    })
    const options = { attempts: 1, timeoutMs: 60 }
    expect(await outcomeOf(async () => (await fetchUrl(server.url, options)).text())).toBe("TimedOut")
  })

  test("informational answers for ever", async () => {
    await using server = await peer((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"), 5)
      socket.on("close", () => clearInterval(timer))
    })
    expect(await outcomeOf(async () => (await fetchUrl(server.url, { attempts: 1, timeoutMs: 60 })).text())).toBe(
      "TimedOut",
    )
  })
})

test("a second answer to one request is not taken for the next one's", async () => {
  const answer = (text: string): string => `${head}content-length: ${text.length}\r\n\r\n${text}`
  await using server = await peer((socket, request) => {
    socket.write(request.includes("/first") ? answer("mine") + answer("poison") : answer("second"))
  })
  for (let round = 0; round < 20; round++) {
    await using transport = createHttpTransport({ url: server.url, maxConnections: 1 })
    const ask = async (path: string): Promise<string> => readText((await transport({ method: "GET", path })).body)
    expect(await outcomeOf(() => ask("/first"))).not.toBe("poison")
    expect(await outcomeOf(() => ask("/next"))).not.toBe("poison")
  }
})

test("bodies are not decompressed, so nothing unfolds", async () => {
  const gzip = Buffer.from("H4sIAAAAAAAAA0tMTAQALXMH8AMAAAA=", "base64")
  await using server = await peer((socket, request) => {
    expect(request.toLowerCase()).not.toContain("accept-encoding")
    socket.write(`${head}content-encoding: gzip\r\ncontent-length: ${gzip.length}\r\n\r\n`)
    socket.write(gzip)
  })
  await using fetcher = createFetcher()
  expect(Buffer.from(await (await fetcher(server.url)).bytes())).toEqual(gzip)
})
