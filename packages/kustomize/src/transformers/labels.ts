import { applyFieldSpec, setEntries, specsByKind } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { gvkOf } from "../resource/resource.ts"

/** Labels or annotations, and the fields that they go to. */
export interface EntriesConfig {
  readonly entries: ReadonlyMap<string, string>
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Sets labels or annotations in every field that the specs name, in every resource. */
export function addEntries(map: ResourceMap, { entries, fieldSpecs }: EntriesConfig): void {
  if (entries.size === 0) return
  const specsOf = specsByKind(fieldSpecs)
  const edit = setEntries(entries)
  for (const resource of map.resources) {
    if (resource.node === undefined) continue
    edit.begin()
    const specs = specsOf(gvkOf(resource))
    for (let i = 0; i < specs.length; i++) applyFieldSpec(resource, specs[i]!, edit)
  }
}
