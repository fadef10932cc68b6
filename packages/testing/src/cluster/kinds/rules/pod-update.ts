import { equalJson } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { omit } from "../omit.ts"
import { forbidden, invalid, listOf, type Members, required } from "./causes.ts"

const mutable =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

/** What an update of a Pod may not change: everything but images, deadline and more tolerations. */
export function podUpdateCauses(next: Members, before: Members): Cause[] {
  const causes: Cause[] = []
  for (const name of ["containers", "initContainers"]) {
    const containers = listOf(next[name])
    if (containers.length !== listOf(before[name]).length)
      return [...causes, forbidden(`spec.${name}`, "pod updates may not add or remove containers")]
    for (const [index, { image }] of containers.entries())
      if (!image) causes.push(required(`spec.${name}[${index}].image`))
  }
  const deadline = deadlineCauses(next["activeDeadlineSeconds"], before["activeDeadlineSeconds"])
  if (deadline.length > 0 && next["activeDeadlineSeconds"] !== undefined) return [...causes, ...deadline]
  causes.push(...deadline)
  const endures = (old: Members): boolean =>
    listOf(next["tolerations"]).some((each) =>
      equalJson(omit(each, "tolerationSeconds"), omit(old, "tolerationSeconds")),
    )
  if (!listOf(before["tolerations"]).every(endures))
    causes.push(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"))
  return equalJson(frozen(next), frozen(before)) ? causes : [...causes, forbidden("spec", mutable)]
}

function deadlineCauses(now: unknown, before: unknown): Cause[] {
  const field = "spec.activeDeadlineSeconds"
  if (now === undefined)
    return before === undefined ? [] : [invalid(field, null, "must not update from a positive integer to nil value")]
  const seconds = Number(now)
  if (seconds < 0 || seconds > 2_147_483_647)
    return [invalid(field, now, "must be between 0 and 2147483647, inclusive")]
  return before !== undefined && Number(before) < seconds
    ? [invalid(field, now, "must be less than or equal to previous value")]
    : []
}

function frozen(spec: Members): unknown {
  const bare = (list: unknown): unknown => listOf(list).map((container) => omit(container, "image"))
  const { activeDeadlineSeconds: _, tolerations: __, schedulingGates: ___, containers, initContainers, ...rest } = spec
  return { ...rest, containers: bare(containers), initContainers: bare(initContainers) }
}
