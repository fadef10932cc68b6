import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest, invalid } from "../answer.ts"
import { completeDefinition } from "../custom/complete.ts"
import { withoutForbiddenNulls, withSchemaDefaults } from "../custom/defaults.ts"
import { definitionTable } from "../custom/names.ts"
import { pruned } from "../custom/prune.ts"
import { withDefaults } from "../defaults/index.ts"
import { behaviourOf } from "../kinds/behaviour.ts"
import { type Decoded, decodeStruct } from "../kinds/decode.ts"
import { type StructType, typeOfKind } from "../kinds/types.ts"
import type { Call } from "../wire/request.ts"
import type { Registry, Resource } from "../resource.ts"
import { type ReadBody, summary } from "../wire/body.ts"
import { reportStrict, type WriteOptions } from "./options.ts"

/** An object that was read in the types of its kind and defaulted. */
export interface DecodedObject {
  readonly object: KubeObject
  /** What a strict reading refuses: `unknown field "spec.x"`. */
  readonly finds: readonly string[]
  readonly error?: string
}

const metadataType = (): StructType => typeOfKind("v1", "ConfigMap")!.fields.get("metadata")!.type.struct!

type Members = Record<string, unknown>
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * Reads a value as an object of `resource`: typed, pruned and defaulted. `keepNulls` leaves forbidden nulls of a custom
 * object where they are: what server-side apply makes is not cleaned of them.
 */
export function decodeValue(value: Members, resource: Resource, keepNulls: boolean = false): DecodedObject {
  const decoded = resource.custom ? decodeCustom(value, resource, keepNulls) : decodeBuiltIn(value, resource)
  const metadata = value["metadata"]
  const emptied = isMap(metadata) && Array.isArray(metadata["managedFields"]) && metadata["managedFields"].length === 0
  if (!emptied) return decoded
  // An empty list is not as if there were none: it makes the server forget its managers.
  const { object } = decoded
  return { ...decoded, object: { ...object, metadata: { ...object.metadata, managedFields: [] } } }
}

function findsOf(unknown: readonly string[]): string[] {
  return unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
}

function decodeBuiltIn(value: Members, resource: Resource): DecodedObject {
  const type = typeOfKind(resource.apiVersion, resource.kind)
  const { emptyCounts } = behaviourOf(resource.table)
  const decoded: Decoded = type ? decodeStruct(value, type, emptyCounts) : { value, unknown: [] }
  const object = identified(decoded.value, resource)
  if (decoded.error !== undefined) return { object, finds: [], error: decoded.error }
  const finds = findsOf(decoded.unknown)
  if (resource.table === definitionTable) return { finds, ...completeDefinition(object) }
  return { object: withDefaults(resource, object), finds }
}

/** A value that was just read under the kind of `resource`: the members that tell it first. */
function identified(value: Members, { kind, apiVersion }: Resource): KubeObject {
  if (value["kind"] === kind && value["apiVersion"] === apiVersion && value["metadata"]) return value as KubeObject
  const { kind: _, apiVersion: __, metadata, ...rest } = value
  return { kind, apiVersion, metadata: metadata ?? {}, ...rest } as KubeObject
}

/** The object without the empty maps and lists that were kept for the count of its generation: nothing else sees them. */
export function withoutEmpties(object: KubeObject, resource: Resource): KubeObject {
  const type =
    !resource.custom && behaviourOf(resource.table).emptyCounts && typeOfKind(resource.apiVersion, resource.kind)
  if (!type) return object
  const { kind: _, apiVersion: __, metadata, ...rest } = decodeStruct(object, type).value
  const { managedFields } = object.metadata
  // An empty list of managers is not as if there were none.
  const forgotten = managedFields?.length === 0 ? { managedFields } : {}
  const { kind, apiVersion } = object
  return { kind, apiVersion, metadata: { ...(metadata as object), ...forgotten }, ...rest } as KubeObject
}

function decodeCustom(value: Members, resource: Resource, keepNulls: boolean): DecodedObject {
  const { schema, preserveUnknown } = resource.custom!
  const metadata = decodeStruct(isMap(value["metadata"]) ? value["metadata"] : {}, metadataType())
  const whole: Members = { ...value, metadata: metadata.value }
  if (metadata.error !== undefined) return { object: whole as KubeObject, finds: [], error: metadata.error }
  const finds = metadata.unknown.map((path) => `metadata.${path}`)
  if (!schema || preserveUnknown) return { object: whole as KubeObject, finds: findsOf(finds) }
  const kept = pruned(whole, schema)
  if (kept.fault !== undefined) return { object: whole as KubeObject, finds: [], error: kept.fault }
  const object = withSchemaDefaults(
    keepNulls ? kept.value : withoutForbiddenNulls(kept.value, schema),
    schema,
  ) as KubeObject
  return { object, finds: findsOf([...kept.unknown, ...finds].toSorted()) }
}

/** Reads the body of a POST or PUT as an object of `resource`. 400 like the server. */
export function decodeObject(
  call: Call,
  read: ReadBody,
  {
    resource,
    registry,
    options,
  }: { readonly resource: Resource; readonly registry: Registry; readonly options: WriteOptions },
): KubeObject {
  const value = read.value as Members
  checkKind(value, read, { resource, registry })
  const decoded = decodeValue(value, resource)
  const what = `${String(value["kind"] ?? resource.kind)} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}`
  if (decoded.error !== undefined) throw badRequest(`${what}: ${decoded.error}`)
  const duplicates = read.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  reportStrict(call, options, { finds: [...duplicates, ...decoded.finds], what })
  return decoded.object
}

function checkKind(
  value: Members,
  read: ReadBody,
  { resource, registry }: { readonly resource: Resource; readonly registry: Registry },
): void {
  const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown }
  if (resource.custom && !kind) {
    const quoted = `Object 'Kind' is missing in '${read.text}' (${summary(read.text)})`
    throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): ${quoted}`)
  }
  if (apiVersion && apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${resource.apiVersion})`,
    )
  }
  if (!kind || kind === resource.kind) return
  const name = isMap(value["metadata"]) ? String(value["metadata"]["name"] ?? "") : ""
  if (resource.custom) {
    const message = `Invalid value: ${JSON.stringify(kind)}: must be ${resource.kind}`
    throw invalid({ group: resource.group, kind: String(kind) }, name, [
      { reason: "FieldValueInvalid", message, field: "kind" },
    ])
  }
  throw badRequest(kindMismatch(String(kind), { resource, registry }))
}

/** The text of a 400 about a body of another kind. */
export function kindMismatch(
  kind: string,
  {
    resource,
    registry,
    apiVersion = resource.apiVersion,
  }: { readonly resource: Resource; readonly registry: Registry; readonly apiVersion?: string | undefined },
): string {
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1)
  if (!registry.ofKind(apiVersion, kind) && !typeOfKind(apiVersion, kind)) {
    return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`
  }
  const internal = resource.group === "" ? "core" : resource.group.split(".")[0]!
  return `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: converting (${version}.${kind}) to (${internal}.${resource.kind}): unknown conversion`
}
