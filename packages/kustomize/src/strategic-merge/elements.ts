import { KustomizeError } from "../error.ts"
import { fieldOf, isMap, isMissingOrNull, isScalar, kindOf, textOf, valueOf } from "../node/node.ts"
import type { Node } from "../node/node.ts"

// The element functions that kustomize builds its keyed merge from. Their corners decide what happens to elements
// without a key, to null elements and to duplicates; so they are the same here.

/** Which element is meant: the values of its key fields. One empty key: a list of scalars. */
export interface ElementKey {
  readonly keys: readonly string[]
  readonly values: readonly string[]
}

const wrongKind = (expected: string, node: Node): never => {
  throw new KustomizeError("PatchFailed", `wrong node kind: expected ${expected} but got ${kindOf(node)}`)
}

/** Whether a field (or with an empty name the scalar itself) has the text; an empty text is any. */
function hasValue(node: Node, key: string, value: string): boolean {
  if (key === "") {
    if (!isScalar(node)) wrongKind("ScalarNode", node)
    return valueOf(node) === value
  }
  if (!isMap(node)) wrongKind("MappingNode", node)
  const field = fieldOf(node, key)
  return field !== undefined && (value === "" || textOf(field) === value)
}

function isMatch(node: Node, { keys, values }: ElementKey): boolean {
  let found = false
  for (let j = 0; j < keys.length; j++) {
    if (j < values.length) found = hasValue(node, keys[j]!, values[j]!)
    if (!found) return false
  }
  return true
}

/**
 * Puts `element` where an element has that key, or at the end where none has; without `element` those with that key
 * are removed. Null and empty elements disappear on the way, and with no values at all everything else does too.
 */
export function setElement(list: Node[], element: Node | undefined, key: ElementKey): void {
  const before = [...list]
  const isKeyed = (key.keys[0] ?? "") !== "" && (key.values[0] ?? "") !== ""
  let matched = false
  list.length = 0
  for (const node of before) {
    if (isMissingOrNull(node) || (isMap(node) && Object.keys(node).length === 0)) continue
    if (!isMap(node) && isKeyed) {
      list.push(node)
      continue
    }
    if (!isMatch(node, key)) {
      if (key.values.length > 0) list.push(node)
      continue
    }
    matched = true
    if (element !== undefined) list.push(element)
  }
  if (!matched && !isMissingOrNull(element)) list.push(element!)
}

/** The first element with that key, its texts compared exactly. */
export function findElement(list: readonly Node[], { keys, values }: ElementKey): Node | undefined {
  if ((keys[0] ?? "") === "") return list.find((node) => textOf(node) === (values[0] ?? ""))
  if (keys.length !== values.length) return undefined
  return list.find(
    (node) =>
      isMap(node) &&
      keys.every((key, j) => {
        const field = fieldOf(node, key)
        return field !== undefined && textOf(field) === values[j]
      }),
  )
}
