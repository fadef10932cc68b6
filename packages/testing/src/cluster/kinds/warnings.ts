import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { mapOf, type Members, textOf } from "../validation/walk.ts"
import { nameRules } from "../write/names.ts"
import { securityWarnings } from "./admission/security/admit.ts"
import { templatePathOf } from "./templates.ts"
import { kindWarnings } from "./warnings/kinds.ts"
import { podWarnings } from "./warnings/pod.ts"

/** An object that was written, and what there was before. */
export interface WrittenObject {
  readonly resource: Resource
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

/** What the server warns of when an object is stored: what does not mean what it seems to, or will go one day. */
export function warningsOf(state: ServerState, { resource, object, previous }: WrittenObject): string[] {
  const { table, custom } = resource
  if (custom) return []
  const own = Object.hasOwn(kindWarnings, table) ? kindWarnings[table]!(object, previous) : []
  return [...own, ...templateWarnings(table, object, previous), ...securityWarnings(state, { table, object, previous })]
}

/** Kinds whose Pods are called after them. */
const naming: ReadonlySet<string> = new Set([
  "cronjobs.batch",
  "deployments.apps",
  "jobs.batch",
  "replicasets.apps",
  "replicationcontrollers",
])
const surprise = "which can result in surprising behavior; a DNS label is recommended:"

function nameWarnings(table: string, name: string): string[] {
  const faults = table === "pods" || naming.has(table) ? nameRules.label(name, false) : []
  const use = table === "pods" ? "the Pod's hostname" : "Pod names and hostnames"
  return faults.length > 0 ? [`metadata.name: this is used in ${use}, ${surprise} [${faults.join(" ")}]`] : []
}

/** Of Pods and templates: an update is warned of when it changed the spec, one of a Pod never. */
function templateWarnings(table: string, object: KubeObject, previous: KubeObject | undefined): string[] {
  const path = templatePathOf(table)
  if (!path || (previous && (path.length === 0 || object.metadata.generation === previous.metadata.generation)))
    return []
  let template: Members = object
  for (const name of path) template = mapOf(template[name])
  const own = previous ? [] : nameWarnings(table, textOf(object.metadata.name))
  return [...own, ...podWarnings(template, path.join("."))]
}
