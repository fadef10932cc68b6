import type { Clock, KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createNotifier, memoryOutbox, NotifyError, type Channel, type Notification } from "./index.ts"

const told: Notification = {
  involvedObject: { kind: "App", namespace: "prod", name: "web" },
  severity: "info",
  message: "done",
  reason: "Done",
  reportingController: "apps",
}
const object: KubeObject = {
  apiVersion: "apps.example.com/v1",
  kind: "App",
  metadata: { name: "web", namespace: "prod" },
}

/** A clock that waits for nobody. */
function quickClock(): Clock & { time: number; readonly slept: number[] } {
  const clock = {
    time: 0,
    slept: [] as number[],
    now: () => clock.time,
    sleep: async (ms: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}) => {
      signal?.throwIfAborted()
      clock.slept.push(ms)
      clock.time += ms
    },
  }
  return clock
}

/** A channel that remembers, and fails as it is told. */
function recordingChannel(
  fail: (attempt: number) => Error | undefined = () => undefined,
): Channel & { readonly got: Notification[]; attempts: number } {
  const channel = {
    name: "test",
    got: [] as Notification[],
    attempts: 0,
    async send(notification: Notification) {
      const error = fail(++channel.attempts)
      if (error) throw error
      channel.got.push(notification)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
  return channel
}

const busy = new NotifyError("DeliveryFailed", "busy", { retryable: true })

describe("memoryOutbox", () => {
  test("tries again, in order", async () => {
    const clock = quickClock()
    const outbox = memoryOutbox({ clock, random: () => 0 })
    const channel = recordingChannel((attempt) => (attempt < 3 ? busy : undefined))
    const first = outbox.put(channel, { ...told, message: "1" })
    const second = outbox.put(channel, { ...told, message: "2" })
    expect(await Promise.all([first, second])).toEqual([
      { outcome: "delivered", attempts: 3 },
      { outcome: "delivered", attempts: 1 },
    ])
    expect(channel.got.map(({ message }) => message)).toEqual(["1", "2"])
    expect(clock.slept).toEqual([2000, 4000])
  })

  test("gives up what cannot succeed at once, and the rest after all tries", async () => {
    const outbox = memoryOutbox({ clock: quickClock(), attempts: 3 })
    const wrong = new NotifyError("DeliveryFailed", "status 404")
    const never = recordingChannel(() => wrong)
    expect(await outbox.put(never, told)).toEqual({ outcome: "failed", error: wrong })
    expect(never.attempts).toBe(1)
    const down = recordingChannel(() => busy)
    expect(await outbox.put(down, told)).toEqual({ outcome: "failed", error: busy })
    expect(down.attempts).toBe(3)
  })

  test("one channel that is down does not hold up another", async () => {
    const outbox = memoryOutbox({ clock: { now: () => 0, sleep: () => new Promise(() => undefined) } })
    void outbox.put(
      recordingChannel(() => busy),
      told,
    )
    expect(await outbox.put(recordingChannel(), told)).toMatchObject({ outcome: "delivered" })
  })

  test("is bounded, and gives up what waits when it is disposed", async () => {
    const outbox = memoryOutbox({ capacity: 1, clock: quickClock() })
    const channel = recordingChannel(() => busy)
    const waiting = outbox.put(channel, told)
    expect(await outbox.put(channel, told)).toMatchObject({ error: { code: "OutboxFull" } })
    await outbox[Symbol.asyncDispose]()
    expect(await waiting).toMatchObject({ outcome: "failed" })
    expect(await outbox.put(channel, told)).toMatchObject({ outcome: "failed" })
  })
})

describe("createNotifier", () => {
  test("turns events into messages, by the rules of each route", async () => {
    const all = recordingChannel()
    const errors = recordingChannel()
    const notifier = createNotifier({
      channels: [all, { channel: errors, rules: [{ severity: "error" }], eventMetadata: { cluster: "prod-1" } }],
    })
    await notifier({ type: "reconcile.started" }, object)
    await notifier({ type: "reconcile.finished", message: "done" }, object)
    await notifier(
      { type: "reconcile.failed", reason: "BuildFailed", message: "no such file", revision: "main@sha1:0" },
      object,
    )
    await notifier.flush()
    expect(all.got.map(({ message }) => message)).toEqual(["done", "no such file"])
    expect(all.got[1]?.metadata).toEqual({ revision: "main@sha1:0" })
    expect(errors.got.map(({ metadata }) => metadata)).toEqual([{ cluster: "prod-1", revision: "main@sha1:0" }])
    await notifier[Symbol.asyncDispose]()
  })

  test("repeats nothing within the window, whatever the durations in it", async () => {
    const clock = quickClock()
    const channel = recordingChannel()
    const notifier = createNotifier({ channels: [channel], clock, dedupeMs: 1000 })
    notifier.notify({ ...told, message: "finished in 1.2s" })
    notifier.notify({ ...told, message: "finished in 850ms" })
    notifier.notify({ ...told, message: "finished in 850ms", metadata: { revision: "2" } })
    notifier.notify({ ...told, message: "finished in 3s", severity: "error" })
    clock.time = 1000
    notifier.notify({ ...told, message: "finished in 2m1s" })
    await notifier.flush()
    expect(channel.got).toHaveLength(4)
  })

  test("a failed delivery may be repeated, and is told of", async () => {
    const failures: string[] = []
    const channel = recordingChannel((attempt) =>
      attempt === 1 ? new NotifyError("DeliveryFailed", "status 400") : undefined,
    )
    const notifier = createNotifier({
      channels: [channel],
      onFailure: ({ error, channel: name }) => failures.push(`${name}: ${String(error)}`),
    })
    notifier.notify(told)
    await notifier.flush()
    notifier.notify(told)
    await notifier.flush()
    expect(channel.got).toHaveLength(1)
    expect(failures).toEqual(["test: NotifyError: [DeliveryFailed] status 400"])
  })

  test("sends no secret, and nothing endless", async () => {
    const channel = recordingChannel()
    const notifier = createNotifier({ channels: [channel], secrets: () => ["hunter2"] })
    const message = `cannot read https://u:p4ss@host with hunter2 ${"x".repeat(50_000)}`
    notifier.notify({ ...told, message, metadata: { token: "ghp_0123456789abcdefghij", note: "hunter2" } })
    await notifier.flush()
    expect(channel.got[0]?.message).toHaveLength(30_000)
    expect(JSON.stringify(channel.got)).not.toMatch(/hunter2|p4ss|ghp_/)
  })

  test("refuses broken rules when it is made", () => {
    expect(() => createNotifier({ channels: [], rules: [{ include: ["("] }] })).toThrow(NotifyError)
  })
})
