import { all, each, fields, needed, onCreate, onUpdate } from "../rule.ts"
import { isSet, listOf, mapOf, type Rule, textOf } from "../walk.ts"
import { ownSpec } from "./spec.ts"
import { podAnnotations } from "./template.ts"
import { podUpdate } from "./update.ts"

const firstSpec: Rule = (value, walk) => {
  const { ephemeralContainers, nodeName, schedulingGates } = mapOf(value)
  if (listOf(ephemeralContainers).length > 0) walk.forbidden("ephemeralContainers", "cannot be set on create")
  if (textOf(nodeName) !== "" && listOf(schedulingGates).length > 0)
    walk.forbidden("nodeName", "cannot be set until all schedulingGates have been cleared")
}

const fixedNotes = /^(?:container\.apparmor\.security\.beta\.kubernetes\.io\/|kubernetes\.io\/config\.mirror$)/

/** Annotations that say how the Pod was made stay. */
const notes: Rule = (value, walk) => {
  const [now, before] = [mapOf(value), walk.before].map((pod) => mapOf(mapOf(mapOf(pod)["metadata"])["annotations"]))
  for (const key of new Set([...Object.keys(before!), ...Object.keys(now!)])) {
    if (!fixedNotes.test(key) || now![key] === before![key]) continue
    const what = key.startsWith("container.") ? "AppArmor annotations" : "mirror pod annotation"
    const how = isSet(before![key]) ? "may not remove or update" : "may not add"
    walk.forbidden(`metadata.annotations[${key}]`, `${how} ${what}`)
  }
}

const annotations: Rule = (value, walk) => walk.at("metadata.annotations", value, podAnnotations)

/** Templates may leave the reference of an image to their Pods. */
const images: Rule = each((value, walk) => {
  const { image } = mapOf(value)
  if (isSet(image)) walk.at("image.reference", mapOf(image)["reference"], needed())
})

/** Pods. */
export const pod: Rule = all(
  annotations,
  fields({ spec: ownSpec, "spec.volumes": images }),
  onCreate(fields({ spec: firstSpec })),
  onUpdate(all(notes, annotations, fields({ spec: podUpdate }))),
)
