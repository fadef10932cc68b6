import { fail } from "../error.ts"
import { addConfigMapData, encodeBase64 } from "../generators/data-object.ts"
import type { Datum } from "../generators/key-values.ts"
import { fieldOf, isMap, isMissingOrNull, isScalar, setField, valueOf } from "../node/node.ts"
import type { MapNode, OwnMap } from "../node/node.ts"
import { ownNode } from "../node/own.ts"
import { formatId } from "../resource/resource-id.ts"
import { appendResources, findByAnyId, replaceResource } from "../resource/resource-map.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import {
  currentId,
  ensureAnnotations,
  metaMap,
  nameOf,
  namespaceOf,
  setMetaMap,
  setName,
  setNamespaceOf,
} from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import type { Tracer } from "./context.ts"

/** Adds one generated object to others: as a new one, or merged into or in place of one that has its id. */
export type Absorb = (generated: Resource) => void

/** Adds generated objects to `map`, which nobody else may change meanwhile: its names are indexed once for all of them. */
export function createAbsorb(map: ResourceMap, tracer: Tracer | undefined): Absorb {
  let named: Map<string, number[]> | undefined
  return (generated) => {
    named ??= indexNames(map.resources)
    const id = currentId(generated)
    const candidates = (named.get(id.name) ?? []).map((index) => map.resources[index]!)
    const existing = selectExisting(generated, findByAnyId({ ...map, resources: candidates }, id))
    if (existing === undefined) {
      appendResources(map, [generated])
      return noteNames(named, generated, map.resources.length - 1)
    }
    const merge = (): void => mergeWith(generated, existing)
    if (tracer === undefined) merge()
    else tracer.merge(generated, existing, merge)
    // It takes over all names of the other one.
    replaceResource(map, named.get(id.name)![candidates.indexOf(existing)]!, generated)
  }
}

function indexNames(resources: readonly Resource[]): Map<string, number[]> {
  const named = new Map<string, number[]>()
  for (const [index, resource] of resources.entries()) noteNames(named, resource, index)
  return named
}

function noteNames(named: Map<string, number[]>, resource: Resource, index: number): void {
  noteName(named, nameOf(resource), index)
  for (const { name } of resource.previous) noteName(named, name, index)
}

function noteName(named: Map<string, number[]>, name: string, index: number): void {
  const others = named.get(name)
  if (others === undefined) named.set(name, [index])
  else if (others.at(-1) !== index) others.push(index)
}

function selectExisting(generated: Resource, [existing, ...others]: readonly Resource[]): Resource | undefined {
  const { behavior } = generated
  const id = formatId(currentId(generated))
  const merges = behavior === "merge" || behavior === "replace"
  if (existing === undefined && merges) fail(`id ${id} does not exist; cannot merge or replace`)
  if (others.length > 0) fail(`found multiple objects that could accept merge of ${id}`)
  if (existing !== undefined && !merges)
    fail(`id ${id} exists; can not use behavior: '${behavior}', behavior must be merge or replace`)
  return existing
}

function mergeWith(generated: Resource, existing: Resource): void {
  if (generated.behavior === "replace") takeMetadata(generated, existing)
  else mergeData(generated, existing)
}

function takeMetadata(generated: Resource, existing: Resource): void {
  setMetaMap(generated, "labels", new Map([...metaMap(existing, "labels"), ...metaMap(generated, "labels")]))
  setMetaMap(
    generated,
    "annotations",
    new Map([...metaMap(existing, "annotations"), ...metaMap(generated, "annotations")]),
  )
  setName(generated, nameOf(existing))
  setNamespaceOf(generated, namespaceOf(existing))
  generated.previous = existing.previous
  generated.prefixes = existing.prefixes
  generated.suffixes = existing.suffixes
  generated.needsHash &&= existing.needsHash
  generated.behavior = existing.behavior
  generated.varNames = existing.varNames
  generated.origin ??= existing.origin
  if (generated.transformations.length === 0) generated.transformations = existing.transformations
  ensureAnnotations(generated)
}

function mergeData(generated: Resource, existing: Resource): void {
  const node = ownNode(generated)
  const isSecret = node["apiVersion"] === "v1" && node["kind"] === "Secret"
  const data = new Map([...textsOf(existing.node!, "data"), ...(isSecret ? stringDataOf(existing.node!) : [])])
  for (const [key, value] of textsOf(node, "data")) data.set(key, value)
  const binary = new Map([...textsOf(existing.node!, "binaryData"), ...textsOf(node, "binaryData")])
  takeMetadata(generated, existing)
  delete node["data"]
  delete node["binaryData"]
  addConfigMapData(node, data)
  if (binary.size > 0) {
    const map: OwnMap = {}
    for (const [key, value] of binary) setField(map, key, value)
    node["binaryData"] = map
  }
  if (existing.origin !== undefined) generated.origin = existing.origin
}

function textsOf(node: MapNode, field: string): Map<string, string> {
  const map = fieldOf(node, field)
  return isMap(map) ? new Map(Object.keys(map).map((key) => [key, valueOf(map[key])])) : new Map()
}

/** `stringData` as it will be once it is `data`. */
function stringDataOf(node: MapNode): Map<string, Datum & string> {
  const map = fieldOf(node, "stringData")
  if (isMissingOrNull(map)) return new Map()
  if (!isMap(map)) return fail("stringData must be a map")
  return new Map(
    Object.keys(map).map((key) => {
      if (!isScalar(map[key])) fail(`stringData value for key "${key}" must be a scalar`)
      return [key, encodeBase64(valueOf(map[key]))]
    }),
  )
}
