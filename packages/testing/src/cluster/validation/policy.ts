// PodDisruptionBudgets, PriorityClasses, RuntimeClasses, and what Namespaces end with.
import { internal } from "./internal.ts"
import { containerResource, resourceAmount } from "./pod/resources.ts"
import { preemptionPolicy, tolerations } from "./pod/scheduling.ts"
import { all, each, fields, frozen, given, named, needed, onCreate, oneOf, onUpdate } from "./rule.ts"
import { labelSelector } from "./selector.ts"
import { atMostAll, countOrPercent, labels, qualifiedName } from "./terms.ts"
import { isSet, listOf, mapOf, numberOf, type Rule, textOf, valueAt } from "./walk.ts"

const share = given(all(countOrPercent, atMostAll))

/** PodDisruptionBudgets. */
export const budget: Rule = fields({
  spec: all(
    (value, walk) => {
      const { minAvailable, maxUnavailable } = mapOf(value)
      const shown = (): unknown => internal("policy/v1.PodDisruptionBudgetSpec", value)
      if (isSet(minAvailable) && isSet(maxUnavailable))
        walk.invalid("", shown(), "minAvailable and maxUnavailable cannot be both set")
    },
    fields({
      minAvailable: share,
      maxUnavailable: share,
      selector: labelSelector,
      unhealthyPodEvictionPolicy: given(oneOf("AlwaysAllow", "IfHealthyBudget")),
    }),
  ),
})

/** Classes of the system, with the value that each has. */
const system: { readonly [name: string]: number } = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
}
const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:"

const priority: Rule = (value, walk) => {
  const { value: given, globalDefault } = mapOf(value)
  const name = textOf(valueAt(value, "metadata.name"))
  const known = Object.hasOwn(system, name) ? system[name] : undefined
  if (!name.startsWith("system-")) {
    if (numberOf(given) > 1_000_000_000)
      walk.forbidden("value", "maximum allowed value of a user defined priority is 1000000000")
  } else if (known === undefined)
    walk.forbidden("metadata.name", `${reserved} ${name} is not a known system priority class`)
  else if (numberOf(given) !== known)
    walk.forbidden("metadata.name", `${reserved} value of ${name} PriorityClass must be ${known}`)
  else if (globalDefault === true)
    walk.forbidden("metadata.name", `${reserved} globalDefault of ${name} PriorityClass must be false`)
}

/** PriorityClasses. */
export const priorityClass: Rule = all(
  onCreate(all(priority, fields({ preemptionPolicy }))),
  onUpdate((value, walk) => {
    if (numberOf(mapOf(value)["value"]) !== numberOf(walk.before?.["value"]))
      walk.forbidden("value", "may not be changed in an update.")
  }),
  frozen("preemptionPolicy"),
)

const overhead: Rule = (value, walk) => {
  for (const [name, amount] of Object.entries(mapOf(value)))
    walk.at(`limits[${name}]`, amount, () => {
      containerResource(name, walk)
      resourceAmount(name)(amount, walk)
    })
}

/** A toleration stands once: what it tolerates counts, not for how long. */
const distinct: Rule = (value, walk) => {
  const seen = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    const { key, operator, value: text, effect } = mapOf(item)
    const id = JSON.stringify([key, operator, text, effect].map((part) => textOf(part)))
    if (seen.has(id)) walk.duplicate(index, internal("core/v1.Toleration", item))
    seen.add(id)
  }
}

/** RuntimeClasses. */
export const runtimeClass: Rule = all(
  fields({
    handler: needed(named("label")),
    overhead: given((value, walk) => overhead(mapOf(value)["podFixed"], walk)),
    scheduling: given(fields({ nodeSelector: labels, tolerations: all(tolerations, distinct) })),
  }),
  frozen("handler", { empty: "" }),
)

const finalizer: Rule = (value, walk) => {
  const name = textOf(value)
  qualifiedName(name, walk)
  if (!name.includes("/") && !["kubernetes", "orphan", "foregroundDeletion"].includes(name))
    walk.invalid("", name, "name is neither a standard finalizer name nor is it fully qualified")
}

/** Namespaces; the finalizers of a spec are told at their list. */
export const namespace: Rule = fields({
  "spec.finalizers": (value, walk) => {
    for (const item of listOf(value)) finalizer(item, walk)
  },
})

/** What a write to `/finalize` is checked for. */
export const finalizedNamespace: Rule = fields({ "spec.finalizers": each(finalizer) })
