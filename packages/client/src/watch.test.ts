import type { WatchEvent, WatchOptions } from "@gitops-toolkit/kube"
import { createClock, type TestClock } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { reset, script, status, type Reply, type Script } from "../test/script.ts"
import { createClient } from "./index.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const line = "GET /api/v1/configmaps"

/** `+a@2` added, `~a@3` modified, `-a@4` deleted, `=@5` bookmark, `!410` error: one line of a stream. */
function event(text: string): string {
  const [, sign = "", name = "", version = ""] = /^(.)(\w*)@?(\d*)$/.exec(text) ?? []
  const types: { readonly [sign: string]: string } = {
    "+": "ADDED",
    "~": "MODIFIED",
    "-": "DELETED",
    "=": "BOOKMARK",
    "?": "NEW",
  }
  if (sign === "!")
    return `${JSON.stringify({ type: "ERROR", object: status(Number(name), name === "410" ? "Expired" : "InternalError").body })}\n`
  const object = { ...kind, metadata: { ...(name && { name }), resourceVersion: version } }
  return `${JSON.stringify({ type: types[sign], object })}\n`
}

const stream = (...texts: readonly (string | Error)[]): Reply => ({
  stream: texts.map((text) => (typeof text === "string" && text !== "hang" ? event(text) : text)),
})
const listed = (version: string, ...names: readonly string[]): Reply => ({
  body: {
    metadata: { resourceVersion: version },
    items: names.map((name) => ({ metadata: { name, resourceVersion: version } })),
  },
})

function print(event: WatchEvent): string {
  if (event.type === "listed")
    return `listed ${event.objects.map(({ metadata }) => metadata.name).join("")}@${event.resourceVersion}`
  if (event.type === "bookmark") return `bookmark @${event.resourceVersion}`
  if (event.type === "interrupted")
    return `interrupted ${(event.error as { readonly code: string }).code} ${event.retryInMs}`
  return `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`
}

interface Watched {
  readonly seen: string[]
  readonly asked: string[]
  readonly server: Script
}

/** Watches until `count` events are seen or the clock has run for a day. */
async function watch(
  replies: readonly Reply[],
  count: number,
  options: WatchOptions & { readonly clock?: TestClock; readonly random?: () => number } = {},
): Promise<Watched> {
  const server = script({ [line]: replies })
  const clock = options.clock ?? createClock()
  const { random = () => 0 } = options
  const seen: string[] = []
  let over = false
  const reading = (async () => {
    for await (const item of createClient({ transport: server.transport, clock, random }).watch(kind, options)) {
      seen.push(print(item))
      if (seen.length >= count) break
    }
  })().finally(() => (over = true))
  for (let round = 0; round < 2000 && !over; round++) await clock.advance(100)
  for (let round = 0; round < 1000 && !over; round++) await clock.advance(60_000)
  await reading
  return {
    seen,
    server,
    asked: server.lines().map((asked) => asked.slice(line.length + 1).replace("allowWatchBookmarks=true&", "")),
  }
}

test("lists, then reports every change, from version to version", async () => {
  const { seen, asked } = await watch([listed("5", "a", "b"), stream("~a@6", "=@7", "-b@8"), stream("+c@9", "hang")], 5)
  expect(seen).toEqual(["listed ab@5", "modified a@6", "bookmark @7", "deleted b@8", "added c@9"])
  expect(asked).toEqual([
    "limit=500",
    "watch=true&resourceVersion=5&timeoutSeconds=290",
    "watch=true&resourceVersion=8&timeoutSeconds=290",
  ])
})

test("goes on from a given version without a list", async () => {
  const { seen, asked } = await watch([stream("+a@11", "hang")], 1, { resourceVersion: "10" })
  expect(seen).toEqual(["added a@11"])
  expect(asked).toEqual(["watch=true&resourceVersion=10&timeoutSeconds=290"])
})

test("asks the server to end each stream after 290 to 590 seconds", async () => {
  for (const [random, seconds] of [
    [0, 290],
    [0.5, 440],
    [0.9999999, 590],
  ] as const) {
    const { asked } = await watch([stream("+a@2", "hang")], 1, { resourceVersion: "1", random: () => random })
    expect(asked[0]).toContain(`timeoutSeconds=${seconds}`)
  }
})

describe("lost history", () => {
  test("as a status: lists anew at once", async () => {
    const { seen } = await watch([listed("5", "a"), status(410, "Expired"), listed("9", "b"), stream("hang")], 3)
    expect(seen).toEqual(["listed a@5", "interrupted Gone 0", "listed b@9"])
  })

  test("as an event: lists anew at once", async () => {
    const { seen } = await watch([listed("5", "a"), stream("~a@6", "!410"), listed("9", "b"), stream("hang")], 4)
    expect(seen).toEqual(["listed a@5", "modified a@6", "interrupted Gone 0", "listed b@9"])
  })

  test("again and again: not in a hot loop", async () => {
    const replies = [1, 2, 3].flatMap((version) => [listed(String(version), "a"), status(410, "Gone")])
    const { seen } = await watch(replies, 6)
    expect(seen).toEqual([
      "listed a@1",
      "interrupted Gone 0",
      "listed a@2",
      "interrupted Gone 1600",
      "listed a@3",
      "interrupted Gone 3200",
    ])
  })
})

describe("failures are told and retried", () => {
  test("a broken stream goes on from the last version", async () => {
    const { seen, asked } = await watch([stream("+a@2", reset()), stream("+b@3", "hang")], 3, { resourceVersion: "1" })
    expect(seen).toEqual(["added a@2", "interrupted Unreachable 800", "added b@3"])
    expect(asked[1]).toContain("resourceVersion=2")
  })

  test("a cut line is not an event", async () => {
    const cut = { stream: [event("+a@2"), event("+b@3").slice(0, 30)] }
    const { seen } = await watch([cut, stream("+b@3", "hang")], 2, { resourceVersion: "1" })
    expect(seen).toEqual(["added a@2", "added b@3"])
  })

  test("with waits from 0.8 s to 30 s, all of them random", async () => {
    const down = { failure: reset() }
    const { seen } = await watch([down], 8, { resourceVersion: "1" })
    expect(seen.map((text) => Number(text.split(" ")[2]))).toEqual([800, 1600, 3200, 6400, 12800, 25600, 30000, 30000])
    const { seen: short } = await watch([down], 3, { resourceVersion: "1", random: () => 0.99 })
    expect(short.map((text) => Number(text.split(" ")[2]))).toEqual([50, 50, 50])
  })

  test("an error event, a 403, a 500, nonsense", async () => {
    const replies = [
      stream("!500"),
      status(403, "Forbidden"),
      status(500, "InternalError"),
      { stream: ["nonsense\n"] },
      stream("+a@2", "hang"),
    ]
    const { seen } = await watch(replies, 5, { resourceVersion: "1" })
    expect(seen.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual([
      "interrupted InternalError",
      "interrupted Forbidden",
      "interrupted InternalError",
      "interrupted InternalError",
      "added a@2",
    ])
  })

  test("429 waits as long as it is asked to", async () => {
    const busy = { ...status(429, "TooManyRequests"), headers: { "retry-after": ["9"] } }
    const { seen } = await watch([busy, stream("+a@2", "hang")], 2, { resourceVersion: "1" })
    expect(seen).toEqual(["interrupted TooManyRequests 9000", "added a@2"])
  })

  test("streams that end at once are a failure; an event forgives", async () => {
    const { seen } = await watch([stream(), stream(), stream("+a@2"), stream(), stream("+b@3", "hang")], 5, {
      resourceVersion: "1",
    })
    expect(seen).toEqual([
      "interrupted Unreachable 800",
      "interrupted Unreachable 1600",
      "added a@2",
      "interrupted Unreachable 800",
      "added b@3",
    ])
  })

  test("a silent connection is cut five seconds after its time", async () => {
    const clock = createClock()
    const started = clock.now()
    const { seen } = await watch([stream("+a@2", "hang"), stream("+b@3", "hang")], 3, { resourceVersion: "1", clock })
    expect(seen).toEqual(["added a@2", "interrupted TimedOut 800", "added b@3"])
    expect(clock.now() - started).toBeGreaterThanOrEqual(295_000)
  })

  test("a kind that disappears is listed again when it comes back", async () => {
    const gone = { status: 404, body: "404 page not found" }
    const { seen } = await watch([listed("5", "a"), gone, listed("9", "b"), stream("hang")], 3)
    expect(seen).toEqual(["listed a@5", "interrupted KindNotFound 800", "listed b@9"])
  })

  test("events of types that nobody knows are passed over", async () => {
    const { seen } = await watch([stream("?x@2", "+a@3", "hang")], 1, { resourceVersion: "1" })
    expect(seen).toEqual(["added a@3"])
  })
})

describe("ends", () => {
  test("without an error when the signal aborts: while listing, reading, waiting", async () => {
    for (const replies of [
      [{ failure: reset() }],
      [listed("1"), stream("hang")],
      [listed("1"), { failure: reset() }],
    ]) {
      const stop = new AbortController()
      const clock = createClock()
      const server = script({ [line]: replies })
      const seen: string[] = []
      const reading = (async () => {
        const events = createClient({ transport: server.transport, clock }).watch(kind, { signal: stop.signal })
        for await (const item of events) seen.push(item.type)
        return "ended"
      })()
      await clock.advance(10)
      stop.abort(new Error("stop"))
      await clock.advance(10)
      expect(await reading).toBe("ended")
      expect(clock.sleepers).toBe(0)
    }
  })

  test("its request when the reader leaves", async () => {
    const { server } = await watch([stream("+a@2", "hang")], 1, { resourceVersion: "1" })
    expect(server.requests.at(-1)?.signal?.aborted).toBe(true)
  })
})
