import { cloneJson, setOwn } from "@gitops-toolkit/kube"
import type { Schema } from "./definition.ts"

type Members = Record<string, unknown>
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * The value with the schema's defaults where members are absent, or null and not nullable. Shares whatever needs no
 * default; `value` itself when nothing does.
 */
export function withSchemaDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return defaultedItems(value, schema)
  return isMap(value) ? defaultedMembers(value, schema) : value
}

function defaultedItems(value: readonly unknown[], { items }: Schema): unknown {
  if (!items) return value
  let changed = false
  const out = value.map((item) => {
    const next =
      item === null && items.nullable !== true && items.default !== undefined
        ? cloneJson(items.default)
        : withSchemaDefaults(item, items)
    if (next !== item) changed = true
    return next
  })
  return changed ? out : value
}

function defaultedMembers(value: Members, { properties, additionalProperties }: Schema): unknown {
  let out: Members | undefined
  const put = (name: string, member: unknown): void => {
    out ??= { ...value }
    setOwn(out, name, member)
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined
    const absent = member === undefined || (member === null && property.nullable !== true)
    if (absent && property.default !== undefined) {
      put(name, withSchemaDefaults(cloneJson(property.default), property))
    } else if (member !== undefined) {
      const next = withSchemaDefaults(member, property)
      if (next !== member) put(name, next)
    }
  }
  if (isMap(additionalProperties)) {
    for (const [name, member] of Object.entries(value)) {
      if (properties && Object.hasOwn(properties, name)) continue
      const rest = additionalProperties as Schema
      const next =
        member === null && rest.nullable !== true && rest.default !== undefined
          ? cloneJson(rest.default)
          : withSchemaDefaults(member, rest)
      if (next !== member) put(name, next)
    }
  }
  return out ?? value
}

/** The value without `null` members that the schema neither allows nor defaults: the server drops them on write. */
export function withoutForbiddenNulls(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    return schema.items
      ? value.map((item) => (item === null ? item : withoutForbiddenNulls(item, schema.items!)))
      : value
  }
  if (!isMap(value)) return value
  const out: Members = {}
  let changed = false
  for (const [name, member] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    if (member === null && property && property.nullable !== true && property.default === undefined) {
      changed = true
      continue
    }
    const next = property ? withoutForbiddenNulls(member, property) : member
    if (next !== member) changed = true
    setOwn(out, name, next)
  }
  return changed ? out : value
}

/** The schema of a member: its own, or that of all others. */
export function propertyOf({ properties, additionalProperties }: Schema, name: string): Schema | undefined {
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return isMap(additionalProperties) ? (additionalProperties as Schema) : undefined
}
