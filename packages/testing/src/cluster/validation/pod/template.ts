import { all, fields } from "../rule.ts"
import { annotations, labels } from "../terms.ts"
import { listOf, mapOf, type Rule, textOf } from "../walk.ts"
import { podSpec } from "./spec.ts"

const seccompKeys =
  /^(?:seccomp\.security\.alpha\.kubernetes\.io\/pod$|container\.seccomp\.security\.alpha\.kubernetes\.io\/)/
const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/"
const deletionCost = "controller.kubernetes.io/pod-deletion-cost"

function isInteger32(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,9})$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647
}

/** Annotations that mean something to Pods, of a Pod or a template. */
export const podAnnotations: Rule = (value, walk) => {
  const { metadata, spec } = mapOf(value)
  const notes = mapOf(mapOf(metadata)["annotations"])
  const { nodeName, containers, initContainers } = mapOf(spec)
  const mirror = notes["kubernetes.io/config.mirror"]
  if (mirror !== undefined && textOf(nodeName) === "")
    walk.invalid("[kubernetes.io/config.mirror]", mirror, "must set spec.nodeName if mirror pod annotation is set")
  const cost = notes[deletionCost]
  if (cost !== undefined && !isInteger32(textOf(cost)))
    walk.invalid(`[${deletionCost}]`, cost, "must be a 32bit integer")
  for (const key of Object.keys(notes)) {
    const text = textOf(notes[key])
    if (seccompKeys.test(key) && !/^(?:runtime\/default|docker\/default|unconfined|localhost\/.*)$/.test(text))
      walk.invalid(key, text, "must be a valid seccomp profile")
    if (!key.startsWith(appArmorPrefix)) continue
    const name = key.slice(appArmorPrefix.length)
    const all = [...listOf(containers), ...listOf(initContainers)].map((container) => mapOf(container)["name"])
    if (!all.includes(name)) walk.invalid(`[${key}]`, name, "container not found")
    if (text !== "" && text !== "runtime/default" && text !== "unconfined" && !text.startsWith("localhost/"))
      walk.invalid(`[${key}]`, text, `invalid AppArmor profile name: ${JSON.stringify(text)}`)
  }
}

const spec = podSpec({ isPod: false })

/** Labels and annotations of a template: the server tells them as if there were no `metadata`. */
const templateMetadata: Rule = (value, walk) => {
  const { labels: marks, annotations: notes } = mapOf(mapOf(value)["metadata"])
  walk.at("labels", marks, labels)
  walk.at("annotations", notes, annotations)
  walk.at("annotations", value, podAnnotations)
}

const noEphemeral: Rule = (value, walk) => {
  if (listOf(mapOf(mapOf(value)["spec"])["ephemeralContainers"]).length > 0)
    walk.forbidden("spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
}

/** A template of Pods. */
export const podTemplate: Rule = all(templateMetadata, fields({ spec }), noEphemeral)

export { templateMetadata }
