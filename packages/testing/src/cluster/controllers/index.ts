import type { ServerState } from "../state.ts"
import { watchDefinitions } from "./definitions.ts"
import { collectGarbage } from "./garbage.ts"
import { emptyNamespaces } from "./namespaces.ts"
import { playWorkloads } from "../workloads/play.ts"

/** A controller: told of the server when it starts, returns what stops it. */
export type Controller = (state: ServerState) => () => void

/** Starts what a kube-apiserver runs by itself and, when they are switched on, the controllers beside it. */
export function startControllers(state: ServerState): () => void {
  const stops = [watchDefinitions(state)]
  if (state.controllers) stops.push(collectGarbage(state), emptyNamespaces(state))
  if (state.autoReady) stops.push(playWorkloads(state, state.autoReady))
  return () => {
    for (const stop of stops) stop()
  }
}
