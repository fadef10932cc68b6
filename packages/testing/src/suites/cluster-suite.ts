import { AssertionError } from "node:assert"
import { randomBytes } from "node:crypto"
import {
  type Cluster,
  type ClusterErrorCode,
  equalJson,
  isClusterError,
  type KubeObject,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { clusterRules } from "./rules.ts"
import { parseSteps, type Step } from "./step.ts"

/** One rule of a suite. */
export interface SuiteCase {
  /** The rule in words. */
  readonly name: string
  /** Resolves when the rule holds; rejects with an `AssertionError` that quotes the step that does not. */
  run(): Promise<void>
}

/**
 * The rules that a Kubernetes API keeps, for any test runner, against whatever `make` answers: a cluster in memory, the
 * same over HTTP, a real API server. Each case makes its own namespace, and one kind: `widgets.suite.example`.
 * `make` is called once per case; share a slow server between them.
 *
 * @example
 * for (const { name, run } of clusterSuite(() => createCluster())) test(name, run)
 */
export function clusterSuite(make: () => Cluster | Promise<Cluster>): readonly SuiteCase[] {
  return Object.entries(clusterRules).map(([name, text]) => ({
    name,
    run: async () => checkRule(await make(), parseSteps(text)),
  }))
}

const apiVersions: { readonly [kind: string]: string } = {
  ConfigMap: "v1",
  Deployment: "apps/v1",
  Service: "v1",
  Widget: "suite.example/v1",
}

/** What a rule runs with. */
interface Scene {
  readonly cluster: Cluster
  readonly namespace: string
  /** What watches are to begin from, by kind. */
  readonly begun: ReadonlyMap<string, string>
  /** The version that each object had last. */
  readonly versions: Map<string, string>
}

async function checkRule(cluster: Cluster, steps: readonly Step[]): Promise<void> {
  const namespace = `suite-${randomBytes(5).toString("hex")}`
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })
  if (steps.some(({ kind }) => kind === "Widget")) await installWidgets(cluster)
  const begun = new Map<string, string>()
  for (const { verb, kind } of steps) {
    if (verb !== "watched") continue
    begun.set(kind, (await cluster.list({ kind, apiVersion: apiVersions[kind]! }, { namespace })).resourceVersion)
  }
  const scene: Scene = { cluster, namespace, begun, versions: new Map() }
  try {
    for (const step of steps) await checkStep(step, scene)
  } finally {
    await cluster.delete({ apiVersion: "v1", kind: "Namespace", name: namespace })
  }
}

async function checkStep(step: Step, scene: Scene): Promise<void> {
  let object: KubeObject | undefined
  let failure: unknown
  try {
    if (step.verb === "list" || step.verb === "watched") return expectText(step, await told(step, scene))
    object = await carryOut(step, scene)
  } catch (error) {
    if (!isClusterError(error)) throw error
    failure = error
  }
  const before = scene.versions.get(step.name)
  for (const outcome of step.outcomes) {
    const found = failure ? failureText(failure) : difference(outcome, object, before)
    const fits = failure ? fitsFailure(outcome, failure) : found === undefined
    if (!fits) throw broken(step, outcome, found)
  }
  const version = object?.metadata.resourceVersion
  if (version !== undefined && !step.dryRun) scene.versions.set(step.name, version)
}

function broken(step: Step, expected: string, actual: unknown): AssertionError {
  return new AssertionError({ message: `${step.text}\n  found ${String(actual)}`, expected, actual })
}

function expectText(step: Step, found: string): void {
  if (found !== step.outcomes.join("; ")) throw broken(step, step.outcomes.join("; "), found)
}

function carryOut(step: Step, { cluster, namespace }: Scene): Promise<KubeObject | undefined> {
  const { kind, name, verb, body, subresource, manager, force, dryRun } = step
  const ref: ObjectRef = { apiVersion: apiVersions[kind]!, kind, namespace, name }
  const given = body as Partial<KubeObject>
  const metadata = { ...given.metadata, name, namespace }
  const object: KubeObject = { ...given, apiVersion: ref.apiVersion, kind, metadata }
  const options = {
    dryRun,
    ...(subresource === undefined ? {} : { subresource }),
    ...(manager === undefined ? {} : { fieldManager: manager }),
  }
  switch (verb) {
    case "apply":
      return cluster.apply(object, { ...options, force })
    case "create":
      return cluster.create(object, options)
    case "update":
      return cluster.update(object, options)
    case "delete":
      return cluster.delete(ref, options)
    case "json":
      return cluster.patch(ref, { type: "json", operations: body as [] }, options)
    case "patch":
      return cluster.patch(ref, { type: "merge", patch: body }, options)
    case "strategic":
      return cluster.patch(ref, { type: "strategic", patch: body }, options)
    default:
      return cluster.get(ref, options)
  }
}

/** The names of a list, or what a watch told, as an outcome has it. */
async function told({ verb, kind, name, outcomes }: Step, { cluster, namespace, begun }: Scene): Promise<string> {
  const kindRef = { kind, apiVersion: apiVersions[kind]! }
  const options = { namespace, labelSelector: name }
  if (verb === "list") {
    try {
      return (await cluster.list(kindRef, options)).objects.map((object) => object.metadata.name).join(" ")
    } catch (error) {
      if (isClusterError(error)) return error.code
      throw error
    }
  }
  const events: string[] = []
  const wanted = outcomes[0]!.split(", ").length
  for await (const event of cluster.watch(kindRef, { ...options, resourceVersion: begun.get(kind)! })) {
    if ("object" in event) events.push(`${event.type} ${event.object.metadata.name}`)
    if (events.length >= wanted) break
  }
  return events.join(", ")
}

function failureText(failure: unknown): string {
  const { code, message } = failure as { readonly code: ClusterErrorCode; readonly message: string }
  return `${code}: ${message}`
}

/** The code and a part of the message, or only that part. */
function fitsFailure(outcome: string, failure: unknown): boolean {
  const { code, message } = failure as { readonly code: ClusterErrorCode; readonly message: string }
  return message.includes(outcome.startsWith(code) ? outcome.slice(code.length).trim() : outcome)
}

/** What is found where an outcome does not hold; undefined when it does. */
function difference(outcome: string, object: KubeObject | undefined, before: string | undefined): string | undefined {
  const version = object?.metadata.resourceVersion
  if (outcome === "absent") return object === undefined ? undefined : JSON.stringify(object)
  if (object === undefined) return "no object"
  if (outcome === "same version") return version === before ? undefined : `version ${version} after ${before}`
  if (outcome === "new version") return version === before ? `version ${version} again` : undefined
  const [, absent, path = "", json] = /^(no )?([\w.]+)(?: = (.*))?$/.exec(outcome) ?? []
  if (path === "" || (!absent && json === undefined)) return JSON.stringify(object)
  const found = memberAt(object, path)
  const holds = absent ? found === undefined : equalJson(found, JSON.parse(json!))
  return holds ? undefined : `${path} = ${JSON.stringify(found)}`
}

function memberAt(value: unknown, path: string): unknown {
  let found = value
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

const widgets: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.suite.example" },
  spec: {
    group: "suite.example",
    scope: "Namespaced",
    names: { kind: "Widget", listKind: "WidgetList", plural: "widgets", singular: "widget" },
    versions: [{ name: "v1", served: true, storage: true, subresources: { status: {} }, schema: widgetSchema() }],
  },
}

function widgetSchema(): object {
  const part = { type: "object", required: ["name"], properties: { name: { type: "string" } } }
  const parts = { type: "array", items: part, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }
  const size = { type: "integer", maximum: 10 }
  const spec = {
    type: "object",
    required: ["size"],
    properties: { size, color: { type: "string", default: "blue" }, parts },
  }
  const status = { type: "object", properties: { ready: { type: "boolean" } } }
  return { openAPIV3Schema: { type: "object", properties: { spec, status } } }
}

/** Waits until the kind is served: a real server takes a moment. */
async function installWidgets(cluster: Cluster): Promise<void> {
  await cluster.apply(widgets, { fieldManager: "suite", force: true })
  const ref = { apiVersion: widgets.apiVersion, kind: widgets.kind, name: widgets.metadata.name! }
  const established = (object: KubeObject): boolean =>
    (
      (object["status"] as { readonly conditions?: readonly { type: string; status: string }[] })?.conditions ?? []
    ).some(({ type, status }) => type === "Established" && status === "True")
  const fieldSelector = `metadata.name=${ref.name}`
  for await (const event of cluster.watch(ref, { fieldSelector, signal: AbortSignal.timeout(10_000) })) {
    const objects = event.type === "listed" ? event.objects : "object" in event ? [event.object] : []
    if (objects.some((object) => established(object))) break
  }
  await cluster.kinds({ refresh: true })
}
