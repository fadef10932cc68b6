/** A part of an object while its defaults are filled in. */
export type Part = { readonly [name: string]: unknown }

/** Fills in one part of an object; returns the same value when nothing is missing. */
export type Filler = (part: Part) => Part

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null && !Array.isArray(value)

/** The value of a part's member when it is a map, else an empty map. */
export const partOf = (part: Part, name: string): Part => {
  const value = part[name]
  return isPart(value) ? value : {}
}

/** True when the member is there (null counts as absent: the server reads it as a nil pointer). */
export const has = (part: Part, name: string): boolean => part[name] !== undefined && part[name] !== null

/** `part` with those of `values` that it lacks. */
export function fill(part: Part, values: Part): Part {
  const missing = Object.entries(values).filter(([name, value]) => value !== undefined && !has(part, name))
  return missing.length === 0 ? part : { ...part, ...Object.fromEntries(missing) }
}

/** A filler that adds constants. */
export const fills =
  (values: Part): Filler =>
  (part) =>
    fill(part, values)

/** A filler that runs one after the other. */
export const all =
  (...fillers: readonly Filler[]): Filler =>
  (part) =>
    fillers.reduce((value, filler) => filler(value), part)

/** A filler for the member `name`, where that is a map. */
export const within =
  (name: string, filler: Filler): Filler =>
  (part) => {
    const value = part[name]
    if (!isPart(value)) return part
    const filled = filler(value)
    return filled === value ? part : { ...part, [name]: filled }
  }

/** A filler for a path of members, where all of them are maps. */
export const at = (path: string, filler: Filler): Filler =>
  path.split(".").reduceRight((inner, name) => within(name, inner), filler)

/** A filler for the member `name` that is made when it is absent. */
export const ensured =
  (name: string, filler: Filler): Filler =>
  (part) =>
    within(name, filler)(fill(part, { [name]: {} }))

/** A filler for every item of the list `name`. */
export const each =
  (name: string, filler: Filler): Filler =>
  (part) => {
    const list = part[name]
    if (!Array.isArray(list)) return part
    const filled = list.map((item: unknown) => (isPart(item) ? filler(item) : item))
    return filled.every((item, index) => item === list[index]) ? part : { ...part, [name]: filled }
  }

/** A filler that applies only to parts that fit. */
export const when =
  (fits: (part: Part) => boolean, filler: Filler): Filler =>
  (part) =>
    fits(part) ? filler(part) : part
