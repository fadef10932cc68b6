import { KustomizeError } from "../error.ts"
import { apiVersionOf, clusterScoped, formatId, keyOfId } from "./resource-id.ts"
import type { Gvk, ResourceId, Scopes } from "./resource-id.ts"
import {
  annotationsNode,
  apiVersionOfResource,
  atSource,
  currentId,
  ensureAnnotations,
  gvkOf,
  isGone,
  isNamed,
  kindOfResource,
  nameOf,
  namespaceOf,
  previousIds,
  storePreviousId,
} from "./resource.ts"
import type { Resource } from "./resource.ts"

/** The resources of a build in order, with the scopes that decide when two ids are the same. */
export interface ResourceMap {
  resources: Resource[]
  readonly scopes: Scopes
  /** Present ids, as long as nothing but appending has happened; `forgetIds` drops them. */
  ids: Map<string, Resource> | undefined
  /** The kinds of the resources when it is known that no two have one id; `forgetIds` drops them too. */
  distinct: readonly Gvk[] | undefined
  /** Resources that have an empty annotations map with kustomize by now, and here once `settleAnnotations` was called. */
  owing: Resource[]
}

/** A map without resources. */
export function createResourceMap(scopes: Scopes, resources: Resource[] = []): ResourceMap {
  return { resources, scopes, ids: undefined, distinct: undefined, owing: [] }
}

/** To be called whenever ids may have changed. */
export function forgetIds(map: ResourceMap): void {
  map.ids = undefined
  map.distinct = undefined
}

/** `keyOfId` of the present id. */
export function currentKey({ scopes }: ResourceMap, resource: Resource): string {
  const [apiVersion, kind] = [apiVersionOfResource(resource), kindOfResource(resource)]
  const namespace = scopes(apiVersion, kind) ? clusterScoped : namespaceOf(resource) || "default"
  return `${apiVersion}\u0000${kind}\u0000${nameOf(resource)}\u0000${namespace}`
}

/** Where a duplicate is, for the message. */
const placeOf = (resource: Resource): string =>
  resource.source === undefined
    ? ""
    : ` (${resource.source.path}${resource.source.line ? `:${resource.source.line}` : ""})`

function duplicate(id: ResourceId, first: Resource | undefined, second: Resource): never {
  const other = first === undefined ? "" : placeOf(first)
  throw new KustomizeError(
    "DuplicateObject",
    `may not add resource with an already registered id: ${formatId(id)}${placeOf(second)}${other && `; the first is in${other}`}`,
    atSource(second.source),
  )
}

/** Adds resources at the end; two of the same present id are an error. */
export function appendResources(map: ResourceMap, added: readonly Resource[]): void {
  if (added.length === 0) return
  map.ids ??= new Map(map.resources.map((resource) => [currentKey(map, resource), resource]))
  for (const resource of added) {
    const key = currentKey(map, resource)
    if (map.ids.has(key)) duplicate(currentId(resource), map.ids.get(key), resource)
    map.ids.set(key, resource)
    map.resources.push(resource)
  }
}

/** Puts a resource in the place of another one. */
export function replaceResource(map: ResourceMap, index: number, resource: Resource): void {
  const { ids } = map
  ids?.delete(currentKey(map, map.resources[index]!))
  forgetIds(map)
  map.ids = ids?.set(currentKey(map, resource), resource)
  map.resources[index] = resource
}

/** Adds all resources of another map; into an empty one without a look at ids that are known to differ. */
export function appendMap(map: ResourceMap, added: ResourceMap): void {
  const { resources, distinct } = added
  if (map.resources.length > 0 || distinct === undefined) return appendResources(map, resources)
  // That they are asked for counts: see `createOpenApi`.
  for (const gvk of distinct) map.scopes(apiVersionOf(gvk), gvk.kind)
  map.resources = [...resources]
  map.ids = undefined
}

/** The kinds of the resources; absent when two have the same id. */
export function distinctKinds(map: ResourceMap): readonly Gvk[] | undefined {
  const ids = new Set(map.resources.map((resource) => currentKey(map, resource)))
  return ids.size === map.resources.length ? [...new Set(map.resources.map(gvkOf))] : undefined
}

/** Checks that no two resources have the same id. */
export function checkUnique(map: ResourceMap, failure: (id: ResourceId) => never): void {
  const seen = new Set<string>()
  for (const resource of map.resources) {
    const key = currentKey(map, resource)
    if (seen.has(key)) failure(currentId(resource))
    seen.add(key)
  }
}

/** The resources that have or had the id. */
export function findByAnyId(map: ResourceMap, id: ResourceId): Resource[] {
  const key = keyOfId(id, map.scopes)
  return map.resources.filter(
    (resource) =>
      isNamed(resource, id.name) &&
      !isGone(resource) &&
      (keyOfId(currentId(resource), map.scopes) === key ||
        previousIds(resource).some((previous) => keyOfId(previous, map.scopes) === key)),
  )
}

/**
 * Remembers the present id of a resource before it changes. kustomize does so in annotations, and drops the map at the
 * end if nothing else is in it. Who does not look at annotations leaves that to `settleAnnotations`: often nobody looks.
 */
export function remember(map: ResourceMap, resource: Resource): void {
  const { scopes, owing } = map
  const kind = kindOfResource(resource)
  const isCluster = scopes(apiVersionOfResource(resource), kind)
  storePreviousId(resource, kind, isCluster ? clusterScoped : namespaceOf(resource) || "default")
  if (annotationsNode(resource) === undefined) owing.push(resource)
}

/** Makes the annotations maps that `remember` owes. To be called before somebody looks at whole objects. */
export function settleAnnotations(map: ResourceMap): void {
  if (map.owing.length === 0) return
  for (const resource of map.owing) if (!isGone(resource)) ensureAnnotations(resource)
  map.owing = []
}

/** Drops what patches have emptied. */
export function dropGone(map: ResourceMap): void {
  if (map.resources.some(isGone)) map.resources = map.resources.filter((resource) => !isGone(resource))
}
