// Random writes against two API servers, answer by answer: the embedded one and the real one.
//
//   node --conditions=@gitops-toolkit/source test/oracle/ssa-differential.ts [--operations N] [--seed S] [--only KIND,KIND] [--show N] [--trace plains/a]
//
// Applies by several managers (forced or not), updates, patches of three kinds and status writes on Deployments, Services,
// Pods, ConfigMaps and custom resources with sets, keyed lists, atomic and open parts. Compared are status, message and
// causes of refusals, and the whole object with its managedFields (times and identifiers aside). Needs etcd and
// kube-apiserver (KUBEBUILDER_ASSETS); without them it says so and passes.
import { parseArgs } from "node:util"
import type { Transport, TransportRequest } from "@gitops-toolkit/http"
import { createCluster, missingBinaries, startControlPlane } from "@gitops-toolkit/testing"
import { createPlan, definitions, namespace, type Operation } from "./ssa-operations.ts"

interface Answer {
  readonly status: number
  readonly body: unknown
}

type Json = { [name: string]: unknown }

const { values } = parseArgs({
  options: {
    operations: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
    show: { type: "string", default: "20" },
    trace: { type: "string", default: "" },
  },
})

const missing = missingBinaries()
if (missing.length > 0) {
  console.log(`ssa-differential: skipped, there is no ${missing.join(" and ")} (set KUBEBUILDER_ASSETS)`)
  process.exit(0)
}

async function send(transport: Transport, operation: Operation): Promise<Answer> {
  const request: TransportRequest = {
    method: operation.method,
    path: operation.path,
    query: operation.query,
    headers: { accept: "application/json", "content-type": operation.contentType },
    timeoutMs: 30_000,
    ...(operation.body === undefined ? {} : { body: JSON.stringify(operation.body) }),
  }
  const response = await transport(request)
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString("utf8")
  try {
    return { status: response.status, body: JSON.parse(text) as unknown }
  } catch {
    return { status: response.status, body: text }
  }
}

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** What differs from run to run is taken out; lists whose order is that of a map are sorted. */
function normalise({ status, body }: Answer): unknown {
  if (!isMap(body)) return { status, body }
  if (body["kind"] === "Status") {
    const details = isMap(body["details"]) ? body["details"] : {}
    const causes = Array.isArray(details["causes"])
      ? details["causes"].map((cause) => JSON.stringify(cause)).toSorted()
      : []
    const message = String(body["message"])
    return {
      status,
      reason: body["reason"],
      message: message
        .replace(/^(.* is invalid: )\[([^]*)\]$/, "$1\n$2")
        .split(/\n|, (?=\w+[.:[])/)
        .toSorted(),
      causes,
    }
  }
  return { status, object: normaliseObject(body) }
}

function normaliseObject(object: Json): Json {
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, managedFields, ...metadata } = object["metadata"] as Json
  const entries = (managedFields ?? []) as Json[]
  const managers = entries.map(({ time: _time, ...entry }) => sortMembers(entry)).map((entry) => JSON.stringify(entry))
  const untimed = entries.some(({ time }) => time === undefined)
  const rest = { ...object, metadata: { ...metadata, managedFields: managers.toSorted(), untimed } }
  return sortMembers(withoutAddresses(rest)) as Json
}

/** Addresses are handed out at random. */
function withoutAddresses(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAddresses)
  if (!isMap(value)) return value
  const kept = Object.entries(value).filter(
    ([name]) => !["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"].includes(name),
  )
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutAddresses(each)]))
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isMap(value)) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, each]) => [name, sortMembers(each)]))
}

/** The first place where two answers differ, as a path with both values; undefined: nowhere. */
function firstDifference(got: unknown, wanted: unknown, path: string = ""): string | undefined {
  if (Array.isArray(got) && Array.isArray(wanted)) {
    for (let i = 0; i < Math.max(got.length, wanted.length); i++) {
      const inner = firstDifference(got[i], wanted[i], `${path}[${i}]`)
      if (inner !== undefined) return inner
    }
    return undefined
  }
  if (isMap(got) && isMap(wanted)) {
    for (const name of new Set([...Object.keys(got), ...Object.keys(wanted)])) {
      const inner = firstDifference(got[name], wanted[name], `${path}.${name}`)
      if (inner !== undefined) return inner
    }
    return undefined
  }
  const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)]
  return left === right ? undefined : `${path}\n    embedded ${left}\n    real     ${right}`
}

function summarise({ status, body }: Answer): string {
  return `${status} ${status >= 400 && isMap(body) ? String(body["message"]) : JSON.stringify(body)}`
}

async function prepare(transport: Transport): Promise<void> {
  const json = { contentType: "application/json", method: "POST", query: [], label: "", key: "" }
  await send(transport, { ...json, path: "/api/v1/namespaces", body: namespace })
  for (const body of definitions) {
    await send(transport, { ...json, path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body })
    await served(transport, body as Json)
  }
}

async function served(transport: Transport, definition: Json): Promise<void> {
  const { group, names } = definition["spec"] as { group: string; names: { plural: string } }
  const path = `/apis/${group}/v1/namespaces/diff/${names.plural}`
  for (let tries = 0; tries < 200; tries++) {
    const list = { method: "GET", path, query: [], contentType: "application/json", label: "", key: "" }
    if ((await send(transport, list)).status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${path} is not served`)
}

const seed = Number(values.seed)
const operations = Number(values.operations)
const plan = createPlan({ seed, only: values.only })
console.log(`ssa-differential: ${operations} operations, seed ${seed}`)
await using real = await startControlPlane()
await using embedded = createCluster({ controllers: false })
await prepare(real.transport)
await prepare(embedded.transport)

const found = new Map<string, number>()
let different = 0
let refused = 0
for (let count = 0; count < operations; count++) {
  const operation = plan.next()
  const [ours, theirs] = await Promise.all([send(embedded.transport, operation), send(real.transport, operation)])
  if (theirs.status >= 400) refused++
  if (values.trace !== "" && operation.key.endsWith(values.trace)) {
    console.log(`#${count} ${operation.label} ${JSON.stringify(operation.query)} ${JSON.stringify(operation.body)}`)
    console.log(`  -> ${summarise(theirs)}`)
  }
  const difference =
    ours.status === theirs.status
      ? firstDifference(normalise(ours), normalise(theirs))
      : `status\n    embedded ${summarise(ours)}\n    real     ${summarise(theirs)}`
  plan.learn(operation, theirs.status < 300 && isMap(theirs.body) ? theirs.body : undefined)
  if (difference === undefined) continue
  different++
  found.set(operation.label, (found.get(operation.label) ?? 0) + 1)
  if (different <= Number(values.show)) {
    console.log(`#${count} ${operation.label} ${operation.method} ${operation.path} ${JSON.stringify(operation.query)}`)
    console.log(`  ${JSON.stringify(operation.body)}\n  ${difference}`)
  }
  for (const reset of plan.reset(operation)) {
    await Promise.all([send(embedded.transport, reset), send(real.transport, reset)])
  }
}
for (const [label, times] of found) console.log(`  ${label}: ${times}`)
console.log(`seed ${seed}: of ${operations} operations the real server refused ${refused}`)
console.log(`${operations - different} passed, ${different} failed`)
process.exitCode = different === 0 ? 0 : 1
