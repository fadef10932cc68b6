import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest, notFound, plainError } from "../answer.ts"
import type { Call } from "../wire/request.ts"
import type { ServerState } from "../state.ts"
import { liveAt, type Place, revisionOf } from "./commit.ts"
import { createObject } from "./create.ts"
import { decodeValue } from "./decode.ts"
import { mergeApplied } from "./managed.ts"
import type { WriteOptions } from "./options.ts"
import { restoreFault } from "./patch.ts"
import { updateObject } from "./update.ts"

/** One server-side apply. */
export interface ApplyRequest {
  readonly body: { readonly value: unknown; readonly duplicates: readonly string[] }
  readonly place: Place
  readonly call: Call
  readonly subresource: string
  readonly options: WriteOptions
}

/** Applies a body: creates the object or merges it with the live one. */
export function applyObject(
  state: ServerState,
  request: ApplyRequest,
): { readonly object: KubeObject; readonly created: boolean } {
  const { place, subresource, options } = request
  const { resource } = place
  const desired = desiredOf(request)
  const writer = { resource, registry: state.registry, manager: options.manager, subresource, nowMs: state.clock.now() }
  const merge = (live: KubeObject | undefined): KubeObject => {
    const merged = mergeApplied(live, desired, { writer, force: options.force })
    if (merged === live) return live
    const decoded = decodeValue(merged as Record<string, unknown>, resource, true)
    if (decoded.error !== undefined) throw plainError(conversionFault(desired, decoded.error))
    return decoded.object
  }
  const live = liveAt(state, place)
  if (live) {
    const checked = (before: KubeObject): KubeObject => {
      const merged = merge(before)
      const { uid, resourceVersion } = desired.metadata
      if (merged === before && uid === undefined && revisionOf(resourceVersion) === "") return before
      const conditions = {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      }
      return { ...merged, metadata: { ...merged.metadata, ...conditions } }
    }
    return { object: updateObject(state, checked, { place, subresource, ...options, tracked: true }), created: false }
  }
  if (subresource !== "") throw notFound(resource, place.name)
  const fresh = merge(undefined)
  checkApplied(desired, place)
  const object = revisionOf(fresh.metadata.resourceVersion) === "" ? fresh : withoutRevision(fresh)
  return { object: createObject(state, object, { place, ...options, tracked: true }), created: true }
}

/** What is no text is none. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function withoutRevision(object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** The server's words for an applied object that its type cannot hold. */
function conversionFault({ apiVersion, kind, metadata }: KubeObject, error: string): string {
  const type = `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
  return `failed to convert new object (${metadata.namespace ?? ""}/${metadata.name ?? ""}; ${type}) to proper version: unable to convert unstructured object to ${type}: ${restoreFault(error)}`
}

/** 400 when the body of a creation names nothing, or something else than the path. */
function checkApplied({ metadata }: KubeObject, { name }: Place): void {
  if (!metadata.name)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
}

function desiredOf({ body, place, call, options }: ApplyRequest): KubeObject {
  const { duplicates } = body
  const { value } = body
  if (value === null || value === undefined) throw badRequest("invalid object type: /, Kind=")
  if (typeof value !== "object" || Array.isArray(value)) {
    const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value
    const why = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`)
  }
  if (duplicates.length > 0 && options.fieldValidation === "Strict") {
    const lines = duplicates.map((line) => `\n  ${line}`).join("")
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`)
  }
  if (options.fieldValidation === "Warn") call.warnings.push(...duplicates)
  const object = value as KubeObject
  const kind = textOf(object.kind)
  const apiVersion = textOf(object.apiVersion)
  if (apiVersion !== place.resource.apiVersion || kind !== place.resource.kind) {
    const group =
      kind === "" || apiVersion === "" ? `/${apiVersion}` : apiVersion.includes("/") ? apiVersion : `/${apiVersion}`
    throw badRequest(`invalid object type: ${group}, Kind=${kind}`)
  }
  return (object as Partial<KubeObject>).metadata === undefined || object.metadata === null
    ? { ...object, metadata: {} }
    : object
}
