import type { KubeObject } from "@gitops-toolkit/kube"
import { type Answer, badRequest, internalError, notFound, plainError } from "../answer.ts"
import { storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { parameter } from "../wire/request.ts"
import { type Place, requireLive } from "../write/commit.ts"
import type { ResourceCall } from "./resource.ts"

interface PodSpec {
  readonly nodeName?: string
  readonly containers?: readonly { readonly name: string }[]
  readonly initContainers?: readonly { readonly name: string }[]
  readonly ephemeralContainers?: readonly { readonly name: string }[]
}

/** The container that a request means. 400 when that is not clear. */
function containerOf({ call }: ResourceCall, { spec }: KubeObject<PodSpec>, podName: string): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {}
  const names = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name)
  const wanted = parameter(call, "container")
  if (wanted && !names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${podName}`)
  if (!wanted && containers.length > 1)
    throw badRequest(`a container name must be specified for pod ${podName}, choose one of: [${names.join(" ")}]`)
  return wanted ?? containers[0]?.name ?? ""
}

/** Where a node's kubelet would be, and what comes of asking it. */
function kubeletOf(state: ServerState, nodeName: string): { readonly url: string; readonly failure: string } {
  const nodes = state.registry.ofTable("nodes")!
  if (!state.store.get("nodes", storeKey(nodes, "", nodeName))) throw notFound(nodes, nodeName)
  return { url: `https://${nodeName}:10250`, failure: `dial tcp: lookup ${nodeName}: no such host` }
}

function printQuery(pairs: readonly (readonly [name: string, value: string])[]): string {
  const query = new URLSearchParams()
  for (const [name, value] of pairs) query.append(name, value)
  query.sort()
  return query.size > 0 ? `?${query}` : ""
}

const logParameters = ["follow", "previous", "timestamps", "sinceSeconds", "sinceTime", "tailLines", "limitBytes"]

/** `pods/log`: no kubelet can be asked; a Pod that is on no node has no log. */
export function serveLog(state: ServerState, request: ResourceCall, place: Place): Answer {
  const pod = requireLive(state, place) as KubeObject<PodSpec>
  const container = containerOf(request, pod, place.name)
  const { nodeName } = pod.spec ?? {}
  if (!nodeName) return { status: 204, text: "", contentType: "text/plain" }
  const { url, failure } = kubeletOf(state, nodeName)
  const query = logParameters.flatMap((name) => {
    const value = parameter(request.call, name)
    return value && value !== "false" ? [[name, value] as const] : []
  })
  const path = `/containerLogs/${place.namespace}/${place.name}/${container}${printQuery(query)}`
  throw plainError(`Get "${url}${path}": ${failure}`)
}

/** The node of a Pod. 400 when it is on none. */
function nodeOf(pod: KubeObject<PodSpec>, podName: string): string {
  if (!pod.spec?.nodeName) throw badRequest(`pod ${podName} does not have a host assigned`)
  return pod.spec.nodeName
}

const streams: readonly (readonly [asked: string, told: string])[] = [
  ["stdin", "input"],
  ["stdout", "output"],
  ["stderr", "error"],
  ["tty", "tty"],
]

/** `pods/exec` and `pods/attach`: there is no kubelet that would run anything. */
export function serveStream(state: ServerState, request: ResourceCall, place: Place): Answer {
  const pod = requireLive(state, place) as KubeObject<PodSpec>
  const container = containerOf(request, pod, place.name)
  const { url, failure } = kubeletOf(state, nodeOf(pod, place.name))
  const { call, target } = request
  const commands = (call.query.get("command") ?? []).map((word) => ["command", word] as const)
  const wanted = streams.filter(([asked]) => /^(?:true|1)$/.test(parameter(call, asked) ?? ""))
  const query = printQuery([...commands, ...wanted.map(([, told]) => [told, "1"] as const)])
  const path = `/${target.subresource}/${place.namespace}/${place.name}/${container}${query}`
  throw internalError(`error sending request: Post "${url}${path}": ${failure}`)
}

/** `pods/portforward`: nothing listens. */
export function servePortForward(state: ServerState, _: ResourceCall, place: Place): Answer {
  const pod = requireLive(state, place) as KubeObject<PodSpec>
  throw plainError(`error dialing backend: ${kubeletOf(state, nodeOf(pod, place.name)).failure}`)
}
