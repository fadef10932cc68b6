// Where a Pod runs, and what its host knows of names.
import { address } from "../address.ts"
import { all, between, each, fields, given, named, needed, oneOf, positive, without } from "../rule.ts"
import { labelSelector } from "../selector.ts"
import { labelValue, qualifiedName } from "../terms.ts"
import { isSet, listOf, mapOf, type Rule, textOf, type Walk } from "../walk.ts"
import { labelValueFaults } from "../../write/names.ts"

const nodeExpression =
  (values: Rule): Rule =>
  (value, walk) => {
    const { key, operator, values: list } = mapOf(value)
    const count = listOf(list).length
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) walk.required("values", "must be specified when `operator` is 'In' or 'NotIn'")
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) walk.forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    } else if (operator === "Gt" || operator === "Lt") {
      if (count !== 1) walk.required("values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    } else walk.invalid("operator", textOf(operator), "not a valid selector operator")
    walk.at("key", key, qualifiedName)
    walk.at("values", list, values)
  }

const nodeField: Rule = (value, walk) => {
  const { key, operator, values } = mapOf(value)
  if (operator !== "In" && operator !== "NotIn")
    walk.invalid("operator", textOf(operator), "not a valid selector operator")
  else if (listOf(values).length !== 1)
    walk.required("values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
  if (key === "metadata.name") walk.at("values", values, each(named("subdomain")))
  else walk.invalid("key", textOf(key), "not a valid field selector key")
}

const nodeTerm = (values: Rule): Rule =>
  fields({ matchExpressions: each(nodeExpression(values)), matchFields: each(nodeField) })
const strictTerm = nodeTerm(each(labelValue))
const looseTerm = nodeTerm(() => {})

/** Terms that select nodes; at least one. */
export const nodeSelector: Rule = (value, walk) => {
  const terms = listOf(mapOf(value)["nodeSelectorTerms"])
  if (terms.length === 0) walk.required("nodeSelectorTerms", "must have at least one node selector term")
  else walk.at("nodeSelectorTerms", terms, each(strictTerm))
}

const hard = "requiredDuringSchedulingIgnoredDuringExecution"
const soft = "preferredDuringSchedulingIgnoredDuringExecution"
const weight = between(1, 100, "must be in the range 1-100")

const nodeAffinity = fields({
  [hard]: given(nodeSelector),
  [soft]: each(fields({ weight, preference: looseTerm })),
})

/** Keys of labels that a Pod's own values are put in for; they go with a selector only. */
function labelKeys(field: string, { keys, selector }: LabelKeys, walk: Walk): void {
  if (keys.length === 0) return
  if (!isSet(selector)) return walk.forbidden(field, "must not be specified when labelSelector is not set")
  walk.at(field, keys, each(qualifiedName))
}

interface LabelKeys {
  readonly keys: readonly unknown[]
  readonly selector: unknown
}

const matchKeys: Rule = (value, walk) => {
  const { matchLabelKeys, mismatchLabelKeys, labelSelector: selector } = mapOf(value)
  const [match, mismatch] = [listOf(matchLabelKeys), listOf(mismatchLabelKeys)]
  labelKeys("matchLabelKeys", { keys: match, selector }, walk)
  labelKeys("mismatchLabelKeys", { keys: mismatch, selector }, walk)
  const seen = new Set<unknown>(Object.keys(mapOf(mapOf(selector)["matchLabels"])))
  for (const item of match.length === 0 ? [] : listOf(mapOf(selector)["matchExpressions"])) {
    const { key } = mapOf(item)
    const index = match.indexOf(key)
    if (index >= 0 && seen.has(key)) walk.invalid(index, key, "exists in both matchLabelKeys and labelSelector")
    seen.add(key)
  }
  for (const [index, key] of match.entries())
    if (mismatch.includes(key))
      walk.invalid(`matchLabelKeys[${index}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys")
}

const podTerm: Rule = all(
  fields({
    labelSelector,
    namespaceSelector: labelSelector,
    // The server tells the names of namespaces as if there were one.
    namespaces: () => {},
  }),
  (value, walk) => {
    for (const name of listOf(mapOf(value)["namespaces"])) walk.at("namespace", name, named("label"))
    matchKeys(value, walk)
  },
  fields({ topologyKey: all(needed(undefined, "can not be empty"), qualifiedName) }),
)

const podAffinity = fields({ [hard]: each(podTerm), [soft]: each(fields({ weight, podAffinityTerm: podTerm })) })

/** What nodes and what neighbours a Pod likes. */
export const affinity: Rule = fields({
  nodeAffinity: given(nodeAffinity),
  podAffinity: given(podAffinity),
  podAntiAffinity: given(podAffinity),
})

const inclusion = given(oneOf("Honor", "Ignore"))

/** How Pods are spread over the parts of a cluster. */
export const topologySpread: Rule = (value, walk) => {
  const constraints = listOf(value)
  for (const [index, item] of constraints.entries()) {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, ...rest } = mapOf(item)
    const [key, action] = [textOf(topologyKey), textOf(whenUnsatisfiable)]
    const again = constraints.slice(index + 1).some((other) => {
      const { topologyKey: otherKey, whenUnsatisfiable: otherAction } = mapOf(other)
      return textOf(otherKey) === key && textOf(otherAction) === action
    })
    walk.at(index, item, () => {
      walk.at("maxSkew", maxSkew, positive)
      if (key === "") walk.required("topologyKey", "can not be empty")
      walk.at("whenUnsatisfiable", action, oneOf("DoNotSchedule", "ScheduleAnyway"))
      if (again) walk.duplicate("{topologyKey, whenUnsatisfiable}", `{${key}, ${action}}`)
      if (isSet(minDomains)) {
        walk.at("minDomains", minDomains, positive)
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
        if (action !== "DoNotSchedule") walk.invalid("minDomains", minDomains, why)
      }
      walk.at("nodeAffinityPolicy", rest["nodeAffinityPolicy"], inclusion)
      walk.at("nodeTaintsPolicy", rest["nodeTaintsPolicy"], inclusion)
      matchKeys(item, walk)
      walk.at("labelSelector", rest["labelSelector"], labelSelector)
    })
  }
}

const effect = oneOf("NoSchedule", "PreferNoSchedule", "NoExecute")

/** What taints of nodes a Pod bears. */
export const tolerations: Rule = each((value, walk) => {
  const { key, operator, value: text, effect: own, tolerationSeconds } = mapOf(value)
  if (textOf(key) !== "") walk.at("key", key, qualifiedName)
  else if (operator !== "Exists") {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    walk.invalid("operator", textOf(operator), why)
  }
  if (isSet(tolerationSeconds) && own !== "NoExecute")
    walk.invalid("effect", textOf(own), "effect must be 'NoExecute' when `tolerationSeconds` is set")
  if (operator === "Equal" || textOf(operator) === "") {
    const faults = labelValueFaults(textOf(text))
    if (faults.length > 0) walk.invalid("operator", textOf(text), faults.join(";"))
  } else if (operator === "Exists") {
    if (textOf(text) !== "") walk.invalid("operator", text, "value must be empty when `operator` is 'Exists'")
  } else {
    const isComparison = operator === "Lt" || operator === "Gt"
    walk.unsupported("operator", operator, ["Equal", "Exists", ...(isComparison ? ["Lt", "Gt"] : [])])
  }
  if (textOf(own) !== "") walk.at("effect", own, effect)
})

const withUnderscores = /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:\._?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/
const searchFormat = String.raw`a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')`

const searchDomain = without((name) => [
  ...(name.length > 253 ? ["must be no more than 253 characters"] : []),
  ...(withUnderscores.test(name.slice(0, 1024)) ? [] : [searchFormat]),
])

/** The resolver's settings; `policy` is the Pod's `dnsPolicy`. */
export const dnsConfig =
  (policy: unknown): Rule =>
  (value, walk) => {
    const { nameservers, searches, options } = mapOf(value)
    const [servers, domains] = [listOf(nameservers), listOf(searches)]
    if (policy === "None") {
      if (!isSet(value)) return walk.required("", "must provide `dnsConfig` when `dnsPolicy` is None")
      if (servers.length === 0)
        return walk.required("nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")
    }
    if (servers.length > 3) walk.invalid("nameservers", servers, "must not have more than 3 nameservers")
    walk.at("nameservers", servers, each(address()))
    if (domains.length > 32) walk.invalid("searches", domains, "must not have more than 32 search paths")
    if (domains.join(" ").length > 2048)
      walk.invalid("searches", domains, "must not have more than 2048 characters (including spaces) in the search list")
    for (const [index, domain] of domains.entries())
      if (domain !== ".") walk.at(`searches[${index}]`, textOf(domain).replace(/\.$/, ""), searchDomain)
    for (const [index, option] of listOf(options).entries())
      if (textOf(mapOf(option)["name"]) === "") walk.required(`options[${index}]`, "must not be empty")
  }

/** Lines of a Pod's hosts file. */
export const hostAliases: Rule = each(fields({ ip: address(), hostnames: each(named("subdomain")) }))

/** Conditions that a Pod waits for before it is ready. */
export const readinessGates: Rule = each(fields({ conditionType: qualifiedName }))

/** What a Pod waits for before it is scheduled. */
export const schedulingGates: Rule = (value, walk) => {
  const seen = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    const name = textOf(mapOf(item)["name"])
    walk.at(index, name, qualifiedName)
    if (seen.has(name)) walk.duplicate(index, name)
    seen.add(name)
  }
}

/** A class of priority, by name and by what it may push away. */
export const preemptionPolicy: Rule = given(needed(oneOf("PreemptLowerPriority", "Never")))
