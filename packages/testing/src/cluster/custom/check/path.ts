import type { Schema } from "../definition.ts"

/** Where a path of fields leads in a schema, or why it leads nowhere. */
export interface SelectedField {
  readonly path: readonly string[]
  readonly schema?: Schema | undefined
  readonly fault?: string
}

/** `.`, `[`, `]`, a quoted text, or what stands between them. */
const tokens = /'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g

/** Follows `.spec.replicas`, and with `arrays` also `['a.b']`. */
export function selectedField(text: string, root: Schema, { arrays }: { readonly arrays: boolean }): SelectedField {
  const list = text.match(tokens) ?? []
  const path: string[] = []
  let schema: Schema | undefined = root
  const fault = (why: string): SelectedField => ({ path, fault: why })
  for (let at = 0; at < list.length; at++) {
    const mark = list[at]!
    if (mark !== "." && mark !== "[") return fault(`expected [ or . but got: ${mark}`)
    if (mark === "[" && !arrays) return fault("array notation is not allowed")
    const token: string | undefined = list[++at]
    if (token === undefined) return fault("unexpected end of JSON path")
    if (mark === "[" && !/^'.*'$/s.test(token)) return fault(`expected single quoted string but got ${token}`)
    const name = mark === "[" ? token.slice(1, -1).replaceAll(/\\(.)/g, "$1") : token
    const next = memberOf(schema, name)
    if (!next) return fault("does not refer to a valid field")
    path.push(name)
    schema = next
    if (mark === "." || list[++at] === "]") continue
    return fault(list[at] === undefined ? "unexpected end of JSON path" : `expected ] but got ${list[at]}`)
  }
  return { path, schema }
}

function memberOf(schema: Schema, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  if (properties) return Object.hasOwn(properties, name) ? properties[name] : undefined
  return typeof additionalProperties === "object" ? additionalProperties : undefined
}
