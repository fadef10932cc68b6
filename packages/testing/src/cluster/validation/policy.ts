import { equalJson } from "@gitops-toolkit/kube"
import { qualifiedNameFaults } from "../write/names.ts"
import { labelSelector } from "./selector.ts"
import {
  at,
  duplicate,
  entry,
  forbidden,
  invalid,
  isSet,
  items,
  mapOf,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

const limitTypes = ["Container", "PersistentVolumeClaim", "Pod"]
const standard: ReadonlySet<string> = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "storage",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "persistentvolumeclaims",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
])
const inContainers: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"])

const general = "must be a standard resource type or fully qualified"

/** A resource's name; `known` are those without a prefix that the place takes, `text` says so. */
function resourceName(
  spot: Spot,
  name: string,
  { known, text }: { readonly known: ReadonlySet<string>; readonly text: string },
): void {
  const faults = qualifiedNameFaults(name)
  for (const fault of faults) invalid(spot, fault, name)
  if (faults.length > 0 || name.includes("/") || /^(?:requests\.)?hugepages-/.test(name)) return
  if (!standard.has(name)) invalid(spot, general, name)
  if (!known.has(name) && text !== general) invalid(spot, text, name)
}

/** Types and resources of a LimitRange. */
export function limitDetails(limits: Spot): void {
  const seen = new Set<string>()
  for (const limit of items(limits)) {
    const type = at(limit, "type")
    limitType(type)
    if (seen.has(textOf(type))) duplicate(type, textOf(type))
    seen.add(textOf(type))
    const isPod = textOf(type) === "Pod"
    const ofContainers = isPod || textOf(type) === "Container"
    const known = ofContainers ? inContainers : standard
    const text = ofContainers ? "must be a standard resource for containers" : general
    for (const name of ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]) {
      const amounts = at(limit, name)
      const keys = Object.keys(mapOf(amounts))
      if (isPod && name.startsWith("default")) {
        if (keys.length > 0) forbidden(amounts, "may not be specified when `type` is 'Pod'")
      } else for (const key of keys) resourceName(entry(amounts, key), key, { known, text })
    }
    const hasBound = isSet(at(limit, "min.storage")) || isSet(at(limit, "max.storage"))
    if (textOf(type) === "PersistentVolumeClaim" && !hasBound)
      required(at(limit, "limits"), "either minimum or maximum storage value is required, but neither was provided")
  }
}

function limitType(type: Spot): void {
  const faults = qualifiedNameFaults(textOf(type))
  for (const fault of faults) invalid(type, fault, textOf(type))
  if (faults.length === 0 && !textOf(type).includes("/") && !limitTypes.includes(textOf(type)))
    invalid(type, "must be a standard limit type or fully qualified")
}

const scopes: ReadonlySet<string> = new Set([
  "Terminating",
  "NotTerminating",
  "BestEffort",
  "NotBestEffort",
  "PriorityClass",
  "CrossNamespacePodAffinity",
  "VolumeAttributesClass",
])
const existing = [...scopes].filter((scope) => !["PriorityClass", "VolumeAttributesClass"].includes(scope))
const existsOnly =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
const ofPods = /^(?:pods|(?:(?:requests|limits)\.)?(?:cpu|memory))$/

/** True when pods of the scope use the resource. */
function isCounted(scope: string, name: string): boolean {
  if (scope === "BestEffort") return name === "pods"
  if (["Terminating", "NotTerminating", "NotBestEffort", "PriorityClass"].includes(scope)) return ofPods.test(name)
  if (scope === "CrossNamespacePodAffinity") return ofPods.test(name)
  return true
}

/** Resources and scopes of a ResourceQuota. */
export function quotaSpec(spec: Spot, before: unknown): void {
  const hard = at(spec, "hard")
  const names = Object.keys(mapOf(hard)).toSorted()
  for (const name of names)
    resourceName(entry(hard, name), name, { known: standard, text: "must be a standard resource for quota" })
  const list = at(spec, "scopes")
  const all = items(list).map((scope) => textOf(scope))
  for (const scope of all) {
    if (!scopes.has(scope)) invalid(list, "unsupported scope")
    for (const name of names)
      if (standard.has(name) && !isCounted(scope, name)) invalid(list, "unsupported scope applied to resource")
  }
  conflicts(list, all)
  if (isSet(at(spec, "scopeSelector"))) scopeSelector(at(spec, "scopeSelector"), { names, list })
  const old = (before as { readonly scopes?: readonly string[] } | undefined)?.scopes ?? []
  if (before !== undefined && !equalJson([...new Set(old)].toSorted(), [...new Set(all)].toSorted()))
    invalid(list, "field is immutable")
}

function conflicts(list: Spot, all: readonly string[]): void {
  for (const scope of ["BestEffort", "Terminating"])
    if (all.includes(scope) && all.includes(`Not${scope}`)) invalid(list, "conflicting scopes")
}

function scopeSelector(
  selector: Spot,
  { names, list }: { readonly names: readonly string[]; readonly list: Spot },
): void {
  const place = at(selector, "matchExpressions")
  const seen: string[] = []
  for (const expression of items(place)) {
    const scope = textOf(at(expression, "scopeName"))
    const operator = textOf(at(expression, "operator"))
    const values = at(expression, "values")
    if (!scopes.has(scope)) invalid(at(place, "scopeName"), "unsupported scope", scope)
    for (const name of names)
      if (standard.has(name) && !isCounted(scope, name))
        invalid(place, "unsupported scope applied to resource", printed(selector))
    if (existing.includes(scope) && operator !== "Exists") invalid(at(place, "operator"), existsOnly, operator)
    if (operator === "In" || operator === "NotIn") {
      if (items(values).length === 0)
        required(
          at(place, "values"),
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        )
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (items(values).length > 0)
        invalid(
          at(place, "values"),
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          values.value,
        )
    } else invalid(at(place, "operator"), "not a valid selector operator", operator)
    seen.push(scope)
  }
  conflicts(list, seen)
}

function printed(selector: Spot): unknown {
  const expressions = items(at(selector, "matchExpressions")).map((expression) => ({
    ScopeName: textOf(at(expression, "scopeName")),
    Operator: textOf(at(expression, "operator")),
    Values: at(expression, "values").value ?? null,
  }))
  return { MatchExpressions: expressions }
}

/** What no update of a PriorityClass may change. */
export function priorityUpdate(spot: Spot, before: unknown): void {
  if (before === undefined) return
  const old = before as { readonly value?: unknown; readonly preemptionPolicy?: unknown }
  if (!equalJson(at(spot, "value").value ?? 0, old.value ?? 0))
    forbidden(at(spot, "value"), "may not be changed in an update.")
  const policy = at(spot, "preemptionPolicy")
  if (!equalJson(policy.value ?? null, old.preemptionPolicy ?? null)) invalid(policy, "field is immutable")
}

/** The finalizers of a Namespace's spec. */
export function namespaceFinalizers(list: Spot): void {
  for (const { value } of items(list)) {
    const name = typeof value === "string" ? value : ""
    for (const fault of qualifiedNameFaults(name)) invalid(list, fault, name)
    if (!name.includes("/") && name !== "kubernetes")
      invalid(list, "name is neither a standard finalizer name nor is it fully qualified", name)
  }
}

/** What ClusterRoles a ClusterRole sums up. */
export function aggregation(spot: Spot): void {
  if (!isSet(spot)) return
  const selectors = at(spot, "clusterRoleSelectors")
  if (items(selectors).length === 0)
    required(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil")
  for (const selector of items(selectors)) labelSelector(selector)
}

const percent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
const evictions = ["AlwaysAllow", "IfHealthyBudget"]

/** The numbers of a PodDisruptionBudget. */
export function budgetDetails(spec: Spot): void {
  for (const name of ["minAvailable", "maxUnavailable"]) {
    const amount = at(spec, name)
    const { value } = amount
    if (typeof value === "number" && value < 0) invalid(amount, "must be greater than or equal to 0")
    if (typeof value !== "string") continue
    if (!/^[0-9]+%$/.test(value)) invalid(amount, percent)
    else if (Number(value.slice(0, -1)) > 100) invalid(amount, "must not be greater than 100%")
  }
  const policy = at(spec, "unhealthyPodEvictionPolicy")
  if (isSet(policy) && !evictions.includes(textOf(policy))) unsupported(policy, evictions)
}
