import type { KubeObject, ManagedFieldsEntry } from "@gitops-toolkit/kube"
import { pointerSteps, removePointers, valueAtSteps, type Pointer } from "./pointer.ts"
import { compileSelector, type ObjectSelector } from "./selector.ts"

/** Fields that others look after: left out of every comparison, and never changed in a live object. */
export interface IgnoreRule {
  readonly paths: readonly Pointer[]
  /** Absent: every object. */
  readonly target?: ObjectSelector
}

/** The pointers to ignore in one object. */
export type IgnoredPointers = (object: KubeObject) => readonly Pointer[]

/** Compiles the rules once for many objects. Throws `SyntaxError` for paths and `InvalidPattern` for targets. */
export function compileIgnoreRules(rules: readonly IgnoreRule[]): IgnoredPointers {
  const compiled = rules.map(({ paths, target }) => {
    for (const path of paths) pointerSteps(path)
    return { paths, matches: compileSelector(target) }
  })
  if (compiled.length === 0) return () => []
  return (object) => compiled.flatMap(({ paths, matches }) => (matches(object) ? paths : []))
}

/**
 * The desired object as it may be sent over `live`: what the pointers lead to is left out, so that nobody's value
 * there is touched. A value that is ours alone in `live` is kept at its live state instead, since leaving it out would
 * remove it.
 */
export function withoutIgnored(
  desired: KubeObject,
  pointers: readonly Pointer[],
  { live, fieldManager }: { readonly live: KubeObject | undefined; readonly fieldManager: string },
): KubeObject {
  if (live === undefined || pointers.length === 0) return desired
  return pointers.reduce((object, pointer) => {
    const steps = pointerSteps(pointer)
    if (valueAtSteps(object, steps) === undefined) return object
    const current = valueAtSteps(live, steps)
    const isOthers = (live.metadata.managedFields ?? []).some(
      (entry) => entry.manager !== fieldManager && entry.operation === "Apply" && ownsField(entry, live, steps),
    )
    if (current === undefined || isOthers) return removePointers(object, [pointer])
    return replaceAt(object, steps, current) as KubeObject
  }, desired)
}

/** The field set without what the pointers lead to, so that a recorded state does not speak of it. */
export function fieldsWithoutIgnored(
  fields: NonNullable<ManagedFieldsEntry["fieldsV1"]>,
  object: KubeObject,
  pointers: readonly Pointer[],
): NonNullable<ManagedFieldsEntry["fieldsV1"]> {
  return pointers.reduce((kept, pointer) => {
    const path = fieldPath(object, pointerSteps(pointer), fields)
    return path === undefined ? kept : (removeField(kept, path) as typeof kept)
  }, fields)
}

type JsonMap = { readonly [field: string]: unknown }

function ownsField(entry: ManagedFieldsEntry, object: KubeObject, steps: readonly string[]): boolean {
  const path = fieldPath(object, steps, entry.fieldsV1)
  let fields: unknown = entry.fieldsV1
  for (const step of path ?? []) {
    if (!isMap(fields) || !Object.hasOwn(fields, step)) return false
    fields = fields[step]
    if (isMap(fields) && Object.keys(fields).length === 0) return true
  }
  return path !== undefined
}

/** The steps of a pointer in the notation of field sets; list items by the keys that `fields` knows them by. */
function fieldPath(object: unknown, steps: readonly string[], fields?: unknown): readonly string[] | undefined {
  const path: string[] = []
  let value = object
  let known = fields
  for (const step of steps) {
    if (Array.isArray(value)) {
      value = (value as readonly unknown[])[Number(step)]
      const item = itemKey(value, known)
      path.push(item ?? `i:${step}`)
    } else {
      value = isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined
      path.push(`f:${step}`)
    }
    known = isMap(known) ? known[path.at(-1) ?? ""] : undefined
  }
  return path
}

function itemKey(item: unknown, fields: unknown): string | undefined {
  if (!isMap(item) || !isMap(fields)) return undefined
  return Object.keys(fields).find((key) => {
    if (!key.startsWith("k:")) return false
    const keys = JSON.parse(key.slice(2)) as JsonMap
    return Object.keys(keys).every((name) => item[name] === keys[name])
  })
}

function removeField(fields: JsonMap, path: readonly string[]): JsonMap {
  const [step, ...rest] = path
  if (step === undefined || !Object.hasOwn(fields, step)) return fields
  if (rest.length === 0) return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== step))
  const below = fields[step]
  if (!isMap(below)) return fields
  const kept = removeField(below, rest)
  // An empty map would stand for the whole value.
  if (Object.keys(kept).length === 0) return removeField(fields, [step])
  return { ...fields, [step]: kept }
}

function replaceAt(value: unknown, steps: readonly string[], next: unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return next
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === step ? replaceAt(item, rest, next) : item))
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === step ? replaceAt(item, rest, next) : item]),
  )
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
