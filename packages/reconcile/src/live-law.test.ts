import { refOf, type JsonPatchOperation, type KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { expect, test } from "vitest"
import {
  configMap,
  createScenario,
  deployment,
  secret,
  storyOf,
  until,
  watched,
  type Scenario,
} from "../test/scenario.ts"
import { apply } from "./apply.ts"

const objects = [configMap("a", { k: "v", l: "w" }), deployment("web"), secret("s", { a: "1" })]
const otherObjects = [configMap("a", { k: "x" }), deployment("web", { image: "web:2" }), secret("s", { a: "2" })]

/** What somebody else may do to an object. */
type Write =
  | { readonly type: "merge"; readonly patch: object; readonly manager: string }
  | { readonly type: "apply"; readonly fields: object; readonly manager: string }
  | { readonly type: "scale"; readonly replicas: number }
  | { readonly type: "delete" | "recreate" | "forget-managers" }
  /** Not somebody else: we apply this desired state. */
  | { readonly type: "run"; readonly desired: readonly KubeObject[] }

const manager = fc.constantFrom("someone", "operator", "kubectl-edit", "kubectl-client-side-apply")
const change = fc.constantFrom<object>(
  { data: { k: "foreign" } },
  { data: { extra: "foreign" } },
  { data: { l: null } },
  { spec: { replicas: 5 } },
  { spec: { paused: true } },
  { spec: { template: { metadata: { annotations: { touched: "yes" } } } } },
  { metadata: { labels: { theirs: "yes" } } },
  { metadata: { labels: { "gitops-toolkit.dev/name": "stolen" } } },
  { metadata: { annotations: { "gitops-toolkit.dev/owner": null } } },
  { metadata: { annotations: { "gitops-toolkit.dev/reconcile": "disabled" } } },
)
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("merge"), patch: change, manager }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("apply"), fields: change, manager }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("scale"), replicas: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("delete", "recreate", "forget-managers") }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("run"), desired: fc.constantFrom(objects, otherObjects) }) },
)

async function carryOut(scenario: Scenario, index: number, action: Write): Promise<void> {
  const { cluster } = scenario
  const object = objects[index]!
  const ref = refOf(object)
  if (action.type === "run") return void (await scenario.run(action.desired))
  const there = await cluster.get(ref)
  if (!there) return
  if (action.type === "merge") {
    await cluster.patch(ref, { type: "merge", patch: action.patch }, { fieldManager: action.manager })
  } else if (action.type === "apply") {
    const { apiVersion, kind, metadata } = object
    const fields = action.fields as { readonly metadata?: object }
    const body = {
      ...fields,
      apiVersion,
      kind,
      metadata: { ...fields.metadata, name: metadata.name!, namespace: "prod" },
    }
    if (!JSON.stringify(body).includes("null")) await cluster.apply(body, { fieldManager: action.manager, force: true })
  } else if (action.type === "scale") {
    if (object.kind !== "Deployment") return
    const patch = { spec: { replicas: action.replicas } }
    await cluster.patch(ref, { type: "merge", patch }, { fieldManager: "kubectl", subresource: "scale" })
  } else if (action.type === "forget-managers") {
    const operations: JsonPatchOperation[] = [{ op: "replace", path: "/metadata/managedFields", value: [{}] }]
    await cluster.patch(ref, { type: "json", operations })
  } else {
    await cluster.delete(ref)
    if (action.type === "recreate") await cluster.create(object, { fieldManager: "someone" })
  }
}

const outcome = async (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error instanceof Error ? error.message : String(error)))

test("a plan with a live view is the plan without, whatever others write", { timeout: 120_000 }, async () => {
  const step = fc.record({ at: fc.integer({ min: 0, max: objects.length - 1 }), write })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.boolean(), async (steps, between) => {
      await using scenario = createScenario()
      const live = await watched(scenario.cluster, objects.map(refOf))
      try {
        await scenario.run(objects, { live })
        for (const { at, write: action } of steps) {
          await outcome(carryOut(scenario, at, action))
          if (between) await outcome(scenario.plan(objects, { live }))
        }
        await caughtUp(scenario, live)
        const withView = await outcome(scenario.plan(objects, { live }).then(storyOf))
        const without = await outcome(scenario.plan(objects).then(storyOf))
        expect(withView).toEqual(without)
        // And what it does makes the state right: the next plan, without a view, finds nothing to do.
        if (!Array.isArray(without)) return
        await apply(scenario.cluster, await scenario.plan(objects, { live }), { inventory: scenario.inventory, live })
        const story = storyOf(await scenario.plan(objects))
        expect(story.filter((line) => !/^(?:unchanged|skip) /.test(line))).toEqual([])
      } finally {
        await live.close()
      }
    }),
    { numRuns: 100 },
  )
})

test("a view that lags behind our own write is not believed", async () => {
  await using scenario = createScenario()
  const [object] = objects
  const ref = refOf(object!)
  const live = await watched(scenario.cluster, [ref])
  try {
    await scenario.run([object!], { live })
    await until(() => live.get(ref) !== undefined)
    const old = live.get(ref)
    await scenario.run([configMap("a", { k: "new" })], { live })
    // The same view, stuck in the past.
    const stuck = { ...live, get: () => old, confirmed: live.confirmed, confirm: live.confirm }
    const changes = await scenario.plan([configMap("a", { k: "new" })], { live: stuck })
    expect(storyOf(changes)).toEqual(["unchanged ConfigMap/prod/a"])
    expect(storyOf(await scenario.plan([object!], { live: stuck }))[0]).toMatch(/^update /)
  } finally {
    await live.close()
  }
})

async function caughtUp(scenario: Scenario, live: Awaited<ReturnType<typeof watched>>): Promise<void> {
  const versions = new Map<string, string | undefined>()
  for (const object of objects) {
    versions.set(object.kind, (await scenario.cluster.get(refOf(object)))?.metadata.resourceVersion)
  }
  await until(() =>
    objects.every((object) => live.get(refOf(object))?.metadata.resourceVersion === versions.get(object.kind)),
  )
}
