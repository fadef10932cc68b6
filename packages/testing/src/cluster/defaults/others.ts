import { eachOf, type Fill, fill, fillPointers, isMap, type Members, within } from "./fill.ts"
import { claimSpec } from "./pod.ts"

const tcp: Fill = (port) => fill(port, { protocol: "TCP" })

const servicePort: Fill = (given) => {
  const port = tcp(given)
  const target = port["targetPort"]
  return target === undefined || target === 0 || target === "" ? { ...port, targetPort: port["port"] } : port
}

const open: ReadonlySet<unknown> = new Set(["NodePort", "LoadBalancer"])

/** A Service. */
export const service: Fill = (object) =>
  within(
    isMap(object["spec"]) && object["spec"]["type"] === "LoadBalancer" ? withIngressModes(object) : object,
    "spec",
    (given) => {
      const typed = fill(eachOf(given, "ports", servicePort), { type: "ClusterIP", sessionAffinity: "None" })
      const { type, sessionAffinity, externalIPs } = typed
      const isOpen = open.has(type) || (type === "ClusterIP" && Array.isArray(externalIPs) && externalIPs.length > 0)
      const whole = fill(typed, {
        externalTrafficPolicy: isOpen ? "Cluster" : undefined,
        allocateLoadBalancerNodePorts: type === "LoadBalancer" ? true : undefined,
      })
      return withAffinity(
        sessionAffinity,
        type === "ExternalName" ? whole : fillPointers(whole, { internalTrafficPolicy: "Cluster" }),
      )
    },
  )

const affinityConfig: Members = { clientIP: { timeoutSeconds: 10_800 } }

/** How long a client stays with its Pod: for clients that stay, and for no others. */
const withAffinity = (kind: unknown, spec: Members): Members => {
  const { sessionAffinityConfig: config, ...rest } = spec
  if (kind === "None") return config === undefined ? spec : rest
  const seconds = isMap(config) && isMap(config["clientIP"]) ? config["clientIP"]["timeoutSeconds"] : undefined
  return kind === "ClientIP" && (seconds ?? undefined) === undefined
    ? { ...rest, sessionAffinityConfig: affinityConfig }
    : spec
}

/** An address at which a balancer listens is a virtual one. */
const withIngressModes = (object: Members): Members =>
  within(object, "status", (status) =>
    within(status, "loadBalancer", (balancer) =>
      eachOf(balancer, "ingress", (item) => ((item["ip"] ?? "") === "" ? item : fill(item, { ipMode: "VIP" }))),
    ),
  )

/** A Secret: `stringData` becomes `data`. */
export const secret: Fill = (object) => {
  const { stringData, ...rest } = fill(object, { type: "Opaque" })
  if (!isMap(stringData)) return stringData === undefined ? fill(object, { type: "Opaque" }) : rest
  const coded = Object.entries(stringData).map(([name, text]) => [
    name,
    Buffer.from(String(text), "utf8").toString("base64"),
  ])
  return { ...rest, data: { ...(rest["data"] as Members | undefined), ...Object.fromEntries(coded) } }
}

/** A phase for a status that has none. */
const phased =
  (phase: string): Fill =>
  (object) =>
    within(object, "status", (status) => fill(status, { phase }))

/** A Namespace carries its name as a label. */
export const namespace: Fill = (object) =>
  within(phased("Active")(object), "metadata", (metadata) => {
    const { name, labels } = metadata
    const key = "kubernetes.io/metadata.name"
    if (!name || (isMap(labels) && labels[key] === name)) return metadata
    return { ...metadata, labels: { ...(labels as Members | undefined), [key]: name } }
  })

/** A PersistentVolumeClaim. */
export const claim: Fill = (object) => within(phased("Pending")(object), "spec", claimSpec)

/** A PersistentVolume. */
export const volume: Fill = (object) =>
  within(phased("Pending")(object), "spec", (spec) =>
    within(
      fillPointers(fill(spec, { persistentVolumeReclaimPolicy: "Retain" }), { volumeMode: "Filesystem" }),
      "hostPath",
      (path) => fill(path, { type: "" }),
    ),
  )

/** A StorageClass. */
export const storageClass: Fill = (object) =>
  fillPointers(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" })

/** A NetworkPolicy: its types follow from what it has. */
export const networkPolicy: Fill = (object) =>
  within(object, "spec", (given) => {
    const ports: Fill = (rule) => eachOf(rule, "ports", tcp)
    const spec = eachOf(eachOf(given, "ingress", ports), "egress", ports)
    const egress = Array.isArray(spec["egress"]) && spec["egress"].length > 0
    return fill(spec, { policyTypes: egress ? ["Ingress", "Egress"] : ["Ingress"] })
  })

const scalingRules: Fill = (rules) => fillPointers(rules, { selectPolicy: "Max" })
const scaleUp: Members = {
  stabilizationWindowSeconds: 0,
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
}
const scaleDown: Members = { policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] }

/** A HorizontalPodAutoscaler. */
export const autoscaler: Fill = (object) =>
  within(object, "spec", (given) => {
    const target = { type: "Utilization", averageUtilization: 80 }
    const isOld = object["apiVersion"] === "autoscaling/v1"
    const metrics = isOld ? undefined : [{ type: "Resource", resource: { name: "cpu", target } }]
    const spec = fill(given, { minReplicas: 1, metrics, targetCPUUtilizationPercentage: isOld ? 80 : undefined })
    return within(spec, "behavior", (behavior) => {
      const up = within(fill(behavior, { scaleUp: {} }), "scaleUp", (rules) => fill(scalingRules(rules), scaleUp))
      return within(fill(up, { scaleDown: {} }), "scaleDown", (rules) => fill(scalingRules(rules), scaleDown))
    })
  })

/** An IngressClass: its parameters are of the whole cluster. */
export const ingressClass: Fill = (object) =>
  within(object, "spec", (spec) => within(spec, "parameters", (given) => fillPointers(given, { scope: "Cluster" })))

/** A RoleBinding or ClusterRoleBinding. */
export const roleBinding: Fill = (object) => {
  const apiGroup = "rbac.authorization.k8s.io"
  const bound = eachOf(object, "subjects", (subject) =>
    subject["kind"] === "ServiceAccount" ? subject : fill(subject, { apiGroup }),
  )
  return within(bound, "roleRef", (role) => fill(role, { apiGroup }))
}

/** An EndpointSlice. */
export const endpointSlice: Fill = (object) =>
  eachOf(object, "ports", (port) => fillPointers(port, { name: "", protocol: "TCP" }))

/** Endpoints. */
export const endpoints: Fill = (object) => eachOf(object, "subsets", (subset) => eachOf(subset, "ports", tcp))

/** A PriorityClass. */
export const priorityClass: Fill = (object) => fillPointers(object, { preemptionPolicy: "PreemptLowerPriority" })

/** A webhook configuration. */
export function webhooks(timeoutSeconds: number, more: Members): Fill {
  return (object) =>
    eachOf(object, "webhooks", (hook) => {
      const whole = fill(hook, {
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds,
        ...more,
      })
      const scoped = eachOf(whole, "rules", (rule) => fill(rule, { scope: "*" }))
      return within(scoped, "clientConfig", (config) =>
        within(config, "service", (reference) => fill(reference, { port: 443 })),
      )
    })
}

/** A LimitRange: what a container may have at most is its default, and that its request. */
export const limitRange: Fill = (object) =>
  within(object, "spec", (spec) =>
    eachOf(spec, "limits", (limit) => {
      if (limit["type"] !== "Container") return limit
      const of = (name: string): Members => (isMap(limit[name]) ? limit[name] : {})
      const whole = fill(of("default"), of("max"))
      const asked = fill(fill(of("defaultRequest"), whole), of("min"))
      const filled: Record<string, unknown> = { ...limit }
      if (Object.keys(whole).length > 0) filled["default"] = whole
      if (Object.keys(asked).length > 0) filled["defaultRequest"] = asked
      return filled
    }),
  )
