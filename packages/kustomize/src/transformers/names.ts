import { applyFieldSpec, expectScalar } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import { textOf } from "../node/node.ts"
import { overwriteScalar } from "../node/scalar.ts"
import { isSelectedBy } from "../resource/resource-id.ts"
import type { GvkSelector } from "../resource/resource-id.ts"
import { remember } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { ensureAnnotations, gvkOf, originalId } from "../resource/resource.ts"

/** A prefix or a suffix, and the fields that it goes to (`metadata/name` by default). */
export interface AffixConfig {
  readonly prefix?: string
  readonly suffix?: string
  readonly fieldSpecs: readonly FieldSpec[]
}

const skipped: readonly GvkSelector[] = [
  { kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", kind: "APIService" },
  { kind: "Namespace" },
]

const matchesAny = ({ group, version, kind }: FieldSpec): boolean => !group && !version && !kind

/** Adds a prefix or suffix to names; CustomResourceDefinitions, APIServices and Namespaces keep theirs. */
export function addAffix(map: ResourceMap, { prefix = "", suffix = "", fieldSpecs }: AffixConfig): void {
  for (const resource of map.resources) {
    const id = originalId(resource)
    if (resource.node === undefined || skipped.some((selector) => isSelectedBy(id, selector))) continue
    for (const spec of fieldSpecs) {
      if (!isSelectedBy(id, spec)) continue
      if (spec.path === "metadata/name" && prefix + suffix !== "") {
        if (prefix !== "") resource.prefixes = [...resource.prefixes, prefix]
        if (suffix !== "") resource.suffixes = [...resource.suffixes, suffix]
        ensureAnnotations(resource)
        remember(map, resource)
      }
      if (!matchesAny(spec) && !isSelectedBy(gvkOf(resource), spec)) continue
      applyFieldSpec(resource, spec, {
        create: "scalar",
        set: (node) => {
          expectScalar(node)
          return overwriteScalar(node, prefix + textOf(node) + suffix)
        },
      })
    }
  }
}
