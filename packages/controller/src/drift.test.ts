import { createClock, createCluster, type TestClock, type TestCluster } from "@gitops-toolkit/testing"
import { apply, plan, prune, remove } from "@gitops-toolkit/reconcile"
import { collect, finish, type KubeObject, type LiveView, type ObjectRef } from "@gitops-toolkit/kube"
import { afterEach, describe, expect, test } from "vitest"
import * as z from "zod"
import { crdOf } from "./crd.ts"
import { defineController } from "./define.ts"
import type { ControllerEvent } from "./event.ts"
import { defineKind } from "./kind.ts"
import { reconcileOnce } from "./once.ts"
import { run } from "./run.ts"

const App = defineKind({
  group: "apps.example.com",
  version: "v1",
  kind: "App",
  spec: z.object({ names: z.array(z.string()) }),
})
const settings = (name: string, data: object = { value: "ours" }): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
})
const web: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
  },
}
const refOf = (name: string, kind = "ConfigMap", apiVersion = "v1"): ObjectRef => ({
  apiVersion,
  kind,
  namespace: "default",
  name,
})
const app = refOf("one", "App", App.apiVersion)

interface World {
  readonly cluster: TestCluster
  readonly clock: TestClock
  readonly calm: () => Promise<void>
  /** The requests of what happens meanwhile, without those that `change` makes itself. */
  readonly requestsOf: (change: () => Promise<unknown>) => Promise<string[]>
  readonly told: (type: string) => readonly ControllerEvent[]
  readonly live: () => LiveView
  readonly stop: () => Promise<void>
}

const open: World[] = []
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop()
})

async function start(names: readonly string[], before?: World): Promise<World> {
  const clock = before?.clock ?? createClock()
  const owner = {
    apiVersion: app.apiVersion,
    kind: "App",
    metadata: { name: "one", namespace: "default" },
    spec: { names },
  }
  const cluster = before?.cluster ?? createCluster({ clock, kinds: [crdOf(App)], objects: [owner] })
  const events: ControllerEvent[] = []
  let view: LiveView | undefined
  const controller = defineController({
    kind: App,
    async *reconcile(object, { live, inventory, signal }) {
      view = live
      const objects = object.spec.names.map((name) => (name === "web" ? web : settings(name)))
      const changes = await plan(cluster, objects, { owner: object, inventory, live, signal })
      yield* apply(cluster, changes, { inventory, live, signal })
      yield* prune(cluster, changes, { inventory, live, signal })
      return { requeueAfterMs: 60_000 }
    },
    finalize: (object, { inventory, signal }) => remove(cluster, { owner: object, inventory, signal }),
  })
  const stop = new AbortController()
  const ended = run({
    cluster,
    controllers: [controller],
    observers: [(event) => void events.push(event)],
    clock,
    random: () => 0.5,
    signal: stop.signal,
  })
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) await clock.advance(0)
  }
  const world: World = {
    cluster,
    clock,
    calm,
    requestsOf: async (change) => {
      await calm()
      await change()
      const before = cluster.requests.length
      await calm()
      return cluster.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    },
    told: (type) => events.filter((event) => event.type === type),
    live: () => view!,
    stop: async () => {
      stop.abort()
      for (let turn = 0; turn < 4; turn++) await clock.advance(30_000)
      await ended
    },
  }
  open.push(world)
  await calm()
  return world
}

const patch = (world: World, ref: ObjectRef, change: object, manager = "kubectl-edit"): Promise<unknown> =>
  world.cluster.patch(ref, { type: "merge", patch: change }, { fieldManager: manager })

describe("steady state", () => {
  test("the second reconcile makes no request at all", async () => {
    const world = await start(["a", "b", "web"])
    const finished = world.told("reconcile.finished").length
    expect(await world.requestsOf(() => world.clock.advance(63_000))).toEqual([])
    expect(world.told("reconcile.finished").length).toBe(finished + 1)
    expect(world.told("drift.seen")).toEqual([])
  })

  test("after a restart each object costs one dry run, then nothing again", async () => {
    const first = await start(["a", "b", "c"])
    await first.stop()
    const requests = first.cluster.requests.length
    const world = await start([], first)
    const told = world.cluster.requests.slice(requests).map(({ method, path }) => `${method} ${path}`)
    expect(told.filter((request) => request.startsWith("PATCH")).toSorted()).toEqual(
      ["a", "b", "c"].map((name) => `PATCH /api/v1/namespaces/default/configmaps/${name}`),
    )
    expect(
      told.filter((request) => request.startsWith("GET")).filter((request) => /configmaps\/./.test(request)),
    ).toEqual([])
    expect(await world.requestsOf(() => world.clock.advance(63_000))).toEqual([])
  })

  test("the inventory is in the status, in Flux's format", async () => {
    const world = await start(["a"])
    const object = await world.cluster.get(app)
    expect(object?.status).toMatchObject({ inventory: { entries: [{ id: "default_a__ConfigMap", v: "v1" }] } })
  })
})

describe("drift", () => {
  test("a changed value is put back at once, and its writer named", async () => {
    const world = await start(["a", "b"])
    await world.requestsOf(() => patch(world, refOf("a"), { data: { value: "theirs" } }))
    expect(await world.cluster.get(refOf("a"))).toMatchObject({ data: { value: "ours" } })
    expect(world.told("drift.seen")).toMatchObject([
      { ref: refOf("a"), change: "modified", manager: "kubectl-edit", controller: "app" },
    ])
  })

  test("a scaled Deployment is put back at once", async () => {
    const world = await start(["web"])
    const ref = refOf("web", "Deployment", "apps/v1")
    await world.requestsOf(() => patch(world, ref, { spec: { replicas: 7 } }, "kubectl"))
    expect(await world.cluster.get(ref)).toMatchObject({ spec: { replicas: 2 } })
  })

  test("a deleted object comes back at once", async () => {
    const world = await start(["a"])
    await world.requestsOf(() => world.cluster.delete(refOf("a")))
    expect(await world.cluster.get(refOf("a"))).toMatchObject({ data: { value: "ours" } })
    expect(world.told("drift.seen")).toMatchObject([{ change: "deleted" }])
  })

  test("fields of others and statuses are nobody's business", async () => {
    const world = await start(["a", "web"])
    const status = { status: { observedGeneration: 1, replicas: 2 } }
    const requests = await world.requestsOf(async () => {
      await patch(world, refOf("a"), { data: { other: "theirs" }, metadata: { labels: { team: "x" } } })
      const ref = refOf("web", "Deployment", "apps/v1")
      await world.cluster.patch(ref, { type: "merge", patch: status }, { subresource: "status", fieldManager: "kcm" })
    })
    expect(requests).toEqual([])
    expect(world.told("drift.seen")).toEqual([])
  })

  test("two that fight over a field do not run hot", async () => {
    const world = await start(["a"])
    for (let round = 0; round < 10; round++) {
      await patch(world, refOf("a"), { data: { value: `theirs ${round}` } })
      await world.calm()
    }
    expect(world.told("drift.seen").length).toBeLessThanOrEqual(5)
    expect(world.told("drift.fought")).toMatchObject([{ ref: refOf("a"), manager: "kubectl-edit" }])
    await world.clock.advance(10_000)
    await world.calm()
    expect(await world.cluster.get(refOf("a"))).toMatchObject({ data: { value: "ours" } })
  })

  test("what left the inventory is nobody's business", async () => {
    const world = await start(["a", "b"])
    await patch(world, app, { spec: { names: ["a"] } })
    await world.calm()
    const created = await world.requestsOf(() => world.cluster.create(settings("b", { value: "theirs" })))
    expect(created).toEqual([])
    expect(await world.cluster.get(refOf("b"))).toMatchObject({ data: { value: "theirs" } })
  })
})

describe("reconcileOnce", () => {
  const owner: KubeObject = {
    apiVersion: app.apiVersion,
    kind: "App",
    metadata: { name: "one", namespace: "default", uid: "u1" },
    spec: { names: ["a"] },
  }
  const once = defineController({
    kind: App,
    async *reconcile(object, { cluster, live, inventory, signal }) {
      const objects = object.spec.names.map((name) => settings(name))
      const changes = await plan(cluster, objects, { owner: object, inventory, live, signal })
      yield* apply(cluster, changes, { inventory, live, signal })
      return { status: { revision: "r" } }
    },
  })

  test("runs the function with nothing around it", async () => {
    await using cluster = createCluster({ kinds: [crdOf(App)] })
    const { events, result } = await collect(reconcileOnce(once, owner, { cluster }))
    expect(events).toMatchObject([{ type: "apply.done", ref: refOf("a"), action: "create" }])
    expect(result).toEqual({ status: { revision: "r" } })
    expect(cluster.requests.some(({ path }) => path.includes("/apps/"))).toBe(false)
  })

  test("an invalid spec is an error that names the field", async () => {
    const wrong = { ...owner, spec: { names: [1] } }
    const work = reconcileOnce(once, wrong, { cluster: createCluster() })
    await expect(finish(work)).rejects.toThrow(/^\[InvalidSpec\] spec\.names\.0: /)
  })
})

describe("the end of an owner", () => {
  test("what it owned goes, and nothing else", async () => {
    const world = await start(["a", "b"])
    await world.cluster.create(settings("stranger"))
    await world.cluster.delete(app)
    for (let turn = 0; turn < 20; turn++) await world.clock.advance(1000)
    await world.calm()
    expect(await world.cluster.get(app)).toBeUndefined()
    const { objects } = await world.cluster.list({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: "default" })
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(["stranger"])
    expect(world.live().synced(refOf("a"))).toBe(false)
  })
})
