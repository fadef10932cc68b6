import type { Selector } from "../kustomization.ts"
import { effectiveNamespace } from "./resource-id.ts"
import type { Gvk, ResourceId } from "./resource-id.ts"
import type { ResourceMap } from "./resource-map.ts"
import { currentId, gvkOf, isGone, metaMap, originalId } from "./resource.ts"
import type { Resource } from "./resource.ts"
import { parseLabelSelector } from "../node/label-selector.ts"
import type { LabelSelector } from "../node/label-selector.ts"
import { compileAnchored } from "../node/pattern.ts"
import type { Matcher } from "../node/pattern.ts"

/** A selector whose regular expressions are compiled; an empty field matches anything. */
export interface CompiledSelector {
  readonly gvk: (gvk: Gvk) => boolean
  readonly name: Matcher
  readonly namespace: Matcher
  readonly labels: LabelSelector
  readonly annotations: LabelSelector
  /** True when it says nothing about group, version, kind, name and namespace. */
  readonly isBare: boolean
  /** True when it says something about labels or annotations. */
  readonly hasMetadata: boolean
}

const anything: Matcher = () => true

/** The selector of everything, to say more with. */
export const anySelector: Selector = {
  group: "",
  version: "",
  kind: "",
  name: "",
  namespace: "",
  annotationSelector: "",
  labelSelector: "",
}

/** Compiles a selector. Throws for an invalid expression or selector string. */
export async function compileSelector(selector: Selector): Promise<CompiledSelector> {
  const compile = (pattern: string): Promise<Matcher> | Matcher =>
    pattern === "" ? anything : compileAnchored(pattern)
  const [group, version, kind] = [
    await compile(selector.group),
    await compile(selector.version),
    await compile(selector.kind),
  ]
  const { name, namespace } = selector
  return {
    gvk: (gvk) => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    name: await compile(name),
    namespace: await compile(namespace),
    labels: parseLabelSelector(selector.labelSelector),
    annotations: parseLabelSelector(selector.annotationSelector),
    isBare: selector.group + selector.version + selector.kind + name + namespace === "",
    hasMetadata: selector.labelSelector + selector.annotationSelector !== "",
  }
}

/** True when the labels and annotations of a resource are selected. */
export function selectsMetadata(selector: CompiledSelector, resource: Resource): boolean {
  if (!selector.hasMetadata) return true
  return selector.labels(metaMap(resource, "labels")) && selector.annotations(metaMap(resource, "annotations"))
}

/** True when an id is selected, its namespace taken as it is. */
export function selectsId(selector: CompiledSelector, id: ResourceId): boolean {
  return selector.gvk(id) && selector.name(id.name) && selector.namespace(id.namespace)
}

/** The resources that a patch's target selects: by present or original name and namespace. */
export function selectResources(map: ResourceMap, selector: CompiledSelector): Resource[] {
  return map.resources.filter((resource) => {
    if (isGone(resource) || !selector.gvk(gvkOf(resource))) return false
    const current = currentId(resource)
    const original = originalId(resource)
    return (
      (selector.name(original.name) || selector.name(current.name)) &&
      (selector.namespace(effectiveNamespace(original, map.scopes)) ||
        selector.namespace(effectiveNamespace(current, map.scopes))) &&
      selectsMetadata(selector, resource)
    )
  })
}
