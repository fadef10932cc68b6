import { compareQuantities, type KubeObject, parseQuantity, type Quantity } from "@gitops-toolkit/kube"
import { forbidden } from "../../answer.ts"
import type { ServerState } from "../../state.ts"
import { mapOf, mapsOf, type Members } from "../../validation/walk.ts"
import { type Amounts, podAmounts } from "./amounts.ts"

/** One entry of `spec.limits` of a LimitRange. */
interface Limit {
  readonly type?: string
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly min?: Amounts
  readonly max?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

/** The limits of a namespace for one type of thing, LimitRange by LimitRange. */
function limitsOf({ store }: ServerState, namespace: string, type: string): (readonly Limit[])[] {
  if (store.size("limitranges") === 0) return []
  return store
    .list("limitranges", `${namespace}/`)
    .entries.map(([, { spec }]) =>
      (mapsOf(mapOf(spec)["limits"]) as readonly Limit[]).filter((each) => each.type === type),
    )
}

/** A new Pod with the requests and limits that its namespace gives. */
export function withLimits(
  pod: KubeObject,
  state: ServerState,
  namespace: string = pod.metadata.namespace ?? "",
): KubeObject {
  let limited = pod
  for (const limits of limitsOf(state, namespace, "Container")) limited = withDefaultResources(limited, limits)
  return limited
}

/** 403 for a Pod whose containers, or which as a whole, want less or more than their namespace allows. */
export function checkPodLimits(pod: KubeObject, state: ServerState): void {
  const namespace = pod.metadata.namespace ?? ""
  const spec = mapOf(pod.spec)
  const containers = [...mapsOf(spec["containers"]), ...mapsOf(spec["initContainers"])]
  const [ofContainers, ofPods] = ["Container", "Pod"].map((type) => limitsOf(state, namespace, type))
  for (const [index, limits] of ofContainers!.entries()) {
    const inside = limits.flatMap((limit) =>
      containers.flatMap((container) =>
        faultsOf(limit, { type: "Container", resources: mapOf(container["resources"]) }),
      ),
    )
    const whole = ofPods![index]!.flatMap((limit) => faultsOf(limit, { type: "Pod", resources: podResources(spec) }))
    refuse({ group: "", plural: "pods", kind: "Pod" }, pod, [...inside, ...whole])
  }
}

/** What a Pod takes: its containers together, or while it begins more; what it says of itself wins. */
function podResources(spec: Members): Members {
  const own = mapOf(spec["resources"])
  return {
    requests: { ...podAmounts(spec, "requests"), ...mapOf(own["requests"]) },
    limits: { ...podAmounts(spec, "limits"), ...mapOf(own["limits"]) },
  }
}

/** 403 for a claim that wants less or more storage than its namespace allows. */
export function checkClaimLimits(claim: KubeObject, state: ServerState): void {
  const requests = mapOf(mapOf(mapOf(claim.spec)["resources"])["requests"]) as Amounts
  const type = "PersistentVolumeClaim"
  for (const limits of limitsOf(state, claim.metadata.namespace ?? "", type)) {
    const faults = limits.flatMap((limit) => [
      ...Object.entries(limit.min ?? {}).flatMap(([name, bound]) => below({ type, name, bound }, requests, {})),
      ...Object.entries(limit.max ?? {}).flatMap(([name, bound]) => aboveRequest({ type, name, bound }, requests)),
    ])
    refuse({ group: "", plural: "persistentvolumeclaims", kind: type }, claim, faults)
  }
}

function refuse(resource: Parameters<typeof forbidden>[0], object: KubeObject, faults: readonly string[]): void {
  if (faults.length === 0) return
  const text = faults.length === 1 ? faults[0]! : `[${[...new Set(faults)].join(", ")}]`
  throw forbidden(resource, object.metadata.name ?? "", text)
}

function withDefaultResources(pod: KubeObject, limits: readonly Limit[]): KubeObject {
  const given: Amounts = Object.assign({}, ...limits.map((limit) => limit.default))
  const wanted: Amounts = Object.assign({}, ...limits.map((limit) => limit.defaultRequest))
  const notes: string[] = []
  const fill = (containers: unknown, what: string): Members[] =>
    mapsOf(containers).map((container) => {
      const resources = mapOf(container["resources"])
      const requests = absentIn(resources["requests"], wanted)
      const own = absentIn(resources["limits"], given)
      if (requests.length > 0) notes.push(`${namesIn(requests)} request for ${what} ${String(container["name"])}`)
      if (own.length > 0) notes.push(`${namesIn(own)} limit for ${what} ${String(container["name"])}`)
      if (requests.length + own.length === 0) return container
      const filled = {
        limits: { ...Object.fromEntries(own), ...mapOf(resources["limits"]) },
        requests: { ...Object.fromEntries(requests), ...mapOf(resources["requests"]) },
      }
      return { ...container, resources: { ...resources, ...withoutEmpty(filled) } }
    })
  const spec = mapOf(pod.spec)
  const containers = fill(spec["containers"], "container")
  const init = spec["initContainers"] ? { initContainers: fill(spec["initContainers"], "init container") } : {}
  if (notes.length === 0) return pod
  const note = `LimitRanger plugin set: ${notes.join("; ")}`
  const annotations = { ...pod.metadata.annotations, "kubernetes.io/limit-ranger": note }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec: { ...spec, containers, ...init } }
}

function absentIn(amounts: unknown, defaults: Amounts): [string, string][] {
  return Object.entries(defaults).filter(([name]) => !Object.hasOwn(mapOf(amounts), name))
}

function namesIn(entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([name]) => name)
    .toSorted()
    .join(", ")
}

function withoutEmpty(lists: { readonly [name: string]: Members }): Members {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => Object.keys(list).length > 0))
}

interface Bound {
  /** `Container`, … */
  readonly type: string
  readonly name: string
  readonly bound: string
}

interface Limited {
  /** What the limit is about. */
  readonly type: "Container" | "Pod"
  readonly resources: Members
}

function faultsOf(limit: Limit, { type, resources }: Limited): string[] {
  const requests = mapOf(resources["requests"]) as Amounts
  const limits = mapOf(resources["limits"]) as Amounts
  const each = (bounds: Amounts = {}): Bound[] => Object.entries(bounds).map(([name, bound]) => ({ type, name, bound }))
  return [
    ...each(limit.min).flatMap((bound) => below(bound, requests, limits)),
    ...each(limit.max).flatMap((bound) => above(bound, requests, limits)),
    ...each(limit.maxLimitRequestRatio).flatMap((bound) => apart(bound, requests, limits)),
  ]
}

const order = (a: string, b: string): number => compareQuantities(parseQuantity(a), parseQuantity(b))

function below({ type, name, bound }: Bound, requests: Amounts, limits: Amounts): string[] {
  const fault = `minimum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (request === undefined) return [`${fault}.  No request is specified`]
  if (order(request, bound) < 0) return [`${fault}, but request is ${request}`]
  return limit !== undefined && order(limit, bound) < 0 ? [`${fault}, but limit is ${limit}`] : []
}

function above({ type, name, bound }: Bound, requests: Amounts, limits: Amounts): string[] {
  const fault = `maximum ${name} usage per ${type} is ${bound}`
  const [request, limit] = [requests[name], limits[name]]
  if (limit === undefined) return [`${fault}.  No limit is specified`]
  if (order(limit, bound) > 0) return [`${fault}, but limit is ${limit}`]
  return request !== undefined && order(request, bound) > 0 ? [`${fault}, but request is ${request}`] : []
}

function aboveRequest({ type, name, bound }: Bound, requests: Amounts): string[] {
  const fault = `maximum ${name} usage per ${type} is ${bound}`
  const request = requests[name]
  if (request === undefined) return [`${fault}.  No request is specified`]
  return order(request, bound) > 0 ? [`${fault}, but request is ${request}`] : []
}

function apart({ type, name, bound }: Bound, requests: Amounts, limits: Amounts): string[] {
  const fault = `${name} max limit to request ratio per ${type} is ${bound}`
  const zero = parseQuantity("0")
  const amount = (text: string | undefined): Quantity => (text === undefined ? zero : parseQuantity(text))
  const [request, limit] = [amount(requests[name]), amount(limits[name])]
  if (compareQuantities(request, zero) === 0) return [`${fault}, but no request is specified or request is 0`]
  if (compareQuantities(limit, zero) === 0) return [`${fault}, but no limit is specified or limit is 0`]
  const ratio = Number(limit.nanos) / Number(request.nanos)
  const allowed = Number(parseQuantity(bound).nanos) / 1e9
  return ratio > allowed ? [`${fault}, but provided ratio is ${ratio.toFixed(6)}`] : []
}
