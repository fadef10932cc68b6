import { equalJson } from "@gitops-toolkit/kube"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "../walk.ts"
import { internalDiff } from "../internal.ts"
import { tolerations } from "./scheduling.ts"

const mutable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",")

/** An update keeps the containers, but for their images; false when it does not even keep their number. */
function images(field: string, { next, before }: Change, walk: Walk): boolean {
  const [list, old] = [listOf(next[field]), listOf(before[field])]
  if (list.length !== old.length) {
    walk.forbidden(field, "pod updates may not add or remove containers")
    return false
  }
  for (const [index, container] of list.entries()) {
    const image = textOf(mapOf(container)["image"])
    if (image === "") walk.required(`${field}[${index}].image`)
    if (image.trim() !== image)
      walk.invalid(`${field}[${index}].image`, image, "must not have leading or trailing whitespace")
  }
  return true
}

interface Change {
  readonly next: Members
  readonly before: Members
}

/** A deadline comes nearer or stays; false when nothing further is told. */
function deadline({ next, before }: Change, walk: Walk): boolean {
  const field = "activeDeadlineSeconds"
  const [now, old] = [next[field], before[field]]
  if (!isSet(now)) {
    if (isSet(old)) walk.invalid(field, null, "must not update from a positive integer to nil value")
    return true
  }
  const seconds = numberOf(now)
  if (seconds < 0 || seconds > 2_147_483_647) walk.invalid(field, now, "must be between 0 and 2147483647, inclusive")
  else if (isSet(old) && numberOf(old) < seconds)
    walk.invalid(field, now, "must be less than or equal to previous value")
  else return true
  return false
}

const withoutSeconds = (toleration: unknown): Members => {
  const { tolerationSeconds: _, ...rest } = mapOf(toleration)
  return rest
}

function moreTolerations({ next, before }: Change, walk: Walk): void {
  const now = listOf(next["tolerations"])
  const stays = (old: unknown): boolean => now.some((each) => equalJson(withoutSeconds(each), withoutSeconds(old)))
  if (!listOf(before["tolerations"]).every(stays))
    walk.forbidden("tolerations", "existing toleration can not be modified except its tolerationSeconds")
  else walk.at("tolerations", now, tolerations)
}

function fewerGates({ next, before }: Change, walk: Walk): void {
  const old = listOf(before["schedulingGates"]).map((gate) => mapOf(gate)["name"])
  for (const [index, gate] of listOf(next["schedulingGates"]).entries()) {
    const { name } = mapOf(gate)
    const why = `only deletion is allowed, but found new scheduling gate '${textOf(name)}'`
    if (!old.includes(name)) walk.forbidden(`schedulingGates[${index}].name`, why)
  }
}

/** The new spec with all that may change put back. */
function frozenPart({ next, before }: Change): Members {
  const back = (field: string): readonly unknown[] => {
    const old = listOf(before[field])
    return listOf(next[field]).map((container, index) => ({
      ...mapOf(container),
      image: mapOf(old[index])["image"],
    }))
  }
  const { initContainers, terminationGracePeriodSeconds: grace, ...rest } = next
  const kept: Record<string, unknown> = { ...rest, containers: back("containers") }
  if (isSet(initContainers)) kept["initContainers"] = back("initContainers")
  for (const field of ["activeDeadlineSeconds", "tolerations", "schedulingGates"]) {
    delete kept[field]
    if (isSet(before[field])) kept[field] = before[field]
  }
  const old = before["terminationGracePeriodSeconds"]
  kept["terminationGracePeriodSeconds"] = numberOf(old) < 0 && grace === 1 ? old : grace
  return kept
}

/** What an update of a Pod's spec leaves as it is: everything but images, deadline and more tolerations. */
export const podUpdate: Rule = (value, walk) => {
  const change = { next: mapOf(value), before: mapOf(mapOf(walk.before)["spec"]) }
  if (!images("containers", change, walk) || !images("initContainers", change, walk)) return
  if (!deadline(change, walk)) return
  moreTolerations(change, walk)
  fewerGates(change, walk)
  const next = frozenPart(change)
  if (equalJson(next, change.before)) return
  const diff = internalDiff("core/v1.PodSpec", change.before, next)
  walk.forbidden("", `pod updates may not change fields other than ${mutable}\n${diff}`)
}
