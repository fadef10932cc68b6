import type { KubeObject } from "@gitops-toolkit/kube"
import { establish, groupOfDefinition, serveGroup } from "../custom/establish.ts"
import { cleanupFinalizer, definitionTable } from "../custom/names.ts"
import type { ServerState } from "../state.ts"
import { type DeleteRequest, deleteObject } from "../write/delete.ts"
import { laterTurn } from "./turn.ts"

/**
 * Keeps what is served in step with the CustomResourceDefinitions: accepts their names, establishes them, serves them,
 * and removes the objects of one that is deleted before it goes.
 */
export function watchDefinitions(state: ServerState): () => void {
  const { store } = state
  /** What ends the waiting for the last object of a definition that goes. */
  const waiting = new Map<string, () => void>()
  const settle = (name: string): void => {
    waiting.get(name)?.()
    waiting.delete(name)
    const definition = store.get(definitionTable, name)
    if (!definition) return
    if (definition.metadata.deletionTimestamp === undefined) return establish(state, definition)
    deleteObjects(state, name)
    if (store.size(name) === 0) release(state, definition)
    else
      waiting.set(
        name,
        store.subscribe(name, (event) => event.type === "DELETED" && queue.add(name)),
      )
  }
  const queue = laterTurn(settle, () => undefined)
  const stop = store.subscribe(definitionTable, (event) => {
    serveGroup(state, groupOfDefinition(event.object))
    if (event.type !== "DELETED") queue.add(event.key)
  })
  return () => {
    stop()
    queue.stop()
    for (const end of waiting.values()) end()
  }
}

/** Deletes the objects of a definition; those with finalizers stay until these are gone. */
function deleteObjects(state: ServerState, table: string): void {
  const resource = state.registry.ofTable(table)
  for (const [key, { metadata }] of state.store.list(table, "").entries) {
    if (!resource) state.store.remove(table, key)
    else if (metadata.deletionTimestamp === undefined) {
      const place = { resource, namespace: metadata.namespace ?? "", name: metadata.name! }
      deleteObject(state, place, inBackground)
    }
  }
}

const inBackground: DeleteRequest = {
  dryRun: false,
  propagation: "Background",
  graceSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
}

/** The server's own finalizer goes; without others the definition goes too. */
function release({ store }: ServerState, definition: KubeObject): void {
  const name = definition.metadata.name!
  const { finalizers: before = [], ...metadata } = definition.metadata
  const finalizers = before.filter((each) => each !== cleanupFinalizer)
  if (finalizers.length === 0) store.remove(definitionTable, name)
  else if (finalizers.length < before.length)
    store.put(definitionTable, name, { ...definition, metadata: { ...metadata, finalizers } })
}
