// Kills the reconcile of the demo's overlay at every request in turn, resumes it, and compares the ends.
import { join } from "node:path"
import { createClient } from "@gitops-toolkit/client"
import { crdOf, reconcileOnce } from "@gitops-toolkit/controller"
import { keyOf, refOf, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { configMapInventory } from "@gitops-toolkit/reconcile"
import { createCluster, type TestCluster } from "@gitops-toolkit/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { embeddedRepository, type Repository } from "./demo/repository.ts"
import { releaseChange, releaseHistory } from "./demo/releases.ts"
import { App, appController } from "./main.ts"

type Mode = "request never sent" | "request sent, answer lost"

const namespaced = { namespace: "shop" }
const app = (repo: string, range: string): KubeObject => ({
  apiVersion: "apps.example.com/v1",
  kind: "App",
  metadata: { name: "shop", namespace: "default", uid: "0d5e" },
  spec: { repo, range, path: "overlays/production" },
})
/** Bears the labels and the name of an object of ours, but not our mark. */
const lookAlike: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "banner", namespace: "elsewhere", labels: { "app.kubernetes.io/part-of": "shop" } },
  data: { text: "not yours" },
}

let repository: Repository
beforeAll(async () => {
  repository = await embeddedRepository(join(import.meta.dirname, "repository"))
  releaseHistory(repository)
  releaseChange(repository)
})
afterAll(() => repository.close())

function startCluster(): TestCluster {
  const namespaces = ["shop", "elsewhere"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }))
  return createCluster({ kinds: [crdOf(App)], objects: [...namespaces, lookAlike], autoReady: true })
}

class Death extends Error {}

/** A process that dies at its `dieAt`-th request: nothing of it is sent or received any more. */
function mortal(cluster: TestCluster, dieAt: number, mode: Mode): { client: Cluster; signal: AbortSignal } {
  const life = new AbortController()
  const die = (): never => {
    life.abort(new Death(`at request ${dieAt}`))
    throw life.signal.reason
  }
  let calls = 0
  const transport: TestCluster["transport"] = async (request) => {
    calls++
    if (calls > dieAt || (calls === dieAt && mode === "request never sent")) die()
    const answer = await cluster.transport(request)
    return calls === dieAt ? die() : answer
  }
  return { client: createClient({ transport }), signal: life.signal }
}

async function reconcile(cluster: Cluster, range: string, signal?: AbortSignal): Promise<void> {
  const inventory = configMapInventory(cluster, { ...namespaced, name: "inventory" })
  await reconcileOnce(appController(), app(repository.url, range), { cluster, inventory, signal })
}

/** What is there in the end, without what differs from run to run. */
function stateOf(cluster: TestCluster): string[] {
  const transient = /^(apps\/ReplicaSet|\/Pod|\/Event|discovery|coordination)/
  return cluster
    .objects()
    .filter(
      (object) => ["shop", "elsewhere"].includes(object.metadata.namespace ?? "") || object.kind.startsWith("Custom"),
    )
    .filter((object) => !transient.test(keyOf(refOf(object))))
    .map(({ metadata, status: _status, spec, data, ...rest }) => {
      const told = { labels: metadata.labels, annotations: metadata.annotations, data }
      const text = JSON.stringify({ kind: rest.kind, name: metadata.name, ...told, spec })
      return text.replaceAll(/10\.\d+\.\d+\.\d+|[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")
    })
    .toSorted()
}

async function undisturbed(): Promise<string[]> {
  await using cluster = startCluster()
  await reconcile(cluster, "1.1.x")
  await reconcile(cluster, "1.2.x")
  return stateOf(cluster)
}

describe.each<Mode>(["request never sent", "request sent, answer lost"])("the demo's overlay: %s", (mode) => {
  test("a reconcile that dies anywhere is finished by the next one", { timeout: 120_000 }, async () => {
    const wanted = await undisturbed()
    expect(wanted.some((text) => text.includes('"not yours"'))).toBe(true)
    let points = 0
    for (let dieAt = 1; ; dieAt++) {
      await using cluster = startCluster()
      await reconcile(cluster, "1.1.x")
      const { client, signal } = mortal(cluster, dieAt, mode)
      const outcome = await reconcile(client, "1.2.x", signal).catch((error: unknown) => error)
      if (!signal.aborted) break
      points++
      // A watch that opens late may die when all the work is done: then there is no failure to tell.
      expect(outcome === undefined || outcome instanceof Error, `at request ${dieAt}`).toBe(true)
      await reconcile(cluster, "1.2.x")
      expect(stateOf(cluster), `died at request ${dieAt}`).toEqual(wanted)
    }
    expect(points).toBeGreaterThan(10)
  })
})
