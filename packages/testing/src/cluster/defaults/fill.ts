/** A JSON map; what a defaulter reads and fills. */
export type Members = { readonly [name: string]: unknown }

/** Changes one value; returns it itself when there is nothing to change. */
export type Fill = (value: Members) => Members

/** True for a JSON map. */
export function isMap(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Adds members that are absent (or the empty text). Lists and maps of `values` are shared: they must not be changed. */
export function fill(map: Members, values: Members): Members {
  let out: Record<string, unknown> | undefined
  for (const name in values) {
    const value = values[name]
    if (value === undefined || (map[name] ?? "") !== "") continue
    out ??= { ...map }
    out[name] = value
  }
  return out ?? map
}

/** Adds members that are absent; an empty text is one: Go points to these. */
export function fillPointers(map: Members, values: Members): Members {
  const absent = Object.entries(values).filter(([name]) => (map[name] ?? undefined) === undefined)
  return absent.length === 0 ? map : { ...map, ...Object.fromEntries(absent) }
}

/** Changes the map under `name`, where there is one. */
export function within(map: Members, name: string, change: Fill): Members {
  const inner = map[name]
  if (!isMap(inner)) return map
  const next = change(inner)
  return next === inner ? map : { ...map, [name]: next }
}

/** Changes every map of the list under `name`, where there is one. */
export function eachOf(map: Members, name: string, change: Fill): Members {
  const list = map[name]
  if (!Array.isArray(list)) return map
  let changed = false
  const next = list.map((item: unknown) => {
    const filled = isMap(item) ? change(item) : item
    if (filled !== item) changed = true
    return filled
  })
  return changed ? { ...map, [name]: next } : map
}

/** One change after the other. */
export function chain(...changes: readonly Fill[]): Fill {
  return (value) => {
    let changed = value
    for (const change of changes) changed = change(changed)
    return changed
  }
}
