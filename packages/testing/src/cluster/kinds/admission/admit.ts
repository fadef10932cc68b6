import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../../resource.ts"
import type { ServerState } from "../../state.ts"
import { checkClaimLimits, checkPodLimits } from "./limit-range.ts"
import { checkOverhead } from "./runtime-class.ts"
import { admitLabels, admitSecurity } from "./security/admit.ts"

/** What is written, and where. */
export interface Admitted {
  readonly resource: Resource
  readonly previous?: KubeObject | undefined
  readonly subresource: string
}

/** The last word on a valid object: 403 when its namespace does not allow it, 422 when it says wrong what is allowed. */
export function admit(state: ServerState, object: KubeObject, { resource, previous, subresource }: Admitted): void {
  if (subresource !== "") return
  if (resource.table === "namespaces") return admitLabels(object, previous)
  if (resource.table === "persistentvolumeclaims") return checkClaimLimits(object, state)
  if (resource.table !== "pods") return
  if (!previous) checkOverhead(object, state)
  if (!previous) checkPodLimits(object, state)
  admitSecurity(state, object, previous)
}
