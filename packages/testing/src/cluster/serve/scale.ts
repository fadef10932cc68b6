import type { KubeObject } from "@gitops-toolkit/kube"
import { type Answer, badRequest, internalError, invalid } from "../answer.ts"
import { decodeStruct } from "../kinds/decode.ts"
import { typeOfKind } from "../kinds/types.ts"
import type { Resource } from "../resource.ts"
import { type LabelSelector, selectorText } from "../read/selector-text.ts"
import type { ServerState } from "../state.ts"
import { readBody } from "../wire/body.ts"
import { checkPreconditions, type Place, requireLive } from "../write/commit.ts"
import { kindMismatch } from "../write/decode.ts"
import { mergeApplied } from "../write/managed.ts"
import { type WriteOptions, writeOptionsOf } from "../write/options.ts"
import { applyBody, patchBody, patchKindOf, unreadableResult } from "../write/patch.ts"
import { updateObject } from "../write/update.ts"
import type { ResourceCall } from "./resource.ts"

interface Paths {
  readonly replicas: readonly string[]
  readonly current: readonly string[]
  readonly selector: readonly string[] | undefined
}

const builtInPaths: Paths = {
  replicas: ["spec", "replicas"],
  current: ["status", "replicas"],
  selector: ["spec", "selector"],
}

function pathsOf({ custom }: Resource): Paths {
  if (!custom?.scale) return builtInPaths
  const split = (path: string): string[] => path.replace(/^\./, "").split(".")
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = custom.scale
  return {
    replicas: split(specReplicasPath),
    current: split(statusReplicasPath),
    selector: labelSelectorPath === undefined ? undefined : split(labelSelectorPath),
  }
}

function at(object: unknown, path: readonly string[]): unknown {
  let value = object
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function withAt(object: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  const map = (object ?? {}) as Record<string, unknown>
  return { ...map, [name]: withAt(map[name], rest, value) }
}

/** The Scale of an object. */
function scaleOf(object: KubeObject, resource: Resource): KubeObject {
  const paths = pathsOf(resource)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = Number(at(object, paths.replicas) ?? 0)
  const selector = paths.selector && at(object, paths.selector)
  const text = typeof selector === "string" ? selector : selector ? selectorText(selector as LabelSelector) : ""
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(at(object, paths.current) ?? 0), ...(text === "" ? {} : { selector: text }) },
  } as KubeObject
}

/** Serves `/scale`. */
export function serveScale(state: ServerState, request: ResourceCall, place: Place): Answer {
  const { call, resource, verb, readYaml } = request
  if (verb === "get") return { status: 200, object: scaleOf(scalable(state, place), resource) }
  if (verb === "update") {
    const options = writeOptionsOf(call, "UpdateOptions")
    const { value } = readBody(call, "Scale", readYaml)
    const { kind, apiVersion } = value as Partial<KubeObject>
    if (kind && (kind !== "Scale" || apiVersion !== "autoscaling/v1")) {
      throw badRequest(kindMismatch(kind, { resource: scaleResource, registry: state.registry, apiVersion }))
    }
    const unreadable = (fault: string): Error =>
      badRequest(
        resource.custom
          ? 'no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"'
          : `Scale in version "v1" cannot be handled as a Scale: ${fault}`,
      )
    return { status: 200, object: rescale(state, { scale: decodeScale(value, unreadable), place, options }) }
  }
  const kind = patchKindOf(call, resource)
  const options = writeOptionsOf(call, "PatchOptions")
  const live = scalable(state, place)
  if (kind === "apply") return { status: 200, object: applyScale(state, request, { place, options }) }
  const patched = patchBody(call, kind === "strategic" ? "merge" : kind, { resource: scaleResource })(
    scaleOf(live, resource),
  )
  const scale = decodeScale(patched, (fault) => unreadableResult(call, kind, fault))
  return { status: 200, object: rescale(state, { scale, place, options }) }
}

/** The live object; 500 for a custom one that does not say how many it wants. */
function scalable(state: ServerState, place: Place): KubeObject {
  const live = requireLive(state, place)
  const { custom } = place.resource
  if (custom && at(live, pathsOf(place.resource).replicas) === undefined)
    throw internalError(`the spec replicas field ${JSON.stringify(custom.scale!.specReplicasPath)} does not exist`)
  return live
}

const scaleResource = { group: "autoscaling", version: "v1", kind: "Scale", apiVersion: "autoscaling/v1" } as Resource

function decodeScale(value: unknown, unreadable: (fault: string) => Error): KubeObject {
  const decoded = decodeStruct(value, typeOfKind("autoscaling/v1", "Scale")!)
  if (decoded.error !== undefined) throw unreadable(decoded.error)
  return decoded.value as unknown as KubeObject
}

interface Rescaling {
  readonly scale: KubeObject
  readonly place: Place
  readonly options: WriteOptions
}

function rescale(state: ServerState, { scale, place, options }: Rescaling): KubeObject {
  const { resource, name } = place
  const { metadata = {}, spec } = scale as {
    readonly metadata?: KubeObject["metadata"]
    readonly spec?: { readonly replicas?: number }
  }
  if (metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
  const replicas = spec?.replicas ?? 0
  checkReplicas(replicas, name)
  const change = (live: KubeObject): KubeObject => {
    checkPreconditions(place, live, { uid: metadata.uid, resourceVersion: metadata.resourceVersion })
    return withAt(live, pathsOf(resource).replicas, replicas) as KubeObject
  }
  const updated = updateObject(state, change, { place, subresource: "scale", ...options })
  return scaleOf(updated, resource)
}

function checkReplicas(replicas: number, name: string): void {
  if (replicas >= 0) return
  throw invalid({ group: "autoscaling", kind: "Scale" }, name, [
    {
      reason: "FieldValueInvalid",
      message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
      field: "spec.replicas",
    },
  ])
}

function applyScale(
  state: ServerState,
  { call, resource, readYaml }: ResourceCall,
  { place, options }: Omit<Rescaling, "scale">,
): KubeObject {
  const body = applyBody(call, readYaml).value as { readonly spec?: { readonly replicas?: number } }
  const writer = {
    resource,
    registry: state.registry,
    manager: options.manager,
    subresource: "scale",
    nowMs: state.clock.now(),
  }
  const { apiVersion, kind } = resource
  const bare = { apiVersion, kind, metadata: { name: place.name } }
  const desired = withAt(bare, pathsOf(resource).replicas, body.spec?.replicas ?? 0) as KubeObject
  const change = (live: KubeObject): KubeObject => mergeApplied(live, desired, { writer, force: options.force })
  return scaleOf(updateObject(state, change, { place, subresource: "scale", ...options, tracked: true }), resource)
}
