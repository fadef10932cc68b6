import { settle } from "@gitops-toolkit/health"
import { ClusterError, formatRef, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import type { TestCluster } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { app, configMap, createScenario, definition, deployment, namespace, secret, thing } from "../test/scenario.ts"
import { apply } from "./apply.ts"
import { configMapInventory } from "./inventory/config-map.ts"
import { plan } from "./plan.ts"
import { prune, remove } from "./prune.ts"

const inNew = (name: string): KubeObject => ({ ...configMap(name), metadata: { name, namespace: "new" } })
const before = [
  configMap("stays"),
  configMap("changes"),
  configMap("goes"),
  deployment("goes"),
  secret("s", { a: "1" }),
]
const after = [
  configMap("stays"),
  configMap("changes", { k: "w" }),
  deployment("comes"),
  secret("s", { a: "2" }),
  definition,
  thing("t"),
  namespace("new"),
  inNew("comes"),
]
const theirs = [configMap("theirs"), { ...configMap("goes"), metadata: { name: "goes", namespace: "elsewhere" } }]

const own = new Set(
  [...before, ...after].map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`),
)

/** Everything that scenarios make, without what differs from run to run. */
function stateOf(cluster: TestCluster): string[] {
  const told = cluster.objects().flatMap((object) => {
    const { kind, metadata, status: _status, ...rest } = object
    const key = `${kind}/${metadata.namespace ?? ""}/${metadata.name}`
    const isOurs =
      own.has(key) || metadata.name === "inventory" || metadata.namespace === "elsewhere" || metadata.name === "theirs"
    if (!isOurs || kind === "Namespace") return isOurs ? [`${key} ${JSON.stringify(metadata.labels)}`] : []
    return [`${key} ${JSON.stringify([metadata.labels, metadata.annotations, rest])}`]
  })
  return told.toSorted()
}

const ref = { namespace: "prod", name: "inventory" }

async function reconcile(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  const inventory = configMapInventory(cluster, ref)
  const changes = await plan(cluster, objects, { owner: app, inventory, concurrency: 1 })
  await apply(cluster, changes, { inventory, concurrency: 1 })
  await settle(
    cluster,
    changes.keeps.filter(({ kind }) => kind !== "Deployment"),
  )
  await prune(cluster, changes, { inventory, concurrency: 1 })
}

class Crash extends Error {}

type Mode = "request never sent" | "request sent, answer lost"
const modes: readonly Mode[] = ["request never sent", "request sent, answer lost"]

/** The cluster as a process sees it that dies at its `dieAt`-th request: no later request of it is ever sent. */
function mortal(cluster: TestCluster, dieAt: number, mode: Mode): { cluster: Cluster; died: () => boolean } {
  let calls = 0
  const guard =
    <Parameters extends readonly unknown[], Result>(call: (...parameters: Parameters) => PromiseLike<Result>) =>
    async (...parameters: Parameters): Promise<Result> => {
      calls++
      if (calls > dieAt || (calls === dieAt && mode === "request never sent")) throw new Crash(`died at ${dieAt}`)
      const answer = await call(...parameters)
      if (calls === dieAt) throw new Crash(`died at ${dieAt}`)
      return answer
    }
  const { get, create, update, patch, apply: write, delete: remove_, kinds } = cluster
  const guarded = { get: guard(get), create: guard(create), update: guard(update), patch: guard(patch) }
  return {
    cluster: { ...cluster, ...guarded, apply: guard(write), delete: guard(remove_), kinds: guard(kinds) },
    died: () => calls >= dieAt,
  }
}

async function undisturbed(): Promise<string[]> {
  await using scenario = createScenario([namespace("elsewhere"), ...theirs])
  await reconcile(scenario.cluster, before)
  await reconcile(scenario.cluster, after)
  return stateOf(scenario.cluster)
}

describe.each(modes)("a process that dies: %s", { timeout: 60_000 }, (mode) => {
  test("after each request in turn, the next one reaches the same state", async () => {
    const wanted = await undisturbed()
    expect(wanted.length).toBeGreaterThan(10)
    let points = 0
    for (let dieAt = 1; ; dieAt++) {
      await using scenario = createScenario([namespace("elsewhere"), ...theirs])
      await reconcile(scenario.cluster, before)
      const { cluster, died } = mortal(scenario.cluster, dieAt, mode)
      const outcome = await reconcile(cluster, after).catch((error: unknown) => error)
      if (!died()) break
      expect(outcome).toBeInstanceOf(Crash)
      points++
      await reconcile(scenario.cluster, after)
      expect(stateOf(scenario.cluster), `died at ${dieAt}`).toEqual(wanted)
    }
    expect(points).toBeGreaterThan(30)
  })

  test("nothing leaks when the desired state is another one by then", async () => {
    for (let dieAt = 1; ; dieAt++) {
      await using scenario = createScenario([namespace("elsewhere"), ...theirs])
      await reconcile(scenario.cluster, before)
      const { cluster, died } = mortal(scenario.cluster, dieAt, mode)
      await reconcile(cluster, after).catch((error: unknown) => error)
      if (!died()) break
      await reconcile(scenario.cluster, [configMap("stays")])
      const left = scenario.cluster
        .objects()
        .filter(({ metadata }) => metadata.annotations?.["gitops-toolkit.dev/owner"])
      expect(
        left.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
        `died at ${dieAt}`,
      ).toEqual(["ConfigMap/stays"])
      expect(stateOf(scenario.cluster).filter((line) => /elsewhere|theirs/.test(line))).toHaveLength(2)
    }
  })

  test("a removal goes on where it died", async () => {
    for (let dieAt = 1; ; dieAt++) {
      await using scenario = createScenario([namespace("elsewhere"), ...theirs])
      await reconcile(scenario.cluster, after)
      const { cluster, died } = mortal(scenario.cluster, dieAt, mode)
      const removal = { owner: app, concurrency: 1 }
      await remove(cluster, { ...removal, inventory: configMapInventory(cluster, ref) }).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!died()) break
      const inventory = configMapInventory(scenario.cluster, ref)
      await remove(scenario.cluster, { ...removal, inventory })
      const left = scenario.cluster
        .objects()
        .filter(({ metadata }) => metadata.annotations?.["gitops-toolkit.dev/owner"])
      expect(
        left.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
        `died at ${dieAt}`,
      ).toEqual([])
      expect((await inventory.load()).refs.map(formatRef)).toEqual([])
    }
  })
})

describe("a process that lives on when an answer is lost", { timeout: 60_000 }, () => {
  test("reports it, and the next reconcile reaches the same state", async () => {
    const wanted = await undisturbed()
    for (let failAt = 1; failAt < 60; failAt++) {
      await using scenario = createScenario([namespace("elsewhere"), ...theirs])
      await reconcile(scenario.cluster, before)
      await reconcile(flaky(scenario.cluster, failAt), after).catch((error: unknown) => {
        expect(error).toMatchObject({ retryable: true })
      })
      await reconcile(scenario.cluster, after)
      expect(stateOf(scenario.cluster), `failed at ${failAt}`).toEqual(wanted)
    }
  })
})

/** The cluster with the answer of its `failAt`-th write lost. */
function flaky(cluster: TestCluster, failAt: number): Cluster {
  let calls = 0
  const lose =
    <Parameters extends readonly unknown[], Result>(call: (...parameters: Parameters) => PromiseLike<Result>) =>
    async (...parameters: Parameters): Promise<Result> => {
      const answer = await call(...parameters)
      if (++calls === failAt) throw new ClusterError("Unreachable", "the connection was lost", { retryable: true })
      return answer
    }
  return {
    ...cluster,
    create: lose(cluster.create),
    update: lose(cluster.update),
    patch: lose(cluster.patch),
    apply: lose(cluster.apply),
    delete: lose(cluster.delete),
  }
}
