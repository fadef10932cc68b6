import { parseQuantity } from "@gitops-toolkit/kube"
import { nameRules } from "../write/names.ts"
import { labelSelector } from "./selector.ts"
import {
  at,
  forbidden,
  invalid,
  isSet,
  items,
  named,
  numberOf,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

/** What is wrong with the metrics of an autoscaler beside their types, and with its behaviour. */
export function autoscalerDetails(spec: Spot): void {
  reference(at(spec, "scaleTargetRef"))
  const version = at(spec, "scaleTargetRef.apiVersion")
  if (textOf(version).split("/").length === 1) invalid(version, "apiVersion must specify API group", textOf(version))
  for (const metric of items(at(spec, "metrics"))) source(metric)
  for (const name of ["scaleUp", "scaleDown"]) {
    const rules = at(spec, `behavior.${name}`)
    if (isSet(rules)) scaling(rules)
  }
}

/** A name that is a part of a path; `why` is told when it is empty. */
function segment(spot: Spot, why?: string): void {
  const text = textOf(spot)
  if (text === "") {
    if (why !== undefined) required(spot, why)
  } else for (const fault of nameRules.path(text, false)) invalid(spot, fault)
}

function reference(spot: Spot): void {
  segment(at(spot, "kind"))
  segment(at(spot, "name"))
  const version = at(spot, "apiVersion")
  if (textOf(version).split("/").length > 2) invalid(version, `unexpected GroupVersion string: ${textOf(version)}`)
}

const resourceTypes = ["resource", "containerResource"]

function source(metric: Spot): void {
  const type = textOf(at(metric, "type"))
  if (type === "") required(at(metric, "type"), "must specify a metric source type")
  const present = ["object", "external", "pods", "resource", "containerResource"].filter((name) =>
    isSet(at(metric, name)),
  )
  const [name] = present
  if (name !== undefined) {
    const place = at(metric, name)
    if (resourceTypes.includes(name)) resource(place, name)
    else measured(place, name)
  }
  if (present.length > 1) {
    const expected = type.charAt(0).toLowerCase() + type.slice(1)
    for (const other of present.filter((each) => each !== expected))
      forbidden(at(metric, other), "must populate the given metric source only")
  }
}

function resource(place: Spot, kind: string): void {
  if (textOf(at(place, "name")) === "") required(at(place, "name"), "must specify a resource name")
  if (kind === "containerResource") {
    const container = at(place, "container")
    if (textOf(container) === "") required(container, "must specify a container")
    else named(container, "label")
  }
  const target = at(place, "target")
  metricTarget(target)
  const [share, amount] = [isSet(at(target, "averageUtilization")), isSet(at(target, "averageValue"))]
  if (!share && !amount)
    required(at(target, "averageUtilization"), "must set either a target raw value or a target utilization")
  if (share && amount)
    forbidden(at(target, "averageValue"), "may not set both a target raw value and a target utilization")
}

const needs: { readonly [kind: string]: string } = {
  object: "must set either a target value or averageValue",
  external: "must set either a target value for metric or a per-pod target",
  pods: "must specify a positive target averageValue",
}

function measured(place: Spot, kind: string): void {
  if (kind === "object") {
    const about = at(place, "describedObject")
    for (const name of ["kind", "name"]) if (textOf(at(about, name)) === "") required(at(about, name))
    reference(about)
  }
  segment(at(place, "metric.name"), "must specify a metric name")
  labelSelector(at(place, "metric.selector"))
  const target = at(place, "target")
  metricTarget(target)
  const [value, average] = [isSet(at(target, "value")), isSet(at(target, "averageValue"))]
  if (!average && (kind === "pods" || !value)) required(at(target, "averageValue"), needs[kind]!)
  if (kind === "external" && value && average)
    forbidden(at(target, "value"), "may not set both a target value for metric and a per-pod target")
}

const targets = ["Utilization", "Value", "AverageValue"]

function metricTarget(target: Spot): void {
  const type = at(target, "type")
  if (textOf(type) === "") required(type, "must specify a metric target type")
  if (!targets.includes(textOf(type))) invalid(type, "must be either Utilization, Value, or AverageValue", textOf(type))
  for (const name of ["value", "averageValue"]) {
    const amount = at(target, name)
    const { value } = amount
    if (typeof value === "string" && parseQuantity(value).nanos <= 0n) invalid(amount, "must be positive")
  }
  const share = at(target, "averageUtilization")
  if ((numberOf(share) ?? 1) < 1) invalid(share, "must be greater than 0")
}

const selects = ["Disabled", "Max", "Min"]
const policyTypes = ["Percent", "Pods"]

function scaling(rules: Spot): void {
  const window = at(rules, "stabilizationWindowSeconds")
  const seconds = numberOf(window) ?? 0
  if (seconds < 0) invalid(window, "must be greater than or equal to zero")
  if (seconds > 3600) invalid(window, "must be less than or equal to 3600")
  const select = at(rules, "selectPolicy")
  if (isSet(select) && !selects.includes(textOf(select))) unsupported(select, selects)
  const policies = at(rules, "policies")
  if (items(policies).length === 0) required(policies, "must specify at least one Policy")
  for (const policy of items(policies)) {
    const type = at(policy, "type")
    if (!policyTypes.includes(textOf(type))) unsupported({ ...type, value: textOf(type) }, policyTypes)
    for (const name of ["value", "periodSeconds"]) {
      const place = at(policy, name)
      const value = numberOf(place) ?? 0
      if (value <= 0) invalid(place, "must be greater than zero", value)
    }
    const period = at(policy, "periodSeconds")
    if ((numberOf(period) ?? 0) > 1800) invalid(period, "must be less than or equal to 1800")
  }
}
