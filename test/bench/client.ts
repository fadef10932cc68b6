// The client beside @kubernetes/client-node: server-side applies to a real kube-apiserver, a list of 5,000 pods, start-up.
import { execFileSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { connect, createClient } from "@gitops-toolkit/client"
import type { Transport } from "@gitops-toolkit/http"
import type { Cluster, KubeObject } from "@gitops-toolkit/kube"
import { startControlPlane } from "@gitops-toolkit/testing"
import type { Figure } from "./figure.ts"

const root = join(import.meta.dirname, "..", "..")
const clientNodePath = join(root, "packages/client/node_modules/@kubernetes/client-node/dist/index.js")

/** The little of client-node that is measured. */
interface ClientNode {
  readonly KubeConfig: {
    new (): { loadFromString(text: string): void; makeApiClient(api: unknown): PodLister }
  }
  readonly CoreV1Api: unknown
  readonly KubernetesObjectApi: { makeApiClient(config: unknown): ObjectApi }
}
interface PodLister {
  listPodForAllNamespaces(): Promise<{ readonly items: readonly unknown[] }>
}
interface ObjectApi {
  patch(...args: readonly unknown[]): Promise<unknown>
}

const connections = 4

export default async function* bench(): AsyncIterable<Figure> {
  yield* applies()
  yield* lists()
  yield overhead(await requestsPerSecond())
  yield startUp()
}

async function* applies(): AsyncIterable<Figure> {
  const { KubeConfig, KubernetesObjectApi } = await loadClientNode()
  await using plane = await startControlPlane()
  await using cluster = await connect({ kubeconfig: { text: plane.kubeconfig }, maxConnections: connections })
  const config = new KubeConfig()
  config.loadFromString(plane.kubeconfig)
  const peer = KubernetesObjectApi.makeApiClient(config)
  const warmUp = mixedObjects("warm-up", 200)
  for (const name of ["warm-up", "ours", "peer"]) {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } })
  }
  const byPeer = (object: KubeObject): Promise<unknown> =>
    peer.patch(structuredClone(object), undefined, undefined, "peer", false, "application/apply-patch+yaml")
  await spread(warmUp, (object) => cluster.apply(object))
  await spread(warmUp, (object) => byPeer(object))
  const objects = mixedObjects("ours", 1000)
  const copies = mixedObjects("peer", 1000)
  await spread(objects, (object) => cluster.apply(object))
  await spread(copies, byPeer)
  const ours = await best(5, () => spread(objects, (object) => cluster.apply(object)))
  const theirs = await best(2, () => spread(copies, byPeer))
  yield { name: "apply-1000", unit: "ms", ours, peer: theirs, better: "lower", goal: 0.9 }
  yield { name: "apply-1000-in-all", unit: "ms", ours, better: "lower", goal: 1500 }
}

/** 400 Deployments, 300 ConfigMaps, 200 Services, 100 ServiceAccounts of a thousand. */
function mixedObjects(namespace: string, count: number): readonly KubeObject[] {
  return Array.from({ length: count }, (_, i): KubeObject => {
    const app = `app-${i}`
    const metadata = { name: app, namespace, labels: { app, "app.kubernetes.io/part-of": "bench" } }
    const slot = i % 10
    if (slot === 9) return { apiVersion: "v1", kind: "ServiceAccount", metadata }
    if (slot > 6)
      return { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app }, ports: [{ port: 80 }] } }
    if (slot > 3) return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1", b: "x".repeat(200) } }
    const container = {
      name: "main",
      image: "registry.example.com/team/app:1.2.3",
      ports: [{ containerPort: 80 }],
      env: [{ name: "MODE", value: "production" }],
      resources: { requests: { cpu: "100m", memory: "64Mi" } },
    }
    const template = { metadata: { labels: { app } }, spec: { containers: [container] } }
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: 1, selector: { matchLabels: { app } }, template },
    }
  })
}

/** Works off `objects` with as many workers as there are connections. */
async function spread(objects: readonly KubeObject[], work: (object: KubeObject) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let object = objects[next++]; object; object = objects[next++]) await work(object)
  }
  await Promise.all(Array.from({ length: connections }, worker))
}

const podCount = 5000

async function* lists(): AsyncIterable<Figure> {
  const { KubeConfig, CoreV1Api } = await loadClientNode()
  const pods = Array.from({ length: podCount }, (_, i) => JSON.stringify(pod(i)))
  const answers = new Map<string, Buffer>()
  const answered = (url: string): Buffer => {
    const known = answers.get(url) ?? Buffer.from(answer(url, pods))
    answers.set(url, known)
    return known
  }
  const server = createServer(
    (request, response) => void response.setHeader("content-type", "application/json").end(answered(request.url ?? "")),
  ).listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "c", user: { token: "t" } }],
  })
  await using cluster = await connect({ kubeconfig: { text: kubeconfig } })
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const ours = (): Promise<number> => listed(cluster)
  const peer = async (): Promise<number> => (await api.listPodForAllNamespaces()).items.length
  if ((await ours()) !== podCount || (await peer()) !== podCount) throw new Error("a list is not complete")
  const figure = { unit: "ms", better: "lower" } as const
  yield {
    ...figure,
    name: "list-5000-pods-cpu",
    ours: await leastCpu(5, ours),
    peer: await leastCpu(5, peer),
    goal: 0.75,
  }
  yield {
    ...figure,
    name: "list-5000-pods-longest-block",
    ours: await longestBlock(ours),
    peer: await longestBlock(peer),
    goal: 0.2,
  }
  server.closeAllConnections()
  server.close()
}

async function listed(cluster: Cluster): Promise<number> {
  return (await cluster.list({ apiVersion: "v1", kind: "Pod" })).objects.length
}

const discovery = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", groups: [] },
  "/api/v1": {
    kind: "APIResourceList",
    resources: [{ name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: [] }],
  },
} as const

function answer(address: string, pods: readonly string[]): string {
  const { pathname, searchParams } = new URL(address, "http://localhost")
  if (pathname in discovery) return JSON.stringify(discovery[pathname as keyof typeof discovery])
  const start = Number(searchParams.get("continue") ?? 0)
  const end = Math.min(pods.length, start + Number(searchParams.get("limit") ?? pods.length))
  const metadata = { resourceVersion: "100", ...(end < pods.length && { continue: String(end) }) }
  return `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[${pods.slice(start, end).join(",")}]}`
}

/** About 4 KB, as a running pod with managed fields has. */
function pod(i: number): object {
  const name = `web-${i}-5d4f8c7b9d-x${i}`
  const labels = { app: `web-${i}`, "pod-template-hash": "5d4f8c7b9d" }
  const fields = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`f:field${n}`, { ".": {}, [`f:inner${n}`]: {} }]),
  )
  const managedFields = ["kube-controller-manager", "kubelet"].map((manager) => ({
    manager,
    operation: "Update",
    apiVersion: "v1",
    time: "2026-11-21T12:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:metadata": fields },
  }))
  const container = {
    name: "main",
    image: "registry.example.com/team/web:1.2.3",
    env: Array.from({ length: 10 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value ${n}` })),
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } },
    volumeMounts: [{ name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true }],
  }
  const conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: "2026-11-21T12:00:00Z",
  }))
  return {
    metadata: {
      name,
      namespace: "prod",
      uid: randomUUID(),
      resourceVersion: String(i),
      labels,
      managedFields,
    },
    spec: { containers: [container], nodeName: `node-${i % 50}`, serviceAccountName: "default" },
    status: { phase: "Running", podIP: "10.1.2.3", startTime: "2026-11-21T12:00:00Z", conditions },
  }
}

/** Applies a second to a server that answers at once: what the client itself costs. */
async function requestsPerSecond(): Promise<number> {
  const objects = mixedObjects("ours", 1000)
  const bodies = new Map(
    Object.entries(discovery).map(([path, value]) => [
      path,
      JSON.stringify(value).replaceAll("pods", "configmaps").replaceAll("Pod", "ConfigMap"),
    ]),
  )
  const headers = { "content-type": ["application/json"] }
  const transport: Transport = ({ path, body }) => {
    const bytes = Buffer.from(bodies.get(path) ?? (body as string))
    return Promise.resolve({
      status: 200,
      headers,
      body: (async function* () {
        yield bytes
      })(),
    })
  }
  const cluster = createClient({ transport })
  const maps = objects.filter(({ kind }) => kind === "ConfigMap")
  const ms = await best(10, async () => {
    for (let round = 0; round < 10; round++) await spread(maps, (object) => cluster.apply(object))
  })
  return (maps.length * 10 * 1000) / ms
}

function overhead(perSecond: number): Figure {
  return { name: "own-applies", unit: "/s", ours: perSecond, better: "higher", goal: 20_000 }
}

/** A fresh process that loads the client, connects by a kubeconfig with a token and makes nothing else. */
function startUp(): Figure {
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "c", user: { token: "t" } }],
  })
  const ours = `const { connect } = await import("@gitops-toolkit/client"); await connect({ kubeconfig: { text: ${JSON.stringify(kubeconfig)} } })`
  const peer = `const { KubeConfig, KubernetesObjectApi } = await import(${JSON.stringify(pathToFileURL(clientNodePath).href)})
    const config = new KubeConfig(); config.loadFromString(${JSON.stringify(kubeconfig)}); KubernetesObjectApi.makeApiClient(config)`
  const run = (code: string): number => {
    const measured = `const started = performance.now(); ${code}; console.log(performance.now() - started)`
    const args = ["--input-type=module", "--eval", measured]
    return Math.min(
      ...[1, 2, 3].map(() => Number(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }))),
    )
  }
  return { name: "load-and-connect", unit: "ms", ours: run(ours), peer: run(peer), better: "lower", goal: 0.5 }
}

async function loadClientNode(): Promise<ClientNode> {
  return (await import(pathToFileURL(clientNodePath).href)) as ClientNode
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

async function best(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) least = Math.min(least, await timed(work))
  return least
}

/** The least processor time of several runs, server included: unlike the wall's clock it bears a busy machine. */
async function leastCpu(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

/** The longest time that the event loop was held in one piece. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  await work()
  await new Promise((resolve) => setTimeout(resolve, 5))
  clearInterval(timer)
  return longest
}
