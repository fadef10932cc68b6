import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { deleteObject } from "../write/delete.ts"
import { laterTurn } from "./turn.ts"

/** Empties namespaces that are being deleted, then lets them go. */
export function emptyNamespaces(state: ServerState): () => void {
  const queue = laterTurn(
    (name: string) => empty(state, name),
    () => undefined,
  )
  const terminating = new Set<string>()
  const stop = state.store.subscribeAll((table, { key, object, type }) => {
    if (table === "namespaces") {
      if (object.metadata.deletionTimestamp !== undefined && type !== "DELETED") terminating.add(key)
      else terminating.delete(key)
    }
    if (terminating.size === 0) return
    const namespace = table === "namespaces" ? key : (object.metadata.namespace ?? "")
    if (terminating.has(namespace)) queue.add(namespace)
  })
  return () => {
    stop()
    queue.stop()
  }
}

const background = {
  dryRun: false,
  propagation: "Background",
  graceSeconds: 0,
  uid: undefined,
  resourceVersion: undefined,
  withDependents: false,
} as const

function empty(state: ServerState, name: string): void {
  const namespace = state.store.get("namespaces", name)
  if (!namespace || namespace.metadata.deletionTimestamp === undefined) return
  const left: Left[] = []
  for (const table of state.store.tables()) {
    const resource = state.registry.ofTable(table)
    if (!resource?.namespaced) continue
    for (const [, object] of state.store.list(table, `${name}/`).entries) {
      if (object.metadata.deletionTimestamp === undefined || resource.table === "pods") {
        deleteObject(state, { resource, namespace: name, name: object.metadata.name! }, background)
      }
    }
    const objects = state.store.list(table, `${name}/`).entries.map(([, object]) => object)
    if (objects.length > 0) left.push({ resource, objects })
  }
  if (left.length > 0) return tell(state, namespace, left)
  const spec = (namespace.spec ?? {}) as { readonly finalizers?: readonly string[] }
  const finalizers = (spec.finalizers ?? []).filter((each) => each !== "kubernetes")
  const { finalizers: _, ...rest } = spec
  const next = { ...namespace, spec: finalizers.length > 0 ? { ...rest, finalizers } : rest } as KubeObject
  const free = finalizers.length === 0 && (namespace.metadata.finalizers ?? []).length === 0
  if (free) state.store.remove("namespaces", name, next)
  else if (finalizers.length !== (spec.finalizers ?? []).length) state.store.put("namespaces", name, next)
}

interface Left {
  readonly resource: Resource
  readonly objects: readonly KubeObject[]
}

interface Condition {
  readonly type: string
  readonly status: "True" | "False"
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** Says in the conditions of a namespace what holds it. */
function tell(state: ServerState, namespace: KubeObject, left: readonly Left[]): void {
  const status = (namespace["status"] ?? {}) as { readonly conditions?: readonly Condition[] }
  const before = status.conditions ?? []
  const conditions = conditionsOf(left).map((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : state.timestamp()
    const { type, status: holds, reason, message } = condition
    return { type, status: holds, lastTransitionTime, reason, message }
  })
  if (equalJson(before, conditions)) return
  state.store.put("namespaces", namespace.metadata.name!, { ...namespace, status: { ...status, conditions } })
}

function conditionsOf(left: readonly Left[]): Omit<Condition, "lastTransitionTime">[] {
  const fine = { status: "False" } as const
  const resources = left.map(
    ({ resource, objects }) => `${resource.plural}.${resource.group} has ${objects.length} resource instances`,
  )
  const holding = new Map<string, number>()
  for (const { objects } of left)
    for (const { metadata } of objects)
      for (const each of metadata.finalizers ?? []) holding.set(each, (holding.get(each) ?? 0) + 1)
  const finalizers = [...holding].map(([name, count]) => `${name} in ${count} resource instances`)
  const held = `Some content in the namespace has finalizers remaining: ${finalizers.toSorted().join(", ")}`
  return [
    {
      ...fine,
      type: "NamespaceDeletionDiscoveryFailure",
      reason: "ResourcesDiscovered",
      message: "All resources successfully discovered",
    },
    {
      ...fine,
      type: "NamespaceDeletionGroupVersionParsingFailure",
      reason: "ParsedGroupVersions",
      message: "All legacy kube types successfully parsed",
    },
    {
      ...fine,
      type: "NamespaceDeletionContentFailure",
      reason: "ContentDeleted",
      message: "All content successfully deleted, may be waiting on finalization",
    },
    {
      type: "NamespaceContentRemaining",
      status: "True",
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${resources.toSorted().join(", ")}`,
    },
    finalizers.length > 0
      ? { type: "NamespaceFinalizersRemaining", status: "True", reason: "SomeFinalizersRemain", message: held }
      : {
          ...fine,
          type: "NamespaceFinalizersRemaining",
          reason: "ContentHasNoFinalizers",
          message: "All content-preserving finalizers finished",
        },
  ]
}
