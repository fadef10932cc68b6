// Random writes on the real API server, each replayed on the pure functions of `patch`: managers, conflicts, messages.
//
//   node --conditions=@gitops-toolkit/source test/oracle/ssa-replay.ts [--operations N] [--seed S] [--only KIND,KIND] [--show N]
//
// Unlike ssa-differential this needs no embedded server: the object before a write comes from the real server, defaults
// included, and what the functions make of it must have the same managedFields (times aside), be part of the object
// that the server answers, or refuse with the same words. Needs etcd and kube-apiserver (KUBEBUILDER_ASSETS).
import { parseArgs } from "node:util"
import type { Transport } from "@gitops-toolkit/http"
import type { KubeObject } from "@gitops-toolkit/kube"
import {
  applyJsonPatch,
  applyManaged,
  applyMergePatch,
  applyStrategicMerge,
  isApplyConflict,
  isPatchError,
  parseFieldSet,
  topologyOf,
  topologyOfSchema,
  updateManaged,
  withoutFields,
  type FieldSet,
  type JsonSchema,
  type Topology,
  type WriterOptions,
} from "@gitops-toolkit/patch"
import { missingBinaries, startControlPlane } from "@gitops-toolkit/testing"
import { createPlan, definitions, namespace, type Operation } from "./ssa-operations.ts"

type Json = { [name: string]: unknown }

interface Answer {
  readonly status: number
  readonly body: Json
}

const { values } = parseArgs({
  options: {
    operations: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
    show: { type: "string", default: "10" },
  },
})

const missing = missingBinaries()
if (missing.length > 0) {
  console.log(`ssa-replay: skipped, there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS)`)
  process.exit(0)
}

async function send(transport: Transport, operation: Operation): Promise<Answer> {
  const { method, path, query, contentType, body } = operation
  const response = await transport({
    method,
    path,
    query,
    headers: { accept: "application/json", "content-type": contentType },
    timeoutMs: 30_000,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return { status: response.status, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) as Json }
}

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const schemas = new Map(
  (
    definitions as readonly {
      spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: JsonSchema } }[] }
    }[]
  ).map(({ spec }) => [spec.names.kind, topologyOfSchema(spec.versions[0]!.schema.openAPIV3Schema)]),
)

function topologyFor({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Topology {
  return topologyOf({ apiVersion, kind }) ?? schemas.get(kind)!
}

const statusReset = withoutFields(parseFieldSet({ "f:status": {} }))
const mainReset = withoutFields(parseFieldSet({ "f:spec": {} }))
const deploymentStatusReset = withoutFields(parseFieldSet({ "f:spec": {}, "f:metadata": { "f:labels": {} } }))
const customMainReset = withoutFields(parseFieldSet({ "f:spec": {}, "f:metadata": {} }))

/** Kinds whose main endpoint resets no status. */
const stateless = new Set(["Plain", "ConfigMap", "NetworkPolicy", "Role", "Secret", "ServiceAccount"])

function ownedOn(operation: Operation, kind: string): ((fields: FieldSet) => FieldSet) | undefined {
  if (operation.path.endsWith("/status") && kind === "Deployment") return deploymentStatusReset
  if (operation.path.endsWith("/status")) return kind === "Widget" ? customMainReset : mainReset
  return stateless.has(kind) ? undefined : statusReset
}

/** Entries without their times, in any order; whether each has one is kept. */
function entriesOf(object: Json): string[] {
  const entries = ((object["metadata"] as Json)["managedFields"] ?? []) as Json[]
  return entries.map((entry) => JSON.stringify(sortMembers({ ...entry, time: entry["time"] !== undefined }))).toSorted()
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sortMembers(each)]),
  )
}

/** Changed or dropped by the server after merging. */
const serverFields = ["managedFields", "resourceVersion", "generation", "externalTrafficPolicy"]

/** What of `part` is not in `whole`; null and empty count as absent, quantities are left alone. */
function notPart(part: unknown, whole: unknown, path: string = ""): string | undefined {
  if (part === null || part === undefined || part === "" || part === 0 || part === false) return undefined
  if (Array.isArray(part)) {
    if (part.length === 0) return undefined
    if (!Array.isArray(whole) || whole.length !== part.length)
      return `${path}: ${JSON.stringify(part)} / ${JSON.stringify(whole)}`
    return part.map((item, i) => notPart(item, whole[i], `${path}[${i}]`)).find((fault) => fault !== undefined)
  }
  if (isMap(part)) {
    return Object.entries(part)
      .filter(([name]) => !serverFields.includes(name))
      .map(([name, each]) => notPart(each, isMap(whole) ? whole[name] : undefined, `${path}.${name}`))
      .find((fault) => fault !== undefined)
  }
  return JSON.stringify(part) === JSON.stringify(whole)
    ? undefined
    : `${path}: ${JSON.stringify(part)} / ${JSON.stringify(whole)}`
}

/** What the server fills in only after it has looked who owns what: addresses, priorities, default tolerations. */
const filledLater: { readonly [kind: string]: readonly string[] } = {
  Service: ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"],
  Pod: ["priority", "preemptionPolicy", "tolerations"],
}

/** The object as it was when the server looked: of what is filled in later only what the request itself says. */
function asSent(object: Json, sent: Json): Json {
  const names = filledLater[String(object["kind"])]
  if (!names || !isMap(object["spec"])) return object
  const spec = { ...object["spec"] }
  const wanted = isMap(sent["spec"]) ? sent["spec"] : {}
  for (const name of names) {
    if (wanted[name] === undefined) delete spec[name]
  }
  return { ...object, spec }
}

interface Replay {
  readonly operation: Operation
  readonly before: Json | undefined
  readonly answer: Answer
  readonly kind: { readonly apiVersion: string; readonly kind: string }
}

function judge(replay: Replay): string | undefined {
  const { operation, kind } = replay
  const owned = ownedOn(operation, kind.kind)
  const writer: WriterOptions = {
    manager: operation.query.find(([name]) => name === "fieldManager")![1],
    apiVersion: kind.apiVersion,
    topology: topologyFor(kind),
    now: new Date(),
    ...(operation.path.endsWith("/status") ? { subresource: "status" } : {}),
    ...(owned ? { owned } : {}),
  }
  return operation.contentType.startsWith("application/apply")
    ? judgeApply(replay, writer)
    : judgeUpdate(replay, writer)
}

function judgeApply({ operation, before, answer }: Replay, writer: WriterOptions): string | undefined {
  const force = operation.query.some(([name, value]) => name === "force" && value === "true")
  try {
    const desired = {
      ...(operation.body as KubeObject),
      metadata: { ...(operation.body as KubeObject).metadata, namespace: "diff" },
    }
    const result = applyManaged({ ...writer, live: before as KubeObject | undefined, desired, force })
    if (isApplyConflict(result)) {
      if (answer.status !== 409) return `conflict, but the server answered ${answer.status}`
      const causes = ((answer.body["details"] as Json)["causes"] as Json[]).map((cause) =>
        JSON.stringify(sortMembers(cause)),
      )
      const ours = result.causes.map((cause) => JSON.stringify(sortMembers(cause)))
      return (
        differ(ours.toSorted(), causes.toSorted()) ??
        differ(result.message.split("\n").toSorted(), String(answer.body["message"]).split("\n").toSorted())
      )
    }
    if (answer.status === 422) return undefined // validation comes after merging
    if (answer.status >= 400)
      return `applied, but the server answered ${answer.status} ${String(answer.body["message"])}`
    const fault = differ(entriesOf(result.object as unknown as Json), entriesOf(answer.body))
    return fault ?? notPart(result.object, answer.body)
  } catch (error) {
    if (!isPatchError(error)) throw error
    return answer.status >= 400
      ? differ([error.rawMessage], [String(answer.body["message"])])
      : `refused: ${error.rawMessage}`
  }
}

/** The object after a patch, or the words of the refusal; undefined for other writes. */
function patched({ operation, before }: Replay, topology: Topology): unknown {
  const body = operation.body as never
  if (operation.contentType.startsWith("application/strategic")) return applyStrategicMerge(before, body, topology)
  if (operation.contentType.startsWith("application/merge")) return applyMergePatch(before, body)
  return operation.contentType.startsWith("application/json-patch") ? applyJsonPatch(before, body) : undefined
}

function judgePatch(replay: Replay, { topology }: WriterOptions): string | undefined {
  const { operation, answer } = replay
  try {
    const result = patched(replay, topology)
    if (answer.status === 500) return `patched, but the server answered 500 ${String(answer.body["message"])}`
    if (answer.status >= 400 || operation.path.endsWith("/status")) return undefined
    return notPart(result, answer.body) // what the patch makes, defaults aside
  } catch (error) {
    if (!isPatchError(error)) throw error
    if (operation.contentType.startsWith("application/json-patch"))
      return answer.status === 422 ? undefined : error.message
    return differ([error.rawMessage], [String(answer.body["message"])])
  }
}

function judgeUpdate(replay: Replay, writer: WriterOptions): string | undefined {
  const { operation, before, answer } = replay
  const fault = before ? judgePatch(replay, writer) : undefined
  if (fault !== undefined || answer.status >= 400) return fault
  const sent = operation.method === "PUT" || operation.method === "POST" ? (operation.body as KubeObject) : undefined
  const given = sent ? sent.metadata.managedFields : (before as unknown as KubeObject).metadata.managedFields
  const after = (sent ? asSent(answer.body, sent as unknown as Json) : answer.body) as unknown as KubeObject
  const object = { ...after, metadata: { ...after.metadata, managedFields: given } } as KubeObject
  const result = updateManaged({ ...writer, live: before as KubeObject | undefined, object })
  return differ(entriesOf(result as unknown as Json), entriesOf(answer.body))
}

function differ(got: readonly string[], wanted: readonly string[]): string | undefined {
  const extra = got.filter((each) => !wanted.includes(each))
  const lacking = wanted.filter((each) => !got.includes(each))
  if (extra.length === 0 && lacking.length === 0) return undefined
  return `\n    ours ${extra.join("\n         ")}\n    real ${lacking.join("\n         ")}`
}

async function prepare(transport: Transport): Promise<void> {
  const post = { method: "POST", query: [], contentType: "application/json", label: "", key: "" }
  await send(transport, { ...post, path: "/api/v1/namespaces", body: namespace })
  for (const body of definitions) {
    await send(transport, { ...post, path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body })
  }
  for (let tries = 0; tries < 100; tries++) {
    const paths = ["widgets", "plains"].map((plural) => `/apis/diff.example/v1/namespaces/diff/${plural}`)
    const answers = await Promise.all(paths.map((path) => transport({ method: "GET", path })))
    for (const { body } of answers) for await (const _ of body) continue
    if (answers.every(({ status }) => status === 200)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("the custom resources are not served")
}

const seed = Number(values.seed)
const operations = Number(values.operations)
const plan = createPlan({ seed, only: values.only })
console.log(`ssa-replay: ${operations} operations, seed ${seed}`)
await using real = await startControlPlane()
await prepare(real.transport)
const live = new Map<string, Json>()
let different = 0
let refused = 0
for (let count = 0; count < operations; count++) {
  const operation = plan.next()
  const answer = await send(real.transport, operation)
  if (answer.status >= 400) refused++
  const body = operation.body as { apiVersion?: string; kind?: string } | undefined
  const source = live.get(operation.key) ?? body
  const kind = { apiVersion: String(source?.["apiVersion" as never]), kind: String(source?.["kind" as never]) }
  const fault = judge({ operation, before: live.get(operation.key), answer, kind })
  const stored = answer.status < 300 ? answer.body : undefined
  plan.learn(operation, stored)
  if (stored) live.set(operation.key, stored)
  if (fault !== undefined && ++different <= Number(values.show)) {
    console.log(`#${count} ${operation.label} ${operation.method} ${operation.path} ${JSON.stringify(operation.query)}`)
    console.log(`  ${JSON.stringify(operation.body)}\n  ${fault}`)
  }
  if (count % 60 === 59) {
    for (const reset of plan.reset(operation)) await send(real.transport, reset)
    live.delete(operation.key)
  }
}
console.log(`${operations - different} equal (${refused} refused), ${different} different`)
process.exitCode = different === 0 ? 0 : 1
