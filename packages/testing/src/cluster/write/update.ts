import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest, invalid } from "../answer.ts"
import { admit } from "../kinds/admission/admit.ts"
import { carryOver } from "../kinds/allocate.ts"
import { noteStatus } from "../kinds/status.ts"
import { withLimits } from "../kinds/admission/limit-range.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { checkObject, checkPreconditions, commitChange, type Place, requireLive, revisionOf } from "./commit.ts"
import { withoutEmpties } from "./decode.ts"
import { trackUpdate } from "./managed.ts"
import { isPodPart, podPart } from "../kinds/pod-part.ts"
import { behaviour, prepareUpdate } from "./prepare.ts"
import { statusUpdate } from "./status.ts"

/** How an object is changed. */
export interface UpdateOptions {
  readonly place: Place
  /** `status`, `scale`, `resize`, …; empty for the object itself. */
  readonly subresource: string
  readonly manager: string
  readonly dryRun: boolean
  /** True when `managedFields` are set already (an apply). */
  readonly tracked?: boolean
  /** True for a PUT: without resourceVersion some kinds refuse it. */
  readonly replace?: boolean
}

/** Replaces the live object by `change(live)`: system fields, managed fields, validation, storage. */
export function updateObject(
  state: ServerState,
  change: (live: KubeObject) => KubeObject,
  options: UpdateOptions,
): KubeObject {
  const { place, subresource, manager, dryRun } = options
  const { resource } = place
  const live = requireLive(state, place)
  const given = change(live)
  if (given === live) return live
  const next = withoutEmpties(given, resource)
  checkIdentity(next, place)
  if (options.replace && !revisionOf(next.metadata.resourceVersion) && !behaviour(resource).unconditionalUpdate)
    refuseUnconditional(resource, place.name)
  const { uid, resourceVersion } = next.metadata
  checkPreconditions(place, live, { ...(options.replace ? { uid } : {}), resourceVersion })
  const writer = { resource, registry: state.registry, manager, subresource, nowMs: state.clock.now() }
  const owned = options.tracked ? next : tracked(next, live, writer)
  const admitted = subresource === "resize" ? withLimits(owned, state, place.namespace) : owned
  const part = isPodPart(subresource) ? podPart(admitted, live, subresource) : owned
  const prepared =
    subresource === "status"
      ? noteStatus(state, statusUpdate(owned, live, resource), { live, resource })
      : prepareUpdate(subresource === "finalize" ? part : carryOver(state, part, { live, resource }), live, {
          resource,
          given,
        })
  checkObject(resource, prepared, { previous: live, subresource })
  admit(state, prepared, { resource, previous: live, subresource })
  return commitChange(state, { live, next: prepared }, { place, dryRun })
}

/** Writes through `/scale` are recorded without a time. */
function tracked(next: KubeObject, live: KubeObject, writer: Parameters<typeof trackUpdate>[2]): KubeObject {
  const object = trackUpdate(next, live, writer)
  if (writer.subresource !== "scale") return object
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => {
    if (entry.subresource !== "scale" || entry.operation !== "Update") return entry
    const { time: _, ...timeless } = entry
    return timeless
  })
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

/** 400 when the body is about another object than the path. */
export function checkIdentity(object: KubeObject, { resource, namespace, name }: Place): void {
  const given = object.metadata.name
  if (!given) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
  if (resource.namespaced && object.metadata.namespace && object.metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request")
  }
}

/** 422: this kind wants a resourceVersion. */
export function refuseUnconditional(resource: Resource, name: string): never {
  throw invalid({ group: resource.group, kind: resource.plural }, name, [
    {
      reason: "FieldValueInvalid",
      message: "Invalid value: 0: must be specified for an update",
      field: "metadata.resourceVersion",
    },
  ])
}
