import { createClock } from "@gitops-toolkit/testing"
import { ClusterError, type Cluster, type KubeObject, type WatchEvent } from "@gitops-toolkit/kube"
import { expect, test, vi } from "vitest"
import { reflect, type ReflectEvent } from "./reflect.ts"
import { shutdownSignal } from "./signal.ts"
import { createStore } from "./store.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const at = (name: string, resourceVersion: string): KubeObject => ({ ...kind, metadata: { name, resourceVersion } })

/** Each watch plays one script; a script that ends in an error throws it, others end. */
const scripted = (scripts: (WatchEvent | Error)[][]): Cluster =>
  ({
    async *watch() {
      for (const step of scripts.shift() ?? []) {
        if (step instanceof Error) throw step
        yield step
      }
    },
  }) as unknown as Cluster

const told = (event: ReflectEvent): string => {
  if (event.type === "watch.synced") return `synced ${event.changes.map(({ ref }) => ref.name).join()}`
  if (event.type === "watch.changed")
    return `${event.change.object === undefined ? "gone" : "there"} ${event.change.ref.name}`
  return event.type === "watch.bookmark" ? `bookmark ${event.resourceVersion}` : `interrupted ${event.retryInMs}`
}

test("keeps the store equal, through failures of every kind, until the signal", async () => {
  const clock = createClock()
  const store = createStore()
  const stop = new AbortController()
  const cluster = scripted([
    [
      { type: "listed", objects: [at("a", "1"), at("b", "2")], resourceVersion: "5" },
      { type: "modified", object: at("a", "6") },
      { type: "modified", object: at("a", "6") },
      { type: "bookmark", resourceVersion: "9" },
      { type: "interrupted", error: new Error("cut"), retryInMs: 7 },
      new ClusterError("Forbidden", "not allowed"),
    ],
    [new ClusterError("Forbidden", "not allowed")],
    [
      { type: "listed", objects: [at("c", "12")], resourceVersion: "13" },
      { type: "deleted", object: at("c", "14") },
    ],
  ])
  const events: string[] = []
  const ended = (async () => {
    for await (const event of reflect(cluster, kind, { store, clock, random: () => 0, signal: stop.signal })) {
      events.push(told(event))
    }
  })()
  for (const ms of [0, 1000, 2000]) await clock.advance(ms)
  expect(events).toEqual([
    "synced a,b",
    "there a",
    "bookmark 9",
    "interrupted 7",
    "interrupted 1000",
    "interrupted 2000",
    "synced c,a,b",
    "gone c",
    "interrupted 1000",
  ])
  expect([store.size, store.version]).toEqual([0, "14"])
  stop.abort()
  await ended
  expect(clock.sleepers).toBe(0)
})

test("shutdownSignal aborts at the first request and exits at the second", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  const before = process.listeners("SIGUSR2")
  try {
    const signal = shutdownSignal({ signals: ["SIGUSR2"] })
    const [listener] = process.listeners("SIGUSR2").filter((one) => !before.includes(one))
    expect(signal.aborted).toBe(false)
    listener?.("SIGUSR2")
    expect(signal.aborted).toBe(true)
    expect(() => listener?.("SIGUSR2")).toThrow("exit 1")
    process.removeListener("SIGUSR2", listener!)
  } finally {
    exit.mockRestore()
  }
})
