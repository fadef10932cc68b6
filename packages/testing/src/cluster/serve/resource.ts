import type { KubeObject } from "@gitops-toolkit/kube"
import {
  type Answer,
  answerOf,
  badRequest,
  methodNotAllowed,
  methodNotSupported,
  notFound,
  notFoundText,
  resourceNotServed,
} from "../answer.ts"
import { definitionWarnings } from "../custom/check/formats.ts"
import { definitionTable } from "../custom/names.ts"
import { listObjects } from "../read/list.ts"
import { omit } from "../kinds/omit.ts"
import { warningsOf } from "../kinds/warnings.ts"
import { checkGetVersion } from "../read/versions.ts"
import { openWatch } from "../read/watch.ts"
import { type Call, flag, parameter, type Target } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { checkBodyType, readBody, refuseProtobuf, type YamlReader } from "../wire/body.ts"
import { checkPreconditions, liveAt, type Place, requireLive } from "../write/commit.ts"
import { createObject } from "../write/create.ts"
import { decodeObject } from "../write/decode.ts"
import { type DeleteRequest, deleteObject, deleteRequestOf, deletionAnswer, warnsOfOrphans } from "../write/delete.ts"
import { writeOptionsOf } from "../write/options.ts"
import { applyBody, patchChange, patchKindOf } from "../write/patch.ts"
import { applyObject } from "../write/apply.ts"
import { behaviour } from "../write/prepare.ts"
import { checkIdentity, refuseUnconditional, updateObject } from "../write/update.ts"
import { requireRight } from "./access/admit.ts"
import { attributesOf } from "./access/attributes.ts"
import { checkEscalation } from "./access/escalation.ts"
import { serveReview } from "./access/reviews.ts"
import { eventFormOf, formOf, isRouted } from "./shape.ts"

/** One request about a resource. */
export interface ResourceCall {
  readonly call: Call
  readonly target: Target
  readonly resource: Resource
  readonly verb: string
  readonly readYaml: YamlReader
}

const verbsByMethod: { readonly [method: string]: readonly [collection: string, one: string] } = {
  GET: ["list", "get"],
  HEAD: ["", ""],
  POST: ["create", ""],
  PUT: ["", "update"],
  PATCH: ["", "patch"],
  DELETE: ["deletecollection", "delete"],
}

/** The verb of a request; empty when the path has no such method. */
export function verbOf(call: Call, target: Target): string {
  const [collection, one] = verbsByMethod[call.method] ?? ["", ""]
  if (target.subresource !== "" && call.method === "POST") return "create"
  const verb = target.name === "" ? collection : one
  return verb === "list" && (flag(call, "watch") || target.subresource === "watch") ? "watch" : verb
}

const placeOf = ({ resource, target }: ResourceCall): Place => ({
  resource,
  namespace: target.namespace,
  name: target.name,
})

/** Serves a request about objects themselves (not their sub-resources). */
export function serveResource(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, target, verb } = request
  if (resource.custom?.deprecation) call.warnings.push(resource.custom.deprecation)
  if (resource.custom) return serveCustom(state, request)
  const isAcross = resource.namespaced && target.namespace === ""
  if (isAcross && target.name !== "") throw resourceNotServed()
  if (verb !== "watch" && !resource.verbs.includes(verb)) throw methodNotAllowed()
  if (isAcross && verb !== "list" && verb !== "watch") throw methodNotAllowed()
  if (verb === "patch") patchKindOf(call, resource)
  const deprecated = deprecations[resource.table]
  if (deprecated && isRouted(call)) call.warnings.push(deprecated)
  if (verb !== "watch") formOf(call, request)
  return handlers[verb]!(state, request)
}

/** Requests about custom resources do not fall through routes: it is their method that counts. */
function serveCustom(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, target, verb } = request
  if (resource.namespaced && target.namespace === "" && verb !== "list" && verb !== "watch") return notFoundText
  if (verb === "watch") return handlers["watch"]!(state, request)
  const asked = call.method === "HEAD" ? (target.name === "" ? "list" : "get") : verb
  if (asked === "patch") patchKindOf(call, resource)
  if (asked !== "") {
    formOf(call, request)
    return handlers[asked]!(state, request)
  }
  if (call.method === "POST") return handlers["create"]!(state, { ...request, target: { ...target, name: "" } })
  if (call.method === "PATCH") patchKindOf(call, resource)
  if (call.method === "PUT" || call.method === "PATCH") throw badRequest("name must be provided")
  throw methodNotSupported(resource, "")
}

const deprecations: { readonly [table: string]: string } = {
  endpoints: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  componentstatuses: "v1 ComponentStatus is deprecated in v1.19+",
}

type Served = (state: ServerState, request: ResourceCall) => Answer

const handlers: { readonly [verb: string]: Served } = {
  get: (state, request) => {
    checkGetVersion(state, request.call)
    return { status: 200, object: requireLive(state, placeOf(request)) }
  },
  list: (state, { call, resource, target }) => {
    const { objects, metadata } = listObjects(state, call, { resource, namespace: target.namespace })
    return { status: 200, object: listOf(resource, objects, metadata) }
  },
  watch: (state, request) => {
    const { call, resource, target } = request
    const form = eventFormOf(state, call, request)
    return {
      status: 200,
      stream: openWatch(state, call, { resource, namespace: target.namespace, form }),
      contentType: form.contentType,
    }
  },
  create: warning(create),
  update: warning(update),
  patch: warning(patch),
  delete: remove,
  deletecollection: removeAll,
}

/** A list object: items of built-in kinds carry no `apiVersion` and `kind` of their own. */
export function listOf(resource: Resource, objects: readonly KubeObject[], metadata: object): KubeObject {
  const { listKind, apiVersion, custom } = resource
  if (custom)
    return { apiVersion, items: objects, kind: listKind, metadata: { continue: "", ...metadata } } as KubeObject
  const items = objects.map((object) => omit(object, "kind", "apiVersion"))
  return { kind: listKind, apiVersion, metadata, items } as KubeObject
}

/** Warns of what the written object has. */
function warning(write: Served): Served {
  return (state, request) => {
    const previous = request.target.name === "" ? undefined : liveAt(state, placeOf(request))
    const answer = write(state, request)
    const { object } = answer
    if (object) {
      const { resource } = request
      request.call.warnings.push(...warningsOf(state, { resource, object: object as KubeObject, previous }))
    }
    if (object && request.resource.table === definitionTable)
      request.call.warnings.push(...definitionWarnings(object as KubeObject, previous))
    return answer
  }
}

function create(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, readYaml } = request
  checkBodyType(call)
  const options = writeOptionsOf(call, "CreateOptions")
  if (resource.custom) refuseProtobuf(call)
  const read = readBody(call, resource.kind, readYaml)
  const object = decodeObject(call, read, { resource, registry: state.registry, options })
  const review = serveReview(state, { call, resource, object, manager: options.manager })
  if (review) return review
  checkEscalation(state, call.user, { resource, object: inPlace(object, request) })
  try {
    return { status: 201, object: createObject(state, object, { place: placeOf(request), ...options }) }
  } catch (error) {
    // The server warns before it finds the name taken.
    if (answerOf(error)?.status === 409)
      call.warnings.push(...warningsOf(state, { resource, object, previous: undefined }))
    throw error
  }
}

function update(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, readYaml } = request
  const options = writeOptionsOf(call, "UpdateOptions")
  if (resource.custom) refuseProtobuf(call)
  const read = readBody(call, resource.kind, readYaml)
  const object = decodeObject(call, read, { resource, registry: state.registry, options })
  const place = placeOf(request)
  checkIdentity(object, place)
  if (!liveAt(state, place) && behaviour(resource).createOnUpdate) {
    checkPreconditions(place, undefined, { uid: object.metadata.uid })
    if (object.metadata.resourceVersion) throw notFound(resource, place.name)
    return { status: 201, object: createObject(state, object, { place, ...options }) }
  }
  if (!object.metadata.resourceVersion && !liveAt(state, place) && resource.custom) {
    checkIdentity(object, place)
    if (!behaviour(resource).unconditionalUpdate && object.metadata.name !== place.name)
      refuseUnconditional(resource, place.name)
  }
  checkEscalation(state, call.user, { resource, object: inPlace(object, request) })
  return {
    status: 200,
    object: updateObject(state, () => object, { place, subresource: "", replace: true, ...options }),
  }
}

/** The object with the namespace of the path: bodies may leave it out. */
function inPlace(object: KubeObject, { target }: ResourceCall): KubeObject {
  return target.namespace === "" ? object : { ...object, metadata: { ...object.metadata, namespace: target.namespace } }
}

function patch(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, readYaml } = request
  const kind = patchKindOf(call, resource)
  const options = writeOptionsOf(call, "PatchOptions")
  const place = placeOf(request)
  if (kind === "apply") {
    const body = applyBody(call, readYaml)
    if (!liveAt(state, place))
      requireRight(state, call, { ...attributesOf(call, { target: request.target, verb: "create" }) })
    const { object, created } = applyObject(state, { body, place, call, subresource: "", options })
    return { status: created ? 201 : 200, object }
  }
  // A patch of what is not there is not even read.
  requireLive(state, place)
  const change = patchChange(call, kind, { resource, options })
  return { status: 200, object: updateObject(state, change, { place, subresource: "", ...options }) }
}

function remove(state: ServerState, { call, resource, target, readYaml }: ResourceCall): Answer {
  const request = deleteRequestOf(call, readYaml)
  warnOfOrphans(call, resource, request)
  const deletion = deleteObject(state, { resource, namespace: target.namespace, name: target.name }, request)
  return {
    status: request.withDependents && !deletion.gone ? 202 : 200,
    object: deletionAnswer(deletion, resource),
  }
}

function warnOfOrphans(call: Call, resource: Resource, request: DeleteRequest): void {
  if (!warnsOfOrphans(resource, request)) return
  call.warnings.push(
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  )
}

function removeAll(state: ServerState, { call, resource, target, readYaml }: ResourceCall): Answer {
  const request = deleteRequestOf(call, readYaml)
  warnOfOrphans(call, resource, request)
  const { objects } = listObjects(state, call, { resource, namespace: target.namespace })
  for (const { metadata } of objects) {
    const place = { resource, namespace: metadata.namespace ?? "", name: metadata.name! }
    if (liveAt(state, place)) deleteObject(state, place, request)
  }
  return {
    status: 200,
    object: listOf(
      resource,
      objects,
      parameter(call, "limit") ? {} : { resourceVersion: String(state.store.revision) },
    ),
  }
}
