import { equalJson, type KubeObject, type ManagedFieldsEntry } from "@gitops-toolkit/kube"
import {
  alreadyExists,
  badRequest,
  type Cause,
  conflict,
  forbidden,
  invalid,
  notFound,
  plainError,
  refusal,
} from "../answer.ts"
import { definitionCauses } from "../custom/check/definition.ts"
import { definitionTable } from "../custom/names.ts"
import { withoutForbiddenNulls } from "../custom/defaults.ts"
import { validateCustom } from "../custom/validate.ts"
import { convert } from "../kinds/convert.ts"
import { omit } from "../kinds/omit.ts"
import { viewOf } from "../read/view.ts"
import { type Resource, relabelled, storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { validate } from "../validation/index.ts"
import { metadataCauses, metadataUpdateCauses, nameRuleOf } from "./metadata.ts"
import { behaviour } from "./prepare.ts"

/** Where one object is. */
export interface Place {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
}

/** The live object in the version of the place's resource; undefined when there is none. 400 for a name of no object. */
export function liveAt(state: ServerState, { resource, namespace, name }: Place): KubeObject | undefined {
  if (name.includes("%") || name === "." || name === "..") {
    const why = nameRuleOf("path")(name, false).join(";")
    throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${why}`)
  }
  const stored = state.store.get(resource.table, storeKey(resource, namespace, name))
  return stored && viewOf(stored, resource)
}

/** The live object, or 404. */
export function requireLive(state: ServerState, place: Place): KubeObject {
  const live = liveAt(state, place)
  if (!live) throw notFound(place.resource, place.name)
  return live
}

/** Lists that are written even when they are empty; storage does not tell an empty one from none. */
const written: { readonly [table: string]: readonly string[] } = {
  "clusterroles.rbac.authorization.k8s.io": ["rules"],
  "endpointslices.discovery.k8s.io": ["endpoints", "ports"],
  limitranges: ["spec.limits"],
  "roles.rbac.authorization.k8s.io": ["rules"],
}

function withoutEmptyLists(object: KubeObject, { table }: Resource): KubeObject {
  if (!Object.hasOwn(written, table)) return object
  const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0
  let stored: Record<string, unknown> = object as Record<string, unknown>
  for (const path of written[table]!) {
    const [member, below] = path.split(".") as [string, string?]
    const value = stored[member] as Record<string, unknown> | undefined
    if (below === undefined && isEmpty(value)) stored = { ...stored, [member]: null }
    else if (below !== undefined && isEmpty(value?.[below]))
      stored = { ...stored, [member]: { ...value, [below]: null } }
  }
  return stored as KubeObject
}

/** Reading from storage drops the nulls that a definition does not allow: what apply left of them ends here. */
function withoutNulls(object: KubeObject, { custom }: Resource): KubeObject {
  if (!custom?.schema || custom.preserveUnknown) return object
  return withoutForbiddenNulls(object, custom.schema) as KubeObject
}

/** An object in the version that its table keeps. */
export function storable(given: KubeObject, resource: Resource): KubeObject {
  const object = withoutNulls(withoutEmptyLists(given, resource), resource)
  if (object.apiVersion === resource.storedAs) return object
  return relabelled(convert(object, resource.storedAs), { ...resource, apiVersion: resource.storedAs })
}

/** 404 or 403 when nothing can be created in the namespace. */
export function checkNamespace(state: ServerState, { resource, namespace, name }: Place): void {
  if (!resource.namespaced) return
  const found = state.store.get("namespaces", namespace)
  if (!found) throw notFound({ group: "", plural: "namespaces", kind: "Namespace" }, namespace)
  if (found.metadata.deletionTimestamp === undefined) return
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const message = `namespace ${namespace} is being terminated`
  const { message: text } = forbidden(resource, name, why)
  throw refusal({
    code: 403,
    reason: "Forbidden",
    message: text.replace(/^\[Refused\] /, ""),
    details: {
      name,
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.plural,
      causes: [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }],
    },
  })
}

/** 422 when the object breaks a rule of its kind. */
export function checkObject(
  resource: Resource,
  object: KubeObject,
  { previous, subresource }: { readonly previous?: KubeObject | undefined; readonly subresource: string },
): void {
  const rule = nameRuleOf(behaviour(resource).names)
  const causes: Cause[] = previous ? updateCauses(object, previous, resource.table) : metadataCauses(object, rule)
  const own = ownCauses(resource, object, { previous, subresource })
  if (causes.length + own.length === 0) return
  // The server names the stored kind: a series' version of an Event is an Event of the core group.
  const group = resource.table === "events" ? "" : resource.group
  throw invalid({ group, kind: resource.kind }, object.metadata.name ?? "", [...causes, ...own])
}

function ownCauses(
  resource: Resource,
  object: KubeObject,
  { previous, subresource }: { readonly previous?: KubeObject | undefined; readonly subresource: string },
): readonly Cause[] {
  if (resource.custom) return validateCustom(object, { resource, previous, subresource })
  if (resource.table === definitionTable) return subresource === "" ? definitionCauses(object, previous) : []
  return validate(resource, object, { operation: previous ? "update" : "create", subresource, previous })
}

/** Kinds whose update is also checked as a new object would be, or not checked as an update. */
const checkedAsNew: ReadonlySet<string> = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "configmaps",
  "endpoints",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "jobs.batch",
  "namespaces",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "secrets",
  "serviceaccounts",
  "storageclasses.storage.k8s.io",
])
const checkedOnce: ReadonlySet<string> = new Set(["persistentvolumes", "poddisruptionbudgets.policy"])

/** The server checks the metadata of an update several times, and tells every fault as often. */
function updateCauses(object: KubeObject, previous: KubeObject, table: string): Cause[] {
  const frozen = metadataUpdateCauses(object, previous)
  const form = metadataCauses(object, () => [])
  const times = table === "poddisruptionbudgets.policy" ? 2 : checkedAsNew.has(table) ? 4 : 3
  const repeated = Array.from({ length: times }, () => form).flat()
  return [...frozen, ...(checkedOnce.has(table) ? [] : frozen), ...repeated]
}

/** Stores a new object; 409 when the name is taken. With `dryRun` it only says what would be stored. */
export function commitNew(
  state: ServerState,
  object: KubeObject,
  { place, dryRun }: { readonly place: Place; readonly dryRun: boolean },
): KubeObject {
  const { resource, namespace } = place
  const name = object.metadata.name!
  const key = storeKey(resource, namespace, name)
  const taken = state.store.get(resource.table, key)
  if (taken) throw alreadyExists(resource, name, taken.metadata.deletionTimestamp !== undefined)
  const stored = storable(object, resource)
  return viewOf(dryRun ? stored : state.store.put(resource.table, key, stored), resource)
}

/**
 * Stores a changed object. Nothing is stored when nothing but times in managedFields differs; an object that is being
 * deleted goes when its last finalizer goes.
 */
export function commitChange(
  state: ServerState,
  { live, next }: { readonly live: KubeObject; readonly next: KubeObject },
  { place, dryRun }: { readonly place: Place; readonly dryRun: boolean },
): KubeObject {
  const { resource, namespace, name } = place
  const key = storeKey(resource, namespace, name)
  const changed = keptTimes(next, live)
  if (changed === live) return live
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = changed.metadata
  const stored = storable(changed, resource)
  if (dryRun) return viewOf(stored, resource)
  if (
    deletionTimestamp !== undefined &&
    finalizers.length === 0 &&
    !heldBySpec(changed, resource) &&
    !deletionGracePeriodSeconds
  ) {
    state.store.remove(resource.table, key, stored)
    return changed
  }
  return viewOf(state.store.put(resource.table, key, stored), resource)
}

/** A Namespace is also held by the finalizers of its spec. */
export function heldBySpec(object: KubeObject, resource: Resource): boolean {
  if (resource.table !== "namespaces") return false
  return ((object.spec as { readonly finalizers?: readonly string[] } | undefined)?.finalizers ?? []).length > 0
}

/** `live` itself when only times of managedFields differ. */
function keptTimes(next: KubeObject, live: KubeObject): KubeObject {
  if (next === live) return live
  const { metadata: a, ...restA } = next
  const { metadata: b, ...restB } = live
  const { managedFields: fieldsA = [], ...metaA } = a
  const { managedFields: fieldsB = [], ...metaB } = b
  const sameFields =
    fieldsA === fieldsB ||
    (fieldsA.length === fieldsB.length && equalJson(fieldsA.map(timeless), fieldsB.map(timeless)))
  return sameFields && equalJson(metaA, metaB) && equalJson(restA, restB) ? live : next
}

function timeless(entry: ManagedFieldsEntry): object {
  return omit(entry, "time")
}

/** 409 when the request was made for another version or another object of the same name. */
export function checkPreconditions(
  { resource, namespace, name }: Place,
  live: KubeObject | undefined,
  wanted: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined },
): void {
  if (wanted.uid && wanted.uid !== live?.metadata.uid) {
    const path = resource.namespaced ? `${namespace}/${name}` : name
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${storagePath(resource)}/${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${live?.metadata.uid ?? ""}`,
    )
  }
  const revision = revisionOf(wanted.resourceVersion)
  if (revision && live && revision !== live.metadata.resourceVersion) throw conflict(resource, name)
}

/** The version that an object names; `0` is none. 500, as on the server, when it is no number. */
export function revisionOf(text: string | undefined): string {
  if (!text) return ""
  if (!/^\d+$/.test(text)) throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return text.replace(/^0+/, "")
}

const plainPaths: { readonly [table: string]: string } = {
  services: "services/specs",
  endpoints: "services/endpoints",
  nodes: "minions",
  replicationcontrollers: "controllers",
  "ingresses.networking.k8s.io": "ingress",
}

/** Where etcd keeps a resource: it stands in some messages. */
function storagePath({ table, plural, group, custom }: Resource): string {
  if (Object.hasOwn(plainPaths, table)) return plainPaths[table]!
  return custom ? `${group}/${plural}` : plural
}
