import { equalJson, type KubeObject, type OwnerReference } from "@gitops-toolkit/kube"
import { storeKey, withoutFinalizer } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { deleteObject } from "../write/delete.ts"
import { laterTurn } from "./turn.ts"

interface Node {
  readonly table: string
  readonly key: string
}

/** The garbage collector: removes what has no owner left, and ends foreground and orphan deletions. */
export function collectGarbage(state: ServerState): () => void {
  const dependents = new Map<string, Map<string, Node>>()
  const queue = laterTurn(
    (work: () => void) => work(),
    () => undefined,
  )
  const later = (work: () => void): void => queue.add(work)
  const link = (node: Node, object: KubeObject, previous: KubeObject | undefined): void => {
    const id = `${node.table} ${node.key}`
    for (const { uid } of previous?.metadata.ownerReferences ?? []) dependents.get(uid)?.delete(id)
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      let known = dependents.get(uid)
      if (!known) dependents.set(uid, (known = new Map()))
      known.set(id, node)
    }
  }
  const dependentsOf = (uid: string): Node[] => [...(dependents.get(uid)?.values() ?? [])]
  const graph = { state, dependentsOf }
  const stop = state.store.subscribeAll((table, { key, object, previous, type }) => {
    const node = { table, key }
    const uid = object.metadata.uid ?? ""
    if (type === "DELETED") {
      for (const owner of object.metadata.ownerReferences ?? []) dependents.get(owner.uid)?.delete(`${table} ${key}`)
      for (const each of dependentsOf(uid)) later(() => settle(graph, each))
      for (const owner of object.metadata.ownerReferences ?? []) later(() => settleOwner(graph, owner, object))
      dependents.delete(uid)
      return
    }
    link(node, object, previous)
    const finalizers = object.metadata.finalizers ?? []
    const isLeaving = object.metadata.deletionTimestamp !== undefined
    const owners = object.metadata.ownerReferences ?? []
    if (owners.length > 0) later(() => settle(graph, node))
    if (previous && !equalJson(owners, previous.metadata.ownerReferences ?? []))
      for (const owner of owners) later(() => settleOwner(graph, owner, object))
    if (isLeaving && (finalizers.includes("foregroundDeletion") || finalizers.includes("orphan")))
      later(() => finish(graph, node))
  })
  return () => {
    stop()
    queue.stop()
  }
}

interface Graph {
  readonly state: ServerState
  readonly dependentsOf: (uid: string) => Node[]
}

const request = {
  dryRun: false,
  graceSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
  withDependents: false,
} as const

/** The owner of `object` when it lives: the same uid, in the same namespace or cluster-scoped. */
function ownerOf(state: ServerState, owner: OwnerReference, object: KubeObject): KubeObject | "unknown" | undefined {
  const resource = state.registry.ofKind(owner.apiVersion, owner.kind)
  if (!resource) return "unknown"
  const found = state.store.get(resource.table, storeKey(resource, object.metadata.namespace ?? "", owner.name))
  return found?.metadata.uid === owner.uid ? found : undefined
}

/** Deletes a dependent without owners; takes dead owners from one that still has others. */
function settle({ state, dependentsOf }: Graph, { table, key }: Node): void {
  const object = state.store.get(table, key)
  const owners = object?.metadata.ownerReferences ?? []
  if (!object || owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return
  const resource = state.registry.ofTable(table)
  if (!resource) return
  const found = owners.map((owner) => ({ owner, live: ownerOf(state, owner, object) }))
  if (found.some(({ live }) => live === "unknown")) return
  const solid = found.filter(({ live }) => live !== undefined && !isForeground(live))
  const waiting = found.filter(({ live }) => live !== undefined && isForeground(live))
  if (solid.length === owners.length) return
  if (solid.length > 0) {
    const ownerReferences = solid.map(({ owner }) => owner)
    state.store.put(table, key, { ...object, metadata: { ...object.metadata, ownerReferences } })
    return
  }
  const place = { resource, namespace: object.metadata.namespace ?? "", name: object.metadata.name! }
  const finalizers = object.metadata.finalizers ?? []
  const inherited = finalizers.includes("orphan")
    ? "Orphan"
    : finalizers.includes("foregroundDeletion")
      ? "Foreground"
      : undefined
  const children = waiting.length > 0 ? dependentsOf(object.metadata.uid!) : []
  if (children.some((node) => isForeground(state.store.get(node.table, node.key)))) {
    // Its own dependents wait for it as it waits for them: one of them has to let go.
    const ownerReferences = owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
    state.store.put(table, key, { ...object, metadata: { ...object.metadata, ownerReferences } })
  }
  const propagation = children.length > 0 ? "Foreground" : (inherited ?? "Background")
  deleteObject(state, place, { ...request, propagation })
}

function isForeground(live: KubeObject | "unknown" | undefined): boolean {
  if (typeof live !== "object") return false
  return (
    live.metadata.deletionTimestamp !== undefined && (live.metadata.finalizers ?? []).includes("foregroundDeletion")
  )
}

function settleOwner(graph: Graph, owner: OwnerReference, dependent: KubeObject): void {
  const live = ownerOf(graph.state, owner, dependent)
  if (typeof live !== "object" || !isForeground(live)) return
  const resource = graph.state.registry.ofKind(owner.apiVersion, owner.kind)!
  finish(graph, { table: resource.table, key: storeKey(resource, live.metadata.namespace ?? "", owner.name) })
}

/** Goes on with a foreground or orphan deletion; takes its finalizer when nothing is left to do. */
function finish(graph: Graph, { table, key }: Node): void {
  const { state } = graph
  const object = state.store.get(table, key)
  const finalizers = object?.metadata.finalizers ?? []
  if (!object || object.metadata.deletionTimestamp === undefined) return
  const uid = object.metadata.uid!
  if (finalizers.includes("orphan")) {
    for (const node of graph.dependentsOf(uid)) disown(state, node, uid)
    return release(state, { table, key }, "orphan")
  }
  if (!finalizers.includes("foregroundDeletion")) return
  const blocking = graph.dependentsOf(uid).filter((node) => {
    settle(graph, node)
    const dependent = state.store.get(node.table, node.key)
    return dependent?.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true)
  })
  if (blocking.length === 0) release(state, { table, key }, "foregroundDeletion")
}

function disown(state: ServerState, { table, key }: Node, uid: string): void {
  const object = state.store.get(table, key)
  if (!object) return
  const { ownerReferences = [], ...metadata } = object.metadata
  const rest = ownerReferences.filter((owner) => owner.uid !== uid)
  state.store.put(table, key, {
    ...object,
    metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata,
  })
}

function release(state: ServerState, { table, key }: Node, finalizer: string): void {
  const object = state.store.get(table, key)
  if (!object) return
  const next = withoutFinalizer(object, finalizer)
  if (next.metadata.finalizers || object.metadata.deletionGracePeriodSeconds) state.store.put(table, key, next)
  else state.store.remove(table, key, next)
}
