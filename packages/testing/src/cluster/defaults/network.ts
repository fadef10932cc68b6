import { all, each, ensured, fill, fills, has, partOf, when, within, type Filler, type Part } from "./fill.ts"

const takesNodePorts = (spec: Part): boolean => spec["type"] === "NodePort" || spec["type"] === "LoadBalancer"

const port: Filler = (part) => {
  const filled = fill(part, { protocol: "TCP" })
  const target = filled["targetPort"]
  return target === undefined || target === null || target === 0 || target === ""
    ? { ...filled, targetPort: filled["port"] }
    : filled
}

/** The defaults of a Service; addresses and node ports are allocated later. */
export const service: Filler = within(
  "spec",
  all(
    fills({ sessionAffinity: "None", type: "ClusterIP" }),
    when(
      (spec) => spec["sessionAffinity"] === "ClientIP",
      ensured("sessionAffinityConfig", ensured("clientIP", fills({ timeoutSeconds: 10_800 }))),
    ),
    each("ports", port),
    when(takesNodePorts, fills({ externalTrafficPolicy: "Cluster" })),
    when((spec) => spec["type"] !== "ExternalName", fills({ internalTrafficPolicy: "Cluster" })),
    when((spec) => spec["type"] === "LoadBalancer", fills({ allocateLoadBalancerNodePorts: true })),
  ),
)

/** The defaults of Endpoints. */
export const endpoints: Filler = each("subsets", each("ports", fills({ protocol: "TCP" })))

/** The defaults of an EndpointSlice. */
export const endpointSlice: Filler = each("ports", fills({ name: "", protocol: "TCP" }))

const rulePorts = each("ports", fills({ protocol: "TCP" }))

/** The defaults of a NetworkPolicy: ingress always counts, egress where there are rules for it. */
export const networkPolicy: Filler = within("spec", (spec) => {
  const egress = Array.isArray(spec["egress"]) && spec["egress"].length > 0
  const policyTypes = egress ? ["Ingress", "Egress"] : ["Ingress"]
  return all(each("ingress", rulePorts), each("egress", rulePorts), fills({ policyTypes }))(spec)
})

/** The defaults of an IngressClass' parameters. */
export const ingressClass: Filler = within(
  "spec",
  within("parameters", (part) => (has(part, "scope") ? part : { ...part, scope: "Cluster" })),
)

/** The defaults of a LimitRange: what is not said of a container follows from what is. */
export const limitRange: Filler = within(
  "spec",
  each(
    "limits",
    when(
      (item) => item["type"] === "Container",
      (item) => {
        const limits = fill(partOf(item, "default"), partOf(item, "max"))
        const requests = fill(fill(partOf(item, "defaultRequest"), limits), partOf(item, "min"))
        return {
          ...item,
          ...(Object.keys(limits).length > 0 && { default: limits }),
          ...(Object.keys(requests).length > 0 && { defaultRequest: requests }),
        }
      },
    ),
  ),
)
