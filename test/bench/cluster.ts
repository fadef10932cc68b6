// The embedded API server: how fast it starts, applies, and tells watchers, and what an object costs it in memory.
import { createCluster } from "@gitops-toolkit/testing"
import { connect } from "@gitops-toolkit/client"
import type { Cluster, KubeObject } from "@gitops-toolkit/kube"
import type { Figure } from "./figure.ts"

const configMaps = { apiVersion: "v1", kind: "ConfigMap" } as const
const deployments = { apiVersion: "apps/v1", kind: "Deployment" } as const

export default async function* bench(): AsyncIterable<Figure> {
  createCluster()
  const begun = performance.now()
  createCluster()
  yield { name: "start", unit: "ms", ours: performance.now() - begun, better: "lower", goal: 50 }

  const perSecond = { unit: "writes/s", better: "higher", goal: 7000 } as const
  {
    await using cluster = createCluster()
    await applyAll(cluster, 10_000, configMap)
    yield { name: "apply-config-maps", ours: await applyAll(cluster, 10_000, configMap), ...perSecond }
    yield { name: "create-config-maps", ours: await createAll(cluster, 10_000), ...perSecond }
  }
  {
    await using cluster = createCluster()
    await applyAll(cluster, 5_000, deployment)
    yield { name: "apply-deployments", ours: await applyAll(cluster, 5_000, deployment), ...perSecond, goal: 4000 }
  }
  {
    await using cluster = createCluster()
    await using over = await connect({ kubeconfig: { text: (await cluster.listen()).kubeconfig } })
    await applyAll(over, 1000, configMap)
    yield { name: "apply-over-http", ours: await applyAll(over, 3_000, configMap), ...perSecond, goal: 1000 }
  }
  yield { name: "10000-objects-to-100-watchers", ...(await tellWatchers()), better: "higher", goal: 100_000 }
  const spent = await memoryPerObject()
  if (spent !== undefined)
    yield { name: "memory-per-object-beyond-json", unit: "KiB", ours: spent, better: "lower", goal: 6 }
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

async function createAll(cluster: Cluster, count: number): Promise<number> {
  return inParallel(count, (index) => cluster.create(configMap(index)))
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

/** KiB of heap an object beyond the length of its JSON; undefined without `--expose-gc`. */
async function memoryPerObject(): Promise<number | undefined> {
  const gc = (globalThis as { gc?: () => void }).gc
  if (!gc) return undefined
  await using cluster = createCluster({ history: 1 })
  await applyAll(cluster, 100, deployment)
  gc()
  const before = process.memoryUsage().heapUsed
  const count = 5000
  await applyAll(cluster, count, deployment)
  gc()
  const spent = process.memoryUsage().heapUsed - before
  const { length } = JSON.stringify((await cluster.list(deployments)).objects[0])
  return (spent / count - length) / 1024
}
