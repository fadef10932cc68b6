// Server-side apply, updates and strategic merge as pure functions, on a Deployment of everyday size, and on lists of
// growing length: ten times the items may take little more than ten times as long.
import { applyManaged, applyStrategicMerge, topologyOf, updateManaged, type AppliedObject } from "@gitops-toolkit/patch"
import type { KubeObject } from "@gitops-toolkit/kube"
import type { Figure } from "./figure.ts"

const kind = { apiVersion: "apps/v1", kind: "Deployment" }

export default async function* bench(): AsyncIterable<Figure> {
  const begin = performance.now()
  const topology = topologyOf(kind)!
  yield { name: "first-topology", unit: "ms", ours: performance.now() - begin, better: "lower", goal: 40 }
  const writer = { manager: "m", apiVersion: kind.apiVersion, topology, now: new Date(0) }
  const apply = (live: KubeObject | undefined, desired: KubeObject): KubeObject =>
    (applyManaged({ ...writer, live, desired, force: true }) as AppliedObject).object
  const live = apply(undefined, deployment({}))
  const text = JSON.stringify(deployment({}))
  const perSecond = { unit: "objects/s", better: "higher", goal: 7000 } as const
  yield { name: "apply-without-effect", ours: rate(() => apply(live, JSON.parse(text) as KubeObject)), ...perSecond }
  let count = 0
  const changed = (): KubeObject => apply(live, deployment({ replicas: count++ % 7 }))
  yield { name: "apply-changed", ours: rate(changed), ...perSecond }
  const dropped = deployment({ labels: undefined })
  yield { name: "apply-dropped-field", ours: rate(() => apply(live, dropped)), ...perSecond, goal: 3000 }
  const update = (): KubeObject => updateManaged({ ...writer, live, object: deployment({ replicas: count++ % 7 }) })
  yield { name: "update", ours: rate(update), ...perSecond }
  const patch = { spec: { template: { spec: { containers: [{ name: "main", image: "app:2" }] } } } }
  yield { name: "strategic-merge", ours: rate(() => applyStrategicMerge(live, patch, topology)), ...perSecond }
  const growth = (items: number): number => {
    const many = deployment({ env: items })
    const before = apply(undefined, many)
    const after = deployment({ env: items - 1 })
    return 1000 / rate(() => apply(before, after), 300)
  }
  yield {
    name: "apply-10000-items-by-1000",
    unit: "ms",
    ours: growth(10_000),
    peer: growth(1_000),
    better: "lower",
    goal: 20,
  }
}

/** Calls of `work` a second of CPU time, the best of several rounds: others may be using the machine. */
function rate(work: () => unknown, milliseconds: number = 200): number {
  let best = 0
  for (let round = 0; round < 5; round++) {
    const start = process.cpuUsage()
    let spent = 0
    let calls = 0
    while (spent < milliseconds) {
      for (let i = 0; i < 10 && (i === 0 || spent < milliseconds / 10); i++, calls++) work()
      const { user, system } = process.cpuUsage(start)
      spent = (user + system) / 1000
    }
    best = Math.max(best, (calls / spent) * 1000)
  }
  return best
}

interface Shape {
  readonly replicas?: number
  readonly env?: number
  readonly labels?: undefined
}

function deployment({ replicas = 1, env = 4, ...rest }: Shape): KubeObject {
  const variables = Array.from({ length: env }, (_, index) => ({ name: `V${index}`, value: "1" }))
  const container = (name: string): object => ({
    name,
    image: "app:1",
    env: variables,
    ports: [{ containerPort: name === "main" ? 80 : 81 }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    readinessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 5 },
  })
  return {
    ...kind,
    metadata: {
      name: "web",
      namespace: "prod",
      ...("labels" in rest ? {} : { labels: { app: "web", tier: "front" } }),
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [container("main"), container("side")] } },
    },
  }
}
