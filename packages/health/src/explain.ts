import {
  formatRef,
  groupOf,
  isClusterError,
  type Cluster,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  refOf,
} from "@gitops-toolkit/kube"
import { assess } from "./assess.ts"
import type { Health } from "./health.ts"
import { listAt, textAt } from "./read.ts"
import type { Rule } from "./rule.ts"

/** Why an object is as it is. */
export interface Explanation {
  readonly ref: ObjectRef
  readonly health: Health
  /** What containers and warning events say, the newest last. */
  readonly reasons: readonly string[]
  /** The objects it made and waits for, those that are not ready. */
  readonly children: readonly Explanation[]
}

/** Options of `explain`. */
export interface ExplainOptions {
  readonly rules?: readonly Rule[]
  /** Milliseconds since the epoch, for verdicts by age. */
  readonly now?: number
  readonly signal?: AbortSignal | undefined
}

const childKinds: { readonly [kind: string]: KindRef } = {
  "apps/Deployment": { apiVersion: "apps/v1", kind: "ReplicaSet" },
  "apps/ReplicaSet": { apiVersion: "v1", kind: "Pod" },
  "apps/StatefulSet": { apiVersion: "v1", kind: "Pod" },
  "apps/DaemonSet": { apiVersion: "v1", kind: "Pod" },
  "batch/CronJob": { apiVersion: "batch/v1", kind: "Job" },
  "batch/Job": { apiVersion: "v1", kind: "Pod" },
}

/** So many children and reasons are told of one object. */
const told = 5

/**
 * Why `ref` is not ready: its health, the troubles of its containers, its warning events, and the same for the
 * ReplicaSets, Jobs and Pods that it made. Asks the server (a few requests a level); what may not be read is left out.
 * Throws what `cluster.get` throws for the object itself.
 *
 * @example
 * const { health, children } = await explain(cluster, { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" })
 */
export async function explain(cluster: Cluster, ref: ObjectRef, options: ExplainOptions = {}): Promise<Explanation> {
  const object = await cluster.get(ref, { signal: options.signal })
  return explainObject(cluster, ref, { ...options, object, depth: 0 })
}

/**
 * An explanation as indented text for people.
 *
 * @example
 * console.log(printExplanation(await explain(cluster, ref)))
 */
export function printExplanation(explanation: Explanation, indent = ""): string {
  const { ref, health, reasons, children } = explanation
  const head = `${indent}${formatRef(ref)} ${health.status}${health.message ? `: ${health.message}` : ""}`
  const lines = [head, ...reasons.map((reason) => `${indent}  - ${reason}`)]
  return [...lines, ...children.map((child) => printExplanation(child, `${indent}  `))].join("\n")
}

interface Level extends ExplainOptions {
  readonly object: KubeObject | undefined
  readonly depth: number
}

async function explainObject(cluster: Cluster, ref: ObjectRef, level: Level): Promise<Explanation> {
  const { object, rules = [], now, depth } = level
  const health = assess(object, rules, now === undefined ? {} : { now })
  if (object === undefined || health.status === "Current") return { ref, health, reasons: [], children: [] }
  const events = await warningsOf(cluster, object, level)
  const reasons = [...containerTroubles(object), ...events].slice(-told)
  const children: Explanation[] = []
  if (depth < 3) {
    for (const child of (await childrenOf(cluster, object, level)).slice(0, told)) {
      children.push(await explainObject(cluster, refOf(child), { ...level, object: child, depth: depth + 1 }))
    }
  }
  return { ref, health, reasons, children: children.filter((child) => child.health.status !== "Current") }
}

async function childrenOf(cluster: Cluster, object: KubeObject, { signal }: Level): Promise<readonly KubeObject[]> {
  const kind = childKinds[`${groupOf(object.apiVersion)}/${object.kind}`]
  const { namespace, uid } = object.metadata
  if (kind === undefined || namespace === undefined || uid === undefined) return []
  const objects = await listReadable(cluster, kind, { namespace, signal })
  return objects.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
}

async function warningsOf(cluster: Cluster, object: KubeObject, { signal }: Level): Promise<readonly string[]> {
  const { namespace, uid } = object.metadata
  if (namespace === undefined || uid === undefined) return []
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`
  const events = await listReadable(cluster, { apiVersion: "v1", kind: "Event" }, { namespace, fieldSelector, signal })
  const newest = events.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
  return [...new Set(newest.map((event) => `${textAt(event, "reason")}: ${textAt(event, "message")}`))]
}

function timeOf(event: KubeObject): string {
  return textAt(event, "lastTimestamp") || textAt(event, "eventTime") || textAt(event, "metadata", "creationTimestamp")
}

async function listReadable(
  cluster: Cluster,
  kind: KindRef,
  options: { readonly namespace: string; readonly fieldSelector?: string; readonly signal: AbortSignal | undefined },
): Promise<readonly KubeObject[]> {
  try {
    return (await cluster.list(kind, options)).objects
  } catch (error) {
    // An explanation is a courtesy: whoever may not list pods still learns the rest.
    if (isClusterError(error, "Forbidden", "KindNotFound", "NotFound")) return []
    throw error
  }
}

function containerTroubles(object: KubeObject): string[] {
  const containers = ["initContainerStatuses", "containerStatuses"].flatMap((field) => listAt(object, "status", field))
  return containers.flatMap((container) => {
    const name = textAt(container, "name")
    for (const state of ["waiting", "terminated"]) {
      const reason = textAt(container, "state", state, "reason")
      if (reason === "" || reason === "Completed") continue
      const message = textAt(container, "state", state, "message")
      return [`container ${name}: ${reason}${message ? `: ${message}` : ""}`]
    }
    return []
  })
}
