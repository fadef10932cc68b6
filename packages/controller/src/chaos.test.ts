import { createClock, createCluster, type TestCluster } from "@gitops-toolkit/testing"
import { apply, plan, prune, remove } from "@gitops-toolkit/reconcile"
import { ClusterError, conditionsOf, type Cluster, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { expect, test } from "vitest"
import * as z from "zod"
import { crdOf } from "./crd.ts"
import { defineController } from "./define.ts"
import { defineKind } from "./kind.ts"
import { run } from "./run.ts"

const App = defineKind({
  group: "apps.example.com",
  version: "v1",
  kind: "App",
  spec: z.object({ names: z.array(z.string()), text: z.string() }),
})
const refTo = (name: string): ObjectRef => ({ apiVersion: App.apiVersion, kind: "App", namespace: "default", name })
const settings = (name: string, text: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { text },
})

type Fault = "none" | "refused" | "answerLost" | "conflict" | "throttled"

/** The cluster behind a bad line: what happens to each request is taken from `faults`, and nothing more once it is empty. */
function unreliable(cluster: TestCluster, faults: Fault[]): Cluster {
  const through = async <Result>(send: () => Promise<Result>): Promise<Result> => {
    const fault = faults.shift() ?? "none"
    if (fault === "refused") throw new ClusterError("Unreachable", "connection refused", { retryable: true })
    if (fault === "conflict") throw new ClusterError("Conflict", "the object has been modified", { retryable: true })
    if (fault === "throttled")
      throw new ClusterError("TooManyRequests", "slow down", { retryable: true, retryAfterMs: 50 })
    const answer = await send()
    if (fault === "answerLost") throw new ClusterError("Unreachable", "connection reset", { retryable: true })
    return answer
  }
  return {
    ...cluster,
    get: (...rest) => through(() => cluster.get(...rest)),
    create: (...rest) => through(() => cluster.create(...rest)),
    update: (...rest) => through(() => cluster.update(...rest)),
    patch: (...rest) => through(() => cluster.patch(...rest)),
    apply: (...rest) => through(() => cluster.apply(...rest)),
    delete: (...rest) => through(() => cluster.delete(...rest)),
    async *watch(kind, options) {
      for await (const event of cluster.watch(kind, options)) {
        if (faults.length > 0 && faults.shift() === "refused") throw new ClusterError("Unreachable", "stream cut")
        yield event
      }
    },
  }
}

type Deed =
  | { readonly type: "create" | "delete" | "deleteOwned" | "editOwned"; readonly app: string }
  | { readonly type: "change"; readonly app: string; readonly names: readonly string[]; readonly text: string }
  | { readonly type: "wait"; readonly ms: number }

const appName = fc.constantFrom("one", "two")
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    type: fc.constantFrom("create" as const, "delete" as const, "deleteOwned" as const, "editOwned" as const),
    app: appName,
  }),
  fc.record({
    type: fc.constant("change" as const),
    app: appName,
    names: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 }),
    text: fc.constantFrom("x", "y"),
  }),
  fc.record({ type: fc.constant("wait" as const), ms: fc.nat(200) }),
)
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("none" as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom("refused" as const, "answerLost" as const, "conflict" as const, "throttled" as const),
  },
)

async function act(cluster: TestCluster, told: Deed): Promise<void> {
  if (told.type === "wait") return
  const ref = refTo(told.app)
  const owned: ObjectRef = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: `${told.app}-a` }
  const there = await cluster.get(ref)
  if (told.type === "create" && there === undefined) {
    const spec = { names: ["a"], text: "x" }
    await cluster.create({
      apiVersion: App.apiVersion,
      kind: "App",
      metadata: { name: told.app, namespace: "default" },
      spec,
    })
  }
  if (told.type === "delete" && there !== undefined) await cluster.delete(ref)
  if (told.type === "change" && there !== undefined) {
    await cluster.patch(ref, { type: "merge", patch: { spec: { names: told.names, text: told.text } } })
  }
  if ((await cluster.get(owned)) === undefined) return
  if (told.type === "deleteOwned") await cluster.delete(owned)
  if (told.type === "editOwned") {
    await cluster.patch(owned, { type: "merge", patch: { data: { text: "theirs" } } }, { fieldManager: "kubectl" })
  }
}

/** What must be there in the end: what the living Apps ask for, the stranger, and nothing else. */
async function expectConverged(cluster: TestCluster): Promise<void> {
  const { objects: apps } = await cluster.list({ apiVersion: App.apiVersion, kind: "App" })
  const wanted = apps.flatMap(({ metadata, spec }) => {
    const { names, text } = spec as { readonly names: readonly string[]; readonly text: string }
    return names.map((name) => `${metadata.name}-${name}=${text}`)
  })
  const { objects } = await cluster.list({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: "default" })
  const found = objects.map(({ metadata, data }) => `${metadata.name}=${(data as { readonly text: string }).text}`)
  expect(found.toSorted()).toEqual([...wanted, "stranger=untouched"].toSorted())
  for (const app of apps) {
    const status = app.status as {
      readonly observedGeneration?: number
      readonly inventory?: { readonly entries: readonly unknown[] }
    }
    expect(conditionsOf(app).map(({ type, status: value }) => `${type}=${value}`)).toEqual(["Ready=True"])
    expect(status.observedGeneration).toBe(app.metadata.generation)
    expect(app.metadata.finalizers).toEqual(["apps.example.com/app"])
    expect(app.metadata.deletionTimestamp).toBeUndefined()
    expect(status.inventory?.entries ?? []).toHaveLength(
      (app.spec as { readonly names: readonly string[] }).names.length,
    )
  }
}

test("law: whatever people do and whichever requests fail, it converges, and touches nothing of others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 12 }), fc.array(fault, { maxLength: 80 }), async (deeds, faults) => {
      const clock = createClock()
      await using cluster = createCluster({ clock, kinds: [crdOf(App)], objects: [settings("stranger", "untouched")] })
      const behind = unreliable(cluster, [...faults])
      const running = new Set<string>()
      const stop = new AbortController()
      const controller = defineController({
        kind: App,
        async *reconcile(app, { live, inventory, signal }) {
          const name = app.metadata.name!
          expect(running.has(name)).toBe(false)
          running.add(name)
          try {
            const objects = app.spec.names.map((part) => settings(`${name}-${part}`, app.spec.text))
            const changes = await plan(behind, objects, { owner: app, inventory, live, signal, allowEmpty: true })
            yield* apply(behind, changes, { inventory, live, signal })
            yield* prune(behind, changes, { inventory, live, signal })
          } finally {
            running.delete(name)
          }
        },
        finalize: (app, { inventory, signal }) => remove(behind, { owner: app, inventory, signal, clock }),
      })
      const ended = run({ cluster: behind, controllers: [controller], clock, random: () => 0.5, signal: stop.signal })
      for (const told of [{ type: "create", app: "one" } as const, ...deeds]) {
        await act(cluster, told)
        await clock.advance(told.type === "wait" ? told.ms : 0)
      }
      for (let minute = 0; minute < 40; minute++) await clock.advance(30_000)
      await expectConverged(cluster)
      stop.abort()
      for (let turn = 0; turn < 4; turn++) await clock.advance(30_000)
      await ended
      expect(clock.sleepers).toBe(0)
    }),
    { numRuns: 25 },
  )
}, 60_000)
