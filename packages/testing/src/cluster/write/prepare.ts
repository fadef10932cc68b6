import type { KubeObject } from "@gitops-toolkit/kube"
import { equalJson } from "@gitops-toolkit/kube"
import { plainError } from "../answer.ts"
import { type Behaviour, behaviourOf, customBehaviour } from "../kinds/behaviour.ts"
import { emptyStatusOf } from "../kinds/status.ts"
import { definitionTable } from "../custom/names.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"

/** The behaviour of a resource, built in or custom. */
export function behaviour(resource: Resource): Behaviour {
  return resource.custom ? customBehaviour : behaviourOf(resource.table)
}

/** True when `status` is written through a path of its own. */
export function hasStatusPath(resource: Resource): boolean {
  return resource.subresources.some(({ name }) => name === "status")
}

/** Kinds whose metadata cannot be changed through `/status`. */
const metadataKeepers: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io",
  "devicetaintrules.resource.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "podgroups.scheduling.k8s.io",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "resourceclaims.resource.k8s.io",
  "servicecidrs.networking.k8s.io",
  "storageversionmigrations.storagemigration.k8s.io",
  "storageversions.internal.apiserver.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
])

/** True when a write to `/status` leaves labels, annotations and the rest of metadata as they are. */
export function keepsMetadata({ table, custom }: Resource): boolean {
  return custom !== undefined || metadataKeepers.has(table)
}

const alphabet = "bcdfghjklmnpqrstvwxz2456789"

/** A name of `prefix` and five random characters, cut to 63. */
export function generatedName(state: ServerState, prefix: string): string {
  let suffix = ""
  for (let i = 0; i < 5; i++) suffix += alphabet[Math.floor(state.random() * alphabet.length)]!
  return prefix.slice(0, 58) + suffix
}

/** A new object without the metadata that only the server writes. */
export function withoutSystemFields(object: KubeObject): KubeObject {
  const {
    deletionTimestamp: _,
    deletionGracePeriodSeconds: __,
    creationTimestamp: ___,
    uid: ____,
    ...metadata
  } = object.metadata
  return { ...object, metadata }
}

/** A new object with the system's metadata, without a status of its own. */
export function prepareNew(
  state: ServerState,
  object: KubeObject,
  { resource, namespace }: { readonly resource: Resource; readonly namespace: string },
): KubeObject {
  // What is no number is passed over.
  if (/^0*[1-9]\d*$/.test(object.metadata.resourceVersion ?? ""))
    throw plainError("resourceVersion should not be set on objects to be created")
  const { name, generateName } = object.metadata
  const metadata: Record<string, unknown> = {}
  metadata["name"] = name || (generateName ? generatedName(state, generateName) : namelessName(state, resource))
  if (generateName) metadata["generateName"] = generateName
  if (resource.namespaced) metadata["namespace"] = namespace
  metadata["uid"] = state.newUid()
  for (const [member, value] of Object.entries(object.metadata)) if (!ownMetadata.has(member)) metadata[member] = value
  if (behaviour(resource).generation) metadata["generation"] = 1
  metadata["creationTimestamp"] = state.timestamp()
  return withoutStatus({ ...object, metadata } as KubeObject, resource)
}

/** What a new object has from the server alone, or at another place. */
const ownMetadata: ReadonlySet<string> = new Set([
  "name",
  "generateName",
  "namespace",
  "uid",
  "selfLink",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
])

/** Only limits may come without a name. */
function namelessName(state: ServerState, { table }: Resource): string {
  return table === "limitranges" ? state.newUid() : ""
}

function withoutStatus(object: KubeObject, resource: Resource): KubeObject {
  if (!hasStatusPath(resource)) return object
  if (resource.custom) return object.status === undefined ? object : omitStatus(object)
  if (resource.table === definitionTable) return { ...object, status: withStoredVersion(object, {}) }
  // Kubelets register their nodes with what they found.
  if (resource.table === "nodes" && object.status !== undefined) return object
  const status = emptyStatusOf(resource)
  return status === undefined ? omitStatus(object) : { ...object, status }
}

function omitStatus(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object
  return rest as KubeObject
}

/** The status of a definition names every version that was ever stored. */
function withStoredVersion(definition: KubeObject, status: object): object {
  const { versions } = (definition.spec ?? {}) as {
    readonly versions?: readonly { readonly name: string; readonly storage: boolean }[] | null
  }
  const { storedVersions } = status as { readonly storedVersions?: readonly string[] | null }
  const known = storedVersions ?? []
  const stored = versions?.find(({ storage }) => storage)
  const all = stored && !known.includes(stored.name) ? [...known, stored.name] : known
  const first = { conditions: null, acceptedNames: { plural: "", kind: "" } }
  return { ...(known.length === 0 ? first : {}), ...status, storedVersions: all }
}

/**
 * `next` with what an update on the main path cannot change: the system's metadata, the status, the generation. `given` is
 * the object as the request has it.
 */
export function prepareUpdate(
  next: KubeObject,
  live: KubeObject,
  { resource, given }: { readonly resource: Resource; readonly given: KubeObject },
): KubeObject {
  const metadata = systemMetadata(next, live)
  let object: KubeObject = { ...next, metadata }
  if (hasStatusPath(resource)) {
    const { status: _, ...rest } = object
    object = (live.status === undefined ? rest : { ...rest, status: live.status }) as KubeObject
    if (resource.table === definitionTable) object = { ...object, status: withStoredVersion(object, live.status ?? {}) }
  }
  return withGeneration(object, live, { resource, given })
}

/** The metadata of `next` with the members that only the server writes. */
export function systemMetadata(next: KubeObject, live: KubeObject): KubeObject["metadata"] {
  const {
    generation: _,
    selfLink: __,
    ...given
  } = next.metadata as KubeObject["metadata"] & { readonly selfLink?: string }
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = live.metadata
  const metadata: Record<string, unknown> = {
    ...given,
    ...(given.uid || uid === undefined ? {} : { uid }),
    ...(given.creationTimestamp || !creationTimestamp ? {} : { creationTimestamp }),
    ...(given.namespace || live.metadata.namespace === undefined ? {} : { namespace: live.metadata.namespace }),
    ...(given.deletionTimestamp || deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(given.deletionGracePeriodSeconds !== undefined || deletionGracePeriodSeconds === undefined
      ? {}
      : { deletionGracePeriodSeconds }),
    ...(generation === undefined ? {} : { generation }),
    resourceVersion: live.metadata.resourceVersion,
  }
  return metadata
}

/** Counts the generation up when something changed that it counts. */
function withGeneration(
  next: KubeObject,
  live: KubeObject,
  { resource, given }: { readonly resource: Resource; readonly given: KubeObject },
): KubeObject {
  const { generation, counts, emptyCounts } = behaviour(resource)
  if (!generation || counts === "nothing") return next
  const changed = !equalJson(counted(emptyCounts ? given : next, resource), counted(live, resource))
  const relabelled = counts !== "content" && !equalJson(next.metadata[counts] ?? {}, live.metadata[counts] ?? {})
  if (!changed && !relabelled) return next
  return { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 0) + 1 } }
}

/** What counts for the generation: everything but metadata and, where it has a path of its own, status. */
function counted(object: KubeObject, resource: Resource): unknown {
  if (!resource.custom && object.spec !== undefined) return object.spec
  const { metadata: _, apiVersion: __, kind: ___, ...rest } = object
  if (!hasStatusPath(resource)) return rest
  const { status: ____, ...spec } = rest
  return spec
}
