import type { KubeObject } from "@gitops-toolkit/kube"
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
} as const

function empty(state: ServerState, name: string): void {
  const namespace = state.store.get("namespaces", name)
  if (!namespace || namespace.metadata.deletionTimestamp === undefined) return
  let left = 0
  for (const table of state.store.tables()) {
    const resource = state.registry.ofTable(table)
    if (!resource?.namespaced) continue
    for (const [, object] of state.store.list(table, `${name}/`).entries) {
      if (object.metadata.deletionTimestamp === undefined || resource.table === "pods") {
        deleteObject(state, { resource, namespace: name, name: object.metadata.name! }, background)
      }
    }
    left += state.store.list(table, `${name}/`).entries.length
  }
  if (left > 0) return
  const spec = (namespace.spec ?? {}) as { readonly finalizers?: readonly string[] }
  const finalizers = (spec.finalizers ?? []).filter((each) => each !== "kubernetes")
  const { finalizers: _, ...rest } = spec
  const next = { ...namespace, spec: finalizers.length > 0 ? { ...rest, finalizers } : rest } as KubeObject
  const free = finalizers.length === 0 && (namespace.metadata.finalizers ?? []).length === 0
  if (free) state.store.remove("namespaces", name, next)
  else if (finalizers.length !== (spec.finalizers ?? []).length) state.store.put("namespaces", name, next)
}
