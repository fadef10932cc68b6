import type { KubeObject } from "@gitops-toolkit/kube"
import { isLeaving } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { publish, publishSlices } from "./endpoints.ts"
import type { ServiceSpec } from "./service-pods.ts"

/** Gives a load balancer its address, and a Service with a selector its Endpoints and EndpointSlices. */
export const stepService: Step = (object, view) => {
  if (isLeaving(object)) return []
  const spec = (object.spec ?? {}) as ServiceSpec
  return [...balance(object, spec, view), ...publish(object, spec, view), ...publishSlices(object, spec, view)]
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
