import { ClusterError, collect, formatRef, refOf, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { app, configMap, createScenario, definition, deployment, namespace, secret, thing } from "../test/scenario.ts"
import { apply, type ApplyEvent } from "./apply.ts"
import { ReconcileError } from "./error.ts"
import { memoryInventory } from "./inventory/memory.ts"
import { plan } from "./plan.ts"

const told = (events: readonly ApplyEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === "apply.done") return [`${event.action} ${formatRef(event.ref)}`]
    if (event.type === "apply.failed") return [`failed ${formatRef(event.ref)} ${event.code}`]
    return event.type === "apply.waiting" ? [`wait ${event.refs.map(formatRef).join(" ")}`] : []
  })

const names = async ({ inventory }: ReturnType<typeof createScenario>): Promise<string[]> =>
  (await inventory.load()).refs.map(formatRef)

const inNew: KubeObject = { ...configMap("a"), metadata: { name: "a", namespace: "new" } }

/** The cluster, refusing to write (not to dry-run) objects of the name `bad`. */
const refusing = (cluster: Cluster, error: Error): Cluster => ({
  ...cluster,
  apply: async (object, options = {}) => {
    if (object.metadata.name === "bad" && !options.dryRun) throw error
    return cluster.apply(object, options)
  },
})

describe("apply", () => {
  test("goes stage by stage, and waits between", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([deployment("web"), inNew, thing("t"), definition, namespace("new")])
    const { events, result } = await collect(apply(scenario.cluster, changes, { inventory: scenario.inventory }))
    expect(told(events)).toEqual([
      "create CustomResourceDefinition/things.x.example.com",
      "create Namespace/new",
      "wait CustomResourceDefinition/things.x.example.com Namespace/new",
      "create ConfigMap/new/a",
      "create Deployment/prod/web",
      "create Thing/prod/t",
    ])
    expect(result).toMatchObject({ unchanged: 0, skipped: 0, applied: { length: 5 } })
  })

  test("writes the inventory ahead, and again when it is over", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("old")])
    const changes = await scenario.plan([configMap("new"), configMap("bad")])
    const saved: string[][] = []
    const watching = {
      ...inventory,
      save: async (...[refs, options]: Parameters<typeof inventory.save>) => {
        saved.push(refs.map(({ name }) => name))
        return inventory.save(refs, options)
      },
    }
    const error = new ClusterError("Invalid", "no", { status: 422 })
    await expect(apply(refusing(cluster, error), changes, { inventory: watching })).rejects.toMatchObject({
      code: "ApplyFailed",
      failures: [{ ref: { name: "bad" }, code: "Invalid" }],
    })
    // What was never there, and was refused, is not ours. What is to be pruned stays until it is.
    expect(saved).toEqual([
      ["bad", "new", "old"],
      ["new", "old"],
    ])
  })

  test("keeps in the inventory what may have been written", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([configMap("bad")])
    const lost = refusing(scenario.cluster, new ClusterError("Unreachable", "no answer", { retryable: true }))
    const work = apply(lost, changes, { inventory: scenario.inventory })
    await expect(work).rejects.toMatchObject({ retryable: true })
    expect(await names(scenario)).toEqual(["ConfigMap/prod/bad"])
  })

  test("tries every object of a stage, and none of the next after a failure", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([namespace("bad"), namespace("good"), configMap("a")])
    const error = new ClusterError("Forbidden", "no", { status: 403 })
    const events: ApplyEvent[] = []
    const work = apply(refusing(scenario.cluster, error), changes, { inventory: scenario.inventory })
    await expect(
      (async () => {
        for await (const event of work) events.push(event)
      })(),
    ).rejects.toThrow("[ApplyFailed] Namespace/bad: [Forbidden] no")
    expect(told(events).toSorted()).toEqual(["create Namespace/good", "failed Namespace/bad Forbidden"])
    expect(await names(scenario)).toEqual(["Namespace/good"])
  })

  test("refuses a plan whose inventory somebody else changed", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([configMap("a")])
    await scenario.run([configMap("b")])
    const work = apply(scenario.cluster, changes, { inventory: scenario.inventory })
    await expect(work).rejects.toMatchObject({ code: "StalePlan", retryable: true })
    expect(scenario.names("ConfigMap")).not.toContain("prod/a")
  })

  test("does not take from another owner what that one made after the plan", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    const changes = await scenario.plan([configMap("a")])
    const owner = { ...app, name: "other", uid: "u2" }
    const theirs = await plan(cluster, [configMap("a", { k: "theirs" })], { owner, inventory: memoryInventory() })
    await apply(cluster, theirs, { inventory: memoryInventory() })
    await expect(apply(cluster, changes, { inventory })).rejects.toMatchObject({
      failures: [{ code: "OwnedByAnother" }],
    })
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "theirs" })
  })

  test("what appears in the last moment is not taken by force", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    const changes = await scenario.plan([configMap("a")])
    await cluster.apply(configMap("a", { k: "theirs" }), { fieldManager: "them" })
    const late = { ...cluster, get: async () => undefined }
    await expect(apply(late, changes, { inventory })).rejects.toMatchObject({ failures: [{ code: "StalePlan" }] })
    await expect(apply(cluster, changes, { inventory, ifUnmoved: true })).rejects.toMatchObject({ code: "StalePlan" })
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "theirs" })
  })

  test("looks first where the plan could not see: an object of another owner is refused", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    const objects = [definition, thing("t")]
    const changes = await scenario.plan(objects)
    const other = await plan(cluster, objects, {
      owner: { ...app, name: "other", uid: "u2" },
      inventory: memoryInventory(),
    })
    await apply(cluster, other, { inventory: memoryInventory() })
    await cluster.patch(refOf(definition), {
      type: "json",
      operations: [
        { op: "remove", path: "/metadata/annotations" },
        { op: "remove", path: "/metadata/labels" },
      ],
    })
    const work = apply(cluster, changes, { inventory })
    await expect(work).rejects.toMatchObject({ failures: [{ code: "OwnedByAnother", ref: { name: "t" } }] })
  })

  test("does not update another object that took the place of the planned one", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a")])
    const changes = await scenario.plan([configMap("a", { k: "w" })])
    await cluster.delete(refOf(configMap("a")))
    await cluster.create(configMap("a", { k: "theirs" }))
    await expect(apply(cluster, changes, { inventory })).rejects.toMatchObject({ code: "StalePlan" })
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "theirs" })
  })

  test("carries out exactly what was approved, when told so", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a"), configMap("b")])
    const wanted = [configMap("a", { k: "w" }), configMap("b", { k: "w" })]
    const changes = await scenario.plan(wanted)
    await cluster.patch(
      refOf(configMap("a")),
      { type: "merge", patch: { data: { theirs: "x" } } },
      { fieldManager: "them" },
    )
    await expect(apply(cluster, changes, { inventory, ifUnmoved: true })).rejects.toMatchObject({
      code: "StalePlan",
      failures: [{ ref: { name: "a" } }],
    })
    expect((await cluster.get(refOf(configMap("b"))))?.["data"]).toEqual({ k: "w" })
    await apply(cluster, await scenario.plan(wanted), { inventory, ifUnmoved: true })
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "w", theirs: "x" })
  })

  test("takes over exactly what was approved", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a")])
    const edit = async (key: string): Promise<unknown> =>
      cluster.patch(
        refOf(configMap("a")),
        { type: "merge", patch: { data: { [key]: "x" } } },
        { fieldManager: "kubectl-edit" },
      )
    await edit("extra")
    const changes = await scenario.plan([configMap("a")])
    await apply(cluster, changes, { inventory, ifUnmoved: true })
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "v" })
    await edit("more")
    await expect(apply(cluster, changes, { inventory, ifUnmoved: true })).rejects.toMatchObject({ code: "StalePlan" })
  })

  test("takes over an object that others keep writing to", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a")])
    const ref = refOf(configMap("a"))
    const write = async (patch: object, fieldManager: string): Promise<unknown> =>
      cluster.patch(ref, { type: "merge", patch }, { fieldManager })
    await write({ data: { extra: "x" } }, "kubectl-edit")
    const changes = await scenario.plan([configMap("a")])
    let turns = 0
    const busy: Cluster = {
      ...cluster,
      get: async (...parameters) => {
        const answer = await cluster.get(...parameters)
        if (turns++ < 2) await write({ metadata: { annotations: { turn: String(turns) } } }, "operator")
        return answer
      },
    }
    await apply(busy, changes, { inventory })
    expect(turns).toBe(3)
    expect(await cluster.get(ref)).toMatchObject({ data: { k: "v" }, metadata: { annotations: { turn: "2" } } })
  })

  test("sends nothing for a plan without changes", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a")])
    const changes = await scenario.plan([configMap("a")])
    const work = async (): Promise<unknown> => apply(scenario.cluster, changes, { inventory: scenario.inventory })
    expect(await scenario.requestsOf(work)).toBe(0)
  })

  test("never has more writes in flight than it may", async () => {
    await using scenario = createScenario()
    let [now, most] = [0, 0]
    const counting: Cluster = {
      ...scenario.cluster,
      apply: async (...parameters) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        return scenario.cluster.apply(...parameters).finally(() => now--)
      },
    }
    const changes = await scenario.plan(Array.from({ length: 20 }, (_, index) => configMap(`c${index}`)))
    await apply(counting, changes, { inventory: scenario.inventory, concurrency: 3 })
    expect(most).toBe(3)
  })

  test("an abort ends it with the signal's reason, and the inventory is safe", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([namespace("n"), configMap("a")])
    const stop = new AbortController()
    const work = apply(scenario.cluster, changes, { inventory: scenario.inventory, signal: stop.signal })
    await expect(
      (async () => {
        for await (const event of work) if (event.type === "apply.done") stop.abort(new Error("enough"))
      })(),
    ).rejects.toThrow("enough")
    expect(await names(scenario)).toEqual(["Namespace/n", "ConfigMap/prod/a"])
  })

  test("errors do not carry a Secret's values", async () => {
    await using scenario = createScenario()
    const value = "c0rrect-h0rse"
    const bad = { ...secret("bad", { key: value }) }
    const changes = await scenario.plan([bad])
    const base64 = Buffer.from(value).toString("base64")
    const error = new ClusterError("Invalid", `data: Invalid value: ${base64} (${value})`, { status: 422 })
    const thrown: unknown = await apply(refusing(scenario.cluster, error), changes, {
      inventory: scenario.inventory,
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(thrown).toBeInstanceOf(ReconcileError)
    const text = `${String(thrown)} ${JSON.stringify((thrown as ReconcileError).failures)}`
    expect(text).not.toContain(value)
    expect(text).not.toContain(base64)
  })
})
