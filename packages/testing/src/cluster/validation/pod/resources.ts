import { qualifiedNameFaults } from "../../write/names.ts"
import { named } from "../rule.ts"
import { compareAmounts, qualifiedName, quantity } from "../terms.ts"
import { isSet, listOf, mapOf, type Rule, textOf, type Walk } from "../walk.ts"
import type { PodContext, PodRule } from "./context.ts"

const standard: ReadonlySet<string> = new Set([
  ...["cpu", "memory", "ephemeral-storage", "storage", "requests.cpu", "requests.memory", "requests.storage"],
  ...["requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods"],
  ...["resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps"],
  ...["services.nodeports", "services.loadbalancers"],
])
const counted: ReadonlySet<string> = new Set([
  ...["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps"],
  ...["persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
])
const inContainers: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"])
const inPods: readonly string[] = ["cpu", "hugepages-", "memory"]
const huge = "hugepages-"

const isHuge = (name: string): boolean => name.startsWith(huge)
const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/")
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith("requests.") && qualifiedNameFaults(`requests.${name}`).length === 0
/** Requests may be less than limits. */
export const isElastic = (name: string): boolean => isNative(name) && !isHuge(name)

/** True for the resources that a quota knows by name. */
export const isQuotaResource = (name: string): boolean =>
  (standard.has(name) && name !== "storage") || isHuge(name) || name.startsWith(`requests.${huge}`)

/** The name of a resource: of the standard ones, or with a prefix. */
export const resourceName: Rule = (value, walk) => {
  const name = textOf(value)
  const before = walk.causes.length
  qualifiedName(name, walk)
  if (walk.causes.length > before || name.includes("/")) return
  if (!standard.has(name) && !isHuge(name) && !name.startsWith(`requests.${huge}`))
    walk.invalid("", name, "must be a standard resource type or fully qualified")
}

/** The name of a resource that a container can have. */
export const containerResource: Rule = (value, walk) => {
  const name = textOf(value)
  if (inContainers.has(name)) return
  resourceName(name, walk)
  if (!name.includes("/")) {
    if (!isHuge(name)) walk.invalid("", name, "must be a standard resource for containers")
  } else if (!isNative(name) && !isExtended(name))
    walk.invalid("", name, "doesn't follow extended resource name standard")
}

/** The name of a resource that a whole Pod can have. */
const podResource: Rule = (value, walk) => {
  const name = textOf(value)
  const before = walk.causes.length
  resourceName(name, walk)
  if (walk.causes.length === before && !inPods.includes(name) && !isHuge(name)) walk.unsupported("", name, inPods)
}

/** An amount of a resource: not negative, and whole where it counts things. */
export function resourceAmount(name: string): Rule {
  return (value, walk) => {
    if (typeof value !== "string") return
    const isCount = counted.has(name) || isExtended(name)
    if (!isCount && !value.startsWith("-")) return
    const { nanos } = quantity(value)
    if (nanos < 0n) walk.invalid("", value, "must be greater than or equal to 0")
    if (isCount && nanos % 1_000_000_000n !== 0n) walk.invalid("", value, "must be an integer")
  }
}

/** Pages of one size come in whole numbers. */
function hugePages(name: string, amount: unknown, walk: Walk): void {
  const size = sizeOf(name.slice(huge.length))
  if (size === undefined || size <= 0n || quantity(amount).nanos % size !== 0n)
    walk.invalid("", amount, `${textOf(amount)} is not positive integer multiple of ${name}`)
}

function sizeOf(text: string): bigint | undefined {
  return /^\d{1,18}(?:[kMGTPE]i?)?$/.test(text) ? quantity(text).nanos : undefined
}

/** Requests and limits: of a container, or with `ofPod` of a whole Pod. */
export function requirements(value: unknown, walk: Walk, pod: PodContext & { readonly ofPod?: boolean }): void {
  const { limits, requests, claims } = mapOf(value)
  const name: Rule = pod.ofPod ? podResource : containerResource
  let [hasHuge, hasCompute] = [false, false]
  const amounts = (list: unknown, field: string): void => {
    const map = mapOf(list)
    for (const key of Object.keys(map)) {
      walk.at(`${field}[${key}]`, map[key], (amount) => {
        name(key, walk)
        resourceAmount(key)(amount, walk)
        if (isHuge(key)) hugePages(key, amount, walk)
      })
      if (field === "requests") requested(key, { amount: map[key], limits }, walk)
      hasHuge ||= isHuge(key)
      hasCompute ||= key === "cpu" || key === "memory"
    }
  }
  if (isSet(limits)) amounts(limits, "limits")
  if (isSet(requests)) amounts(requests, "requests")
  if (hasHuge && !hasCompute) walk.forbidden("", "HugePages require cpu or memory")
  if (isSet(claims)) walk.at("claims", claims, (list) => claimNames(list, walk, pod))
}

interface Requested {
  readonly amount: unknown
  readonly limits: unknown
}

/** A request beside its limit. */
function requested(name: string, { amount, limits }: Requested, walk: Walk): void {
  const limit = mapOf(limits)[name]
  if (!isSet(limit)) {
    if (!isElastic(name)) walk.required("limits", "Limit must be set for non overcommitable resources")
    return
  }
  if (amount === limit) return
  const order = compareAmounts(amount, limit)
  if (order !== 0 && !isElastic(name))
    walk.invalid("requests", amount, `must be equal to ${name} limit of ${textOf(limit)}`)
  else if (order > 0)
    walk.invalid("requests", amount, `must be less than or equal to ${name} limit of ${textOf(limit)}`)
}

const claimNames: PodRule = (list, walk, { claims }) => {
  const seen = new Set<string>()
  for (const [index, item] of listOf(list).entries()) {
    const { name: given, request } = mapOf(item)
    const name = textOf(given)
    if (name === "") {
      walk.required(index)
      continue
    }
    const key = textOf(request) === "" ? name : `${name}/${textOf(request)}`
    if (textOf(request) !== "") walk.at(index, item, () => walk.at("request", request, named("label")))
    const overlaps = textOf(request) === "" && [...seen].some((other) => other.startsWith(`${name}/`))
    if (seen.has(name)) walk.duplicate(index, name)
    else if (seen.has(key)) walk.duplicate(index, key)
    else if (overlaps) walk.duplicate(index, name)
    seen.add(key)
    if (claims.has(name)) continue
    const known =
      claims.size === 0
        ? " which is empty"
        : `: ${[...claims]
            .map((each) => textOf(each))
            .toSorted()
            .join(", ")}`
    walk.notFound(index, name, `must be one of the names in pod.spec.resourceClaims${known}`)
  }
}
