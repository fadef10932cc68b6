import type { KubeObject } from "@gitops-toolkit/kube"
import { isLeaving, type Labels, type Pod } from "../shapes.ts"
import type { View } from "../step.ts"

/** A port of a Service. */
export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

/** The parts of a Service that its controllers read. */
export interface ServiceSpec {
  readonly type?: string
  readonly clusterIP?: string
  readonly loadBalancerIP?: string
  readonly publishNotReadyAddresses?: boolean
  readonly ports?: readonly ServicePort[]
  readonly selector?: Labels
}

/** A port where a Pod is reached. */
export interface TargetPort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

/** True for a Service whose Pods are to be found out. */
export function isSelecting({ type, selector }: ServiceSpec): boolean {
  return selector !== undefined && type !== "ExternalName"
}

/** The Pods of a Service that have an address and did not end; with `isLeavingToo` those being deleted as well. */
export function podsOf(object: KubeObject, isLeavingToo: boolean, view: View): readonly Pod[] {
  const { selector = {} } = object.spec as ServiceSpec
  const wanted = Object.entries(selector)
  return (view.list("pods", object.metadata.namespace) as readonly Pod[]).filter((pod) => {
    const { phase, podIP } = pod.status ?? {}
    const { restartPolicy } = (pod.spec ?? {}) as { readonly restartPolicy?: string }
    if (!podIP || phase === "Failed" || phase === "Succeeded") return false
    if (isLeaving(pod) && (!isLeavingToo || restartPolicy === "Never")) return isLeavingToo
    return wanted.every(([key, value]) => pod.metadata.labels?.[key] === value)
  })
}

/** Where a Pod serves the ports of a Service; named ones that it lacks are left out. */
export function targetsOf({ ports = [] }: ServiceSpec, pod: Pod): readonly TargetPort[] {
  return ports.flatMap((port) => {
    const number = targetOf(port, pod)
    const { appProtocol, name = "", protocol = "TCP" } = port
    return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }]
  })
}

function targetOf({ port, targetPort, protocol = "TCP" }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0) return port
  if (typeof targetPort === "number") return targetPort
  for (const { ports = [] } of [...pod.spec!.containers, ...(pod.spec!.initContainers ?? [])]) {
    const found = ports.find((each) => each.name === targetPort && (each.protocol ?? "TCP") === protocol)
    if (found) return found.containerPort
  }
  return undefined
}

/** What a Pod's address tells of it, in Endpoints and slices alike. */
export function tellingOf(service: KubeObject, pod: Pod): object {
  const { namespace, name, uid } = pod.metadata
  const { hostname, subdomain, nodeName } = pod.spec!
  const isNamed = hostname !== undefined && subdomain === service.metadata.name
  return {
    ...(isNamed ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: "Pod", namespace, name, uid },
  }
}
