import { type KubeObject } from "@gitops-toolkit/kube"
import { forbidden, invalid } from "../../../answer.ts"
import type { ServerState } from "../../../state.ts"
import { mapOf, mapsOf, type Members } from "../../../validation/walk.ts"
import { templatePathOf } from "../../templates.ts"
import {
  compareLevels,
  findings,
  type LevelVersion,
  openPolicy,
  podAt,
  type Policy,
  printFindings,
  printLevel,
  readPolicy,
} from "./policy.ts"

function policyOf({ store }: ServerState, namespace: string): Policy {
  const labels = store.get("namespaces", namespace)?.metadata.labels
  return labels ? readPolicy(labels).policy : openPolicy
}

const images = (list: unknown): unknown[] => mapsOf(list).map(({ image }) => image)

/** True for an update that brings other containers than there were. */
function changesImages(next: KubeObject, previous: KubeObject): boolean {
  return ["containers", "initContainers", "ephemeralContainers"].some((list) => {
    const [now, before] = [next, previous].map(({ spec }) => images(mapOf(spec)[list]))
    return now!.length !== before!.length || now!.some((image, index) => image !== before![index])
  })
}

/** 403 for a Pod that does more than its Namespace allows. */
export function admitSecurity(state: ServerState, pod: KubeObject, previous: KubeObject | undefined): void {
  const { enforce } = policyOf(state, pod.metadata.namespace ?? "")
  if (enforce.level === "privileged" || (previous && !changesImages(pod, previous))) return
  const found = findings(podAt(pod, []), enforce)
  if (found.length === 0) return
  const why = `violates PodSecurity ${JSON.stringify(printLevel(enforce))}: ${printFindings(found)}`
  throw forbidden({ group: "", plural: "pods", kind: "Pod" }, pod.metadata.name ?? "", why)
}

/** 422 for a Namespace with labels that name no level. */
export function admitLabels(namespace: KubeObject, previous: KubeObject | undefined): void {
  const { causes } = readPolicy(namespace.metadata.labels ?? {})
  if (causes.length === 0) return
  const before = previous ? readPolicy(previous.metadata.labels ?? {}).causes : []
  if (JSON.stringify(causes) === JSON.stringify(before)) return
  throw invalid({ group: "", kind: "Namespace" }, namespace.metadata.name ?? "", causes)
}

/** What the Pods of a Namespace break of the level that it begins to enforce. */
function newlyForbidden(state: ServerState, namespace: string, enforce: LevelVersion): string[] {
  const found = new Map<string, string[]>()
  for (const [, pod] of state.store.list("pods", `${namespace}/`).entries) {
    const reasons = findings(podAt(pod, []), enforce).map(({ reason }) => reason)
    const text = reasons.join(", ")
    if (reasons.length > 0) found.set(text, [...(found.get(text) ?? []), pod.metadata.name ?? ""])
  }
  if (found.size === 0) return []
  const level = JSON.stringify(printLevel(enforce))
  const lines = [...found].map(([text, names]) => {
    const [first] = names.toSorted()
    const others = names.length - 1
    return `${first}${others === 0 ? "" : ` (and ${others} other pod${others === 1 ? "" : "s"})`}: ${text}`
  })
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${level}`
  return [head, ...lines.toSorted()]
}

interface Written {
  readonly table: string
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

/** What it is warned of: what Pods and templates do, and what Pods that are there already would not be allowed. */
export function securityWarnings(state: ServerState, { table, object, previous }: Written): string[] {
  if (table === "namespaces") return previous ? levelWarnings(state, object, previous) : []
  const path = templatePathOf(table)
  if (!path || (table === "pods" && previous && !changesImages(object, previous))) return []
  const { warn } = policyOf(state, object.metadata.namespace ?? "")
  const found = findings(podAt(object, path), warn)
  if (found.length === 0) return []
  return [`would violate PodSecurity ${JSON.stringify(printLevel(warn))}: ${printFindings(found)}`]
}

function levelWarnings(state: ServerState, { metadata }: KubeObject, previous: KubeObject): string[] {
  const of = (labels: Members | undefined): LevelVersion => readPolicy(labels ?? {}).policy.enforce
  const [now, before] = [of(metadata.labels), of(previous.metadata.labels)]
  const isLooser = now.version === before.version && compareLevels(now.level, before.level) < 1
  return now.level === "privileged" || isLooser ? [] : newlyForbidden(state, metadata.name ?? "", now)
}
