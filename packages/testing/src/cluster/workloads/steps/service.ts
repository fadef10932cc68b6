import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { controllerReference, isActive, isLeaving, isReady, type Labels, type Pod } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"

interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

interface ServiceSpec {
  readonly type?: string
  readonly clusterIP?: string
  readonly loadBalancerIP?: string
  readonly publishNotReadyAddresses?: boolean
  readonly ports?: readonly ServicePort[]
  readonly selector?: Labels
}

interface Slice extends KubeObject {
  readonly endpoints?: readonly unknown[]
  readonly ports?: readonly unknown[]
}

const slices = "endpointslices.discovery.k8s.io"
const nameKey = "kubernetes.io/service-name"
const managerKey = "endpointslice.kubernetes.io/managed-by"
const manager = "endpointslice-controller.k8s.io"

/** Gives a load balancer its address, and a Service with a selector its EndpointSlice. */
export const stepService: Step = (object, view) => {
  if (isLeaving(object)) return []
  const spec = (object.spec ?? {}) as ServiceSpec
  return [...balance(object, spec, view), ...list(object, spec, view)]
}

function balance(object: KubeObject, { type, loadBalancerIP }: ServiceSpec, view: View): readonly Action[] {
  const { loadBalancer } = (object.status ?? {}) as {
    readonly loadBalancer?: { readonly ingress?: readonly unknown[] }
  }
  const isServed = (loadBalancer?.ingress ?? []).length > 0
  if ((type === "LoadBalancer") === isServed) return []
  const ip = loadBalancerIP ?? `192.0.2.${1 + (view.nextTurn() % 254)}`
  const status = { loadBalancer: isServed ? {} : { ingress: [{ ip, ipMode: "VIP" }] } }
  return [{ type: "status", object: { ...object, status } as KubeObject }]
}

function list(object: KubeObject, spec: ServiceSpec, view: View): readonly Action[] {
  const { namespace, name } = object.metadata
  const { selector = {}, type } = spec
  const wanted = Object.entries(selector)
  if (wanted.length === 0 || type === "ExternalName") return []
  const pods = (view.list("pods", namespace) as readonly Pod[]).filter(
    (pod) =>
      pod.status?.podIP &&
      wanted.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      (isActive(pod) || (isLeaving(pod) && pod.status.phase === "Running")),
  )
  const ports = (spec.ports ?? []).flatMap((port) => {
    const number = pods.length === 0 ? undefined : targetOf(port, pods[0]!)
    const { appProtocol } = port
    const row = { name: port.name ?? "", port: number, protocol: port.protocol ?? "TCP" }
    return number === undefined ? [] : [{ ...row, ...(appProtocol ? { appProtocol } : {}) }]
  })
  const endpoints = pods.map((pod) => endpointOf(pod, spec))
  const owned = view.controlledBy(object.metadata.uid!, slices) as readonly Slice[]
  const known = owned.find(({ metadata }) => metadata.labels?.[managerKey] === manager)
  if (known) {
    const same = equalJson(known.endpoints ?? [], endpoints) && equalJson(known.ports ?? [], ports)
    return same ? [] : [{ type: "store", object: { ...known, endpoints, ports } as KubeObject }]
  }
  const headless: Labels = spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {}
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: { ...object.metadata.labels, [nameKey]: name!, [managerKey]: manager, ...headless },
      ownerReferences: [controllerReference(object)],
    },
    addressType: "IPv4",
    endpoints,
    ports,
  }
  return [{ type: "create", object: slice }]
}

function targetOf({ port, targetPort }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined) return port
  if (typeof targetPort === "number") return targetPort
  for (const { ports = [] } of pod.spec!.containers) {
    const found = ports.find(({ name }) => name === targetPort)
    if (found) return found.containerPort
  }
  return undefined
}

function endpointOf(pod: Pod, { publishNotReadyAddresses = false }: ServiceSpec): object {
  const leaving = isLeaving(pod)
  const serving = isReady({ ...pod, metadata: {} })
  const { namespace, name, uid } = pod.metadata
  return {
    addresses: [pod.status!.podIP],
    conditions: { ready: publishNotReadyAddresses || (serving && !leaving), serving, terminating: leaving },
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
  }
}
