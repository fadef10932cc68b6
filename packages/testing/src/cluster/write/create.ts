import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest } from "../answer.ts"
import { refuseTerminating } from "../custom/terminate.ts"
import { admit } from "../kinds/admission/admit.ts"
import { allocate } from "../kinds/allocate.ts"
import type { ServerState } from "../state.ts"
import { checkNamespace, checkObject, commitNew, type Place } from "./commit.ts"
import { withoutEmpties } from "./decode.ts"
import { trackCreated } from "./managed.ts"
import { prepareNew, withoutSystemFields } from "./prepare.ts"
import { chargeQuotas } from "./quota.ts"

/** How an object is created. */
export interface CreateOptions {
  readonly place: Place
  readonly manager: string
  readonly dryRun: boolean
  /** True when `managedFields` are set already (an apply). */
  readonly tracked?: boolean
}

/** Creates a decoded object: system metadata, managed fields, allocations, validation, storage. */
export function createObject(
  state: ServerState,
  object: KubeObject,
  { place, manager, dryRun, tracked }: CreateOptions,
): KubeObject {
  const { resource, namespace } = place
  const given = object.metadata.namespace
  if (resource.namespaced && given && given !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request")
  }
  refuseTerminating(state, resource, object.metadata.name ?? "")
  checkNamespace(state, { ...place, name: object.metadata.name ?? "" })
  const writer = { resource, registry: state.registry, manager, subresource: "", nowMs: state.clock.now() }
  const bare = withoutEmpties(object, resource)
  const owned = tracked ? bare : trackCreated(withoutSystemFields(bare), writer)
  const prepared = prepareNew(state, owned, { resource, namespace })
  const whole = allocate(state, prepared, resource)
  checkObject(resource, whole, { subresource: "" })
  admit(state, whole, { resource, subresource: "" })
  chargeQuotas(state, whole, { place: { ...place, name: whole.metadata.name ?? "" }, dryRun })
  return commitNew(state, whole, { place: { ...place, name: whole.metadata.name ?? "" }, dryRun })
}
