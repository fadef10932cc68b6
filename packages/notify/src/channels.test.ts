import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { publicAddressesOnly } from "@gitops-toolkit/http"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import {
  createHttpChannel,
  slackChannel,
  telegramChannel,
  webhookChannel,
  zulipChannel,
  type Channel,
  type Notification,
} from "./index.ts"

const told: Notification = {
  involvedObject: { kind: "App", namespace: "prod", name: "web" },
  severity: "info",
  message: "done",
  reason: "Done",
  reportingController: "apps",
}

interface Got {
  readonly request: IncomingMessage
  readonly body: string
}

let got: Got[]
let answer: { status: number; body: string; headers: { [name: string]: string } }
let url: string
let close: () => Promise<void>

beforeEach(async () => {
  got = []
  answer = { status: 200, body: "", headers: {} }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      got.push({ request, body: Buffer.concat(chunks).toString() })
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
})
afterEach(() => close())

async function send(channel: Channel): Promise<void> {
  try {
    await channel.send(told)
  } finally {
    await channel[Symbol.asyncDispose]()
  }
}

describe("delivery over HTTP", () => {
  test("a signed webhook", async () => {
    await send(
      webhookChannel({
        url: `${url}/hook`,
        secret: "s3cret",
        headers: { Authorization: "t", "X-Signature": "forged" },
      }),
    )
    const { request, body } = got[0]!
    expect(request.method).toBe("POST")
    expect(request.headers["x-signature"]).toBe(`sha256=${createHmac("sha256", "s3cret").update(body).digest("hex")}`)
    expect(request.headers["authorization"]).toBe("t")
    expect(JSON.parse(body)).toMatchObject({ message: "done", involvedObject: { name: "web" } })
  })

  test.each([
    [500, true],
    [503, true],
    [429, true],
    [400, false],
    [404, false],
    [302, false],
  ])("status %i is a failure; retryable: %s", async (status, retryable) => {
    answer = {
      status,
      body: "because hooks.slack.com/services/T/B/x",
      headers: { "retry-after": "7", location: `${url}/elsewhere` },
    }
    const error: unknown = await send(slackChannel({ url: `${url}/services/secret` })).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: "DeliveryFailed", status, retryable, retryAfterMs: 7000 })
    expect(String(error)).not.toMatch(/secret|\/T\/B/)
    expect(got).toHaveLength(1)
  })

  test("an unreachable server is retryable, and its URL is not told", async () => {
    await close()
    const error: unknown = await send(telegramChannel({ token: "t0k3n", chat: "c", url: `${url}/bot-t0k3n` })).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: "DeliveryFailed", retryable: true })
    expect(String(error)).not.toContain("t0k3n")
  })

  test("an address that the policy forbids is not tried again", async () => {
    const channel = webhookChannel({ url, egress: publicAddressesOnly() })
    const error: unknown = await send(channel).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "DeliveryFailed", retryable: false })
    expect(got).toEqual([])
  })

  test("an answer may refuse with status 200", async () => {
    answer.body = "no"
    const channel = createHttpChannel({
      name: "picky",
      requestsFor: () => [{ url, method: "PUT", body: { a: 1 } }],
      refusalIn: (text) => (text === "no" ? "it said no" : undefined),
    })
    await expect(send(channel)).rejects.toThrow("picky did not take the message: it said no")
    expect([got[0]?.request.method, got[0]?.body]).toEqual(["PUT", '{"a":1}'])
  })

  test("an aborted signal ends it", async () => {
    const reason = new Error("stopped")
    await expect(webhookChannel({ url }).send(told, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test.each([
  () => slackChannel({ url: "hooks.slack.com" }),
  () => slackChannel({ url: "file:///etc/passwd" }),
  () => webhookChannel({ url: "https://example.com", secret: "" }),
  () => telegramChannel({ token: "", chat: "c" }),
  () => zulipChannel({ url: "https://example.com", channel: "general", username: "u", password: "p" }),
])("wrong options are refused when the channel is made: %s", (make) => {
  expect(make).toThrow(expect.objectContaining({ code: "InvalidConfig" }))
})
