import { at, entry, forbidden, invalid, items, labelKey, labels, mapOf, required, textOf, type Spot } from "./spot.ts"
import { labelValueFaults } from "../write/names.ts"

/** A LabelSelector: its labels and its expressions. */
export function labelSelector(spot: Spot): void {
  labels(at(spot, "matchLabels"))
  for (const expression of items(at(spot, "matchExpressions"))) {
    const values = at(expression, "values")
    const operator = textOf(at(expression, "operator"))
    const count = items(values).length
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) required(values, "must be specified when `operator` is 'In' or 'NotIn'")
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    } else invalid(at(expression, "operator"), "not a valid selector operator", operator)
    labelKey(at(expression, "key"))
    for (const value of items(values)) for (const fault of labelValueFaults(textOf(value))) invalid(value, fault)
  }
}

/** The entries of a spot's map, each at its own place. */
export function entriesOf(spot: Spot): Spot[] {
  return Object.keys(mapOf(spot)).map((key) => entry(spot, key))
}
