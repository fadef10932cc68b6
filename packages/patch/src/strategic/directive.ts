import { assign, isMap, own } from "../value/json.ts"

/** The directives of strategic merge patches. */
export const directive = "$patch"
/** Lists the members of a map that stay. */
export const retainKeys = "$retainKeys"
/** Gives the order of a merging list; followed by `/` and its name. */
export const setElementOrder = "$setElementOrder"
/** Lists scalars that go; followed by `/` and the name of their list. */
export const deleteFromPrimitiveList = "$deleteFromPrimitiveList"

/** The list that a parallel directive (`$setElementOrder/containers`) is about; undefined for any other member. */
export function listOf(name: string, prefix: string): string | undefined {
  return name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : undefined
}

/** The value without the maps that only carry a directive; undefined when it is one itself. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isMap(value)) return value
  if (own(value, directive) !== undefined) return undefined
  const kept: { [name: string]: unknown } = {}
  for (const name of Object.keys(value)) {
    const member = withoutDirectives(value[name])
    if (member !== undefined) assign(kept, name, member)
  }
  return kept
}
