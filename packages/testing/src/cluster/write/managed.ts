import { equalJson, groupOf, type KubeObject } from "@gitops-toolkit/kube"
import {
  applyManaged,
  type FieldSet,
  isPatchError,
  parseFieldSet,
  type Topology,
  topologyOf,
  updateManaged,
  type Versions,
  withoutFields,
  type WriterOptions,
} from "@gitops-toolkit/patch"
import { badRequest, plainError, refusal } from "../answer.ts"
import { convert } from "../kinds/convert.ts"
import { decodeStruct } from "../kinds/decode.ts"
import { typeOfKind } from "../kinds/types.ts"
import { type Registry, type Resource, relabelled } from "../resource.ts"
import { resetFieldsOf } from "./reset.ts"

/** Who writes what, where and when: what the tracking of fields needs. */
export interface Writer {
  readonly resource: Resource
  readonly registry: Registry
  readonly manager: string
  /** The sub-resource that is written to; empty for the object itself. */
  readonly subresource: string
  readonly nowMs: number
}

/** The shape of a resource's objects as far as merging cares. */
export function topologyOfResource(resource: Resource): Topology {
  return resource.custom ? resource.custom.topology : topologyOf(resource)!
}

const resetFilters = new Map<string, (set: FieldSet) => FieldSet>()

function resetFilter(resource: Resource, subresource: string): ((set: FieldSet) => FieldSet) | undefined {
  const fields = resetFieldsOf(resource, subresource)
  if (!fields) return undefined
  const key = JSON.stringify(fields)
  let filter = resetFilters.get(key)
  if (!filter) {
    filter = withoutFields(parseFieldSet(fields))
    resetFilters.set(key, filter)
  }
  return filter
}

function versionsOf(resource: Resource, registry: Registry): Versions {
  const resourceIn = (apiVersion: string): Resource | undefined => {
    const version = apiVersion.slice(apiVersion.indexOf("/") + 1)
    return groupOf(apiVersion) === resource.group
      ? registry.find(resource.group, version, resource.plural)
      : registry.ofKind(apiVersion, resource.kind)
  }
  return {
    topologyOf: (apiVersion) => {
      const found = resourceIn(apiVersion)
      return found && topologyOfResource(found)
    },
    convert: (object, _, to) => {
      const found = resourceIn(to)
      if (!found) throw new Error(`no ${to}`)
      return relabelled(convert(object as KubeObject, to), found)
    },
  }
}

function optionsOf({ resource, registry, manager, subresource, nowMs }: Writer): WriterOptions {
  const owned = resetFilter(resource, subresource)
  return {
    manager,
    apiVersion: resource.apiVersion,
    topology: topologyOfResource(resource),
    now: new Date(nowMs),
    ...(subresource === "" ? {} : { subresource }),
    versions: versionsOf(resource, registry),
    ...(owned ? { owned: (fields: FieldSet) => owned(fields) } : {}),
  }
}

/** A changed or new object with its `managedFields`: the writer owns what it changed. */
export function trackUpdate(object: KubeObject, live: KubeObject | undefined, writer: Writer): KubeObject {
  return updateManaged({ ...optionsOf(writer), live, object })
}

/**
 * A new object with its `managedFields`. What a new object of the kind has anyway (`rules: null`, an empty text that is
 * always written) nobody owns.
 */
export function trackCreated(object: KubeObject, writer: Writer): KubeObject {
  const { resource } = writer
  const type = resource.custom ? undefined : typeOfKind(resource.apiVersion, resource.kind)
  if (!type) return trackUpdate(object, undefined, writer)
  const empty = decodeStruct({}, type).value
  const extra = Object.entries(empty).filter(([name, value]) => name !== "metadata" && equalJson(value, object[name]))
  if (extra.length === 0) return trackUpdate(object, undefined, writer)
  const bare: Record<string, unknown> = { ...object }
  for (const [name] of extra) delete bare[name]
  const { managedFields } = trackUpdate(bare as KubeObject, undefined, writer).metadata
  return { ...object, metadata: { ...object.metadata, ...(managedFields ? { managedFields } : {}) } }
}

/** The live object with the fields of `desired` applied, `managedFields` included. 400, 409 and 500 like the server. */
export function mergeApplied(
  live: KubeObject | undefined,
  desired: KubeObject,
  { writer, force }: { readonly writer: Writer; readonly force: boolean },
): KubeObject {
  const result = refusing(() => applyManaged({ ...optionsOf(writer), live, desired, force }))
  if ("object" in result) return result.object
  throw refusal({ code: 409, reason: "Conflict", message: result.message, details: { causes: result.causes } })
}

function refusing<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (isPatchError(error, "InvalidPatch")) throw badRequest(error.rawMessage)
    if (isPatchError(error)) throw plainError(error.rawMessage)
    throw error
  }
}
