import type { Cause } from "../answer.ts"
import { labelValueFaults, nameRules, qualifiedNameFaults } from "../write/names.ts"

/** A place in an object while it is validated: its value, its path, and the list that faults go to. */
export interface Spot {
  readonly value: unknown
  /** In the server's notation: `spec.containers[0].name`. */
  readonly field: string
  readonly causes: Cause[]
}

type Map = { readonly [name: string]: unknown }

/** The value of a spot as a map; empty when it is none. */
export const mapOf = (spot: Spot): Map =>
  typeof spot.value === "object" && spot.value !== null && !Array.isArray(spot.value) ? (spot.value as Map) : {}

/** The value of a spot as a text; empty when it is none. */
export const textOf = (spot: Spot): string => (typeof spot.value === "string" ? spot.value : "")

/** The value of a spot as a number; undefined when it is none. */
export const numberOf = (spot: Spot): number | undefined =>
  typeof spot.value === "number" || typeof spot.value === "bigint" ? Number(spot.value) : undefined

/** True when there is a value. */
export const isSet = ({ value }: Spot): boolean => value !== undefined && value !== null

/** The place of a member, by a dotted path. */
export function at(spot: Spot, path: string): Spot {
  let value: unknown = spot.value
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Map)[name] : undefined
  }
  return { value, field: spot.field === "" ? path : `${spot.field}.${path}`, causes: spot.causes }
}

/** The place of a map's entry: `data[key]`. */
export const entry = (spot: Spot, key: string): Spot => ({
  value: mapOf(spot)[key],
  field: `${spot.field}[${key}]`,
  causes: spot.causes,
})

/** The places of a list's items. */
export function items(spot: Spot): Spot[] {
  const list: readonly unknown[] = Array.isArray(spot.value) ? spot.value : []
  return list.map((value, index) => ({ value, field: `${spot.field}[${index}]`, causes: spot.causes }))
}

const quote = (value: unknown): string =>
  value === undefined
    ? "null"
    : JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner))

function add(spot: Spot, reason: string, message: string): void {
  spot.causes.push({ reason: `FieldValue${reason}`, message, field: spot.field })
}

/** Something must be there. */
export const required = (spot: Spot, why = ""): void => add(spot, "Required", `Required value${why && `: ${why}`}`)

/** The value is wrong; `shown` when the message shows another value than the spot's. */
export const invalid = (spot: Spot, why: string, shown: unknown = spot.value): void =>
  add(spot, "Invalid", `Invalid value: ${quote(shown)}: ${why}`)

/** Must not be there, or not change. */
export const forbidden = (spot: Spot, why: string): void => add(spot, "Forbidden", `Forbidden: ${why}`)

/** None of the values that are known. */
export const unsupported = (spot: Spot, known: readonly string[]): void =>
  add(spot, "NotSupported", `Unsupported value: ${quote(spot.value)}: supported values: ${known.map(quote).join(", ")}`)

/** There already. */
export const duplicate = (spot: Spot, shown: unknown = spot.value): void =>
  add(spot, "Duplicate", `Duplicate value: ${quote(shown)}`)

/** Names something that is not there. */
export const notFound = (spot: Spot): void => add(spot, "NotFound", `Not found: ${quote(spot.value)}`)

/** Not set, or within the bounds. */
export function between(spot: Spot, low: number, high: number): void {
  const value = numberOf(spot)
  if (value !== undefined && (value < low || value > high)) {
    invalid(spot, `must be between ${low} and ${high}, inclusive`)
  }
}

/** One of the values, where there is one. */
export function oneOf(spot: Spot, known: readonly string[]): void {
  if (isSet(spot) && !known.includes(textOf(spot))) unsupported(spot, known)
}

/** A name by a rule of `names.ts`. */
export function named(spot: Spot, rule: keyof typeof nameRules): void {
  for (const fault of nameRules[rule](textOf(spot), false)) invalid(spot, fault)
}

/** A map of labels: faults are told at the map. */
export function labels(spot: Spot): void {
  for (const [key, value] of Object.entries(mapOf(spot))) {
    for (const fault of qualifiedNameFaults(key)) invalid(spot, fault, key)
    for (const fault of labelValueFaults(String(value))) invalid(spot, fault, value)
  }
}

/** A label's key. */
export function labelKey(spot: Spot): void {
  for (const fault of qualifiedNameFaults(textOf(spot))) invalid(spot, fault)
}

/** Items with a member that must be unique. */
export function unique(spots: readonly Spot[], member: string): void {
  const seen = new Set<unknown>()
  for (const spot of spots) {
    const place = at(spot, member)
    if (isSet(place) && seen.has(place.value)) duplicate(place)
    seen.add(place.value)
  }
}
