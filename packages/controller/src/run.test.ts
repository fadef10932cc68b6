import { createClock, createCluster, type TestClock, type TestCluster } from "@gitops-toolkit/testing"
import { conditionsOf, ToolkitError, type Cluster, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { afterEach, describe, expect, test } from "vitest"
import * as z from "zod"
import { crdOf } from "./crd.ts"
import { defineController, type AnyController, type ReconcileContext } from "./define.ts"
import type { ControllerEvent } from "./event.ts"
import { defineKind, type Resource } from "./kind.ts"
import { run, type RunOptions } from "./run.ts"
import { saveStatus } from "./status.ts"

const App = defineKind({
  group: "apps.example.com",
  version: "v1",
  kind: "App",
  spec: z.object({
    value: z.string().refine((value) => value !== "bad", "must not be bad"),
    suspend: z.boolean().optional(),
  }),
  status: z.object({ phase: z.string() }),
})
type Spec = { value: string; suspend?: boolean | undefined }
type Body = (app: Resource<Spec, { phase: string }>, context: ReconcileContext) => Promise<object | void>

const ref = (name = "one"): ObjectRef => ({ apiVersion: App.apiVersion, kind: "App", namespace: "default", name })
const app = (spec: object = { value: "a" }, name = "one"): KubeObject => ({
  apiVersion: App.apiVersion,
  kind: "App",
  metadata: { name, namespace: "default" },
  spec,
})

interface World {
  readonly cluster: TestCluster
  readonly clock: TestClock
  readonly events: ControllerEvent[]
  readonly types: () => string[]
  /** Lets everything happen that needs no time. */
  readonly calm: () => Promise<void>
  readonly read: (name?: string) => Promise<KubeObject | undefined>
  readonly status: (name?: string) => Promise<string>
  readonly stop: () => Promise<void>
}

const open: World[] = []
afterEach(async () => {
  for (const world of open.splice(0)) await world.stop()
})

interface Setup extends Partial<RunOptions> {
  readonly controllers: readonly AnyController[]
  readonly objects?: readonly KubeObject[]
  readonly kinds?: readonly KubeObject[]
}

async function start({ controllers, objects = [], kinds = [crdOf(App)], ...options }: Setup): Promise<World> {
  const clock = createClock()
  const cluster = createCluster({ clock, kinds, objects })
  const events: ControllerEvent[] = []
  const stop = new AbortController()
  const observers = [(event: ControllerEvent) => void events.push(event), ...(options.observers ?? [])]
  const ended = run({ cluster, clock, random: () => 0.5, ...options, controllers, observers, signal: stop.signal })
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 15; turn++) await clock.advance(0)
  }
  const world: World = {
    cluster,
    clock,
    events,
    calm,
    types: () => events.map(({ type }) => type).filter((type) => !type.startsWith("watch.")),
    read: (name) => cluster.get(ref(name)),
    status: async (name) => {
      const object = await cluster.get(ref(name))
      const conditions = conditionsOf(object ?? {})
      return conditions.map((c) => `${c.type}=${c.status} ${c.reason}: ${c.message}`).join(" | ")
    },
    stop: async () => {
      stop.abort()
      for (let turn = 0; turn < 4; turn++) await clock.advance(30_000)
      await ended
      await cluster[Symbol.asyncDispose]()
    },
  }
  open.push(world)
  await calm()
  return world
}

const controllerOf = (reconcile: Body, more: object = {}): AnyController =>
  defineController({ kind: App, reconcile, ...more })
const set = async (world: World, patch: object): Promise<void> => {
  await world.cluster.patch(ref(), { type: "merge", patch })
  await world.calm()
}

describe("reconcile", () => {
  test("brings a new object to Ready, with what it returned", async () => {
    const world = await start({
      controllers: [
        controllerOf(async (object) => ({ status: { revision: `r-${object.spec.value}`, phase: "Done" } })),
      ],
      objects: [app()],
    })
    expect(await world.status()).toBe("Ready=True Succeeded: Reconciled revision r-a")
    expect((await world.read())?.status).toMatchObject({ observedGeneration: 1, revision: "r-a", phase: "Done" })
    expect(world.types()).toEqual(["reconcile.started", "reconcile.finished"])
  })

  test("makes no request in steady state, and its own status writes call nobody", async () => {
    const world = await start({
      controllers: [controllerOf(async () => ({ status: { revision: "r" }, requeueAfterMs: 60_000 }))],
      objects: [app()],
    })
    const before = world.cluster.requests.length
    await world.clock.advance(63_000)
    await world.calm()
    expect(world.types().filter((type) => type === "reconcile.finished")).toHaveLength(2)
    expect(world.cluster.requests.slice(before)).toEqual([])
  })

  test("sees changes of spec, labels and annotations, not of status", async () => {
    const values: string[] = []
    const world = await start({
      controllers: [
        controllerOf(async ({ spec, metadata }) => void values.push(`${spec.value}${metadata.labels?.["l"] ?? ""}`)),
      ],
      objects: [app()],
    })
    await set(world, { spec: { value: "b" } })
    await set(world, { metadata: { labels: { l: "1" } } })
    await world.cluster.patch(ref(), { type: "merge", patch: { status: { phase: "X" } } }, { subresource: "status" })
    await world.calm()
    expect(values).toEqual(["a", "b", "b1"])
  })

  test("a retryable failure is told, backed off and forgotten after success; the last good state stays", async () => {
    let failing = false
    const world = await start({
      controllers: [
        controllerOf(async () => {
          if (failing) throw new ToolkitError("FetchFailed", "no route to https://u:hunter2@git/", { retryable: true })
          return { status: { revision: "good" } }
        }),
      ],
      objects: [app()],
    })
    failing = true
    await set(world, { spec: { value: "b" } })
    const told = "FetchFailed: no route to https://***@git/"
    const wanted = `Ready=False ${told} | Reconciling=True ProgressingWithRetry: no route to https://***@git/`
    expect(await world.status()).toBe(wanted)
    expect((await world.read())?.status).toMatchObject({ revision: "good", observedGeneration: 1 })
    await world.clock.advance(100)
    const delays = world.events.filter(({ type }) => type === "reconcile.failed").map((event) => event["retryInMs"])
    expect(delays.slice(0, 4)).toEqual([5, 10, 19, 38])
    failing = false
    await world.clock.advance(1000)
    await world.calm()
    expect(await world.status()).toBe("Ready=True Succeeded: Reconciled revision good")
    expect((await world.read())?.status).toMatchObject({ observedGeneration: 2 })
  })

  test("a failure for good stalls, and is looked at again at its interval", async () => {
    const world = await start({
      controllers: [
        controllerOf(async () => {
          throw new ToolkitError("BuildFailed", "no such file")
        }),
      ],
      objects: [app()],
    })
    expect(await world.status()).toBe("Ready=False BuildFailed: no such file | Stalled=True BuildFailed: no such file")
    await world.clock.advance(599_000)
    expect(world.types().filter((type) => type === "reconcile.failed")).toHaveLength(1)
    const before = world.cluster.requests.length
    await world.clock.advance(1000)
    expect(world.types().filter((type) => type === "reconcile.failed")).toHaveLength(2)
    expect(world.cluster.requests.slice(before)).toEqual([])
  })

  test("an invalid spec stalls its own object and no other", async () => {
    const world = await start({
      controllers: [controllerOf(async () => ({}))],
      objects: [app({ value: "bad" }, "wrong"), app({ value: "ok" }, "right")],
    })
    expect(await world.status("wrong")).toContain("Stalled=True InvalidSpec: spec.value: must not be bad")
    expect(await world.status("right")).toBe("Ready=True Succeeded: Reconciled")
    await world.clock.advance(3_600_000)
    expect(world.types().filter((type) => type === "reconcile.failed")).toHaveLength(1)
  })

  test("saveStatus is stored before the next step, once", async () => {
    const seen: unknown[] = []
    const world = await start({
      controllers: [
        defineController({
          kind: App,
          async *reconcile(object, { cluster }) {
            for (let time = 0; time < 2; time++) {
              yield saveStatus({ phase: "Half", conditions: [] })
              seen.push((await cluster.get(ref()))?.status)
            }
            yield { type: "work.done", value: object.spec.value }
          },
        }),
      ],
      objects: [app()],
    })
    expect(seen).toMatchObject([{ phase: "Half" }, { phase: "Half" }])
    expect(world.types()).toEqual(["reconcile.started", "work.done", "reconcile.finished"])
    const writes = world.cluster.requests.filter(({ path }) => path.endsWith("/status"))
    expect(writes).toHaveLength(3)
    expect(world.events.find(({ type }) => type === "work.done")).toMatchObject({ value: "a", controller: "app" })
  })

  test("a change meanwhile stops the work and begins it again", async () => {
    const seen: string[] = []
    const world = await start({
      controllers: [
        controllerOf(async ({ spec }, { clock, signal }) => {
          seen.push(spec.value)
          if (spec.value === "a") await clock.sleep(1e9, { signal })
        }),
      ],
      objects: [app()],
    })
    await set(world, { spec: { value: "b" } })
    expect(seen).toEqual(["a", "b"])
    expect(world.types()).toEqual([
      "reconcile.started",
      "reconcile.cancelled",
      "reconcile.started",
      "reconcile.finished",
    ])
    expect(await world.status()).toBe("Ready=True Succeeded: Reconciled")
  })

  test("a change that an answer to our own write shows before the watch does is not missed", async () => {
    const seen: string[] = []
    const clock = createClock()
    const cluster = createCluster({ clock, kinds: [crdOf(App)], objects: [app()] })
    const late: Cluster = {
      ...cluster,
      async *watch(kind, options) {
        for await (const event of cluster.watch(kind, options)) {
          if (event.type !== "listed") await clock.sleep(1000, { signal: options?.signal })
          yield event
        }
      },
    }
    const stop = new AbortController()
    const controller = controllerOf(async ({ spec }) => {
      seen.push(spec.value)
      if (spec.value === "a") await cluster.patch(ref(), { type: "merge", patch: { spec: { value: "b" } } })
    })
    const ended = run({ cluster: late, clock, controllers: [controller], signal: stop.signal })
    for (let turn = 0; turn < 20; turn++) await clock.advance(500)
    expect(seen).toEqual(["a", "b"])
    expect((await cluster.get(ref()))?.status).toMatchObject({ observedGeneration: 2 })
    stop.abort()
    for (let turn = 0; turn < 4; turn++) await clock.advance(30_000)
    await ended
  })

  test("has a deadline, even where the work hides the abort", async () => {
    const world = await start({
      controllers: [
        controllerOf(
          async (_object, { clock, signal }) => {
            await clock.sleep(1e9, { signal }).catch(() => {
              throw new Error("hidden")
            })
          },
          { timeoutMs: 5000 },
        ),
      ],
      objects: [app()],
    })
    await world.clock.advance(5000)
    expect(await world.status()).toContain("Ready=False ReconcileTimedOut: not done within 5000 ms")
  })

  test("never runs one object twice at a time", async () => {
    let running = 0
    let most = 0
    const world = await start({
      controllers: [
        controllerOf(async (_object, { clock }) => {
          most = Math.max(most, ++running)
          await clock.sleep(100)
          running--
        }),
      ],
      objects: [app()],
    })
    for (let time = 0; time < 5; time++) await set(world, { metadata: { annotations: { time: String(time) } } })
    await world.clock.advance(1000)
    expect([most, running]).toEqual([1, 0])
  })

  test("slow objects do not hold up the others, unless asked to", async () => {
    const names = Array.from({ length: 6 }, (_item, index) => `app-${index}`)
    const begun = async (more: object): Promise<string[]> => {
      const seen: string[] = []
      const slow: Body = async ({ metadata }, { clock, signal }) => {
        seen.push(metadata.name!)
        await clock.sleep(1e9, { signal })
      }
      const objects = names.map((name) => app({ value: "a" }, name))
      const world = await start({ controllers: [controllerOf(slow, { concurrency: 2, ...more })], objects, drainMs: 0 })
      expect(seen).toHaveLength(2)
      await world.clock.advance(30_000)
      return seen
    }
    expect((await begun({})).toSorted()).toEqual(names)
    expect(await begun({ lendAfterMs: Infinity })).toHaveLength(2)
  })

  test("suspended objects are left alone", async () => {
    const world = await start({
      controllers: [controllerOf(async () => ({}))],
      objects: [app({ value: "a", suspend: true })],
    })
    expect(world.types()).toEqual(["reconcile.started", "reconcile.suspended"])
    expect((await world.read())?.status).toBeUndefined()
    await set(world, { spec: { suspend: false } })
    expect(await world.status()).toBe("Ready=True Succeeded: Reconciled")
  })

  test("a request to reconcile is acted on and echoed", async () => {
    const world = await start({ controllers: [controllerOf(async () => ({}))], objects: [app()] })
    await set(world, { metadata: { annotations: { "gitops-toolkit.dev/requestedAt": "now" } } })
    expect((await world.read())?.status).toMatchObject({ lastHandledReconcileAt: "now" })
  })

  test("a status that somebody else wrote meanwhile is kept", async () => {
    const foreign = {
      type: "Audited",
      status: "True",
      reason: "Fine",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }
    const world = await start({
      controllers: [
        controllerOf(async (_object, { cluster }) => {
          const patch = { status: { conditions: [foreign] } }
          await cluster.patch(ref(), { type: "merge", patch }, { subresource: "status" })
        }),
      ],
      objects: [app()],
    })
    expect(await world.status()).toContain("Audited=True Fine")
    expect(await world.status()).toContain("Ready=True Succeeded")
  })
})

describe("dependsOn", () => {
  const Step = defineKind({
    ...{ group: "apps.example.com", version: "v1", kind: "Step" },
    spec: z.object({
      after: z.array(z.string()).default([]),
      config: z.string().optional(),
      ok: z.boolean().default(true),
    }),
  })
  const refTo = (name: string): ObjectRef => ({ apiVersion: Step.apiVersion, kind: "Step", namespace: "default", name })
  const config = (name: string): ObjectRef => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name })
  const stepObject = (name: string, spec: object = {}): KubeObject => ({
    apiVersion: Step.apiVersion,
    kind: "Step",
    metadata: { name, namespace: "default" },
    spec,
  })
  const startSteps = async (objects: readonly KubeObject[]): Promise<{ world: World; done: string[] }> => {
    const done: string[] = []
    const controller = defineController({
      kind: Step,
      dependsOn: {
        refs: ({ spec }) => [...spec.after.map(refTo), ...(spec.config === undefined ? [] : [config(spec.config)])],
      },
      async reconcile({ spec, metadata }) {
        if (!spec.ok) throw new ToolkitError("BuildFailed", "not yet")
        done.push(metadata.name!)
      },
    })
    const world = await start({ controllers: [controller], kinds: [crdOf(Step)], objects })
    await world.calm()
    return { world, done }
  }
  const ready = async (world: World, name: string): Promise<string> => {
    const found = conditionsOf((await world.cluster.get(refTo(name))) ?? {}).find(({ type }) => type === "Ready")
    return `${found?.status} ${found?.reason}: ${found?.message}`
  }

  test("objects are reconciled after what they depend on, without waiting for a timer", async () => {
    const { done, world } = await startSteps([
      stepObject("app", { after: ["db", "cache"] }),
      stepObject("db", { after: ["net"] }),
      stepObject("cache"),
      stepObject("net"),
    ])
    expect(done.toSorted()).toEqual(["app", "cache", "db", "net"])
    expect([done.indexOf("net") < done.indexOf("db"), done.at(-1)]).toEqual([true, "app"])
    expect(await ready(world, "app")).toBe("True Succeeded: Reconciled")
  })

  test("they are told what they wait for, and woken when it comes", async () => {
    const { done, world } = await startSteps([
      stepObject("app", { after: ["db", "absent"] }),
      stepObject("db", { ok: false }),
    ])
    expect(await ready(world, "app")).toBe(
      "False DependencyNotReady: not ready yet: Step/default/db, Step/default/absent",
    )
    await world.cluster.create(stepObject("absent"))
    await world.calm()
    expect(await ready(world, "app")).toBe("False DependencyNotReady: not ready yet: Step/default/db")
    await world.cluster.patch(refTo("db"), { type: "merge", patch: { spec: { ok: true } } })
    await world.calm()
    expect(await ready(world, "app")).toBe("True Succeeded: Reconciled")
    expect(done).toEqual(["absent", "db", "app"])
  })

  test("objects of other kinds count too", async () => {
    const { done, world } = await startSteps([stepObject("app", { config: "settings" })])
    expect(await ready(world, "app")).toBe("False DependencyNotReady: not ready yet: ConfigMap/default/settings")
    await world.cluster.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "default" },
    })
    await world.calm()
    expect(done).toEqual(["app"])
  })

  test("a circle stalls its members and nobody else", async () => {
    const { done, world } = await startSteps([
      stepObject("a", { after: ["b"] }),
      stepObject("b", { after: ["c"] }),
      stepObject("c", { after: ["a"] }),
      stepObject("free"),
    ])
    await world.clock.advance(1000)
    expect(await ready(world, "a")).toBe(
      "False DependencyCycle: the dependencies go in a circle: default/a → default/b → default/c → default/a",
    )
    expect(done).toEqual(["free"])
    await world.cluster.patch(refTo("c"), { type: "merge", patch: { spec: { after: [] } } })
    await world.calm()
    expect(done).toEqual(["free", "c", "b", "a"])
  })
})

describe("finalize", () => {
  test("the finalizer comes before the first reconcile and goes after finalize", async () => {
    const seen: unknown[] = []
    const world = await start({
      controllers: [
        controllerOf(async ({ metadata }) => void seen.push(metadata.finalizers), {
          finalize: async ({ spec }: { spec: Spec }) => void seen.push(`finalize ${spec.value}`),
        }),
      ],
      objects: [app()],
    })
    await world.cluster.delete(ref())
    await world.calm()
    expect(seen).toEqual([["apps.example.com/app"], "finalize a"])
    expect(await world.read()).toBeUndefined()
    expect(world.types().slice(-2)).toEqual(["finalize.started", "finalize.finished"])
  })

  test("as long as it fails the finalizer stays", async () => {
    let failing = true
    const world = await start({
      controllers: [
        controllerOf(async () => ({}), {
          finalize: async () => {
            if (failing) throw new ToolkitError("PruneFailed", "still there")
          },
        }),
      ],
      objects: [app()],
    })
    await world.cluster.delete(ref())
    await world.calm()
    expect((await world.read())?.metadata.finalizers).toEqual(["apps.example.com/app"])
    expect(await world.status()).toContain("Ready=False PruneFailed: still there")
    failing = false
    await world.clock.advance(600_000)
    await world.calm()
    expect(await world.read()).toBeUndefined()
  })

  test("finalizers of others are respected, and what is going already is not touched", async () => {
    const seen: string[] = []
    const other = app()
    const world = await start({
      controllers: [
        controllerOf(async () => void seen.push("reconcile"), { finalize: async () => void seen.push("finalize") }),
      ],
    })
    await world.cluster.create({ ...other, metadata: { ...other.metadata, finalizers: ["example.com/other"] } })
    await world.calm()
    await world.cluster.delete(ref())
    await world.calm()
    expect(seen).toEqual(["reconcile", "finalize"])
    expect((await world.read())?.metadata.finalizers).toEqual(["example.com/other"])
  })

  test("a reconcile under way makes room for the deletion", async () => {
    const world = await start({
      controllers: [
        controllerOf((_object, { clock, signal }) => clock.sleep(1e9, { signal }), { finalize: async () => undefined }),
      ],
      objects: [app()],
    })
    await world.cluster.delete(ref())
    await world.calm()
    expect(await world.read()).toBeUndefined()
  })
})

describe("run", () => {
  test("ends in order: running work may finish, nothing new begins, nothing keeps waiting", async () => {
    let finished = false
    const world = await start({
      controllers: [
        controllerOf(async (_object, { clock, signal }) => {
          await clock.sleep(10_000, { signal })
          finished = true
        }),
      ],
      objects: [app()],
    })
    await world.stop()
    expect(finished).toBe(true)
    expect(world.clock.sleepers).toBe(0)
  })

  test("work that lasts longer than the drain is aborted and writes nothing", async () => {
    const world = await start({
      controllers: [controllerOf((_object, { clock, signal }) => clock.sleep(1e9, { signal }))],
      objects: [app()],
      drainMs: 1000,
    })
    const before = world.cluster.requests.length
    await world.stop()
    expect(world.events.at(-1)).toMatchObject({ type: "reconcile.cancelled", reason: "Shutdown" })
    expect(world.cluster.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([])
    expect(world.clock.sleepers).toBe(0)
  })

  test("an observer that fails disturbs nobody and is told of", async () => {
    const failures: string[] = []
    const world = await start({
      controllers: [controllerOf(async () => ({}))],
      objects: [app()],
      observers: [
        () => {
          throw new Error("observer down")
        },
      ],
      onObserverError: (error, { type }) => failures.push(`${type}: ${String(error)}`),
    })
    expect(await world.status()).toBe("Ready=True Succeeded: Reconciled")
    expect(failures).toContain("reconcile.finished: Error: observer down")
  })

  test("observers get events in order, slow ones too, and the end waits for them", async () => {
    const told: string[] = []
    const world = await start({
      controllers: [controllerOf(async () => ({}))],
      objects: [app()],
      observers: [
        async ({ type }) => {
          await Promise.resolve()
          told.push(type)
        },
      ],
    })
    await world.stop()
    expect(told).toEqual(world.events.map(({ type }) => type))
  })

  test("stands by until the lease is free, and gives it back", async () => {
    const lease = { name: "it", namespace: "default" }
    const holding = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: lease,
      spec: { holderIdentity: "other", leaseDurationSeconds: 15 },
    }
    const world = await start({ controllers: [controllerOf(async () => ({}))], objects: [app(), holding], lease })
    expect(world.types()).toEqual([])
    await world.clock.advance(20_000)
    await world.calm()
    expect(world.types()).toEqual(["lease.acquired", "reconcile.started", "reconcile.finished"])
    const { cluster } = world
    await world.stop()
    const found = cluster.objects().find(({ kind }) => kind === "Lease")
    expect(found?.spec).toMatchObject({ holderIdentity: "" })
  })

  test("a lost lease ends everything at once", async () => {
    const lease = { name: "it", namespace: "default" }
    const ref = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...lease }
    const clock = createClock()
    const cluster = createCluster({ clock, kinds: [crdOf(App)], objects: [app()] })
    const events: string[] = []
    const forever: Body = (_object, { signal }) => clock.sleep(1e9, { signal })
    const ended = run({
      cluster,
      clock,
      lease,
      controllers: [controllerOf(forever)],
      observers: [({ type }) => void events.push(type)],
    })
    const failed = expect(ended).rejects.toThrow("[LeaseLost]")
    for (let turn = 0; turn < 20; turn++) await clock.advance(0)
    await cluster.patch(ref, { type: "merge", patch: { spec: { holderIdentity: "thief" } } })
    for (let turn = 0; turn < 20; turn++) await clock.advance(200)
    await failed
    expect(events.slice(-2)).toEqual(["lease.lost", "reconcile.cancelled"])
    expect(clock.sleepers).toBe(0)
  })

  test("two controllers of one name are refused", async () => {
    const controller = controllerOf(async () => ({}))
    const options = { cluster: createCluster(), controllers: [controller, controller] }
    await expect(run(options)).rejects.toThrow("[InvalidOptions]")
  })

  test("watched kinds lead to their owners", async () => {
    const seen: string[] = []
    const kind = { apiVersion: "v1", kind: "ConfigMap" }
    const world = await start({
      controllers: [controllerOf(async ({ metadata }) => void seen.push(metadata.name!), { watches: [{ kind }] })],
      objects: [app({ value: "a" }, "one"), app({ value: "a" }, "two")],
    })
    const uid = (await world.read("two"))!.metadata.uid!
    const owner = { apiVersion: App.apiVersion, kind: "App", name: "two", uid }
    await world.cluster.create({
      ...kind,
      metadata: { name: "owned", namespace: "default", ownerReferences: [owner] },
    })
    await world.calm()
    expect(seen.toSorted()).toEqual(["one", "two", "two"])
  })

  test("many objects begin spread over time", async () => {
    const objects = Array.from({ length: 100 }, (_item, index) => app({ value: "a" }, `app-${index}`))
    const world = await start({ controllers: [controllerOf(async () => ({}), { concurrency: 100 })], objects })
    const begun = (): number => world.types().filter((type) => type === "reconcile.started").length
    expect(begun()).toBeLessThan(5)
    await world.clock.advance(500)
    expect(begun()).toBeGreaterThan(30)
    expect(begun()).toBeLessThan(70)
    await world.clock.advance(500)
    expect(begun()).toBe(100)
  })
})
