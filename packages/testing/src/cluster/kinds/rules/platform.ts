import type { Cause } from "../../answer.ts"
import { nameRules, qualifiedNameFaults } from "../../write/names.ts"
import { faults, forbidden, invalid, listOf, mapOf, required, unsupported } from "./causes.ts"
import type { Rule } from "./workloads.ts"

function oneOf(field: string, value: unknown, values: readonly string[]): Cause[] {
  return value === undefined || values.includes(value as string) ? [] : [unsupported(field, value, values)]
}

/** StorageClasses. */
export const storageClassRules: Rule = (object) => {
  const { provisioner = "", reclaimPolicy, volumeBindingMode } = object as { readonly [name: string]: unknown }
  const named = provisioner === "" ? [required("provisioner")] : []
  return [
    ...named,
    ...(named.length > 0
      ? []
      : faults("provisioner", provisioner, qualifiedNameFaults(String(provisioner).toLowerCase()))),
    ...oneOf("reclaimPolicy", reclaimPolicy, ["Delete", "Retain"]),
    ...oneOf("volumeBindingMode", volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
  ]
}

const system: ReadonlySet<string> = new Set(["system-cluster-critical", "system-node-critical"])

/** PriorityClasses. */
export const priorityClassRules: Rule = (object) => {
  const { value = 0, preemptionPolicy } = object as { readonly [name: string]: unknown }
  const name = object.metadata.name ?? ""
  const causes: Cause[] = []
  if (name.startsWith("system-") && !system.has(name)) {
    const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
    causes.push(forbidden("metadata.name", why))
  } else if (Number(value) > 1_000_000_000 && !system.has(name)) {
    causes.push(forbidden("value", "maximum allowed value of a user defined priority is 1000000000"))
  }
  return [...causes, ...oneOf("preemptionPolicy", preemptionPolicy, ["PreemptLowerPriority", "Never"])]
}

/** IngressClasses. */
export const ingressClassRules: Rule = (object) => {
  const { controller = "" } = mapOf(object.spec)
  if (controller === "") return [required("spec.controller")]
  if (String(controller).includes("/")) return []
  return [invalid("spec.controller", controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
}

/** RuntimeClasses. */
export const runtimeClassRules: Rule = (object) => {
  const { handler = "" } = object as { readonly [name: string]: unknown }
  return faults("handler", handler, nameRules.label(String(handler), false))
}

/** EndpointSlices. */
export const endpointSliceRules: Rule = (object) => {
  const { addressType = "" } = object as { readonly [name: string]: unknown }
  if (addressType === "") return [required("addressType")]
  return oneOf("addressType", addressType, ["FQDN", "IPv4", "IPv6"])
}

/** ControllerRevisions. */
export const controllerRevisionRules: Rule = (object) => {
  const { revision = 0, data } = object as { readonly [name: string]: unknown }
  const low = Number(revision) < 0 ? [invalid("revision", revision, "must be greater than or equal to 0")] : []
  return data === undefined ? [...low, required("data", "data is mandatory")] : low
}

/** What only Services of type LoadBalancer may have, and values out of a few. */
export const serviceDetailRules: Rule = (object) => {
  const spec = mapOf(object.spec)
  const { type, sessionAffinityConfig } = spec
  const onlyBalancers = ["loadBalancerClass", "allocateLoadBalancerNodePorts"].flatMap((name) =>
    spec[name] === undefined || type === "LoadBalancer"
      ? []
      : [forbidden(`spec.${name}`, "may only be used when `type` is 'LoadBalancer'")],
  )
  const { timeoutSeconds } = mapOf(mapOf(sessionAffinityConfig)["clientIP"])
  const seconds =
    timeoutSeconds === undefined || (Number(timeoutSeconds) > 0 && Number(timeoutSeconds) <= 86_400)
      ? []
      : [
          invalid(
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
            timeoutSeconds,
            "must be greater than 0 and less than 86400",
          ),
        ]
  const nodePorts =
    type === "ClusterIP"
      ? listOf(spec["ports"]).flatMap(({ nodePort }, index) =>
          nodePort ? [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")] : [],
        )
      : []
  return [
    ...nodePorts,
    ...seconds,
    ...onlyBalancers,
    ...oneOf("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], ["Cluster", "Local"]),
    ...oneOf("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], ["PreferDualStack", "RequireDualStack", "SingleStack"]),
    ...oneOf("spec.trafficDistribution", spec["trafficDistribution"], [
      "PreferClose",
      "PreferSameZone",
      "PreferSameNode",
    ]),
  ]
}

/** What StatefulSets have beside other workloads. */
export const statefulSetDetailRules: Rule = (object) => {
  const { podManagementPolicy, ordinals, updateStrategy } = mapOf(object.spec)
  const negative = (field: string, value: unknown): Cause[] =>
    Number(value ?? 0) < 0 ? [invalid(field, value, "must be greater than or equal to 0")] : []
  const known = podManagementPolicy === "OrderedReady" || podManagementPolicy === "Parallel"
  return [
    ...(known || !podManagementPolicy
      ? []
      : [invalid("spec.podManagementPolicy", podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")]),
    ...negative(
      "spec.updateStrategy.rollingUpdate.partition",
      mapOf(mapOf(updateStrategy)["rollingUpdate"])["partition"],
    ),
    ...negative("spec.ordinals.start", mapOf(ordinals)["start"]),
  ]
}
