import { labelSelectorCauses } from "../kinds/rules/selector.ts"
import { entry, mapOf, type Spot } from "./spot.ts"

/** A LabelSelector: its labels and its expressions. */
export function labelSelector(spot: Spot): void {
  spot.causes.push(...labelSelectorCauses(spot.value, spot.field))
}

/** The entries of a spot's map, each at its own place. */
export function entriesOf(spot: Spot): Spot[] {
  return Object.keys(mapOf(spot)).map((key) => entry(spot, key))
}
