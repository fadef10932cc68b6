import { emptyConfig, mergeConfigs } from "../config/transformer-config.ts"
import { fail } from "../error.ts"
import { addConfigMapData, encodeBase64 } from "../generators/data-object.ts"
import type { Datum } from "../generators/key-values.ts"
import type { Var } from "../kustomization.ts"
import { checkObjects } from "../limits.ts"
import { fieldOf, isMap, isMissingOrNull, isScalar, setField, valueOf } from "../node/node.ts"
import type { MapNode, OwnMap } from "../node/node.ts"
import { ownNode } from "../node/own.ts"
import { formatId } from "../resource/resource-id.ts"
import { appendMap, appendResources, createResourceMap, findByAnyId, forgetIds } from "../resource/resource-map.ts"
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
import type { Accumulator, BuildContext } from "./context.ts"

/** An accumulator without anything in it. */
export function createAccumulator(context: BuildContext): Accumulator {
  return { map: createResourceMap(context.openApi.scopes), config: emptyConfig, vars: new Map() }
}

/** Adds what a base has gathered. */
export function mergeAccumulators(into: Accumulator, from: Accumulator, context: BuildContext): void {
  appendMap(into.map, from.map)
  checkObjects(context.budget, into.map.resources.length)
  into.config = mergeConfigs(into.config, from.config)
  for (const variable of from.vars.values()) addVar(into, variable)
}

/** Adds a var; two of one name are an error. */
export function addVar(accumulator: Accumulator, variable: Var): void {
  if (accumulator.vars.has(variable.name)) fail(`var '${variable.name}' already encountered`)
  accumulator.vars.set(variable.name, variable)
}

/** Adds a generated object: as a new one, or merged into or in place of one that has its id. */
export function absorbGenerated(map: ResourceMap, generated: Resource): void {
  const id = currentId(generated)
  const [existing, ...others] = findByAnyId(map, id)
  const { behavior } = generated
  if (existing === undefined) {
    if (behavior === "merge" || behavior === "replace")
      fail(`id ${formatId(id)} does not exist; cannot merge or replace`)
    appendResources(map, [generated])
    return
  }
  if (others.length > 0) fail(`found multiple objects that could accept merge of ${formatId(id)}`)
  if (behavior === "replace") takeMetadata(generated, existing)
  else if (behavior === "merge") mergeData(generated, existing)
  else fail(`id ${formatId(id)} exists; can not use behavior: '${behavior}', behavior must be merge or replace`)
  map.resources[map.resources.indexOf(existing)] = generated
  forgetIds(map)
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
