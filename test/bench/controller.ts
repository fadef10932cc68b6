// What the runtime itself costs: the queue, and reconciles of applications that are as they should be.
import { crdOf, createQueue, defineController, defineKind, run } from "@gitops-toolkit/controller"
import type { KubeObject } from "@gitops-toolkit/kube"
import { apply, plan } from "@gitops-toolkit/reconcile"
import { createCluster } from "@gitops-toolkit/testing"
import { setTimeout } from "node:timers/promises"
import * as z from "zod"
import type { Figure } from "./figure.ts"

const apps = 1000
const objectsEach = 4
/** CPU milliseconds of this process so far: other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function queueRate(): Promise<number> {
  const queue = createQueue()
  const keys = Array.from({ length: 100_000 }, (_item, index) => `namespace/${index}`)
  const startedAt = cpuMs()
  for (const key of keys) queue.add(key)
  for (let left = keys.length; left > 0; left--) queue.done((await queue.next())!)
  return keys.length / ((cpuMs() - startedAt) / 1000)
}

const App = defineKind({ group: "bench.example.com", version: "v1", kind: "App", spec: z.object({ text: z.string() }) })

function settingsOf(app: string, text: string): KubeObject[] {
  return Array.from({ length: objectsEach }, (_item, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${app}-${index}`, namespace: "default" },
    data: { text },
  }))
}

interface Fleet {
  readonly coldMs: number
  readonly noOpMs: number
  readonly requests: number
  readonly heapMiB: number
}

/** Reconciles all applications twice: first from nothing, then with nothing to do. */
async function runFleet(): Promise<Fleet> {
  const objects = Array.from({ length: apps }, (_item, index) => ({
    apiVersion: App.apiVersion,
    kind: "App",
    metadata: { name: `app-${index}`, namespace: "default" },
    spec: { text: "hello" },
  }))
  await using cluster = createCluster({ kinds: [crdOf(App)], objects })
  const stop = new AbortController()
  let finished = 0
  let atEnd: () => void = () => undefined
  const controller = defineController({
    kind: App,
    concurrency: 16,
    async *reconcile(app, { live, inventory, signal }) {
      const changes = await plan(cluster, settingsOf(app.metadata.name!, app.spec.text), {
        owner: app,
        inventory,
        live,
        signal,
      })
      yield* apply(cluster, changes, { inventory, live, signal })
    },
  })
  const rounds = (count: number): Promise<void> =>
    new Promise((resolve) => {
      finished = 0
      atEnd = () => (++finished === count ? resolve() : undefined)
    })
  const first = rounds(apps)
  const startedAt = cpuMs()
  const ended = run({
    cluster,
    controllers: [controller],
    startupSpreadMs: () => 0,
    signal: stop.signal,
    observers: [({ type }) => (type === "reconcile.finished" ? atEnd() : undefined)],
  })
  await first
  const coldMs = cpuMs() - startedAt
  const requests = cluster.requests.length
  // The watch may be behind the answers; a reconcile that comes before its events asks the server instead.
  await setTimeout(1000)
  const second = rounds(apps)
  const touchedAt = cpuMs()
  for (const { metadata } of objects) {
    const ref = { apiVersion: App.apiVersion, kind: "App", namespace: "default", name: metadata.name }
    await cluster.patch(ref, { type: "merge", patch: { metadata: { annotations: { again: "1" } } } })
  }
  await second
  const noOpMs = cpuMs() - touchedAt
  const heapMiB = process.memoryUsage().heapUsed / 2 ** 20
  stop.abort()
  await ended
  return { coldMs, noOpMs, requests: cluster.requests.length - requests - apps, heapMiB }
}

/** The runtime's figures. */
export default async function* bench(): AsyncIterable<Figure> {
  yield { name: "queue", unit: "keys/s", ours: Math.round(await queueRate()), better: "higher", goal: 200_000 }
  const { coldMs, noOpMs, requests, heapMiB } = await runFleet()
  yield { name: "cold", unit: "CPU-ms/app", ours: coldMs / apps, better: "lower", goal: 20 }
  yield { name: "no-op", unit: "CPU-ms/app", ours: noOpMs / apps, better: "lower", goal: 5 }
  yield { name: "no-op-requests", unit: "requests", ours: requests, better: "lower", goal: 0 }
  yield { name: "heap", unit: "MiB", ours: heapMiB, better: "lower", goal: 400 }
}
