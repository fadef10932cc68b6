type FieldsV1 = { readonly [path: string]: unknown }

/** Deeper field sets are cut: no field of Kubernetes is. */
const maxDepth = 64

/**
 * The values that `value` holds in the fields of a field set (`fieldsV1`), as a tree with the set's own path elements
 * for keys, so that two states can be compared in just these fields. Fields that are not there are left out.
 *
 * @example
 * valuesIn({ spec: { replicas: 2, paused: true } }, { "f:spec": { "f:replicas": {} } })   // { "f:spec": { "f:replicas": 2 } }
 */
export function valuesIn(value: unknown, fields: FieldsV1): unknown {
  return read(value, fields, 0)
}

function read(value: unknown, fields: FieldsV1, depth: number): unknown {
  const elements = Object.keys(fields).filter((element) => element !== ".")
  if (elements.length === 0 || depth > maxDepth) return value
  const found: [string, unknown][] = []
  for (const element of elements) {
    const inner = childOf(value, element)
    if (inner === undefined) continue
    found.push([element, read(inner, (fields[element] ?? {}) as FieldsV1, depth + 1)])
  }
  // No own prototype: elements come from the server, `f:__proto__` included.
  return Object.assign(Object.create(null) as object, Object.fromEntries(found))
}

function childOf(value: unknown, element: string): unknown {
  if (typeof value !== "object" || value === null) return undefined
  const name = element.slice(2)
  switch (element.slice(0, 2)) {
    case "f:":
      return Object.hasOwn(value, name) ? (value as FieldsV1)[name] : undefined
    case "k:":
      return Array.isArray(value) ? itemWith(value, parse(name)) : undefined
    case "v:":
      return Array.isArray(value) ? value.find((item) => item === parse(name)) : undefined
    case "i:":
      return Array.isArray(value) ? (value[Number(name)] as unknown) : undefined
    default:
      return undefined
  }
}

function itemWith(list: readonly unknown[], keys: unknown): unknown {
  if (typeof keys !== "object" || keys === null) return undefined
  const wanted = Object.entries(keys)
  return list.find(
    (item) =>
      typeof item === "object" && item !== null && wanted.every(([key, value]) => (item as FieldsV1)[key] === value),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No key of a list then; the field counts as absent.
    return undefined
  }
}
