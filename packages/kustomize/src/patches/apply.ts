import { KustomizeError } from "../error.ts"
import { cloneNode, fieldOf, isMap } from "../node/node.ts"
import type { Node } from "../node/node.ts"
import { ownAll, ownNode } from "../node/own.ts"
import { nodeOfJson, resolveNode } from "../node/resolve.ts"
import { appendResources, forgetIds, remember, settleAnnotations } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import {
  annotationsNode,
  apiVersionOfResource,
  cloneResource,
  ensureAnnotations,
  forgetState,
  hasState,
  isGone,
  kindOfResource,
  metaMap,
  nameOf,
  namespaceOf,
  setMetaMap,
  setName,
  setNamespaceOf,
  setTopField,
} from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import { mergeStrategic } from "../strategic-merge/merge.ts"
import type { Schemas } from "../strategic-merge/schema.ts"
import { applyJsonPatch } from "./json-patch.ts"
import type { JsonPatchOperation } from "./json-patch.ts"

/**
 * Merges a strategic patch into one resource. Kind, name and namespace stay as they are, unless the patch may change
 * kind or name. The patch is used up.
 */
export function mergePatch(
  map: ResourceMap,
  resource: Resource,
  patch: { resource: Resource; schemas: Schemas },
): void {
  const [kind, name, namespace] = [kindOfResource(resource), nameOf(resource), namespaceOf(resource)]
  const { allowNameChange, allowKindChange } = patch.resource
  if (allowNameChange || allowKindChange) remember(map, resource)
  settleAnnotations(map)
  // All of it: what is merged into a part of the object must not leave it behind as it was.
  const node = ownAll(ownNode(resource))
  resource.node = node
  const before = annotationsNode(resource)
  const stateful = hasState(resource)
  const merged = mergeStrategic(node, patch.resource.node!, patch.schemas)
  if (merged === undefined) {
    resource.node = undefined
    return
  }
  if (stateful && annotationsNode(resource) !== before) forgetState(resource)
  if (isGone(resource)) return
  if (!allowKindChange) setTopField(resource, "kind", kind)
  if (!allowNameChange) setName(resource, name)
  setNamespaceOf(resource, namespace)
}

/** Merges a strategic patch into the selected resources; those that are emptied disappear. */
export function mergePatchInto(
  map: ResourceMap,
  selected: readonly Resource[],
  patch: { resource: Resource; schemas: Schemas },
): void {
  for (const resource of selected) {
    const copy = cloneResource(patch.resource)
    // kustomize copies these maps as texts, which turns numbers and null into strings.
    setMetaMap(copy, "labels", metaMap(copy, "labels"))
    setMetaMap(copy, "annotations", metaMap(copy, "annotations"))
    setTopField(copy, "apiVersion", apiVersionOfResource(resource))
    mergePatch(map, resource, { resource: copy, schemas: patch.schemas })
  }
  const rest = map.resources.filter((resource) => !isGone(resource))
  map.resources = []
  forgetIds(map)
  appendResources(map, rest)
}

/** Applies a JSON patch to one resource. */
export function patchJson(resource: Resource, operations: readonly JsonPatchOperation[]): void {
  const before = resolveNode(cloneNode(resource.node!) as Node)
  const after = nodeOfJson(applyJsonPatch(before, operations))
  if (!isMap(after)) throw new KustomizeError("PatchFailed", "a JSON patch turned an object into something else")
  resource.node = after
  const metadata = fieldOf(after, "metadata")
  if (metadata === undefined || isMap(metadata)) {
    setMetaMap(resource, "annotations", metaMap(resource, "annotations"))
    if (hasState(resource)) ensureAnnotations(resource)
  }
}
