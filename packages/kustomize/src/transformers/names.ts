import { applyFieldSpec, expectScalar } from "../config/field-spec.ts"
import type { FieldEdit, FieldSpec } from "../config/field-spec.ts"
import { fieldOf, isString, textOf } from "../node/node.ts"
import { overwriteScalar } from "../node/scalar.ts"
import { isSelectedBy, oncePerKind } from "../resource/resource-id.ts"
import type { Gvk, GvkSelector } from "../resource/resource-id.ts"
import { remember } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { gvkOf, originalGvk, setName } from "../resource/resource.ts"

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
  const isKept = (gvk: Gvk): boolean => skipped.some((selector) => isSelectedBy(gvk, selector))
  const specsOf = oncePerKind((gvk) => (isKept(gvk) ? [] : fieldSpecs.filter((spec) => isSelectedBy(gvk, spec))))
  const edit: FieldEdit = {
    create: "scalar",
    set: (node) => {
      expectScalar(node)
      return overwriteScalar(node, prefix + textOf(node) + suffix)
    },
  }
  const only = { prefixes: [prefix], suffixes: [suffix] }
  for (const resource of map.resources) {
    if (resource.node === undefined) continue
    // It counts which kind the resource had first, and for specs of a kind also which it has now.
    for (const spec of specsOf(originalGvk(resource))) {
      if (spec.path === "metadata/name" && prefix + suffix !== "") {
        if (prefix !== "") resource.prefixes = added(resource.prefixes, only.prefixes)
        if (suffix !== "") resource.suffixes = added(resource.suffixes, only.suffixes)
        remember(map, resource)
      }
      if (!matchesAny(spec) && !isSelectedBy(gvkOf(resource), spec)) continue
      const name = spec.path === "metadata/name" ? fieldOf(fieldOf(resource.node, "metadata"), "name") : undefined
      // The usual case, without a walk.
      if (isString(name)) setName(resource, prefix + name + suffix)
      else applyFieldSpec(resource, spec, edit)
    }
  }
}

/** Both lists in one; resources that had no affix yet share theirs. */
const added = (affixes: readonly string[], last: readonly string[]): readonly string[] =>
  affixes.length === 0 ? last : [...affixes, ...last]
