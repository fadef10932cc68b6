// LimitRanges and ResourceQuotas.
import { equalJson } from "@gitops-toolkit/kube"
import { internal } from "./internal.ts"
import { containerResource, isElastic, isQuotaResource, resourceAmount, resourceName } from "./pod/resources.ts"
import { all, fields, given, onUpdate } from "./rule.ts"
import { compareAmounts, qualifiedName, quantity } from "./terms.ts"
import { isSet, listOf, mapOf, type Members, type Rule, textOf, valueAt, type Walk } from "./walk.ts"

const limitTypes: readonly string[] = ["Pod", "Container", "PersistentVolumeClaim"]

const limitType: Rule = (value, walk) => {
  const type = textOf(value)
  const before = walk.causes.length
  qualifiedName(type, walk)
  if (walk.causes.length === before && !type.includes("/") && !limitTypes.includes(type))
    walk.invalid("", type, "must be a standard limit type or fully qualified")
}

type Bound = "min" | "max" | "default" | "defaultRequest"

/** Which bound must not be above which, where that is told, and with what value. */
const orders: readonly (readonly [low: Bound, high: Bound, at: Bound, shown: Bound, text: string])[] = [
  ["min", "max", "min", "min", "min value A is greater than max value B"],
  ["min", "defaultRequest", "defaultRequest", "defaultRequest", "min value A is greater than default request value B"],
  ["defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value A is greater than max value B"],
  [
    ...(["defaultRequest", "default", "defaultRequest", "defaultRequest"] as const),
    "default request value A is greater than default limit value B",
  ],
  ["min", "default", "default", "min", "min value A is greater than default value B"],
  ["default", "max", "default", "max", "default value A is greater than max value B"],
]

/** The bounds of one resource beside each other. */
function bounds(limit: Members, name: string, walk: Walk): void {
  const of = (bound: string): unknown => mapOf(limit[bound])[name]
  ordered(of, name, walk)
  ratioInBounds(of, name, walk)
  const [most, request] = [of("default"), of("defaultRequest")]
  if (isElastic(name) || !isSet(most) || !isSet(request) || compareAmounts(most, request) === 0) return
  const told = `default value ${textOf(most)} must equal to defaultRequest value ${textOf(request)} in ${name}`
  walk.invalid(`defaultRequest[${name}]`, request, told)
}

type Bounds = (bound: string) => unknown

function ordered(of: Bounds, name: string, walk: Walk): void {
  for (const [low, high, at, shown, text] of orders) {
    const [a, b] = [of(low), of(high)]
    if (!isSet(a) || !isSet(b) || compareAmounts(a, b) <= 0) continue
    walk.invalid(`${at}[${name}]`, of(shown), text.replace("A", textOf(a)).replace("B", textOf(b)))
  }
}

/** How far a limit may be above a request, beside how far it can be. */
function ratioInBounds(of: Bounds, name: string, walk: Walk): void {
  const ratio = of("maxLimitRequestRatio")
  const field = `maxLimitRequestRatio[${name}]`
  if (!isSet(ratio)) return
  if (compareAmounts(ratio, "1") < 0) walk.invalid(field, ratio, `ratio ${textOf(ratio)} is less than 1`)
  const [min, max] = [of("min"), of("max")]
  if (!isSet(min) || !isSet(max)) return
  const most = Number(quantity(max).nanos) / Number(quantity(min).nanos)
  if (Number(quantity(ratio).nanos) / 1e9 > most)
    walk.invalid(field, ratio, `ratio ${textOf(ratio)} is greater than max/min = ${most.toFixed(6)}`)
}

const limit: Rule = (value, walk) => {
  const map = mapOf(value)
  const { type } = map
  const name = type === "Pod" || type === "Container" ? containerResource : resourceName
  const keys = new Set<string>()
  const amounts = (field: string): void => {
    for (const key of Object.keys(mapOf(map[field]))) {
      walk.at(`${field}[${key}]`, key, name)
      keys.add(key)
    }
  }
  amounts("max")
  amounts("min")
  for (const field of ["default", "defaultRequest"]) {
    if (type !== "Pod") amounts(field)
    else if (Object.keys(mapOf(map[field])).length > 0)
      walk.forbidden(field, "may not be specified when `type` is 'Pod'")
  }
  if (type === "PersistentVolumeClaim" && !isSet(valueAt(map, "min.storage")) && !isSet(valueAt(map, "max.storage")))
    walk.required("limits", "either minimum or maximum storage value is required, but neither was provided")
  amounts("maxLimitRequestRatio")
  for (const key of keys) bounds(map, key, walk)
}

const limitList: Rule = (value, walk) => {
  const seen = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    const type = textOf(mapOf(item)["type"])
    walk.at(index, item, () => {
      walk.at("type", type, limitType)
      if (seen.has(type)) walk.duplicate("type", type)
      limit(item, walk)
    })
    seen.add(type)
  }
}

/** LimitRanges. */
export const limitRange: Rule = fields({ "spec.limits": limitList })

const hard: Rule = (value, walk) => {
  for (const [name, amount] of Object.entries(mapOf(value))) {
    walk.at(`[${name}]`, amount, () => {
      resourceName(name, walk)
      if (!name.includes("/") && !isQuotaResource(name)) walk.invalid("", name, "must be a standard resource for quota")
      resourceAmount(name)(amount, walk)
    })
  }
}

const ofPods = /^(?:pods|(?:(?:requests|limits)\.)?(?:cpu|memory))$/

/** Scopes, with the resources that each can limit. */
const scopes: { readonly [scope: string]: RegExp } = {
  Terminating: ofPods,
  NotTerminating: ofPods,
  BestEffort: /^pods$/,
  NotBestEffort: ofPods,
  PriorityClass: ofPods,
  CrossNamespacePodAffinity: ofPods,
  VolumeAttributesClass: /^(?:persistentvolumeclaims|requests\.storage)$/,
}
const existing = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"]
const existsOnly =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

const isCounted = (scope: string, name: string): boolean =>
  !isQuotaResource(name) || !Object.hasOwn(scopes, scope) || scopes[scope]!.test(name)

/** Pods cannot be both of a pair. The server shows the list of scopes, also for those of a selector. */
function conflicts(all: readonly string[], list: unknown, walk: Walk): void {
  for (const scope of ["BestEffort", "Terminating"])
    if (all.includes(scope) && all.includes(`Not${scope}`)) walk.invalid("", list, "conflicting scopes")
}

const scopeList =
  (names: readonly string[]): Rule =>
  (value, walk) => {
    const all = listOf(value).map((scope) => textOf(scope))
    for (const scope of all) {
      if (!Object.hasOwn(scopes, scope)) walk.invalid("", value, "unsupported scope")
      for (const name of names)
        if (!isCounted(scope, name)) walk.invalid("", value, "unsupported scope applied to resource")
    }
    conflicts(all, value, walk)
  }

/** The expressions of a selector of scopes: all is told at their list. */
const scopeSelector =
  (names: readonly string[], list: unknown): Rule =>
  (value, walk) => {
    const expressions = listOf(mapOf(value)["matchExpressions"]).map((each) => mapOf(each))
    const shown = (): unknown => internal("core/v1.ScopeSelector", value)
    walk.at("matchExpressions", expressions, () => {
      for (const { scopeName, operator, values } of expressions) {
        const scope = textOf(scopeName)
        if (!Object.hasOwn(scopes, scope)) walk.invalid("scopeName", scope, "unsupported scope")
        for (const name of names)
          if (!isCounted(scope, name)) walk.invalid("", shown(), "unsupported scope applied to resource")
        if (existing.includes(scope) && operator !== "Exists") walk.invalid("operator", textOf(operator), existsOnly)
        scopeOperator(textOf(operator), values, walk)
      }
      conflicts(
        expressions.map(({ scopeName }) => textOf(scopeName)),
        list,
        walk,
      )
    })
  }

function scopeOperator(operator: string, values: unknown, walk: Walk): void {
  const count = listOf(values).length
  if (operator === "In" || operator === "NotIn") {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    if (count === 0) walk.required("values", why)
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    if (count > 0) walk.invalid("values", values, why)
  } else walk.invalid("operator", operator, "not a valid selector operator")
}

const quotaSpec: Rule = (value, walk) => {
  const { hard: amounts, scopes: list, scopeSelector: selector } = mapOf(value)
  const names = Object.keys(mapOf(amounts)).toSorted()
  walk.at("hard", amounts, hard)
  walk.at("scopes", list, scopeList(names))
  walk.at("scopeSelector", selector, given(scopeSelector(names, list)))
}

const sameScopes: Rule = onUpdate((value, walk) => {
  const [now, before] = [value, walk.before].map((each) => valueAt(each, "spec.scopes"))
  const set = (list: unknown): unknown[] => [...new Set(listOf(list).map((each) => textOf(each)))].toSorted()
  if (!equalJson(set(now), set(before))) walk.invalid("spec.scopes", now, "field is immutable")
})

/** ResourceQuotas. */
export const quota: Rule = all(fields({ spec: quotaSpec }), sameScopes)

/** The amounts in a ResourceQuota's status. */
export const quotaStatus: Rule = fields({ "status.hard": hard, "status.used": hard })
