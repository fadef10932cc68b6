import type { KubeObject } from "@gitops-toolkit/kube"
import type { Node } from "./node/node.ts"
import { originAt } from "./origin.ts"
import type { Origin } from "./origin.ts"
import { fieldsOf, pointerOf } from "./origins/fields.ts"
import { outside } from "./origins/located.ts"
import { follow } from "./origins/trace.ts"
import type { Trace } from "./origins/trace.ts"

/**
 * The origins after something has changed the objects of a build: what is equal keeps its origin, what has another value
 * gets `transformer` and stays where it was written, and of what is new only the transformer is known. `objects` are
 * those of the build in their order, as `substitute` gives them.
 *
 * @example
 * const built = await build(files, "prod", { origins: "fields" })
 * const objects = substitute(built.objects, variables)
 * const origins = followOrigins(built, objects, "substitute")
 */
export function followOrigins(
  before: { readonly objects: readonly KubeObject[]; readonly origins: readonly Origin[] },
  objects: readonly KubeObject[],
  transformer: string,
): Origin[] {
  return objects.map((object, index) => {
    const [known, origin = {}] = [before.objects[index], before.origins[index]]
    if (known === undefined || origin.fields === undefined) return origin
    const step = { before: known as unknown as Node, after: object as unknown as Node, path: [] }
    const place = { document: outside, way: [] }
    const trace = follow(traceOf(origin), step, (_path, _value, old) => ({ ...(old ?? place), transformer }))
    const { fields, removed } = fieldsOf(object, trace)
    return { ...origin, fields, removed: { ...origin.removed, ...removed } }
  })
}

const traceOf = (origin: Origin): Trace => ({
  place: { document: { positionOf: (way) => originAt(origin, pointerOf(way)) ?? {} }, way: [] },
})
