import type { Cause } from "../answer.ts"

/** What must hold of a value. It tells faults to the walk, which knows where the value is. */
export type Rule = (value: unknown, walk: Walk) => void

/** A member's name, an item's index, `[key]` for the entry of a map, or `""` for the place itself; dots go deeper. */
export type Field = string | number

/** A JSON map. */
export type Members = { readonly [name: string]: unknown }

/** A walk through one object: it knows the place, keeps the faults, and what the object was before an update. */
export interface Walk {
  /** The faults so far, in the order in which the server tells them. */
  readonly causes: readonly Cause[]
  /** The object before the update; undefined while it is created. */
  readonly before: Members | undefined
  /** Follows `rule` at a field. */
  at(field: Field, value: unknown, rule: Rule): void
  /** `Required value: why`. */
  required(field: Field, why?: string): void
  /** `Invalid value: value: why`; a value that is not there is told as null. */
  invalid(field: Field, value: unknown, why: string): void
  /** `Forbidden: why`. */
  forbidden(field: Field, why: string): void
  /** `Unsupported value: value: supported values: …`. */
  unsupported(field: Field, value: unknown, known: readonly string[]): void
  /** `Duplicate value: value`. */
  duplicate(field: Field, value: unknown): void
  /** `Not found: value: why`. */
  notFound(field: Field, value: unknown, why?: string): void
  /** `Too long: …`. */
  tooLong(field: Field, bytes: number): void
  /** `Too many: …`. */
  tooMany(field: Field, count: number, limit: number): void
  /** `Invalid value: why`, without the value. */
  wrong(field: Field, why: string): void
}

type Path = (string | number)[]

function printed(path: Path, last: Field): string {
  let text = ""
  for (const part of last === "" ? path : [...path, last]) {
    if (typeof part === "number") text += `[${part}]`
    else text += text === "" || part.startsWith("[") ? part : `.${part}`
  }
  return text
}

/** A value in Go's words: texts are quoted, what is not there is null, structures are JSON with HTML's marks escaped. */
export function shown(value: unknown): string {
  if (typeof value === "bigint") return String(value)
  const text = JSON.stringify(value ?? null, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner))
  if (typeof value !== "object") return text
  return text.replaceAll(/[<>&]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`)
}

const detail = (why: string): string => (why === "" ? "" : `: ${why}`)

/** A walk that is at the root of an object. */
export function createWalk(before?: unknown): Walk {
  const path: Path = []
  const causes: Cause[] = []
  const tell = (reason: string, field: Field, message: string): void => {
    causes.push({ reason: `FieldValue${reason}`, message, field: printed(path, field) })
  }
  return {
    causes,
    before: isMap(before) ? before : undefined,
    at(field, value, rule) {
      if (field === "") return rule(value, this)
      path.push(field)
      rule(value, this)
      path.pop()
    },
    required: (field, why = "") => tell("Required", field, `Required value${detail(why)}`),
    invalid: (field, value, why) => tell("Invalid", field, `Invalid value: ${shown(value)}${detail(why)}`),
    forbidden: (field, why) => tell("Forbidden", field, `Forbidden: ${why}`),
    unsupported: (field, value, known) => {
      const list = known.map((each) => JSON.stringify(each)).join(", ")
      tell("NotSupported", field, `Unsupported value: ${shown(value)}: supported values: ${list}`)
    },
    duplicate: (field, value) => tell("Duplicate", field, `Duplicate value: ${shown(value)}`),
    notFound: (field, value, why = "") => tell("NotFound", field, `Not found: ${shown(value)}${detail(why)}`),
    tooLong: (field, bytes) => tell("TooLong", field, `Too long: may not be more than ${bytes} bytes`),
    tooMany: (field, count, limit) => tell("TooMany", field, `Too many: ${count}: must have at most ${limit} items`),
    wrong: (field, why) => tell("Invalid", field, `Invalid value: ${why}`),
  }
}

/** True for a JSON map. */
export function isMap(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const none: Members = Object.freeze(Object.create(null) as Members)
const nothing: readonly unknown[] = Object.freeze([])

/** The value as a map; empty when it is none. */
export const mapOf = (value: unknown): Members => (isMap(value) ? value : none)

/** The value as a list; empty when it is none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : nothing)

/** The value as a list of maps; what is none is an empty one. */
export const mapsOf = (value: unknown): readonly Members[] => listOf(value).map((item) => mapOf(item))

/** The value as a text; empty when it is none, as Go has it. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** The value as a number; 0 when it is none, as Go has it. */
export const numberOf = (value: unknown): number =>
  typeof value === "number" || typeof value === "bigint" ? Number(value) : 0

/** True when there is a value. */
export const isSet = (value: unknown): boolean => value !== undefined && value !== null

/** The value at the end of a dotted path. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value
  for (const name of path.split(".")) at = mapOf(at)[name]
  return at
}
