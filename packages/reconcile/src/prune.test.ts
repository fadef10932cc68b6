import { formatRef, refOf, type KubeObject } from "@gitops-toolkit/kube"
import { createClock } from "@gitops-toolkit/testing"
import { describe, expect, test } from "vitest"
import { app, configMap, createScenario, definition, deployment, namespace, thing } from "../test/scenario.ts"
import { apply } from "./apply.ts"
import { ReconcileError } from "./error.ts"
import { prune, remove } from "./prune.ts"

const inventoryOf = async ({ inventory }: ReturnType<typeof createScenario>): Promise<string[]> =>
  (await inventory.load()).refs.map(formatRef)

describe("prune", () => {
  test("leaves a look-alike alone that somebody made in the place of ours", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a"), configMap("b")])
    const changes = await scenario.plan([configMap("b")])
    const theirs = await cluster.get(refOf(configMap("a")))
    await cluster.delete(refOf(configMap("a")))
    // Even with our marks on it: it is another object.
    const { name, labels, annotations } = theirs!.metadata
    await cluster.create({
      ...configMap("a", { k: "theirs" }),
      metadata: { name: name!, namespace: "prod", labels: labels!, annotations: annotations! },
    })
    const report = await prune(cluster, changes, { inventory })
    expect(report.skipped.map(({ reason }) => reason)).toEqual(["Gone"])
    expect((await cluster.get(refOf(configMap("a"))))?.["data"]).toEqual({ k: "theirs" })
  })

  test("leaves an object alone that lost our marks, and forgets it", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a"), configMap("b")])
    const patch = { metadata: { annotations: { "gitops-toolkit.dev/owner": null } } }
    await scenario.cluster.patch(refOf(configMap("a")), { type: "merge", patch })
    expect(await scenario.run([configMap("b")])).toContain("skip ConfigMap/prod/a NotOurs")
    expect(scenario.names("ConfigMap")).toContain("prod/a")
    expect(await inventoryOf(scenario)).toEqual(["ConfigMap/prod/b"])
  })

  test("leaves a stranger's object alone that a write-ahead inventory names", async () => {
    await using scenario = createScenario([configMap("a", { k: "theirs" })])
    const { version } = await scenario.inventory.load()
    await scenario.inventory.save([refOf(configMap("a"))], { ifVersion: version })
    expect(await scenario.run([configMap("b")])).toContain("skip ConfigMap/prod/a NotOurs")
    expect(scenario.names("ConfigMap")).toContain("prod/a")
  })

  test("keeps a Namespace that desired objects are in", async () => {
    await using scenario = createScenario()
    const inNew = { ...configMap("a"), metadata: { name: "a", namespace: "new" } }
    await scenario.run([namespace("new"), inNew])
    expect(await scenario.run([inNew])).toContain("skip Namespace/new InUse")
    expect(scenario.names("Namespace")).toContain("new")
    expect(await inventoryOf(scenario)).toContain("Namespace/new")
  })

  test("keeps a definition that others use", async () => {
    await using scenario = createScenario()
    await scenario.run([definition, configMap("a")])
    await scenario.cluster.create(thing("theirs"))
    expect(await scenario.run([configMap("a")])).toContain("skip CustomResourceDefinition/things.x.example.com InUse")
    expect(scenario.names("Thing")).toEqual(["prod/theirs"])
  })

  test("keeps a Namespace that holds objects of others, unless it says that they may go", async () => {
    await using scenario = createScenario()
    const mine = { ...configMap("mine"), metadata: { name: "mine", namespace: "new" } }
    const theirs = { ...configMap("theirs"), metadata: { name: "theirs", namespace: "new" } }
    await scenario.run([namespace("new"), mine, configMap("a")])
    await scenario.cluster.create(theirs)
    expect(await scenario.run([configMap("a")])).toContain("skip Namespace/new InUse")
    expect(scenario.names("ConfigMap")).toContain("new/theirs")
    const removal = await remove(scenario.cluster, { owner: app, inventory: scenario.inventory })
    expect(removal.skipped.map(({ reason }) => reason)).toEqual(["InUse"])
    const patch = { metadata: { annotations: { "gitops-toolkit.dev/prune": "cascade" } } }
    await scenario.cluster.patch(refOf(namespace("new")), { type: "merge", patch })
    await remove(scenario.cluster, { owner: app, inventory: scenario.inventory })
    expect(scenario.names("Namespace")).not.toContain("new")
  })

  test("deletes a Namespace with what only follows other objects in it", async () => {
    await using scenario = createScenario()
    const mine = { ...configMap("mine"), metadata: { name: "mine", namespace: "new" } }
    await scenario.run([namespace("new"), mine, configMap("a")])
    const { uid = "" } = (await scenario.cluster.get(refOf(mine)))!.metadata
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "mine", uid }]
    await scenario.cluster.create({ ...mine, metadata: { name: "follows", namespace: "new", ownerReferences } })
    expect(await scenario.run([configMap("a")])).toContain("prune Namespace/new")
    expect(scenario.names("Namespace")).not.toContain("new")
  })

  test("deletes exactly the version that it found the evidence on", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a"), configMap("b")])
    const changes = await scenario.plan([configMap("b")])
    let handedOver = false
    const late: typeof cluster = {
      ...cluster,
      delete: async (ref, options) => {
        // In the moment between: the object is handed over to somebody else.
        const patch = { metadata: { annotations: { "gitops-toolkit.dev/owner": "App//other/u2" } } }
        if (!handedOver) await cluster.patch(ref, { type: "merge", patch }, { fieldManager: "them" })
        handedOver = true
        return cluster.delete(ref, options)
      },
    }
    const report = await prune(late, changes, { inventory })
    expect(report).toMatchObject({ deleted: [], skipped: [{ reason: "NotOurs" }] })
    expect(scenario.names("ConfigMap")).toContain("prod/a")
  })

  test("keeps what failed in the inventory, tries everything, and tells all", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a"), configMap("b"), configMap("c")])
    const changes = await scenario.plan([configMap("c")])
    const failing: typeof cluster = {
      ...cluster,
      delete: async (ref, options) => {
        if (ref.name === "a") throw new ReconcileError("Terminating", "no", { retryable: true })
        return cluster.delete(ref, options)
      },
    }
    const work = prune(failing, changes, { inventory })
    await expect(work).rejects.toMatchObject({ code: "Terminating", failures: [{ ref: { name: "a" } }] })
    expect(scenario.names("ConfigMap")).not.toContain("prod/b")
    expect(await inventoryOf(scenario)).toEqual(["ConfigMap/prod/a", "ConfigMap/prod/c"])
  })

  test("a plan without deletions sends nothing", async () => {
    await using scenario = createScenario()
    const changes = await scenario.plan([configMap("a")])
    await apply(scenario.cluster, changes, { inventory: scenario.inventory })
    const requests = await scenario.requestsOf(async () =>
      prune(scenario.cluster, changes, { inventory: scenario.inventory }),
    )
    expect(requests).toBe(0)
  })
})

describe("remove", () => {
  test("deletes everything of the owner, in reverse order, and nothing else", async () => {
    await using scenario = createScenario([configMap("theirs")])
    const { cluster, inventory } = scenario
    await scenario.run([namespace("new"), deployment("web"), configMap("a"), definition, thing("t")])
    const report = await remove(cluster, { owner: app, inventory })
    expect(report.deleted.map(formatRef)).toEqual([
      "Thing/prod/t",
      "Deployment/prod/web",
      "ConfigMap/prod/a",
      "Namespace/new",
      "CustomResourceDefinition/things.x.example.com",
    ])
    expect(await inventoryOf(scenario)).toEqual([])
    expect(scenario.names("ConfigMap")).toContain("prod/theirs")
    expect(await scenario.requestsOf(async () => remove(cluster, { owner: app, inventory }))).toBe(0)
  })

  test("another incarnation of the owner deletes nothing", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a")])
    const report = await remove(cluster, { owner: { ...app, uid: "uid-9" }, inventory })
    expect(report.skipped.map(({ reason }) => reason)).toEqual(["NotOurs"])
    expect(scenario.names("ConfigMap")).toContain("prod/a")
  })

  test("names the finalizers of what does not go, and keeps it in the inventory", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    const held: KubeObject = {
      ...configMap("a"),
      metadata: { name: "a", namespace: "prod", finalizers: ["x.io/hold"] },
    }
    await scenario.run([held, configMap("b")])
    const clock = createClock()
    const work = remove(cluster, { owner: app, inventory, timeoutMs: 5000, clock }).then(
      () => undefined,
      (error: unknown) => error,
    )
    const advancing = advance(clock, work)
    expect(await work).toMatchObject({ code: "Terminating", retryable: true, failures: [{ ref: { name: "a" } }] })
    expect(String(await work)).toContain("x.io/hold")
    await advancing
    expect(await inventoryOf(scenario)).toEqual(["ConfigMap/prod/a"])
    await cluster.patch(refOf(held), { type: "json", operations: [{ op: "remove", path: "/metadata/finalizers" }] })
    await remove(cluster, { owner: app, inventory })
    expect(await inventoryOf(scenario)).toEqual([])
  })
})

describe("an object that is being deleted", () => {
  test("makes the plan fail for now", async () => {
    await using scenario = createScenario()
    const held: KubeObject = {
      ...configMap("a"),
      metadata: { name: "a", namespace: "prod", finalizers: ["x.io/hold"] },
    }
    await scenario.run([held])
    await scenario.cluster.delete(refOf(held))
    await expect(scenario.plan([held])).rejects.toMatchObject({ code: "Terminating", retryable: true })
  })
})

async function advance(clock: ReturnType<typeof createClock>, work: PromiseLike<unknown>): Promise<void> {
  let over = false
  void work.then(() => (over = true))
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(100)
  }
}
