import { fail } from "../error.ts"
import { fieldOf, isList, isMap, isScalar, tagOf, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { ownNode } from "../node/own.ts"
import { ensureMap } from "../node/path.ts"
import { formatId } from "../resource/resource-id.ts"
import { currentId, removeMeta } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"

/** Throws when a validator has changed an object. It may set the label `validated-by`. */
export function sameObjects(before: readonly (MapNode | undefined)[], after: readonly Resource[]): void {
  if (before.length !== after.length)
    fail("validator shouldn't modify the resource map: lists have different number of entries")
  for (const [i, resource] of after.entries()) {
    const labels = fieldOf(fieldOf(resource.node, "metadata"), "labels")
    if (isMap(labels) && fieldOf(labels, "validated-by") !== undefined) {
      if (Object.keys(labels).length === 1) removeMeta(resource, "labels")
      else delete ensureMap(ownNode(resource), "metadata", "labels")["validated-by"]
    }
    if (!same(before[i], resource.node)) {
      fail(`validator shouldn't modify the resource map: it changed ${formatId(currentId(resource))}`)
    }
  }
}

function same(a: Node | undefined, b: Node | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => same(item, b[i]))
  if (isScalar(a) || isScalar(b)) return isScalar(a) && isScalar(b) && tagOf(a) === tagOf(b) && textOf(a) === textOf(b)
  if (!isMap(a) || !isMap(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], fieldOf(b, name)))
}
