import { ClusterError, equalJson, refOf, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import {
  app,
  configMap,
  createScenario,
  definition,
  deployment,
  namespace,
  secret,
  storyOf,
  thing,
  until,
  watched,
} from "../test/scenario.ts"
import { ReconcileError, type ObjectFailure } from "./error.ts"
import { apply } from "./apply.ts"
import { diff } from "./diff/diff.ts"
import { plan } from "./plan.ts"
import { printPlan, readPlan } from "./print-plan.ts"

const failuresOf = async (work: Promise<unknown>): Promise<readonly ObjectFailure[]> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ReconcileError)
  return (error as ReconcileError).failures
}

describe("plan", () => {
  test("tells what is created, updated, unchanged and pruned", async () => {
    await using scenario = createScenario()
    expect(await scenario.run([deployment("web"), configMap("a"), configMap("b")])).toEqual([
      "create ConfigMap/prod/a",
      "create ConfigMap/prod/b",
      "create Deployment/prod/web",
    ])
    expect(await scenario.run([deployment("web", { replicas: 3 }), configMap("a")])).toEqual([
      "unchanged ConfigMap/prod/a",
      "update Deployment/prod/web /spec/replicas 2 → 3",
      "prune ConfigMap/prod/b",
    ])
    expect(scenario.names("ConfigMap")).not.toContain("prod/b")
  })

  test("plans what its own Namespaces and definitions make possible", async () => {
    await using scenario = createScenario()
    const inNew = { ...configMap("a"), metadata: { name: "a", namespace: "new" } }
    const objects = [thing("t"), inNew, definition, namespace("new")]
    expect(storyOf(await scenario.plan(objects))).toEqual([
      "create CustomResourceDefinition/things.x.example.com",
      "create Namespace/new",
      "create ConfigMap/new/a waits for Namespace/new",
      "create Thing/prod/t waits for CustomResourceDefinition/things.x.example.com",
    ])
    await scenario.run(objects)
    expect(scenario.names("Thing")).toEqual(["prod/t"])
  })

  test("shows Secrets masked, and holds none of their values", async () => {
    await using scenario = createScenario()
    await scenario.run([secret("s", { password: "hunter22", user: "me" })])
    const changes = await scenario.plan([secret("s", { password: "hunter23", token: "abcdefgh" })])
    expect(storyOf(changes)).toEqual([
      "update Secret/prod/s /data/password *** (before) → *** (after) /data/token - → *** /data/user *** → -",
    ])
    const printed = printPlan(changes) + JSON.stringify(changes)
    for (const value of ["hunter23", "abcdefgh"]) {
      expect(printed).not.toContain(value)
      expect(printed).not.toContain(Buffer.from(value).toString("base64"))
    }
  })

  test("is made again from its text and the same objects", async () => {
    await using scenario = createScenario()
    const objects = [deployment("web"), secret("s", { a: "b" })]
    const changes = await scenario.plan(objects)
    expect(readPlan(printPlan(changes), { objects })).toEqual(changes)
    expect(() => readPlan(printPlan(changes), { objects: [deployment("web", { replicas: 9 }), objects[1]!] })).toThrow(
      "InvalidPlan",
    )
    expect(() => readPlan(printPlan(changes).replace("create", "update"), { objects })).toThrow("InvalidPlan")
  })

  test("reports every object that the server refuses, with its fields", async () => {
    await using scenario = createScenario()
    const broken = deployment("web") as KubeObject & { spec: { replicas: unknown } }
    const wrong = { ...broken, spec: { ...broken.spec, replicas: "many", typo: 1 } }
    const [first, ...others] = await failuresOf(scenario.plan([configMap("a"), wrong]))
    expect(others).toEqual([])
    expect(first).toMatchObject({ ref: refOf(wrong), code: "Invalid", retryable: false })
    expect(first?.fields).toEqual(expect.arrayContaining(["spec.replicas", "spec.typo"]))
    expect(scenario.names("ConfigMap")).not.toContain("prod/a")
  })

  test.each<[string, KubeObject[], string]>([
    ["no name", [{ apiVersion: "v1", kind: "ConfigMap", metadata: {} }], "InvalidObject"],
    ["a path as name", [{ ...configMap("a"), metadata: { name: "../x", namespace: "prod" } }], "InvalidObject"],
    ["no namespace", [{ ...configMap("a"), metadata: { name: "a" } }], "InvalidObject"],
    ["twice the same", [configMap("a"), configMap("a")], "DuplicateObject"],
    ["an unknown kind", [thing("t")], "KindNotFound"],
    ["a Secret that is not base64", [{ ...secret("s", {}), data: { a: "!" } }], "InvalidObject"],
  ])("refuses %s before asking about it", async (_name, objects, code) => {
    await using scenario = createScenario()
    expect((await failuresOf(scenario.plan(objects))).map((failure) => failure.code)).toContain(code)
  })

  test("puts objects without a namespace where it is told to", async () => {
    await using scenario = createScenario()
    const bare = { ...configMap("a"), metadata: { name: "a" } }
    expect(storyOf(await scenario.plan([bare], { namespace: "prod" }))).toEqual(["create ConfigMap/prod/a"])
  })

  test("checks what a tenant may touch before any request about an object", async () => {
    await using scenario = createScenario()
    await scenario.cluster.kinds()
    const allow = { namespaces: ["team-*"], kinds: ["apps/*", "ConfigMap"] }
    const requests = await scenario.requestsOf(async () => {
      const failures = await failuresOf(
        scenario.plan([configMap("a"), namespace("x"), secret("s", { a: "b" })], { allow }),
      )
      expect(failures.map(({ ref, code }) => `${ref.kind} ${code}`)).toEqual([
        "ConfigMap NotAllowed",
        "Namespace NotAllowed",
        "Secret NotAllowed",
      ])
    })
    expect(requests).toBe(0)
  })

  test("refuses an empty build where there is something", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a")])
    await expect(scenario.plan([])).rejects.toMatchObject({ code: "EmptyBuild" })
    expect(storyOf(await scenario.plan([], { allowEmpty: true }))).toEqual(["prune ConfigMap/prod/a"])
  })

  test("does not prune after an incomplete build", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a"), configMap("b")])
    const story = await scenario.run([configMap("a")], { complete: false })
    expect(story).toEqual(["unchanged ConfigMap/prod/a", "skip ConfigMap/prod/b BuildIncomplete"])
    expect(await scenario.run([configMap("a")])).toContain("prune ConfigMap/prod/b")
  })
})

describe("plan does not delete", () => {
  test("on incomplete discovery", async () => {
    await using scenario = createScenario()
    const { cluster, inventory } = scenario
    await scenario.run([configMap("a"), configMap("b")])
    const half = { ...cluster, kinds: async () => ({ ...(await cluster.kinds()), complete: false, missing: ["x.io"] }) }
    const changes = await plan(half, [configMap("a")], { owner: app, inventory })
    expect(storyOf(changes)).toContain("skip ConfigMap/prod/b DiscoveryIncomplete")
  })

  test("what it may not touch, nor when told not to", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a"), secret("s", { a: "b" })])
    const allow = { kinds: ["ConfigMap"] }
    expect(await scenario.run([configMap("a")], { allow })).toContain("skip Secret/prod/s NotAllowed")
    expect(await scenario.run([configMap("a")], { prune: false })).toContain("skip Secret/prod/s PruneOff")
    expect((await scenario.inventory.load()).refs).toHaveLength(2)
    expect(await scenario.run([configMap("a")])).toContain("prune Secret/prod/s")
  })

  test("an object of a kind that is gone: it only forgets it", async () => {
    await using scenario = createScenario([definition])
    await scenario.run([thing("t"), configMap("a")])
    await scenario.cluster.delete(refOf(definition))
    expect(await scenario.run([configMap("a")])).toContain("skip Thing/prod/t Gone")
    expect((await scenario.inventory.load()).refs.map(({ name }) => name)).toEqual(["a"])
  })
})

describe("ownership", () => {
  const other = { ...app, name: "other", uid: "uid-2" }

  test("an object of another owner is refused, and named", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a")])
    const [failure] = await failuresOf(scenario.plan([configMap("a", { k: "w" })], { owner: other }))
    expect(failure).toMatchObject({ code: "OwnedByAnother" })
    expect(failure?.message).toContain("App.apps.example.com team/web")
  })

  test("an earlier incarnation of the owner is no other", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a")])
    const [line] = await scenario.run([configMap("a")], { owner: { ...app, uid: "uid-3" } })
    expect(line).toMatch(/^update ConfigMap\/prod\/a .*uid-1 → .*uid-3$/)
  })

  test("an object without marks is adopted, unless adoption is off", async () => {
    await using scenario = createScenario([configMap("a")])
    const [failure] = await failuresOf(scenario.plan([configMap("a")], { adopt: "never" }))
    expect(failure?.code).toBe("NotOurs")
    expect((await scenario.run([configMap("a")]))[0]).toMatch(/^update/)
  })

  test.each([
    ["labels", { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux" }],
    ["annotations", { "argocd.argoproj.io/tracking-id": "guestbook:/ConfigMap:prod/a" }],
    ["annotations", { "meta.helm.sh/release-name": "chart" }],
  ])("%s of another system are respected: %j", async (field, marks) => {
    const marked = { ...configMap("a"), metadata: { name: "a", namespace: "prod", [field]: marks } }
    await using scenario = createScenario([marked])
    const [failure] = await failuresOf(scenario.plan([configMap("a")]))
    expect(failure?.code).toBe("OwnedByAnother")
    expect((await scenario.run([configMap("a")], { adopt: "always" }))[0]).toMatch(/^update/)
  })
})

describe("directives on the objects", () => {
  const withMark = (key: string, value: string, data?: { k: string }): KubeObject => {
    const object = configMap("a", data)
    return { ...object, metadata: { ...object.metadata, annotations: { [`gitops-toolkit.dev/${key}`]: value } } }
  }

  test.each([
    ["reconcile", "disabled"],
    ["ssa", "Ignore"],
  ])("%s: %s leaves it alone", async (key, value) => {
    await using scenario = createScenario()
    expect(await scenario.run([withMark(key, value)])).toEqual(["skip ConfigMap/prod/a ReconcileDisabled"])
    expect(scenario.names("ConfigMap")).not.toContain("prod/a")
  })

  test("ssa: IfNotPresent creates and never changes", async () => {
    await using scenario = createScenario()
    expect(await scenario.run([withMark("ssa", "IfNotPresent")])).toEqual(["create ConfigMap/prod/a"])
    const changed = [withMark("ssa", "IfNotPresent", { k: "w" })]
    expect(await scenario.run(changed)).toEqual(["skip ConfigMap/prod/a CreateOnly"])
    expect((await scenario.inventory.load()).refs).toHaveLength(1)
  })

  test("reconcile: disabled on the live object is respected", async () => {
    await using scenario = createScenario()
    await scenario.run([configMap("a")])
    const patch = { metadata: { annotations: { "gitops-toolkit.dev/reconcile": "disabled" } } }
    await scenario.cluster.patch(refOf(configMap("a")), { type: "merge", patch })
    expect(await scenario.run([configMap("a", { k: "w" })])).toEqual(["skip ConfigMap/prod/a ReconcileDisabled"])
  })

  test("prune: disabled keeps it", async () => {
    await using scenario = createScenario()
    await scenario.run([withMark("prune", "disabled"), configMap("b")])
    expect(await scenario.run([configMap("b")])).toContain("skip ConfigMap/prod/a KeepRequested")
    expect(scenario.names("ConfigMap")).toContain("prod/a")
    expect((await scenario.inventory.load()).refs.map(({ name }) => name)).toEqual(["b"])
  })

  test("an immutable field is an error, or a recreation when forced", async () => {
    await using scenario = createScenario()
    const fixed = withImmutableData(scenario.cluster)
    const inventory = scenario.inventory
    const objects = [configMap("a", { k: "w" })]
    await scenario.run([configMap("a")])
    const before = await scenario.cluster.get(refOf(objects[0]!))
    const [failure] = await failuresOf(plan(fixed, objects, { owner: app, inventory }))
    expect(failure).toMatchObject({ code: "Immutable", fields: ["data"], retryable: false })
    const changes = await plan(fixed, objects, { owner: app, inventory, force: true })
    expect(storyOf(changes)).toEqual(["recreate ConfigMap/prod/a /data/k v → w"])
    await apply(fixed, changes, { inventory })
    const after = await scenario.cluster.get(refOf(objects[0]!))
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid)
  })

  test("force recreates only what is ours", async () => {
    await using scenario = createScenario([configMap("a")])
    const fixed = withImmutableData(scenario.cluster)
    const options = { owner: app, inventory: scenario.inventory, force: true }
    const [failure] = await failuresOf(plan(fixed, [configMap("a", { k: "w" })], options))
    expect(failure?.code).toBe("Immutable")
  })

  /** The cluster, refusing every change of `data` as immutable. */
  const withImmutableData = (cluster: Cluster): Cluster => ({
    ...cluster,
    apply: async (object, options) => {
      const live = await cluster.get(refOf(object))
      if (!live || equalJson(live["data"], object["data"])) return cluster.apply(object, options)
      const causes = [{ reason: "FieldValueInvalid", message: "Invalid value: field is immutable", field: "data" }]
      throw new ClusterError("Invalid", "data: Invalid value: field is immutable", { status: 422, causes })
    },
  })
})

describe("with a live view", () => {
  test("an unchanged state costs no request at all", async () => {
    await using scenario = createScenario()
    const objects = [deployment("web"), configMap("a"), secret("s", { a: "b" })]
    await using live = await view(scenario, objects)
    await scenario.run(objects, { live })
    await until(() => objects.every((object) => live.get(refOf(object)) !== undefined))
    expect(await scenario.requestsOf(() => scenario.run(objects, { live }))).toBe(0)
  })

  test("a foreign write to other fields costs nothing, one to ours is found and reverted", async () => {
    await using scenario = createScenario()
    const objects = [deployment("web")]
    const ref = refOf(objects[0]!)
    await using live = await view(scenario, objects)
    await scenario.run(objects, { live })
    const write = async (patch: object): Promise<void> => {
      const { metadata } = await scenario.cluster.patch(ref, { type: "merge", patch }, { fieldManager: "someone" })
      await until(() => live.get(ref)?.metadata.resourceVersion === metadata.resourceVersion)
    }
    await write({ metadata: { annotations: { note: "x" } } })
    expect(await scenario.requestsOf(() => scenario.run(objects, { live }))).toBe(0)
    await write({ spec: { replicas: 7 } })
    expect(await scenario.run(objects, { live })).toEqual(["update Deployment/prod/web /spec/replicas 7 → 2"])
  })

  test("what kubectl wrote is taken over and goes", async () => {
    await using scenario = createScenario()
    const objects = [configMap("a")]
    await scenario.run(objects)
    const patch = { data: { extra: "x" } }
    await scenario.cluster.patch(refOf(objects[0]!), { type: "merge", patch }, { fieldManager: "kubectl-edit" })
    expect(await scenario.run(objects)).toEqual(["update ConfigMap/prod/a /data/extra x → - takes over"])
    expect((await scenario.cluster.get(refOf(objects[0]!)))?.["data"]).toEqual({ k: "v" })
    expect(await scenario.run(objects)).toEqual(["unchanged ConfigMap/prod/a"])
  })

  test("a take-over is told as it happens, the server's defaults included", async () => {
    await using scenario = createScenario()
    const ref = refOf(deployment("web"))
    const made = deployment("web", { image: "web:0" }) as KubeObject & { spec: object }
    const theirs = { ...made, spec: { ...made.spec, minReadySeconds: 5, revisionHistoryLimit: 3 } }
    await scenario.cluster.create(theirs, { fieldManager: "kubectl-create" })
    const before = await scenario.cluster.get(ref)
    const changes = await scenario.plan([deployment("web")])
    await apply(scenario.cluster, changes, { inventory: scenario.inventory })
    const after = await scenario.cluster.get(ref)
    expect(changes.entries[0]).toMatchObject({ action: "update", takeOver: true })
    expect(changes.entries[0]?.changes).toEqual(diff(before!, after!))
    expect(after?.spec).not.toHaveProperty("minReadySeconds", 5)
    expect(storyOf(await scenario.plan([deployment("web")]))).toEqual(["unchanged Deployment/prod/web"])
  })

  const view = async (scenario: ReturnType<typeof createScenario>, objects: readonly KubeObject[]) => {
    const live = await watched(scenario.cluster, objects.map(refOf))
    return Object.assign(live, { [Symbol.asyncDispose]: () => live.close() })
  }
})

describe("ignored fields", () => {
  test("are neither compared nor written", async () => {
    await using scenario = createScenario()
    const ignore = [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }]
    await scenario.run([deployment("web")], { ignore })
    const ref = refOf(deployment("web"))
    await scenario.cluster.patch(ref, { type: "merge", patch: { spec: { replicas: 9 } } }, { fieldManager: "scaler" })
    expect(await scenario.run([deployment("web")], { ignore })).toEqual(["unchanged Deployment/prod/web"])
    const [line] = await scenario.run([deployment("web", { image: "web:2" })], { ignore })
    expect(line).toBe("update Deployment/prod/web /spec/template/spec/containers/0/image web:1 → web:2")
    expect((await scenario.cluster.get(ref))?.spec).toMatchObject({ replicas: 9 })
  })
})
