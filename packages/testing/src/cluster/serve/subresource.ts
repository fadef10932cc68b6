import { type Answer, methodNotAllowed, methodNotSupported, notFound, resourceNotServed } from "../answer.ts"
import type { ServerState } from "../state.ts"
import { checkGetVersion } from "../read/versions.ts"
import { readBody } from "../wire/body.ts"
import { type Place, requireLive } from "../write/commit.ts"
import { decodeObject } from "../write/decode.ts"
import { writeOptionsOf } from "../write/options.ts"
import { applyBody, patchChange, patchKindOf } from "../write/patch.ts"
import { applyObject } from "../write/apply.ts"
import { serveBinding, serveEviction, serveFinalize, serveToken } from "./actions.ts"
import { serveLog, servePortForward, serveStream } from "./kubelet.ts"
import { serveScale } from "./scale.ts"
import { formOf } from "./shape.ts"
import { checkIdentity, updateObject } from "../write/update.ts"
import type { ResourceCall } from "./resource.ts"

/** Serves a request about a sub-resource. */
export function serveSubresource(state: ServerState, request: ResourceCall): Answer {
  const { call, resource, target, verb } = request
  const known = resource.subresources.find(({ name }) => name === target.subresource)
  if (!known) throw resource.custom ? notFound(resource, target.name) : resourceNotServed()
  if (!known.verbs.includes(verb)) throw resource.custom ? methodNotSupported(resource, verb) : methodNotAllowed()
  if (verb === "patch") patchKindOf(call, resource)
  formOf(call, request)
  const place = { resource, namespace: target.namespace, name: target.name }
  if (writable.has(target.subresource)) return servePart(state, request, place)
  if (target.subresource === "scale") return serveScale(state, request, place)
  const serve = Object.hasOwn(actions, `${resource.plural}/${target.subresource}`)
    ? actions[`${resource.plural}/${target.subresource}`]
    : undefined
  if (!serve) throw methodNotAllowed()
  return serve(state, request, place)
}

/** Sub-resources that answer the whole object, and change one part of it. */
const writable: ReadonlySet<string> = new Set(["status", "ephemeralcontainers", "resize"])

type Action = (state: ServerState, request: ResourceCall, place: Place) => Answer

const actions: { readonly [path: string]: Action } = {
  "namespaces/finalize": serveFinalize,
  "pods/binding": serveBinding,
  "pods/attach": serveStream,
  "pods/eviction": serveEviction,
  "pods/exec": serveStream,
  "pods/log": serveLog,
  "pods/portforward": servePortForward,
  "serviceaccounts/token": serveToken,
}

function servePart(state: ServerState, request: ResourceCall, place: Place): Answer {
  const { call, resource, verb, readYaml } = request
  const { subresource } = request.target
  if (verb === "get") {
    checkGetVersion(state, call)
    return { status: 200, object: requireLive(state, place) }
  }
  if (verb === "update") {
    const options = writeOptionsOf(call, "UpdateOptions")
    const read = readBody(call, resource.kind, readYaml)
    const object = decodeObject(call, read, { resource, registry: state.registry, options })
    checkIdentity(object, place)
    return { status: 200, object: updateObject(state, () => object, { place, subresource, replace: true, ...options }) }
  }
  const kind = patchKindOf(call, resource)
  const options = writeOptionsOf(call, "PatchOptions")
  if (kind === "apply") {
    const { object } = applyObject(state, { body: applyBody(call, readYaml), place, call, subresource, options })
    return { status: 200, object }
  }
  requireLive(state, place)
  return {
    status: 200,
    object: updateObject(state, patchChange(call, kind, { resource, options }), { place, subresource, ...options }),
  }
}
