import { assign, isMap } from "../value/json.ts"

/** The deletions of a merge patch: only members that are null, and the maps on the way to them. */
export function onlyNulls(patch: unknown): unknown {
  return filter(patch, true)
}

/** The additions and changes of a merge patch: everything but the nulls. */
export function withoutNulls(patch: unknown): unknown {
  return filter(patch, false)
}

function filter(patch: unknown, nulls: boolean): unknown {
  if (!isMap(patch)) return patch
  const kept: { [name: string]: unknown } = {}
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (value === null ? nulls : !isMap(value) && !nulls) assign(kept, name, value)
    else if (isMap(value)) {
      const inner = filter(value, nulls) as object
      const empty = Object.keys(inner).length === 0
      if (!empty || (!nulls && Object.keys(value).length === 0)) assign(kept, name, inner)
    }
  }
  return kept
}
