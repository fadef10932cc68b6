import { compareQuantities, parseQuantity } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { invalid, listOf, mapOf, type Members, notNegative } from "./causes.ts"
import type { Rule } from "./workloads.ts"

/** Leases. */
export const leaseRules: Rule = (object) => {
  const spec = mapOf(object.spec)
  const seconds = spec["leaseDurationSeconds"]
  const causes: Cause[] = []
  if (seconds !== undefined && Number(seconds) <= 0)
    causes.push(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
  return [...causes, ...notNegative("spec.leaseTransitions", spec["leaseTransitions"])]
}

function above(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && compareQuantities(parseQuantity(a), parseQuantity(b)) > 0
}

const bounds: readonly (readonly [low: string, high: string, text: string])[] = [
  ["min", "max", "max value"],
  ["min", "defaultRequest", "default request value"],
  ["min", "default", "default value"],
]

function limitCauses(limit: Members, field: string): Cause[] {
  const of = (name: string): Members => mapOf(limit[name])
  const names = [...new Set(["min", "max", "default", "defaultRequest"].flatMap((name) => Object.keys(of(name))))]
  return names.flatMap((name) =>
    bounds.flatMap(([low, high, text]) => {
      const min = of(low)[name]
      const other = of(high)[name]
      if (!above(min, other)) return []
      const at = high === "max" ? `${field}.min[${name}]` : `${field}.${high}[${name}]`
      return [
        invalid(
          at,
          high === "defaultRequest" ? other : min,
          `min value ${String(min)} is greater than ${text} ${String(other)}`,
        ),
      ]
    }),
  )
}

/** LimitRanges. */
export const limitRangeRules: Rule = (object) =>
  listOf(mapOf(object.spec)["limits"]).flatMap((limit, index) => limitCauses(limit, `spec.limits[${index}]`))
