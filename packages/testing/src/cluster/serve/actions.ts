import { groupOf, type KubeObject } from "@gitops-toolkit/kube"
import { type Answer, badRequest, conflict, refusal } from "../answer.ts"
import { decodeStruct } from "../kinds/decode.ts"
import { typeOfKind } from "../kinds/types.ts"
import { labelSelectorOf } from "../read/selectors.ts"
import { type Resource, storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { readBody } from "../wire/body.ts"
import { type Place, requireLive } from "../write/commit.ts"
import { decodeObject, kindMismatch } from "../write/decode.ts"
import { deleteObject } from "../write/delete.ts"
import { reportStrict, type WriteOptions, writeOptionsOf } from "../write/options.ts"
import { checkIdentity, updateObject } from "../write/update.ts"
import { serviceAccountToken } from "./access/authenticate.ts"
import type { ResourceCall } from "./resource.ts"
import { selectorText } from "../read/selector-text.ts"

const success: Answer = {
  status: 201,
  object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
}

/** The body of an action: an object of another kind than the resource's. */
function bodyAs<Body>(
  state: ServerState,
  { call, readYaml }: ResourceCall,
  { apiVersion, kind, options }: { readonly apiVersion: string; readonly kind: string; readonly options: WriteOptions },
): Body {
  const { value, duplicates } = readBody(call, kind, readYaml)
  const given = value as Partial<KubeObject>
  const wanted = given.apiVersion ?? apiVersion
  if (given.kind && (given.kind !== kind || wanted !== apiVersion)) {
    const resource = { group: groupOf(apiVersion), version: "v1", kind, apiVersion } as Resource
    throw badRequest(kindMismatch(given.kind, { resource, registry: state.registry, apiVersion: wanted }))
  }
  const decoded = decodeStruct(value, typeOfKind(apiVersion, kind)!)
  const what = `${kind} in version "v1" cannot be handled as a ${kind}`
  if (decoded.error !== undefined) throw badRequest(`${what}: ${decoded.error}`)
  const finds = duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  const unknown = decoded.unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
  reportStrict(call, options, { finds: [...finds, ...unknown], what })
  return decoded.value as Body
}

interface PodShape {
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string }[]
    readonly ephemeralContainers?: readonly { readonly name: string }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** `pods/binding`: puts a Pod on a node. */
export function serveBinding(state: ServerState, request: ResourceCall, place: Place): Answer {
  const options = writeOptionsOf(request.call, "CreateOptions")
  const { dryRun } = options
  const binding = bodyAs<KubeObject & { readonly target?: { readonly name?: string } }>(state, request, {
    apiVersion: "v1",
    kind: "Binding",
    options,
  })
  if (binding.metadata.name !== place.name) throw badRequest("name in URL does not match name in Binding object")
  const live = requireLive(state, place)
  const { spec = {}, status = {} } = live as PodShape
  const named = { group: "", plural: "pods/binding", kind: "Binding" }
  if (spec.nodeName)
    throw conflict(named, place.name, `pod ${place.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
  if (live.metadata.deletionTimestamp !== undefined) {
    throw conflict(named, place.name, `pod ${place.name} is being deleted, cannot be assigned to a host`)
  }
  const { annotations, labels } = binding.metadata
  const metadata = {
    ...live.metadata,
    ...(annotations ? { annotations: { ...live.metadata.annotations, ...annotations } } : {}),
    ...(labels ? { labels: { ...live.metadata.labels, ...labels } } : {}),
  }
  const others = (status.conditions ?? []).filter(({ type }) => type !== "PodScheduled")
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: state.timestamp() }
  const next = {
    ...live,
    metadata,
    spec: { ...spec, nodeName: binding.target?.name ?? "" },
    status: { ...status, conditions: [...others, scheduled] },
  } as KubeObject
  if (!dryRun) state.store.put(place.resource.table, storeKey(place.resource, place.namespace, place.name), next)
  return success
}

interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: Parameters<typeof selectorText>[0] }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly currentHealthy?: number
    readonly desiredHealthy?: number
  }
}

/** `pods/eviction`: deletes a Pod when its disruption budgets allow it. */
export function serveEviction(state: ServerState, request: ResourceCall, place: Place): Answer {
  const options = writeOptionsOf(request.call, "CreateOptions")
  const { dryRun } = options
  const eviction = bodyAs<
    KubeObject & {
      readonly deleteOptions?: { readonly gracePeriodSeconds?: number; readonly dryRun?: readonly string[] }
    }
  >(state, request, { apiVersion: "policy/v1", kind: "Eviction", options })
  if (eviction.metadata.name !== place.name) throw badRequest("name in URL does not match name in Eviction object")
  const live = requireLive(state, place)
  const { status = {} } = live as PodShape
  const ignoresBudget =
    ["Succeeded", "Failed", "Pending"].includes(status.phase ?? "") || live.metadata.deletionTimestamp !== undefined
  if (!ignoresBudget) checkBudgets(state, live, place)
  const { gracePeriodSeconds, dryRun: dry = [] } = eviction.deleteOptions ?? {}
  deleteObject(state, place, {
    dryRun: dryRun || dry.length > 0,
    propagation: undefined,
    graceSeconds: gracePeriodSeconds,
    uid: undefined,
    resourceVersion: undefined,
  })
  return success
}

function checkBudgets(state: ServerState, pod: KubeObject, { namespace }: Place): void {
  const resource = state.registry.find("policy", "v1", "poddisruptionbudgets")!
  const budgets = state.store.list(resource.table, `${namespace}/`).entries.map(([, object]) => object as Budget)
  const own = budgets.filter(
    ({ spec }) => spec?.selector && (labelSelectorOf(selectorText(spec.selector)) ?? (() => true))(pod),
  )
  if (own.length > 1) {
    throw refusal({
      code: 500,
      message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    })
  }
  const [budget] = own
  if (!budget) return
  const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  if (disruptionsAllowed > 0) {
    const status = { ...budget.status, disruptionsAllowed: disruptionsAllowed - 1 }
    state.store.put(resource.table, `${namespace}/${budget.metadata.name}`, { ...budget, status } as KubeObject)
    return
  }
  const name = budget.metadata.name!
  throw refusal({
    code: 429,
    reason: "TooManyRequests",
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: "DisruptionBudget",
          message: `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
        },
      ],
    },
  })
}

/** `namespaces/finalize`: sets the finalizers of a Namespace's spec. */
export function serveFinalize(state: ServerState, request: ResourceCall, place: Place): Answer {
  const { call, resource, readYaml } = request
  const options = writeOptionsOf(call, "UpdateOptions")
  const read = readBody(call, resource.kind, readYaml)
  const body = decodeObject(call, read, { resource, registry: state.registry, options })
  checkIdentity(body, place)
  const object = updateObject(state, () => body, { place, subresource: "finalize", ...options, replace: true })
  return { status: 200, object }
}

/** `serviceaccounts/token`: a token that names the account. */
export function serveToken(state: ServerState, request: ResourceCall, place: Place): Answer {
  const body = bodyAs<KubeObject<{ readonly audiences?: readonly string[]; readonly expirationSeconds?: number }>>(
    state,
    request,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      options: writeOptionsOf(request.call, "CreateOptions"),
    },
  )
  requireLive(state, place)
  const seconds = Number(body.spec?.expirationSeconds ?? 3600)
  const expirationTimestamp = `${new Date(state.clock.now() + seconds * 1000).toISOString().slice(0, 19)}Z`
  const metadata = { name: place.name, namespace: place.namespace, creationTimestamp: state.timestamp() }
  const audiences = body.spec?.audiences ?? ["https://kubernetes.default.svc"]
  const token = `${serviceAccountToken}${place.namespace}:${place.name}`
  return {
    status: 201,
    object: {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata,
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
      status: { token, expirationTimestamp },
    },
  }
}
