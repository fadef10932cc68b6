import { applyFieldSpec, expectScalar } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import { fail } from "../error.ts"
import { isString } from "../node/node.ts"
import { needsQuotes, resolvePlain } from "../node/scalar.ts"
import { formatGvk, isSelectedBy } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { allIds, gvkOf, isGone, isNamed } from "../resource/resource.ts"

/** How many replicas the workload of a name shall have. */
export interface ReplicaConfig {
  readonly name: string
  readonly count: number | bigint
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Sets the replicas of every workload that has or had the name; none at all is an error. */
export function applyReplicas(map: ResourceMap, { name, count, fieldSpecs }: ReplicaConfig): void {
  const named = map.resources.filter((resource) => !isGone(resource) && isNamed(resource, name))
  let found = false
  for (const spec of fieldSpecs) {
    for (const resource of named) {
      if (!allIds(resource).some((id) => id.name === name && isSelectedBy(id, spec))) continue
      found = true
      if (!isSelectedBy(gvkOf(resource), spec)) continue
      applyFieldSpec(resource, spec, {
        create: "scalar",
        set: (node) => {
          expectScalar(node)
          // What was null comes here as its text.
          const hasQuotes = isString(node) && needsQuotes(node) && resolvePlain(node).tag !== "!!null"
          return hasQuotes ? String(count) : count
        },
      })
    }
  }
  if (found) return
  const kinds = fieldSpecs.map((spec) =>
    formatGvk({ group: spec.group ?? "", version: spec.version ?? "", kind: spec.kind ?? "" }),
  )
  fail(`resource with name ${name} does not match a config with the following GVK [${kinds.join(" ")}]`)
}
