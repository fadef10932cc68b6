import type { ServerState } from "../state.ts"
import { seed } from "../write/seed.ts"
import { act } from "./act.ts"
import { nodes } from "./nodes.ts"
import { stepNamespace } from "./steps/namespace.ts"
import { createView, indexOwners } from "./view.ts"

/** Puts in what a cluster with controllers has from the beginning: nodes, and what every namespace holds. */
export function seedWorkloads(state: ServerState): void {
  seed(state, nodes)
  const owners = indexOwners(state, new Set())
  const view = createView(state, owners, {})
  for (const namespace of view.list("namespaces")) {
    for (const action of stepNamespace(namespace, view)) {
      if (action.type !== "wake" && action.type !== "tell") act(state, action)
    }
  }
  owners.stop()
}
