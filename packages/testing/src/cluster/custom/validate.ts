import type { KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../answer.ts"
import type { Resource } from "../resource.ts"
import type { CustomVersion } from "./definition.ts"
import { invalid } from "./check/cause.ts"
import { schemaCauses, structureCauses } from "./check/value.ts"

/** What is wrong with a custom object by its definition. */
export function validateCustom(
  object: KubeObject,
  {
    resource,
    previous,
    subresource,
  }: { readonly resource: Resource; readonly previous?: KubeObject | undefined; readonly subresource: string },
): readonly Cause[] {
  const { schema, scale } = resource.custom!
  // A write to /status is checked from the status on: messages name its fields without it.
  if (subresource === "status") {
    const status = schema?.properties?.["status"]
    const place = { field: "status", name: "", base: "status" }
    const own =
      status && object.status !== undefined
        ? schemaCauses(object.status, status, { place, previous: previous?.status })
        : []
    return [...own, ...scaleStatusCauses(object, scale)]
  }
  return [
    ...(schema ? schemaCauses(object, schema, { place: { field: "", name: "" }, previous }) : []),
    ...(scale ? countCauses(object, scale.specReplicasPath) : []),
    ...scaleStatusCauses(object, scale),
    ...(schema ? structureCauses(object, schema, "") : []),
  ]
}

function scaleStatusCauses(object: KubeObject, scale: CustomVersion["scale"]): Cause[] {
  if (!scale) return []
  const { statusReplicasPath, labelSelectorPath } = scale
  const selector = labelSelectorPath === undefined ? [] : typeCauses(object, labelSelectorPath, "string")
  return [...countCauses(object, statusReplicasPath), ...selector]
}

/** What `/scale` counts is a number that fits in it. */
function countCauses(object: KubeObject, path: string): Cause[] {
  const wrong = typeCauses(object, path, "int64")
  if (wrong.length > 0) return wrong
  const count = (valueAt(object, path) ?? 0) as number | bigint
  if (count < 0) return [invalid(path, count, "should be a non-negative integer")]
  return count > 2_147_483_647 ? [invalid(path, count, "should be less than or equal to 2147483647")] : []
}

function typeCauses(object: KubeObject, path: string, wanted: "int64" | "string"): Cause[] {
  let value: unknown = object
  let at = ""
  const fault = (expected: string): Cause[] => {
    const why = `${at} accessor error: ${goPrinted(value)} is of the type ${goTypeOf(value)}, expected ${expected}`
    return [invalid(path, wanted === "string" ? "" : 0, why)]
  }
  for (const name of namesIn(path)) {
    at += `.${name}`
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fault("map[string]interface{}")
    if (!Object.hasOwn(value, name)) return []
    value = (value as Record<string, unknown>)[name]
  }
  return goTypeOf(value) === wanted ? [] : fault(wanted)
}

const namesIn = (path: string): string[] => path.replace(/^\./, "").split(".")

function valueAt(object: KubeObject, path: string): unknown {
  return namesIn(path).reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object)
}

function goTypeOf(value: unknown): string {
  if (value === null) return "<nil>"
  if (Array.isArray(value)) return "[]interface {}"
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return "int64"
  if (typeof value === "number") return "float64"
  if (typeof value === "boolean") return "bool"
  return typeof value === "string" ? "string" : "map[string]interface {}"
}

/** As Go's `%v` prints lists and maps. */
function goPrinted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goPrinted).join(" ")}]`
  if (value === null) return "<nil>"
  if (typeof value !== "object") return String(value)
  const pairs = Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([name, member]) => `${name}:${goPrinted(member)}`).join(" ")}]`
}
