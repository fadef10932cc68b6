import { compareBytes, equalJson, printJson } from "@gitops-toolkit/kube"

/** One changed field. */
export interface FieldChange {
  readonly op: "add" | "replace" | "remove"
  /** A JSON pointer (RFC 6901); `-` at its end: appended to the list. */
  readonly path: string
  /** The value before; absent for `add`. */
  readonly before?: unknown
  /** The value after; absent for `remove`. */
  readonly after?: unknown
}

/** A JSON map. */
export type JsonMap = { readonly [field: string]: unknown }

/** Where the compared values are, and how their changes are told. */
export interface CompareOptions {
  /** The pointer to both values. */
  readonly path: string
  /** True: changes inside a map or list are told as one `replace` of it where that is shorter as JSON. Default false. */
  readonly join?: boolean
}

/**
 * What changes from `before` to `after`, so that the changes carried out one by one, as JSON patch does, lead from one
 * to the other. Keys in bytewise order; lists place by place: what is too much goes first, what is new comes last.
 */
export function compareValues(before: unknown, after: unknown, { path, join = false }: CompareOptions): FieldChange[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ op: "add", path, after }]
  if (after === undefined) return [{ op: "remove", path, before }]
  if (equalJson(before, after)) return []
  const changes = changesInside(before, after, { path, join })
  const whole: FieldChange = { op: "replace", path, before, after }
  if (changes === undefined) return [whole]
  return join && lengthOf(changes) > lengthOf([whole]) - 2 ? [whole] : changes
}

function changesInside(before: unknown, after: unknown, options: CompareOptions): FieldChange[] | undefined {
  if (isMap(before) && isMap(after)) return compareMaps(before, after, options)
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, options)
  return undefined
}

function compareMaps(before: JsonMap, after: JsonMap, { path, join }: CompareOptions): FieldChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted(compareBytes)
  return keys.flatMap((key) => {
    const place = { path: `${path}/${escapePointer(key)}`, join: join ?? false }
    return compareValues(ownValue(before, key), ownValue(after, key), place)
  })
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  { path, join }: CompareOptions,
): FieldChange[] {
  const shared = Math.min(before.length, after.length)
  const removed = before
    .slice(shared)
    .map((item): FieldChange => ({ op: "remove", path: `${path}/${shared}`, before: item }))
  const changed = before
    .slice(0, shared)
    .flatMap((item, index) => compareValues(item, after[index], { path: `${path}/${index}`, join: join ?? false }))
  const added = after.slice(shared).map((item): FieldChange => ({ op: "add", path: `${path}/-`, after: item }))
  return [...removed, ...changed, ...added]
}

// The length as a JSON patch: the values before are not part of it.
function lengthOf(changes: readonly FieldChange[]): number {
  return printJson(changes.map(({ op, path, after }) => (op === "remove" ? { op, path } : { op, path, value: after })))
    .length
}

function ownValue(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1")
}

/** True for a JSON map: no list, no null. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
