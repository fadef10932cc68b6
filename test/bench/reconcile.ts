import { performance } from "node:perf_hooks"
import { createLiveView } from "@gitops-toolkit/controller"
import { refOf, type KubeObject } from "@gitops-toolkit/kube"
import { apply, memoryInventory, plan } from "@gitops-toolkit/reconcile"
import { createCluster } from "@gitops-toolkit/testing"
import type { Bench } from "./figure.ts"

const count = 1000

/** Half Deployments of common size, half ConfigMaps. */
function objectsOf(image: string): readonly KubeObject[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? deployment(`d${index}`, image) : configMap(`c${index}`),
  )
}

function configMap(name: string): KubeObject {
  const metadata = { name, namespace: "default", labels: { app: name, tier: "web" } }
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { settings: "x".repeat(200), mode: "a", theme: "b" } }
}

function deployment(name: string, image: string): KubeObject {
  const labels = { app: name }
  const env = Array.from({ length: 10 }, (_, index) => ({ name: `E${index}`, value: "v" }))
  const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } }
  const containers = [{ name: "web", image, env, ports: [{ containerPort: 80 }], resources }]
  const spec = {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers } },
  }
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, spec }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

const bench: Bench = async function* () {
  await using cluster = createCluster()
  const objects = objectsOf("web:1")
  const live = createLiveView(cluster)
  live.track("bench", objects.map(refOf))
  const [inventory, owner] = [memoryInventory(), { kind: "App", name: "bench", uid: "bench" }]
  const run = async (wanted: readonly KubeObject[]): Promise<void> => {
    const changes = await plan(cluster, wanted, { owner, inventory, live })
    await apply(cluster, changes, { inventory, live })
  }
  const settled = async (): Promise<void> => {
    while (objects.some((object) => live.get(refOf(object)) === undefined))
      await new Promise((done) => setTimeout(done, 5))
  }
  try {
    let start = performance.now()
    await run(objects)
    const first = performance.now() - start
    yield { name: "first-apply", unit: "objects/s", ours: (count / first) * 1000, better: "higher", goal: 300 }
    await settled()
    const sent = cluster.requests.length
    const cpu: number[] = []
    for (let round = 0; round < 20; round++) {
      const before = process.cpuUsage()
      await run(objects)
      const { user, system } = process.cpuUsage(before)
      cpu.push((user + system) / 1000)
    }
    yield { name: "no-op-requests", unit: "requests", ours: cluster.requests.length - sent, better: "lower", goal: 0 }
    yield { name: "no-op-cpu", unit: "ms", ours: median(cpu.slice(5)), better: "lower", goal: 40 }
    start = performance.now()
    await run(objectsOf("web:2"))
    const update = performance.now() - start
    yield { name: "update-half", unit: "objects/s", ours: (count / 2 / update) * 1000, better: "higher", goal: 150 }
  } finally {
    await live.close()
  }
}

export default bench
