// What the server forgets of what it is told: fields of features that are off.
import type { KubeObject } from "@gitops-toolkit/kube"
import { listOf, mapOf, type Members } from "../validation/walk.ts"
import { templatePathOf } from "./templates.ts"

/** A copy without the value at a path; the value itself when there is none. `*` stands for each item of a list. */
export function without<Value>(value: Value, [name, ...rest]: readonly string[]): Value {
  if (name === "*") {
    const list = listOf(value)
    const next = list.map((item) => without(item, rest))
    return next.every((item, index) => item === list[index]) ? value : (next as Value)
  }
  const map = mapOf(value)
  if (name === undefined || map[name] === undefined) return value
  if (rest.length === 0) {
    const { [name]: _, ...others } = map
    return others as Value
  }
  const next = without(map[name], rest)
  return next === map[name] ? value : ({ ...map, [name]: next } as Value)
}

const dropped: { readonly [table: string]: readonly (readonly string[])[] } = {
  "leases.coordination.k8s.io": [
    ["spec", "strategy"],
    ["spec", "preferredHolder"],
  ],
  "statefulsets.apps": [["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]],
}

/** Of the spec of Pods, whole containers' hooks when nothing else is left of them. */
const droppedOfPods: readonly (readonly string[])[] = [
  ["volumes", "*", "projected", "sources", "*", "clusterTrustBundle"],
  ...["initContainers", "containers"].map((list) => [list, "*", "lifecycle", "stopSignal"]),
]

const isNeeded = (spec: Members): boolean =>
  listOf(spec["volumes"]).some((volume) => mapOf(volume)["projected"]) ||
  ["initContainers", "containers"].some((list) =>
    listOf(spec[list]).some((container) => mapOf(mapOf(container)["lifecycle"])["stopSignal"]),
  )

/** An object without what the server forgets of it. */
export function withoutDropped(object: KubeObject, table: string): KubeObject {
  let next = object
  if (Object.hasOwn(dropped, table)) for (const path of dropped[table]!) next = without(next, path)
  const template = templatePathOf(table)
  if (!template) return next
  const place = [...template, "spec"]
  let spec: unknown = object
  for (const name of place) spec = mapOf(spec)[name]
  if (!isNeeded(mapOf(spec))) return next
  for (const path of droppedOfPods) next = without(next, [...place, ...path])
  return next
}
