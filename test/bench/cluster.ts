// The embedded API server: how fast it starts, applies, and tells watchers, and what an object costs it in memory.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { createCluster, startControlPlane } from "@gitops-toolkit/testing"
import { connect } from "@gitops-toolkit/client"
import type { Cluster, KubeObject } from "@gitops-toolkit/kube"
import type { Figure } from "./figure.ts"

const configMaps = { apiVersion: "v1", kind: "ConfigMap" } as const
const deployments = { apiVersion: "apps/v1", kind: "Deployment" } as const

export default async function* bench(): AsyncIterable<Figure> {
  createCluster()
  const begun = performance.now()
  createCluster()
  const start = performance.now() - begun
  yield { name: "start", unit: "ms", ours: start, better: "lower", goal: 50 }
  yield* besideTheRealOne(start)
  const perSecond = { unit: "objects/s", better: "higher", goal: 7000 } as const
  {
    await using cluster = createCluster()
    await createAll(cluster, 3000, 1_000_000)
    yield { name: "create-10000", ours: await createAll(cluster, 10_000), ...perSecond }
    await listAll(cluster)
    yield { name: "list-10000", ours: await listAll(cluster), ...perSecond, goal: 20_000 }
  }
  yield { name: "10000-objects-to-100-watchers", ...(await tellWatchers()), better: "higher", goal: 100_000 }
  yield { name: "memory-per-object-beyond-json", unit: "KiB", ours: await memoryPerObject(), better: "lower", goal: 6 }
}

/** Server-side applies a second, of new objects and of some that are there: in process, over HTTP, and to a real server. */
async function* besideTheRealOne(start: number): AsyncIterable<Figure> {
  const begun = performance.now()
  await using plane = await startControlPlane()
  yield {
    name: "start-beside-real",
    unit: "ms",
    ours: start,
    peer: performance.now() - begun,
    better: "lower",
    goal: 0.1,
  }
  await using cluster = createCluster()
  await using over = await connect({ kubeconfig: { text: (await cluster.listen()).kubeconfig } })
  const unit = "applies/s"
  for (const [kind, make] of [
    ["config-maps", configMap],
    ["deployments", deployment],
    ["unchanged-deployments", (index: number) => deployment(index % 200)],
  ] as const) {
    const [real = 0, inProcess = 0, http = 0] = await race([plane, cluster, over], make)
    yield { name: `apply-${kind}-in-process`, unit, ours: inProcess, peer: real, better: "higher", goal: 10 }
    yield { name: `apply-${kind}-over-http`, unit, ours: http, peer: real, better: "higher", goal: 3 }
  }
}

/**
 * Applies a second by the wall clock, taken in turns: what else the machine does slows all of them. The first rounds warm
 * up: an engine that compiles while it runs needs some ten thousand requests until it is done.
 */
async function race(clusters: readonly Cluster[], make: (index: number) => KubeObject): Promise<readonly number[]> {
  const spent = clusters.map(() => 0)
  const counts = [200, 4000, 1500]
  const warmUp = 3
  const rounds = 4
  for (let round = -warmUp; round < rounds; round++) {
    for (const [which, cluster] of clusters.entries()) {
      const begin = performance.now()
      await applyAll(cluster, counts[which]!, make)
      if (round >= 0) spent[which]! += performance.now() - begin
    }
  }
  return counts.map((count, which) => ((rounds * count) / spent[which]!) * 1000)
}

function configMap(index: number): KubeObject {
  return {
    ...configMaps,
    metadata: { name: `c${index}`, namespace: "default", labels: { app: "bench" } },
    data: { mode: "a", text: `value ${index}` },
  }
}

function deployment(index: number): KubeObject {
  const labels = { app: `d${index}` }
  const containers = [{ name: "main", image: "registry.example/app:1", ports: [{ containerPort: 8080 }] }]
  const template = { metadata: { labels }, spec: { containers } }
  const spec = { replicas: 2, selector: { matchLabels: labels }, template }
  return { ...deployments, metadata: { name: `d${index}`, namespace: "default", labels }, spec }
}

let applied = 1_000_000

/** Server-side applies a second, sixteen at a time, in CPU time: others may be using the machine. */
async function applyAll(cluster: Cluster, count: number, make: (index: number) => KubeObject): Promise<number> {
  const first = (applied += count)
  return inParallel(count, (index) => cluster.apply(make(first + index), { fieldManager: "bench" }))
}

async function createAll(cluster: Cluster, count: number, first = 0): Promise<number> {
  return inParallel(count, (index) => cluster.create(configMap(first + index)))
}

/** Objects a second of CPU time that a list of everything reads, page by page. */
async function listAll(cluster: Cluster): Promise<number> {
  const begin = process.cpuUsage()
  let count = 0
  for await (const page of cluster.list(configMaps, { namespace: "default" })) count += page.objects.length
  const { user, system } = process.cpuUsage(begin)
  return (count / (user + system)) * 1e6
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: 16 }, lane))
  const { user, system } = process.cpuUsage(begin)
  return (count / (user + system)) * 1e6
}

/** Events a second that reach the ends of 100 watches while 10,000 objects are created. */
async function tellWatchers(): Promise<{ readonly unit: string; readonly ours: number }> {
  await using cluster = createCluster()
  const ending = new AbortController()
  let seen = 0
  let told: (() => void) | undefined
  const wanted = 100 * 10_000
  const done = new Promise<void>((resolve) => (told = resolve))
  const decoder = new TextDecoder()
  const follow = async (): Promise<void> => {
    const query = [["watch", "true"]] as const
    const request = { method: "GET", path: "/api/v1/namespaces/default/configmaps", query, signal: ending.signal }
    const { body } = await cluster.transport(request)
    for await (const chunk of body) {
      seen += decoder.decode(chunk).split("\n").length - 1
      if (seen >= wanted) told!()
    }
  }
  const watches = Array.from({ length: 100 }, () => follow().catch(() => undefined))
  await new Promise((resolve) => setImmediate(resolve))
  const begin = performance.now()
  await createAll(cluster, 10_000)
  await done
  const ours = (wanted / (performance.now() - begin)) * 1000
  ending.abort()
  await Promise.all(watches)
  return { unit: "events/s", ours }
}

/** KiB of heap an object beyond the length of its JSON, with the history that a cluster keeps by default. */
async function memoryPerObject(): Promise<number> {
  setFlagsFromString("--expose-gc")
  const gc = runInNewContext("gc") as () => void
  await using cluster = createCluster()
  await applyAll(cluster, 2500, deployment)
  gc()
  const before = process.memoryUsage().heapUsed
  const count = 5000
  await applyAll(cluster, count, deployment)
  gc()
  const spent = process.memoryUsage().heapUsed - before
  const [object] = cluster.objects()
  return (spent / count - JSON.stringify(object).length) / 1024
}
