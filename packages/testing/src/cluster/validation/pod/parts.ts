import { equalJson } from "@gitops-toolkit/kube"
import { internalDiff } from "../internal.ts"
import { qosClass } from "../../kinds/pod.ts"
import { all, fields } from "../rule.ts"
import { isSet, listOf, mapOf, type Members, type Rule, textOf, type Walk } from "../walk.ts"
import { ownSpec } from "./spec.ts"

interface Change {
  readonly next: Members
  readonly before: Members
}

const changeOf = (value: unknown, walk: Walk): Change => ({
  next: mapOf(value),
  before: mapOf(mapOf(walk.before)["spec"]),
})

/** Containers for debugging are added, and stay as they are. */
const keptDebuggers: Rule = (value, walk) => {
  const { next, before } = changeOf(value, walk)
  const now = new Map(listOf(next["ephemeralContainers"]).map((each) => [textOf(mapOf(each)["name"]), each]))
  for (const old of listOf(before["ephemeralContainers"])) {
    const name = textOf(mapOf(old)["name"])
    const what = `existing ephemeral containers ${JSON.stringify(name)} may not be`
    if (!now.has(name)) walk.forbidden("ephemeralContainers", `${what} removed\n`)
    else if (!equalJson(now.get(name), old)) {
      const diff = internalDiff("core/v1.EphemeralContainer", mapOf(old), mapOf(now.get(name)))
      walk.forbidden("ephemeralContainers", `${what} changed\n${diff}`)
    }
  }
}

/** What an update of `ephemeralcontainers` keeps to. */
export const podDebugging: Rule = all(fields({ spec: ownSpec }), fields({ spec: keptDebuggers }))

/** The same containers in the same order; false when they are not. */
function sameContainers(list: string, { next, before }: Change, walk: Walk): boolean {
  const [now, old] = [listOf(next[list]), listOf(before[list])]
  if (now.length !== old.length) {
    walk.forbidden(list, `${list} may not be added or removed on resize`)
    return false
  }
  const moved = [...old.keys()].filter((at) => mapOf(now[at])["name"] !== mapOf(old[at])["name"])
  for (const at of moved) walk.forbidden(`${list}[${at}].name`, `${list} may not be renamed or reordered on resize`)
  return moved.length === 0
}

const amounts = (container: unknown, kind: string): Members => mapOf(mapOf(mapOf(container)["resources"])[kind])

/** Amounts change, but do not go. */
function keptAmounts(list: string, { next, before }: Change, walk: Walk): void {
  const now = listOf(next[list])
  for (const [at, old] of listOf(before[list]).entries()) {
    for (const kind of ["requests", "limits"]) {
      const gone = Object.keys(amounts(old, kind)).some((name) => !Object.hasOwn(amounts(now[at], kind), name))
      if (gone) walk.forbidden(`${list}[${at}].resources.${kind}`, `resource ${kind} cannot be removed`)
    }
  }
}

/** A container without what may be resized, and without the claims of devices: both are left out of the comparison. */
function fixedPart(container: unknown): Members {
  const { resources: _, ...rest } = mapOf(container)
  const kept = (kind: string): Members => {
    const { cpu: __, memory: ___, ...others } = amounts(container, kind)
    return others
  }
  return { ...rest, limits: kept("limits"), requests: kept("requests") }
}

const resize: Rule = (value, walk) => {
  const change = changeOf(value, walk)
  const { next, before } = change
  if (qosClass(next) !== qosClass(before)) {
    const was = mapOf(mapOf(walk.before)["status"])["qosClass"]
    walk.invalid("", textOf(was), "Pod QOS Class may not change as a result of resizing")
  }
  const states = listOf(mapOf(mapOf(walk.before)["status"])["containerStatuses"])
  const running = states.find((state) => isSet(mapOf(mapOf(state)["state"])["running"]))
  if (running && !isSet(mapOf(running)["resources"]))
    walk.forbidden("", "Pod running on node without support for resize")
  const [regular, initial] = [
    sameContainers("containers", change, walk),
    sameContainers("initContainers", change, walk),
  ]
  if (!regular || !initial) return
  keptAmounts("initContainers", change, walk)
  keptAmounts("containers", change, walk)
  const isSame = (list: string, at: number): boolean =>
    equalJson(fixedPart(listOf(next[list])[at]), fixedPart(listOf(before[list])[at]))
  for (const at of listOf(next["containers"]).keys())
    if (!isSame("containers", at)) walk.forbidden("", "only cpu and memory resources are mutable")
  const why = "only cpu and memory resources for init or sidecar containers are mutable"
  for (const at of listOf(next["initContainers"]).keys())
    if (!isSame("initContainers", at)) walk.forbidden(`initContainers[${at}]`, why)
}

/** What an update of `resize` keeps to. */
export const podResize: Rule = all(fields({ spec: ownSpec }), fields({ spec: resize }))
