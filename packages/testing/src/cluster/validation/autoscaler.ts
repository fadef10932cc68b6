import { containerResource } from "./pod/resources.ts"
import { all, check, each, fields, given, named, needed, oneOf, positive } from "./rule.ts"
import { quantity } from "./terms.ts"
import { isSet, listOf, mapOf, mapsOf, numberOf, type Rule, textOf } from "./walk.ts"

const replicas: Rule = (value, walk) => {
  const { minReplicas: min, maxReplicas: max } = mapOf(value)
  if (isSet(min) && numberOf(min) < 1) walk.invalid("minReplicas", min, "must be greater than or equal to 1")
  if (numberOf(max) === 0) walk.required("maxReplicas", "must be set and greater than 0")
  else if (numberOf(max) < 0) walk.invalid("maxReplicas", max, "must be greater than or equal to 1")
  if (isSet(min) && numberOf(max) < numberOf(min))
    walk.invalid("maxReplicas", numberOf(max), "must be greater than or equal to `minReplicas`")
}

/** Kind and name are parts of paths; the scaled object's version has a group, that of an object with a metric may not. */
const reference = ({ needsGroup }: { readonly needsGroup: boolean }): Rule =>
  fields({
    kind: needed(named("path")),
    name: needed(named("path")),
    apiVersion: (value, walk) => {
      const version = textOf(value)
      const parts = version.split("/").length
      if (parts > 2) walk.invalid("", version, `unexpected GroupVersion string: ${version}`)
      else if (needsGroup && (parts === 1 || version.startsWith("/")))
        walk.invalid("", version, "apiVersion must specify API group")
    },
  })

const positiveQuantity = given((value, walk) => {
  if (quantity(value).nanos <= 0n) walk.invalid("", value, "must be positive")
})

const target = fields({
  type: all(
    needed(undefined, "must specify a metric target type"),
    check(
      (type) => ["Utilization", "Value", "AverageValue"].includes(type),
      "must be either Utilization, Value, or AverageValue",
    ),
  ),
  value: positiveQuantity,
  averageValue: positiveQuantity,
  averageUtilization: given((value, walk) => {
    if (numberOf(value) < 1) walk.invalid("", value, "must be greater than 0")
  }),
})

const metric = fields({ name: needed(named("path"), "must specify a metric name") })

/** What a metric's target must have, and may not have together. */
const shareOrAmount: Rule = (value, walk) => {
  const { averageUtilization, averageValue } = mapOf(value)
  if (!isSet(averageUtilization) && !isSet(averageValue))
    walk.required("averageUtilization", "must set either a target raw value or a target utilization")
  if (isSet(averageUtilization) && isSet(averageValue))
    walk.forbidden("averageValue", "may not set both a target raw value and a target utilization")
}

const valueOrAverage =
  (why: string): Rule =>
  (value, walk) => {
    const { value: whole, averageValue } = mapOf(value)
    if (!isSet(whole) && !isSet(averageValue)) walk.required("averageValue", why)
  }

const notBoth: Rule = (value, walk) => {
  const { value: whole, averageValue } = mapOf(value)
  if (isSet(whole) && isSet(averageValue))
    walk.forbidden("value", "may not set both a target value for metric and a per-pod target")
}

const resourceName = needed(undefined, "must specify a resource name")

/** Metrics by their member, in the order in which the server looks at them. */
const sources: { readonly [member: string]: Rule } = {
  object: fields({
    describedObject: reference({ needsGroup: false }),
    metric,
    target: all(target, valueOrAverage("must set either a target value or averageValue")),
  }),
  external: fields({
    metric,
    target: all(target, valueOrAverage("must set either a target value for metric or a per-pod target"), notBoth),
  }),
  pods: fields({
    metric,
    target: all(target, (value, walk) => {
      if (!isSet(mapOf(value)["averageValue"]))
        walk.required("averageValue", "must specify a positive target averageValue")
    }),
  }),
  resource: fields({ name: resourceName, target: all(target, shareOrAmount) }),
  containerResource: fields({
    name: needed(containerResource, "must specify a resource name"),
    container: needed(named("label"), "must specify a container"),
    target: all(target, shareOrAmount),
  }),
}
const members = Object.keys(sources)
const types = ["ContainerResource", "External", "Object", "Pods", "Resource"]

const source: Rule = (value, walk) => {
  const map = mapOf(value)
  const type = textOf(map["type"])
  const expected = types.includes(type) ? type.charAt(0).toLowerCase() + type.slice(1) : undefined
  const present = members.filter((member) => isSet(map[member]))
  walk.at("type", type, all(needed(undefined, "must specify a metric source type"), oneOf(...types)))
  const [first] = present
  if (first !== undefined) walk.at(first, map[first], sources[first]!)
  if (expected === undefined) walk.unsupported("type", type, types)
  else if (!isSet(map[expected])) walk.required(expected, "must populate information for the given metric source")
  if (present.length === 1) return
  for (const other of present)
    if (other !== expected) walk.forbidden(other, "must populate the given metric source only")
}

const scaling: Rule = given((value, walk) => {
  const { stabilizationWindowSeconds: window, selectPolicy, policies, tolerance } = mapOf(value)
  if (numberOf(window) < 0) walk.invalid("stabilizationWindowSeconds", window, "must be greater than or equal to zero")
  if (numberOf(window) > 3600) walk.invalid("stabilizationWindowSeconds", window, "must be less than or equal to 3600")
  walk.at("selectPolicy", selectPolicy, given(oneOf("Disabled", "Max", "Min")))
  if (listOf(policies).length === 0) walk.required("policies", "must specify at least one Policy")
  walk.at("policies", policies, scalingPolicies)
  if (isSet(tolerance) && quantity(tolerance).nanos < 0n)
    walk.invalid("tolerance", tolerance, "must be greater than or equal to 0")
})

const scalingPolicies = each(
  fields({
    type: oneOf("Percent", "Pods"),
    value: positive,
    periodSeconds: all(positive, (value, walk) => {
      if (numberOf(value) > 1800) walk.invalid("", value, "must be less than or equal to 1800")
    }),
  }),
)

/** Nothing can be measured of what does not run. */
const toZero: Rule = (value, walk) => {
  const { minReplicas, metrics } = mapOf(value)
  const isOutside = mapsOf(metrics).some(({ type }) => type === "Object" || type === "External")
  if (minReplicas === 0 && !isOutside)
    walk.forbidden("metrics", "must specify at least one Object or External metric to support scaling to zero replicas")
}

/** HorizontalPodAutoscalers. */
export const autoscaler: Rule = fields({
  spec: all(
    replicas,
    fields({
      scaleTargetRef: reference({ needsGroup: true }),
      metrics: each(source),
    }),
    toZero,
    fields({
      behavior: given(fields({ scaleUp: scaling, scaleDown: scaling })),
    }),
  ),
})
