import type { KubeObject, ObjectRef } from "@gitops-toolkit/kube"
import { keyOf, refOf } from "@gitops-toolkit/kube"
import { originAt } from "./origin.ts"
import type { FieldOrigin, Origin } from "./origin.ts"

/** One field that differs. `before` or `after` is absent where the field is. */
export interface FieldDifference {
  /** A JSON pointer: `/spec/replicas`. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
  /** Where both values come from, as far as the builds have origins of fields; of a field that is gone, what removed it. */
  readonly origins?: { readonly before?: FieldOrigin; readonly after?: FieldOrigin }
}

/** What became of one object. */
export interface ObjectDifference {
  readonly ref: ObjectRef
  readonly change: "added" | "removed" | "changed"
  /** The fields of a changed object; empty for the others. */
  readonly fields: readonly FieldDifference[]
  /** Where the object comes from or, where it is gone, came from; as far as the builds say so. */
  readonly origin?: Origin
}

type Objects = { readonly objects: readonly KubeObject[]; readonly origins?: readonly Origin[] }

const hidden = "(hidden)"

/**
 * What a change in git does to the rendered objects: those that were added, removed and changed, in the order of
 * `after`, the removed ones last. Needs no cluster. Values of Secrets are never shown, only that they differ. Builds with
 * `origins: "fields"` tell which file and line made each change.
 *
 * @example
 * for (const { ref, change } of diffBuilds(await build(before, "prod"), await build(after, "prod"))) console.log(change, ref)
 */
export function diffBuilds(before: Objects, after: Objects): ObjectDifference[] {
  const old = new Map(traced(before).map((item) => [keyOf(refOf(item.object)), item]))
  const differences: ObjectDifference[] = []
  for (const item of traced(after)) {
    const ref = refOf(item.object)
    const previous = old.get(keyOf(ref))
    old.delete(keyOf(ref))
    if (previous === undefined) differences.push({ ref, change: "added", fields: [], ...originOf(item) })
    else {
      const fields = diffFields(previous.object, item.object).map(withOrigins(previous.origin, item.origin))
      if (fields.length > 0) differences.push({ ref, change: "changed", fields, ...originOf(item) })
    }
  }
  for (const item of old.values())
    differences.push({ ref: refOf(item.object), change: "removed", fields: [], ...originOf(item) })
  return differences
}

interface Traced {
  readonly object: KubeObject
  readonly origin: Origin | undefined
}

const originOf = ({ origin }: Traced): { readonly origin?: Origin } => (origin === undefined ? {} : { origin })

const traced = ({ objects, origins }: Objects): Traced[] =>
  objects.map((object, index) => ({ object, origin: origins?.[index] }))

function withOrigins(old: Origin = {}, now: Origin = {}): (field: FieldDifference) => FieldDifference {
  return (field) => {
    const [before, after] = [originAt(old, field.path), originAt(now, field.path)]
    if (before === undefined && after === undefined) return field
    return {
      ...field,
      origins: { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
    }
  }
}

function diffFields(before: KubeObject, after: KubeObject): FieldDifference[] {
  const fields: FieldDifference[] = []
  compare(before, after, { path: "", fields })
  const isSecret = after.kind === "Secret" && after.apiVersion === "v1"
  return isSecret ? fields.map(hideSecret) : fields
}

interface Place {
  readonly path: string
  readonly fields: FieldDifference[]
}

const isMap = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1")

function compare(before: unknown, after: unknown, { path, fields }: Place): void {
  if (Object.is(before, after)) return
  if (isMap(before) && isMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const own = (map: { readonly [name: string]: unknown }): unknown =>
        Object.hasOwn(map, name) ? map[name] : undefined
      compare(own(before), own(after), { path: `${path}/${escape(name)}`, fields })
    }
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      compare(before[i], after[i], { path: `${path}/${i}`, fields })
    return
  }
  fields.push({ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) })
}

function hideSecret(field: FieldDifference): FieldDifference {
  if (!/^\/(?:data|stringData)(?:\/|$)/.test(field.path) && !field.path.includes("last-applied-configuration"))
    return field
  const { path } = field
  return { path, ...("before" in field ? { before: hidden } : {}), ...("after" in field ? { after: hidden } : {}) }
}
