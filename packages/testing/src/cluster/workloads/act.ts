import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { answerOf, type Status } from "../answer.ts"
import { type Resource, storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import type { Place } from "../write/commit.ts"
import { createObject } from "../write/create.ts"
import { decodeValue } from "../write/decode.ts"
import { deleteObject } from "../write/delete.ts"
import { updateObject } from "../write/update.ts"
import type { Action } from "./step.ts"

const manager = "kube-controller-manager"

const background = {
  dryRun: false,
  propagation: "Background",
  uid: undefined,
  resourceVersion: undefined,
  withDependents: false,
} as const

/** An action that writes. */
type Write = Exclude<Action, { type: "wake" | "tell" }>

/** What came of an action: what is to be done next, or instead of all that follows. */
export interface Outcome {
  readonly next?: readonly Action[]
  readonly instead?: readonly Action[]
}

/**
 * Carries out what a controller wants; waking and telling are the caller's. What the server refuses (a quota, a
 * terminating namespace, an invalid template) is left undone, as by a real controller, until something changes.
 */
export function act(state: ServerState, action: Write): Outcome {
  const { apiVersion, kind, metadata } = action.object
  const resource = state.registry.ofKind(apiVersion, kind)
  if (!resource) return {}
  const namespace = resource.namespaced ? (metadata.namespace ?? "") : ""
  const place = { resource, namespace, name: metadata.name ?? "" }
  try {
    if (action.type !== "create") {
      carryOut(state, action, place)
      return {}
    }
    const made = createObject(state, typed(action.object, resource), { place, manager, dryRun: false })
    return { next: action.made?.(made) ?? [] }
  } catch (error) {
    const status = answerOf(error)?.object as Status | undefined
    if (!status) throw error
    if (action.type !== "create" || !action.refused) return {}
    return { instead: action.refused(status.message ?? "", status.details?.name ?? "") }
  }
}

function carryOut(state: ServerState, action: Exclude<Write, { type: "create" }>, place: Place): void {
  const { resource, namespace, name } = place
  const { object } = action
  switch (action.type) {
    case "delete":
      deleteObject(state, place, { ...background, graceSeconds: action.now ? 0 : undefined })
      return
    case "store":
      state.store.put(resource.table, storeKey(resource, namespace, name), object)
      return
    case "status":
    case "update":
      write(state, object, { place, subresource: action.type === "status" ? "status" : "" })
  }
}

function write(
  state: ServerState,
  object: KubeObject,
  { place, subresource }: { readonly place: Place; readonly subresource: string },
): void {
  const change = (live: KubeObject): KubeObject => {
    const next = typed(object, place.resource)
    const part = (each: KubeObject): unknown =>
      subresource === "status" ? each.status : { ...each, status: undefined }
    const same = equalJson(part(next), part(live)) && equalJson(next.metadata, live.metadata)
    return same ? live : next
  }
  updateObject(state, change, { place, subresource, manager, dryRun: false })
}

/** An object as the server reads it from a body. */
function typed(object: KubeObject, resource: Resource): KubeObject {
  return decodeValue(object as unknown as Record<string, unknown>, resource).object
}
