import { BlockList, isIP } from "node:net"
import { equalJson, parseQuantity } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { omit } from "../omit.ts"
import { nameRules } from "../../write/names.ts"
import {
  faults,
  fixed,
  forbidden,
  invalid,
  isMap,
  listOf,
  mapOf,
  type Members,
  required,
  type Rule,
  unsupported,
} from "./causes.ts"
import { labelSelectorCauses } from "./selector.ts"

const wildcard = String.raw`a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`

/** What is wrong with a host that may begin with a wildcard. */
export function hostFaults(host: string): readonly string[] {
  if (!host.includes("*")) return nameRules.subdomain(host, false)
  const good = host.startsWith("*.") && nameRules.subdomain(host.slice(2), false).length === 0
  return good ? [] : [wildcard]
}

function hostCauses(host: string, field: string): Cause[] {
  if (isIP(host) > 0) return [invalid(field, host, "must be a DNS name, not an IP address")]
  return faults(field, host, hostFaults(host))
}

function backendCauses(backend: Members, field: string): Cause[] {
  const { service, resource } = backend
  if (service && resource) return [invalid(field, "", "cannot set both resource and service backends")]
  if (!service && !resource) return [invalid(field, "", "resource or service backend is required")]
  if (!isMap(service)) return []
  const port = mapOf(service["port"])
  const causes = service["name"]
    ? faults(`${field}.service.name`, service["name"], nameRules.label1035(String(service["name"]), false))
    : [required(`${field}.service.name`)]
  if (!port["name"] && !port["number"]) causes.push(required(field, "port name or number is required"))
  return causes
}

/** Ingresses. */
export const ingressRules: Rule = (object) => {
  const spec = mapOf(object.spec)
  const rules = listOf(spec["rules"])
  const causes: Cause[] = []
  if (rules.length === 0 && !spec["defaultBackend"])
    causes.push(invalid("spec", null, "either `defaultBackend` or `rules` must be specified"))
  if (isMap(spec["defaultBackend"])) causes.push(...backendCauses(spec["defaultBackend"], "spec.defaultBackend"))
  for (const [index, { host, http }] of rules.entries()) {
    const at = `spec.rules[${index}]`
    if (host) causes.push(...hostCauses(String(host), `${at}.host`))
    for (const [place, path] of listOf(mapOf(http)["paths"]).entries())
      causes.push(...pathCauses(path, `${at}.http.paths[${place}]`))
  }
  return causes
}

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"]

function pathCauses({ path = "", pathType, backend }: Members, field: string): Cause[] {
  const causes: Cause[] = []
  if (pathType === undefined || pathType === null) return [required(`${field}.pathType`, "pathType must be specified")]
  if (!pathTypes.includes(pathType as string)) causes.push(unsupported(`${field}.pathType`, pathType, pathTypes))
  else if (pathType !== "ImplementationSpecific" && !String(path).startsWith("/"))
    causes.push(invalid(`${field}.path`, path, "must be an absolute path"))
  return [...causes, ...backendCauses(mapOf(backend), `${field}.backend`)]
}

/** NetworkPolicies. */
export const networkPolicyRules: Rule = (object) => {
  const spec = mapOf(object.spec)
  const causes = labelSelectorCauses(spec["podSelector"], "spec.podSelector")
  for (const [direction, peers] of [
    ["ingress", "from"],
    ["egress", "to"],
  ] as const) {
    for (const [index, rule] of listOf(spec[direction]).entries()) {
      for (const [place, peer] of listOf(rule[peers]).entries())
        causes.push(...peerCauses(peer, `spec.${direction}[${index}].${peers}[${place}]`))
    }
  }
  return causes
}

function peerCauses(peer: Members, field: string): Cause[] {
  const { ipBlock, podSelector, namespaceSelector } = peer
  const causes = [
    ...labelSelectorCauses(podSelector, `${field}.podSelector`),
    ...labelSelectorCauses(namespaceSelector, `${field}.namespaceSelector`),
  ]
  if (ipBlock === undefined && podSelector === undefined && namespaceSelector === undefined)
    return [required(field, "must specify a peer")]
  if (isMap(ipBlock)) {
    causes.push(...blockCauses(ipBlock, `${field}.ipBlock`))
    if (podSelector !== undefined || namespaceSelector !== undefined)
      causes.push(forbidden(field, "may not specify both ipBlock and another peer"))
  }
  return causes
}

interface Range {
  readonly address: string
  readonly bits: number
  readonly family: "ipv4" | "ipv6"
}

function rangeOf(text: string): Range | undefined {
  const [address = "", bits = ""] = text.split("/")
  const version = isIP(address)
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  return { address, bits: Number(bits), family: version === 4 ? "ipv4" : "ipv6" }
}

function blockCauses({ cidr, except }: Members, field: string): Cause[] {
  const format = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
  const outer = rangeOf(String(cidr ?? ""))
  if (!cidr) return [required(`${field}.cidr`)]
  if (!outer) return [invalid(`${field}.cidr`, cidr, format)]
  const list = new BlockList()
  list.addSubnet(outer.address, outer.bits, outer.family)
  return ((except ?? []) as readonly string[]).flatMap((each, index) => {
    const inner = rangeOf(each)
    const at = `${field}.except[${index}]`
    if (!inner) return [invalid(at, each, format)]
    const within = inner.family === outer.family && list.check(inner.address, inner.family) && inner.bits > outer.bits
    return within ? [] : [invalid(at, each, "must be a strict subset of `cidr`")]
  })
}

/** PersistentVolumeClaims. */
export const claimRules: Rule = (object, previous) => {
  const spec = mapOf(object.spec)
  const modes = spec["accessModes"]
  const causes: Cause[] = []
  if (!Array.isArray(modes) || modes.length === 0)
    causes.push(required("spec.accessModes", "at least 1 access mode is required"))
  const known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
  for (const mode of (modes ?? []) as readonly string[])
    if (!known.includes(mode)) causes.push(unsupported("spec.accessModes", mode, known))
  const { storage } = mapOf(mapOf(spec["resources"])["requests"])
  if (storage === undefined) causes.push(required("spec.resources[storage]"))
  else if (typeof storage === "string" && parseQuantity(storage).nanos <= 0n)
    causes.push(invalid("spec.resources[storage]", storage, "must be greater than zero"))
  const name = spec["storageClassName"]
  if (typeof name === "string" && name !== "")
    causes.push(...faults("spec.storageClassName", name, nameRules.subdomain(name, false)))
  if (!previous) return causes
  const before = mapOf(previous.spec)
  const frozen = (all: Members): Members => omit(all, "resources", "volumeName", "volumeAttributesClassName")
  const text =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
  return equalJson(frozen(spec), frozen(before)) ? causes : [...causes, forbidden("spec", text)]
}

/** PodDisruptionBudgets. */
export const budgetRules: Rule = (object) => {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = mapOf(object.spec)
  if (minAvailable === undefined || maxUnavailable === undefined) return labelSelectorCauses(selector, "spec.selector")
  const printed = {
    MinAvailable: minAvailable,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  }
  return [invalid("spec", printed, "minAvailable and maxUnavailable cannot be both set")]
}

const metricTypes: { readonly [type: string]: string } = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
}

/** HorizontalPodAutoscalers. */
export const autoscalerRules: Rule = (object) => {
  const spec = mapOf(object.spec)
  const { minReplicas, maxReplicas = 0 } = spec as { readonly minReplicas?: number; readonly maxReplicas?: number }
  const causes: Cause[] = []
  if (minReplicas !== undefined && minReplicas < 1)
    causes.push(invalid("spec.minReplicas", minReplicas, "must be greater than or equal to 1"))
  if (maxReplicas < 1) causes.push(required("spec.maxReplicas", "must be set and greater than 0"))
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    causes.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"))
  const target = mapOf(spec["scaleTargetRef"])
  for (const name of ["kind", "name"]) if (!target[name]) causes.push(required(`spec.scaleTargetRef.${name}`))
  for (const [index, metric] of listOf(spec["metrics"]).entries()) {
    const at = `spec.metrics[${index}]`
    const type = String(metric["type"] ?? "")
    const known = Object.keys(metricTypes)
    if (!known.includes(type))
      causes.push(unsupported(`${at}.type`, type, known), unsupported(`${at}.type`, type, known))
    else if (metric[metricTypes[type]!] === undefined)
      causes.push(required(`${at}.${metricTypes[type]}`, "must populate information for the given metric source"))
  }
  return causes
}

/** Events are in the namespace of what they are about. */
export const eventRules: Rule = (object, previous) => {
  const about = mapOf(object["involvedObject"] ?? object["regarding"])
  const namespace = object.metadata.namespace ?? ""
  const causes: Cause[] = []
  if (about["namespace"] !== undefined && about["namespace"] !== namespace) {
    causes.push(invalid("involvedObject.namespace", about["namespace"], "does not match event.namespace"))
  } else if (about["namespace"] === undefined && namespace !== "default" && !previous) {
    causes.push(invalid("involvedObject.namespace", "", "does not match event.namespace"))
  }
  if (!previous) return causes
  const frozen = [
    "reason",
    "involvedObject",
    "regarding",
    "action",
    "reportingController",
    "reportingInstance",
    "type",
    "eventTime",
  ]
  // Only Events that say when they happened are of the new kind, whose fields are fixed.
  const isNew = object["eventTime"] !== undefined && object["eventTime"] !== null
  if (!isNew) return causes
  const changed = frozen.flatMap((name) => fixed(name, { now: object[name], before: previous[name] }))
  return [...causes, ...changed, ...changed]
}
