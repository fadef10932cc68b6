import { labels, labelValue, qualifiedName } from "./terms.ts"
import { each } from "./rule.ts"
import { isMap, listOf, mapOf, type Members, type Rule, textOf } from "./walk.ts"

/** One expression of a label selector. */
const expression: Rule = (value, walk) => {
  const { key, operator, values } = mapOf(value)
  const count = listOf(values).length
  if (operator === "In" || operator === "NotIn") {
    if (count === 0) walk.required("values", "must be specified when `operator` is 'In' or 'NotIn'")
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (count > 0) walk.forbidden("values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
  } else walk.invalid("operator", textOf(operator), "not a valid selector operator")
  walk.at("key", key, qualifiedName)
  walk.at("values", values, labelValues)
}

const labelValues = each(labelValue)
const expressions = each(expression)

/** A LabelSelector: its labels and its expressions. */
export const labelSelector: Rule = (value, walk) => {
  if (!isMap(value)) return
  walk.at("matchLabels", value["matchLabels"], labels)
  walk.at("matchExpressions", value["matchExpressions"], expressions)
}

/** True for a selector that names nothing, and so selects everything. */
export const isEmptySelector = (selector: Members): boolean =>
  Object.keys(mapOf(selector["matchLabels"])).length + listOf(selector["matchExpressions"]).length === 0

/** Whether a selector selects labels, none when there is no selector; undefined when it cannot be read. */
export function selects(selector: unknown, given: Members): boolean | undefined {
  if (!isMap(selector)) return false
  const own = (key: string): unknown => (Object.hasOwn(given, key) ? given[key] : undefined)
  let found = true
  for (const item of listOf(selector["matchExpressions"])) {
    const { key, operator, values } = mapOf(item)
    const list = listOf(values)
    const value = own(textOf(key))
    if (operator === "In" || operator === "NotIn") {
      if (list.length === 0) return undefined
      found &&= (value !== undefined && list.includes(value)) === (operator === "In")
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (list.length > 0) return undefined
      found &&= (value !== undefined) === (operator === "Exists")
    } else return undefined
  }
  const wanted = mapOf(selector["matchLabels"])
  return found && Object.keys(wanted).every((key) => own(key) === wanted[key])
}
