import { createLiveView, type LiveCaches } from "@gitops-toolkit/controller"
import { formatRef, type Cluster, type Inventory, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { createCluster, type TestCluster } from "@gitops-toolkit/testing"
import { apply, memoryInventory, plan, prune, type Owner, type Plan, type PlanOptions } from "../src/index.ts"

/** The owner of every scenario. */
export const app: Owner = {
  apiVersion: "apps.example.com/v1",
  kind: "App",
  namespace: "team",
  name: "web",
  uid: "uid-1",
}

/** A ConfigMap in the namespace `prod`. */
export const configMap = (name: string, data: { readonly [key: string]: string } = { k: "v" }): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "prod" },
  data,
})

/** A Secret in the namespace `prod`. */
export const secret = (name: string, stringData: { readonly [key: string]: string }): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "prod" },
  stringData,
})

/** A Namespace. */
export const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })

/** A Deployment in the namespace `prod`. */
export const deployment = (name: string, { image = "web:1", replicas = 2 } = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "prod" },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image }] } },
  },
})

/** The definition of `Thing` in `x.example.com`. */
export const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.x.example.com" },
  spec: {
    group: "x.example.com",
    scope: "Namespaced",
    names: { kind: "Thing", plural: "things", singular: "thing", listKind: "ThingList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
}

/** An object of that definition in the namespace `prod`. */
export const thing = (name: string): KubeObject => ({
  apiVersion: "x.example.com/v1",
  kind: "Thing",
  metadata: { name, namespace: "prod" },
  spec: { size: 1 },
})

/** A plan, a line an entry: `update Deployment/prod/web /spec/replicas 2 → 3`. */
export function storyOf({ entries }: Plan): string[] {
  return entries.map(({ action, ref, changes = [], reason, waitsFor, takeOver }) => {
    const told = changes.map(({ path, before, after }) => `${path} ${text(before)} → ${text(after)}`)
    const notes = [reason, waitsFor && `waits for ${formatRef(waitsFor)}`, takeOver && "takes over"].filter(Boolean)
    return [action, formatRef(ref), ...told, ...notes].join(" ")
  })
}

const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "-"))

/** One owner's work on one cluster. */
export interface Scenario extends AsyncDisposable {
  readonly cluster: TestCluster
  readonly inventory: Inventory
  plan(objects: readonly KubeObject[], options?: Partial<PlanOptions>): Promise<Plan>
  /** Plans, applies and prunes; the plan's story. */
  run(objects: readonly KubeObject[], options?: Partial<PlanOptions>): Promise<string[]>
  /** How many requests `work` sends. */
  requestsOf(work: () => Promise<unknown>): Promise<number>
  /** The objects of the kind, `namespace/name`. */
  names(kind: string): string[]
}

/** A cluster with the namespace `prod`, and an empty inventory. */
export function createScenario(objects: readonly KubeObject[] = []): Scenario {
  const cluster = createCluster({ objects: [namespace("prod"), ...objects] })
  const inventory = memoryInventory()
  const make = (wanted: readonly KubeObject[], options: Partial<PlanOptions> = {}): Promise<Plan> =>
    plan(cluster, wanted, { owner: app, inventory, ...options })
  return {
    cluster,
    inventory,
    plan: make,
    async run(wanted, options = {}) {
      const changes = await make(wanted, options)
      await apply(cluster, changes, { inventory, live: options.live })
      await prune(cluster, changes, { inventory, live: options.live })
      return storyOf(changes)
    },
    async requestsOf(work) {
      const before = cluster.requests.length
      await work()
      return cluster.requests.length - before
    },
    names: (kind) =>
      cluster
        .objects()
        .filter((one) => one.kind === kind)
        .map(({ metadata }) => (metadata.namespace ? `${metadata.namespace}/${metadata.name}` : (metadata.name ?? ""))),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/** A view that watches the kinds of `refs`, once it has seen their state. */
export async function watched(cluster: Cluster, refs: readonly ObjectRef[]): Promise<LiveCaches> {
  const live = createLiveView(cluster)
  live.track("test", refs)
  await until(() => refs.every((ref) => live.synced(ref)))
  return live
}

/** Lets other work go on until `isDone`; throws after many turns. */
export async function until(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (isDone()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error("it did not happen")
}
