import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { createHttpTransport, type Transport } from "@gitops-toolkit/http"
import type { Clock, WatchEvent } from "@gitops-toolkit/kube"
import { createClock } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { aggregated } from "../test/script.ts"
import { createClient } from "./index.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const a = { ...kind, namespace: "ns", name: "a" }
const object = (version: number): object => ({
  ...kind,
  metadata: { name: "a", namespace: "ns", resourceVersion: String(version) },
})
const added = (version: number): string => `${JSON.stringify({ type: "ADDED", object: object(version) })}\n`
const groups = aggregated({
  "": { v1: [{ resource: "configmaps", responseKind: { kind: "ConfigMap" }, scope: "Namespaced" }] },
})

type Act = (response: ServerResponse, request: IncomingMessage) => void

interface Faulty extends AsyncDisposable {
  readonly transport: Transport
  readonly urls: string[]
}

/** A server on a real socket that does to the n-th request (after discovery) what the n-th act says. */
async function faulty(...acts: readonly Act[]): Promise<Faulty> {
  const urls: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? ""
    if (url === "/api" || url === "/apis") {
      return void response
        .writeHead(200, groups.headers as never)
        .end(url === "/api" ? JSON.stringify(groups.body) : '{"items":[]}')
    }
    urls.push(url)
    acts[Math.min(urls.length, acts.length) - 1]?.(response, request)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const transport = createHttpTransport({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxConnections: 2,
  })
  return {
    transport,
    urls,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const instant = (): Clock & { readonly slept: number[] } => {
  const slept: number[] = []
  return {
    slept,
    now: Date.now,
    sleep: async (ms, { signal } = {}) => (ms > 100_000 ? untilAborted(signal) : void slept.push(ms)),
  }
}

const untilAborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true }))

const ok: Act = (response) => void response.end(JSON.stringify(object(1)))
const destroy: Act = (response) => void response.socket?.destroy()

async function watched(
  server: Faulty,
  count: number,
  to: { readonly clock?: Clock; readonly seen?: string[] } = {},
): Promise<string[]> {
  const { clock = instant(), seen = [] } = to
  const cluster = createClient({ transport: server.transport, clock, random: () => 0 })
  for await (const event of cluster.watch(kind, { resourceVersion: "1" })) {
    if (seen.push(print(event)) >= count) break
  }
  return seen
}

function print(event: WatchEvent): string {
  if (event.type === "interrupted") return (event.error as { readonly code: string }).code
  return event.type === "added" ? `added ${event.object.metadata.resourceVersion}` : event.type
}

describe("a watch survives", () => {
  const rest: Act = (response) => void response.write(added(9))

  test.each([
    [
      "a connection that is cut in the middle of an event",
      (response: ServerResponse) =>
        void response.write(added(2) + added(3).slice(0, 20), () => response.socket?.resetAndDestroy()),
    ],
    [
      "a server that ends its half",
      (response: ServerResponse) => void response.write(added(2), () => response.socket?.end()),
    ],
    ["a connection that is cut at once", destroy],
  ])("%s", async (name, act) => {
    await using server = await faulty(act, rest)
    const seen = await watched(server, name.endsWith("once") ? 2 : 3)
    expect(seen.filter((text) => text.startsWith("added"))).toEqual(
      name.endsWith("once") ? ["added 9"] : ["added 2", "added 9"],
    )
    expect(seen.at(-2)).toBe("Unreachable")
    expect(server.urls[1]).toContain(`resourceVersion=${name.endsWith("once") ? 1 : 2}&`)
  })

  test("an orderly end", async () => {
    await using server = await faulty((response) => void response.end(added(2)), rest)
    expect(await watched(server, 2)).toEqual(["added 2", "added 9"])
  })

  test("a peer that is silent for ever", async () => {
    await using server = await faulty((response) => void response.write(added(2)), rest)
    const clock = createClock()
    const seen: string[] = []
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve))
    }
    const watching = watched(server, 3, { clock, seen })
    await until(() => seen.length === 1)
    await clock.advance(295_000)
    await until(() => seen.length === 2)
    await clock.advance(1000)
    expect(await watching).toEqual(["added 2", "TimedOut", "added 9"])
  })
})

describe("requests survive", () => {
  const get = (server: Faulty, clock = instant()): Promise<unknown> =>
    createClient({ transport: server.transport, clock })
      .get(a)
      .then((found) => found?.metadata.resourceVersion)

  test("a connection that is cut before the answer", async () => {
    await using server = await faulty(destroy, destroy, ok)
    expect(await get(server)).toBe("1")
  })

  test("a connection that is cut in the middle of the answer", async () => {
    const half: Act = (response) =>
      void response.writeHead(200, { "content-length": "1000" }).write("{", () => response.socket?.destroy())
    await using server = await faulty(half, ok)
    expect(await get(server)).toBe("1")
  })

  test("an idle connection that the server closed", async () => {
    await using server = await faulty(ok, ok)
    const cluster = createClient({ transport: server.transport, clock: instant() })
    await cluster.get(a)
    await using other = await faulty(
      (response) => void response.setHeader("connection", "close").end(JSON.stringify(object(1))),
      ok,
    )
    await createClient({ transport: other.transport }).get(a)
    expect((await createClient({ transport: other.transport }).get(a))?.metadata.name).toBe("a")
  })

  test("429, for as long as the server asks", async () => {
    const busy: Act = (response) => void response.writeHead(429, { "retry-after": "5" }).end()
    await using server = await faulty(busy, busy, ok)
    const clock = instant()
    expect(await get(server, clock)).toBe("1")
    expect(clock.slept).toEqual([5000, 5000])
  })

  test("silence, until the deadline of a try", async () => {
    await using server = await faulty(() => undefined, ok)
    const cluster = createClient({ transport: server.transport, clock: instant() })
    expect((await cluster.get(a, { timeoutMs: 50 }))?.metadata.name).toBe("a")
  })

  test("but a create that may have been received is not sent twice", async () => {
    await using server = await faulty(destroy, ok)
    const work = createClient({ transport: server.transport, clock: instant() }).create(object(1) as never)
    await expect(work).rejects.toMatchObject({ code: "Unreachable", retryable: true })
    expect(server.urls).toHaveLength(1)
  })
})
