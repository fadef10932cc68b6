import type { KubeObject } from "@gitops-toolkit/kube"
import { answerOf, badRequest, type Cause, conflict, forbidden, invalid, type Status } from "../answer.ts"
import { decodeStruct } from "../kinds/decode.ts"
import { typeOfKind } from "../kinds/types.ts"
import { type Call, flag, parameter } from "../wire/request.ts"
import { type Resource, storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { readBody, type YamlReader } from "../wire/body.ts"
import { markedDefinition } from "../custom/terminate.ts"
import { definitionTable } from "../custom/names.ts"
import { heldBySpec, type Place, requireLive, storable } from "./commit.ts"
import { dryRunCauses } from "./options.ts"
import { behaviour, hasStatusPath } from "./prepare.ts"

/** What a DELETE may say. */
export interface DeleteRequest {
  readonly dryRun: boolean
  readonly propagation: "Background" | "Foreground" | "Orphan" | undefined
  readonly graceSeconds: number | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  /** True for the old way to ask for a deletion in the background; it is answered by 202 when something holds the object. */
  readonly withDependents?: boolean
}

interface Options {
  readonly dryRun?: readonly string[]
  readonly propagationPolicy?: string
  readonly orphanDependents?: boolean
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** Reads the options of a DELETE from its body, or else its query. 400 and 422 like the server. */
export function deleteRequestOf(call: Call, readYaml: YamlReader): DeleteRequest {
  const hasBody = call.body !== undefined && call.body.length > 0
  const options = hasBody ? bodyOptions(call, readYaml) : queryOptions(call)
  const causes: Cause[] = [...dryRunCauses(options.dryRun ?? []), ...propagationCauses(options)]
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", causes)
  const orphan = options.orphanDependents === undefined ? undefined : options.orphanDependents ? "Orphan" : "Background"
  const grace = options.gracePeriodSeconds
  return {
    dryRun: (options.dryRun ?? []).length > 0,
    propagation: (options.propagationPolicy ?? orphan) as DeleteRequest["propagation"],
    graceSeconds: grace === undefined ? undefined : grace < 0 ? 1 : Number(grace),
    uid: options.preconditions?.uid,
    resourceVersion: options.preconditions?.resourceVersion,
    withDependents: options.orphanDependents === false,
  }
}

function bodyOptions(call: Call, readYaml: YamlReader): Options {
  const { value } = deleteBody(call, readYaml)
  const decoded = decodeStruct(value, typeOfKind("meta.k8s.io/v1", "DeleteOptions")!)
  if (decoded.error !== undefined) throw badRequest(decoded.error)
  return decoded.value as Options
}

/** The body of a DELETE; any group's `DeleteOptions` will do. */
function deleteBody(call: Call, readYaml: YamlReader): { readonly value: unknown } {
  const read = unwrapped(() => readBody(call, "DeleteOptions", readYaml))
  const { kind, apiVersion = "v1" } = read.value as { readonly kind?: string; readonly apiVersion?: string }
  if (kind && kind !== "DeleteOptions") {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
  }
  return read
}

/** Here the server tells the fault of the text alone. */
function unwrapped<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    const { status, object } = answerOf(error) ?? {}
    const message = (object as Status | undefined)?.message ?? ""
    const fault = /couldn't get version\/kind; .*(?= \()/s.exec(message)
    throw status === 400 && fault ? badRequest(fault[0]) : error
  }
}

function queryOptions(call: Call): Options {
  const grace = parameter(call, "gracePeriodSeconds")
  if (grace !== undefined && !/^[+-]?\d{1,18}$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  }
  const policy = parameter(call, "propagationPolicy")
  const uid = parameter(call, "uid")
  const resourceVersion = parameter(call, "resourceVersion")
  return {
    dryRun: call.query.get("dryRun") ?? [],
    ...(policy === undefined || policy === "" ? {} : { propagationPolicy: policy }),
    ...(call.query.has("orphanDependents") ? { orphanDependents: flag(call, "orphanDependents") } : {}),
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    preconditions: {
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    },
  }
}

function propagationCauses({ propagationPolicy: policy, orphanDependents }: Options): Cause[] {
  if (policy === undefined) return []
  const field = "propagationPolicy"
  const causes: Cause[] = []
  if (orphanDependents !== undefined) {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`
    causes.push({ reason: "FieldValueInvalid", message, field })
  }
  if (["Background", "Foreground", "Orphan"].includes(policy)) return causes
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`
  return [...causes, { reason: "FieldValueNotSupported", message, field }]
}

/** The outcome of a deletion: the object as it was or stays, and whether it is gone. */
export interface Deletion {
  readonly object: KubeObject
  readonly gone: boolean
}

const protectedNamespaces: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"])

/** Deletes an object, or marks it when finalizers or a grace period hold it. */
export function deleteObject(state: ServerState, place: Place, request: DeleteRequest): Deletion {
  const { resource, name } = place
  if (resource.table === "namespaces" && protectedNamespaces.has(name)) {
    throw forbidden(resource, name, "this namespace may not be deleted")
  }
  const live = requireLive(state, place)
  checkDeletePreconditions(live, place, request)
  const next = marked(state, live, { resource, request })
  const { finalizers = [], deletionGracePeriodSeconds } = next.metadata
  const gone = finalizers.length === 0 && !deletionGracePeriodSeconds && !heldBySpec(next, resource)
  // Only Pods are marked before they go.
  const left = gone && resource.table !== "pods" ? live : next
  if (request.dryRun) return { object: left, gone }
  const key = storeKey(resource, place.namespace, name)
  if (gone) return { object: state.store.remove(resource.table, key, storable(left, resource)) ?? left, gone }
  return { object: next === live ? live : state.store.put(resource.table, key, storable(next, resource)), gone }
}

function checkDeletePreconditions(
  { metadata }: KubeObject,
  { resource, name }: Place,
  { uid, resourceVersion }: DeleteRequest,
): void {
  const isOwn = resource.table === "namespaces" || resource.table === definitionTable
  const named = isOwn ? resource : { ...resource, plural: resource.kind }
  const refuse = (field: string, wanted: string, found: string | undefined): never => {
    const happened = field === "UID" ? "deleted and then recreated" : "modified"
    const why = isOwn
      ? `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`
      : `the ${field} in the precondition (${wanted}) does not match the ${field} in record (${found}). The object might have been ${happened}`
    throw conflict(named, name, why)
  }
  if (uid && uid !== metadata.uid) refuse("UID", uid, metadata.uid)
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    refuse("ResourceVersion", resourceVersion, metadata.resourceVersion)
}

/** The object with the deletion's marks: deletionTimestamp, grace period, the finalizers of its propagation. */
function marked(
  state: ServerState,
  live: KubeObject,
  { resource, request }: { readonly resource: Resource; readonly request: DeleteRequest },
): KubeObject {
  if (resource.table === definitionTable && live.metadata.deletionTimestamp === undefined)
    return markedDefinition(live, state.timestamp())
  const finalizers = finalizersFor(live, { resource, request })
  const grace = graceOf(live, { resource, request })
  const { metadata } = live
  const before = metadata.finalizers ?? []
  const same = finalizers.length === before.length && finalizers.every((name) => before.includes(name))
  const shorter = metadata.deletionGracePeriodSeconds !== undefined && grace < metadata.deletionGracePeriodSeconds
  if (metadata.deletionTimestamp !== undefined && same && !shorter) return live
  const { finalizers: _, ...rest } = metadata
  const changesGeneration =
    behaviour(resource).generation && metadata.deletionTimestamp === undefined && metadata.generation !== undefined
  const isNamespace = resource.table === "namespaces"
  const deletion = metadata.deletionTimestamp === undefined || shorter
  const object: KubeObject = {
    ...live,
    metadata: {
      ...rest,
      ...(changesGeneration ? { generation: metadata.generation! + 1 } : {}),
      ...(deletion ? { deletionTimestamp: timestampIn(state, grace) } : {}),
      ...(isNamespace ? {} : { deletionGracePeriodSeconds: grace }),
      ...(finalizers.length > 0 ? { finalizers } : {}),
    },
  }
  return isNamespace ? { ...object, status: { ...(live.status as object), phase: "Terminating" } } : object
}

function timestampIn(state: ServerState, seconds: number): string {
  if (seconds === 0) return state.timestamp()
  return `${new Date(state.clock.now() + seconds * 1000).toISOString().slice(0, 19)}Z`
}

function finalizersFor(
  live: KubeObject,
  { resource, request }: { readonly resource: Resource; readonly request: DeleteRequest },
): readonly string[] {
  const before = live.metadata.finalizers ?? []
  const isNamespace = resource.table === "namespaces"
  const asked = isNamespace && request.withDependents ? "Foreground" : request.propagation
  const kept = before.filter((name) => name !== "orphan" && name !== "foregroundDeletion")
  if (asked === "Background") return kept
  if (asked === "Foreground") return [...kept, "foregroundDeletion"]
  if (asked === "Orphan") return [...kept, "orphan"]
  const standing = before.find((name) => name === "orphan" || name === "foregroundDeletion")
  if (standing) return before
  return behaviour(resource).propagation === "Orphan" ? [...kept, "orphan"] : kept
}

function graceOf(
  live: KubeObject,
  { resource, request }: { readonly resource: Resource; readonly request: DeleteRequest },
): number {
  if (resource.table !== "pods") return 0
  const { spec, status } = live as {
    readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
    readonly status?: { readonly phase?: string }
  }
  if (!spec?.nodeName || status?.phase === "Succeeded" || status?.phase === "Failed") return 0
  return request.graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30
}

/** What DELETE answers: the object where it stays or the kind says so, a Status otherwise. */
export function deletionAnswer({ object, gone }: Deletion, resource: Resource): KubeObject | Status {
  if (!gone || behaviour(resource).answersObject) return object
  const { name = "", uid } = object.metadata
  const details = {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
    ...(uid === undefined ? {} : { uid }),
  }
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }
}

/** True when a deletion of this kind orphans its dependents unless the request says otherwise. */
export function warnsOfOrphans(resource: Resource, request: DeleteRequest): boolean {
  return resource.table === "jobs.batch" && request.propagation === undefined && hasStatusPath(resource)
}
