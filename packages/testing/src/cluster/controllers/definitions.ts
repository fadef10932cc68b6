import { establish, groupOfDefinition, serveGroup } from "../custom/establish.ts"
import { cleanupFinalizer, definitionTable } from "../custom/names.ts"
import type { ServerState } from "../state.ts"
import { storeKey } from "../resource.ts"
import { laterTurn } from "./turn.ts"

/**
 * Keeps what is served in step with the CustomResourceDefinitions: accepts their names, establishes them, serves them,
 * and removes the objects of one that is deleted before it goes.
 */
export function watchDefinitions(state: ServerState): () => void {
  const { store } = state
  const queue = laterTurn(
    (name: string) => settle(state, name),
    () => undefined,
  )
  const stop = store.subscribe(definitionTable, (event) => {
    serveGroup(state, groupOfDefinition(event.object))
    if (event.type !== "DELETED") queue.add(event.key)
  })
  return () => {
    stop()
    queue.stop()
  }
}

function settle(state: ServerState, name: string): void {
  const definition = state.store.get(definitionTable, name)
  if (!definition) return
  if (definition.metadata.deletionTimestamp === undefined) return establish(state, definition)
  const table = name
  for (const [key, object] of state.store.list(table, "").entries) {
    if ((object.metadata.finalizers ?? []).length === 0) state.store.remove(table, key)
  }
  if (state.store.size(table) > 0) return
  const finalizers = (definition.metadata.finalizers ?? []).filter((each) => each !== cleanupFinalizer)
  if (finalizers.length > 0) return
  state.store.remove(definitionTable, storeKey({ namespaced: false } as Parameters<typeof storeKey>[0], "", name))
}
