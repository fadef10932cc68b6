import {
  ClusterError,
  collect,
  formatRef,
  keyOf,
  refOf,
  type Cluster,
  type KubeObject,
  type LiveChange,
  type LiveView,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { createClock, createCluster, type TestClock } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { HealthError } from "./error.ts"
import { explain, printExplanation } from "./explain.ts"
import type { HealthEvent } from "./report.ts"
import { settle } from "./settle.ts"

const thing = (name: string, ready: "True" | "False" | undefined, more: object = {}): KubeObject => ({
  apiVersion: "x.io/v1",
  kind: "Thing",
  metadata: { name, namespace: "prod", resourceVersion: "5", uid: name },
  status: { conditions: ready ? [{ type: "Ready", status: ready, reason: "R", message: "not yet" }] : [] },
  ...more,
})
const stalled = (name: string): KubeObject =>
  thing(name, undefined, {
    status: { conditions: [{ type: "Stalled", status: "True", reason: "S", message: "broken" }] },
  })
const a = refOf(thing("a", undefined))
const b = refOf(thing("b", undefined))

/** A cluster that answers `get` from a script, a state a round; and how many requests it got. */
function scripted(states: { readonly [name: string]: readonly (KubeObject | undefined | Error)[] }) {
  const seen = new Map<string, number>()
  const cluster = {
    get: async ({ name }: ObjectRef) => {
      const round = seen.get(name) ?? 0
      seen.set(name, round + 1)
      const script = states[name] ?? []
      const state = script[Math.min(round, script.length - 1)]
      if (state instanceof Error) throw state
      return state
    },
  } as Partial<Cluster> as Cluster
  return { cluster, requests: seen }
}

/** A view whose `see` feeds `changes`. */
function createView(): LiveView & { see(change: LiveChange): void } {
  const pending: LiveChange[] = []
  let wake = (): void => undefined
  return {
    get: () => undefined,
    synced: () => true,
    confirmed: () => undefined,
    confirm: () => undefined,
    see(change) {
      pending.push(change)
      wake()
    },
    async *changes(_refs, { signal } = {}) {
      signal?.addEventListener("abort", () => wake())
      while (!signal?.aborted) {
        const next = pending.shift()
        if (next) yield next
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

const story = (events: readonly HealthEvent[]): string[] =>
  events.map((event) =>
    event.type === "health.changed"
      ? `${formatRef(event.ref)} ${event.previous ?? "-"} → ${event.health.status}`
      : `passed ${event.objects}`,
  )

/** Moves the clock until `work` is over. */
async function run<Result>(clock: TestClock, work: PromiseLike<Result>): Promise<Result> {
  let over = false
  const done = Promise.resolve(work).finally(() => (over = true))
  done.catch(() => undefined)
  for (let turn = 0; !over && turn < 10_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (!over) await clock.advance(500)
  }
  return done
}

const failure = async (clock: TestClock, work: PromiseLike<unknown>): Promise<HealthError> => {
  const error: unknown = await run(clock, work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(HealthError)
  return error as HealthError
}

describe("settle by asking", () => {
  test("waits until all are ready, and tells every change", async () => {
    const clock = createClock()
    const { cluster, requests } = scripted({
      a: [undefined, thing("a", "False"), thing("a", "True")],
      b: [thing("b", "True")],
    })
    const { events, result } = await run(clock, collect(settle(cluster, [a, b], { clock })))
    expect(story(events)).toEqual([
      "Thing/prod/a - → NotFound",
      "Thing/prod/a NotFound → InProgress",
      "Thing/prod/a InProgress → Current",
      "passed 2",
    ])
    expect(result).toMatchObject({ status: "Current", elapsedMs: 4000 })
    // What is ready is not asked for again.
    expect(Object.fromEntries(requests)).toEqual({ a: 3, b: 1 })
  })

  test("fails early, with the report", async () => {
    const clock = createClock()
    const { cluster } = scripted({ a: [stalled("a")], b: [thing("b", "False")] })
    const error = await failure(clock, settle(cluster, [a, b], { clock }))
    expect(error.message).toBe(
      "[NotHealthy] failed early due to stalled resources: [Thing/prod/a status: 'Failed': broken]",
    )
    expect(error).toMatchObject({ code: "NotHealthy", retryable: true, ref: a })
    expect(error.report.objects.map(({ health }) => health.status)).toEqual(["Failed", "InProgress"])
  })

  test("names what it waited for when the time is up", async () => {
    const clock = createClock()
    const { cluster } = scripted({ a: [thing("a", "False")], b: [thing("b", "True")] })
    const error = await failure(clock, settle(cluster, [a, b], { clock, timeoutMs: 10_000 }))
    expect(error.message).toBe("[NotHealthy] timeout waiting for: [Thing/prod/a status: 'InProgress': not yet]")
    expect(error.report.elapsedMs).toBe(10_000)
  })

  test("with failEarly false it waits for the rest, and with allow failed it throws nothing", async () => {
    const clock = createClock()
    const { cluster } = scripted({ a: [stalled("a")], b: [thing("b", "False"), thing("b", "True")] })
    const report = await run(clock, settle(cluster, [a, b], { clock, failEarly: false, allow: "failed" }))
    expect(report.objects.map(({ health }) => health.status)).toEqual(["Failed", "Current"])
  })

  test("a request that fails for a passing reason is repeated, one that may not be made fails", async () => {
    const clock = createClock()
    const flaky = new ClusterError("Unreachable", "no answer", { retryable: true })
    const { cluster } = scripted({ a: [flaky, thing("a", "True")] })
    expect((await run(clock, settle(cluster, [a], { clock }))).status).toBe("Current")
    const closed = scripted({ a: [new ClusterError("Forbidden", "no")] })
    expect((await failure(clock, settle(closed.cluster, [a], { clock }))).report.status).toBe("Failed")
  })

  test("a finished Job may be gone", async () => {
    const clock = createClock()
    const { cluster } = scripted({ a: [undefined] })
    expect((await run(clock, settle(cluster, [{ ...a, mayVanish: true }], { clock }))).status).toBe("Current")
  })

  test("an abort ends it with the signal's reason", async () => {
    const clock = createClock()
    const stop = new AbortController()
    const { cluster } = scripted({ a: [thing("a", "False")] })
    const work = settle(cluster, [a], { clock, signal: stop.signal })
    setImmediate(() => stop.abort(new Error("enough")))
    await expect(run(clock, work)).rejects.toThrow("enough")
  })

  test("nothing to wait for is healthy at once", async () => {
    const { cluster } = scripted({})
    expect((await settle(cluster, [])).status).toBe("Current")
  })
})

describe("settle by listening", () => {
  const { cluster: deaf } = scripted({ a: [new Error("must not be asked")] })

  test("sends no request, and ends at the change that makes all ready", async () => {
    const [clock, live] = [createClock(), createView()]
    const work = collect(settle(deaf, [a], { clock, live }))
    live.see({ ref: a, object: thing("a", "False") })
    live.see({ ref: a, object: thing("a", "True") })
    const { events } = await work
    expect(story(events)).toEqual(["Thing/prod/a - → InProgress", "Thing/prod/a InProgress → Current", "passed 1"])
  })

  test("does not believe a view that is older than our own write", async () => {
    const [clock, view] = [createClock(), createView()]
    const written = { desiredDigest: "", uid: "a", resourceVersion: "10", fields: {}, valuesDigest: "" }
    const live = { ...view, confirmed: (ref: ObjectRef) => (keyOf(ref) === keyOf(a) ? written : undefined) }
    const work = settle(deaf, [a], { clock, live, timeoutMs: 3000 })
    const at = (resourceVersion: string): KubeObject => {
      const ready = thing("a", "True")
      return { ...ready, metadata: { ...ready.metadata, resourceVersion } }
    }
    live.see({ ref: a, object: at("9") })
    expect((await failure(clock, work)).report.objects[0]?.health.reason).toBe("NotSeen")
    live.see({ ref: a, object: at("10") })
    expect((await settle(deaf, [a], { clock, live })).status).toBe("Current")
  })

  test("times out by the clock", async () => {
    const [clock, live] = [createClock(), createView()]
    const error = await failure(clock, settle(deaf, [a], { clock, live, timeoutMs: 60_000 }))
    expect(error.report.elapsedMs).toBe(60_000)
  })

  test("judges by age again without a change", async () => {
    const [clock, live] = [createClock(), createView()]
    const created = new Date(clock.now()).toISOString()
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }]
    const pod: KubeObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "prod", creationTimestamp: created },
      status: { phase: "Pending", conditions },
    }
    const work = settle(deaf, [refOf(pod)], { clock, live })
    live.see({ ref: refOf(pod), object: pod })
    expect((await failure(clock, work)).report.objects[0]?.health.reason).toBe("PodUnschedulable")
  })
})

test("explain follows a Deployment to the container that does not start", async () => {
  const owned = (owner: KubeObject, kind: string): object => ({
    ownerReferences: [
      {
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        controller: true,
      },
    ],
    labels: { app: kind },
  })
  await using cluster = createCluster({ controllers: false })
  const labels = { app: "web" }
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } }
  const spec = { replicas: 1, selector: { matchLabels: labels }, template }
  const meta = { name: "web", namespace: "default" }
  const web = await cluster.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: meta, spec })
  const set = await cluster.create({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { ...meta, name: "web-1", ...owned(web, "web") },
    spec,
  })
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta, name: "web-1-x", ...owned(set, "web") },
    spec: template.spec,
  }
  await cluster.create(pod)
  const waiting = { waiting: { reason: "ImagePullBackOff", message: "no such image" } }
  const patch = {
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "web", image: "web:1", imageID: "", ready: false, restartCount: 0, state: waiting }],
    },
  }
  await cluster.patch(refOf(pod), { type: "merge", patch }, { subresource: "status" })
  expect(printExplanation(await explain(cluster, refOf(web)))).toBe(
    [
      "Deployment/default/web InProgress: Replicas: 0/1",
      "  ReplicaSet/default/web-1 InProgress: Labelled: 0/1",
      "    Pod/default/web-1-x InProgress: Pod is in the Pending phase",
      "      - container web: ImagePullBackOff: no such image",
    ].join("\n"),
  )
})
