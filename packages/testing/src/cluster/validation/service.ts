import type { Cause } from "../answer.ts"
import { address, familyOf, range, reachable } from "./address.ts"
import { internal } from "./internal.ts"
import { all, fields, given, named, needed, oneOf, onUpdate } from "./rule.ts"
import { labels, port, portNumber, protocols, qualifiedName } from "./terms.ts"
import { createWalk, isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "./walk.ts"

const isHeadless = ({ clusterIPs }: Members): boolean =>
  listOf(clusterIPs).length === 1 && listOf(clusterIPs)[0] === "None"
const isBalanced = ({ type }: Members): boolean => type === "LoadBalancer"
const isOpen = ({ type, externalIPs }: Members): boolean =>
  type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && listOf(externalIPs).length > 0)
/** True for a Service whose balancer asks each node for its health. */
export const needsHealthCheck = (spec: Members): boolean =>
  isBalanced(spec) && spec["externalTrafficPolicy"] === "Local"

/** What a type of Service brings with it. */
const byType: Rule = (value, walk) => {
  const spec = mapOf(value)
  const { type, externalName } = spec
  if (listOf(spec["ports"]).length === 0 && !isHeadless(spec) && type !== "ExternalName") walk.required("ports")
  if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(spec))
    walk.invalid("clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`)
  if (type !== "ExternalName") return
  for (const name of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    const own = spec[name]
    if (isSet(own) && (!Array.isArray(own) || own.length > 0))
      walk.forbidden(name, "may not be set for ExternalName services")
  }
  walk.at("externalName", textOf(externalName).replace(/\.$/, ""), needed(named("subdomain")))
}

const portFields = fields({
  port: portNumber,
  protocol: needed(oneOf(...protocols)),
  targetPort: port,
  appProtocol: given(qualifiedName),
})

const ports: Rule = (value, walk) => {
  const list = listOf(value)
  const names = new Set<string>()
  for (const [index, item] of list.entries()) {
    const name = textOf(mapOf(item)["name"])
    walk.at(index, item, () => {
      if (name !== "") walk.at("name", name, named("label"))
      else if (list.length > 1) walk.required("name")
      if (name !== "" && names.has(name)) walk.duplicate("name", name)
      portFields(item, walk)
    })
    names.add(name)
  }
}

const affinity: Rule = (value, walk) => {
  const { sessionAffinity: kind, sessionAffinityConfig: config } = mapOf(value)
  walk.at("sessionAffinity", kind, needed(oneOf("ClientIP", "None")))
  if (kind === "None" && isSet(config))
    walk.forbidden("sessionAffinityConfig", "must not be set when session affinity is None")
  if (kind !== "ClientIP") return
  const field = "sessionAffinityConfig.clientIP"
  const { clientIP } = mapOf(config)
  const seconds = mapOf(clientIP)["timeoutSeconds"]
  const why = "when session affinity type is ClientIP"
  if (!isSet(config)) walk.required("sessionAffinityConfig", why)
  else if (!isSet(clientIP)) walk.required(field, why)
  else if (!isSet(seconds)) walk.required(`${field}.timeoutSeconds`, why)
  else if (numberOf(seconds) <= 0 || numberOf(seconds) > 86_400)
    walk.invalid(`${field}.timeoutSeconds`, seconds, "must be greater than 0 and less than 86400")
}

function families({ ipFamilies }: Members, walk: Walk): void {
  const list = listOf(ipFamilies)
  for (const [index, family] of list.entries()) {
    walk.at(`ipFamilies[${index}]`, family, oneOf("IPv4", "IPv6"))
    if (list.indexOf(family) < index) walk.duplicate(`ipFamilies[${index}]`, family)
  }
}

/** True when all addresses that are given are addresses. */
function clusterAddresses(ips: readonly unknown[], walk: Walk): boolean {
  const known = listOf(mapOf(walk.before?.["spec"])["clusterIPs"])
  const before = walk.causes.length
  for (const [index, ip] of ips.entries()) {
    if (index > 0 || ip !== "None") walk.at(`clusterIPs[${index}]`, ip, address(known))
    else if (ips.length > 1) walk.invalid("clusterIPs", ips, "'None' must be the first and only value")
  }
  const isGood = walk.causes.length === before
  if (ips.length > 2) walk.invalid("clusterIPs", ips, "may only hold up to 2 values")
  return isGood
}

const addresses: Rule = (value, walk) => {
  const spec = mapOf(value)
  if (spec["type"] === "ExternalName") return
  const ips = listOf(spec["clusterIPs"])
  const own = textOf(spec["clusterIP"])
  if (own !== "" && ips.length === 0) walk.required("clusterIPs")
  else if (own !== "" && ips[0] !== own) walk.invalid("clusterIPs", ips, "first value must match `clusterIP`")
  else if (own === "" && ips.length > 0)
    walk.invalid("clusterIPs", ips, "must be empty when `clusterIP` is not specified")
  families(spec, walk)
  walk.at("ipFamilyPolicy", spec["ipFamilyPolicy"], given(oneOf("PreferDualStack", "RequireDualStack", "SingleStack")))
  if (!clusterAddresses(ips, walk)) return
  const [first, second] = ips.map((ip) => familyOf(textOf(ip)))
  if (ips.length > 1 && first === second)
    walk.invalid("clusterIPs", ips, "may specify no more than one IP for each IP family")
  if (isHeadless(spec)) return
  for (const [index, family] of listOf(spec["ipFamilies"]).entries()) {
    const ip = ips[index]
    if (ip === undefined || `IPv${familyOf(textOf(ip))}` === family || (family !== "IPv4" && family !== "IPv6"))
      continue
    walk.invalid(`clusterIPs[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)
  }
}

/** What is wrong with the addresses of a Service: the server looks at them before it allocates any. */
export function addressCauses(next: unknown, before: unknown): readonly Cause[] {
  const walk = createWalk(before)
  walk.at("spec", mapOf(next)["spec"], addresses)
  return walk.causes
}

const externalAddresses: Rule = (value, walk) => {
  const known = listOf(mapOf(walk.before?.["spec"])["externalIPs"])
  for (const [index, ip] of listOf(value).entries()) {
    const before = walk.causes.length
    walk.at(index, ip, address(known))
    if (walk.causes.length === before) walk.at(index, ip, reachable)
  }
}

/** Two ports of a Service are two ports. */
const distinctPorts: Rule = (value, walk) => {
  const { type, ports: list } = mapOf(value)
  const [nodePorts, pairs] = [new Set<string>(), new Set<string>()]
  const items = listOf(list).map((item) => mapOf(item))
  for (const [index, { nodePort }] of items.entries())
    if (type === "ClusterIP" && numberOf(nodePort) !== 0)
      walk.forbidden(`ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")
  for (const [index, { nodePort, protocol }] of items.entries()) {
    if (numberOf(nodePort) === 0) continue
    const key = `${textOf(protocol)}/${numberOf(nodePort)}`
    if (nodePorts.has(key)) walk.duplicate(`ports[${index}].nodePort`, nodePort)
    nodePorts.add(key)
  }
  for (const [index, { port: number, protocol }] of items.entries()) {
    const key = `${textOf(protocol)}/${numberOf(number)}`
    if (pairs.has(key)) walk.duplicate(`ports[${index}]`, internal("core/v1.ServicePort", { port: number, protocol }))
    pairs.add(key)
  }
}

const onlyBalanced = "may only be used when `type` is 'LoadBalancer'"
const rangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges"

/** Who may call the balancer: in a list, or else in an annotation. The server has the list begin with a capital. */
const sourceRanges: Rule = (value, walk) => {
  const { metadata, spec } = mapOf(value)
  const own = listOf(mapOf(spec)["loadBalancerSourceRanges"]).map((each) => textOf(each).trim())
  const before = mapOf(walk.before?.["spec"])["loadBalancerSourceRanges"]
  const note = mapOf(mapOf(metadata)["annotations"])[rangesAnnotation]
  if (own.length > 0) {
    const field = "spec.LoadBalancerSourceRanges"
    const rule = range(listOf(before).map((each) => textOf(each).trim()))
    if (!isBalanced(mapOf(spec))) walk.forbidden(field, onlyBalanced)
    for (const [index, each] of own.entries()) walk.at(`${field}[${index}]`, each, rule)
  } else if (note !== undefined) {
    const field = `metadata.annotations[${rangesAnnotation}]`
    if (!isBalanced(mapOf(spec))) walk.forbidden(field, onlyBalanced)
    for (const each of textOf(note).split(",").filter(Boolean)) walk.at(field, each.trim(), range())
  }
}

const balancer: Rule = (value, walk) => {
  const spec = mapOf(value)
  const { loadBalancerClass: name, allocateLoadBalancerNodePorts: allocates } = spec
  if (isSet(allocates) && !isBalanced(spec)) walk.forbidden("allocateLoadBalancerNodePorts", onlyBalanced)
  if (!isSet(name)) return
  if (isBalanced(spec)) walk.at("loadBalancerClass", name, qualifiedName)
  else walk.forbidden("loadBalancerClass", onlyBalanced)
}

const outside: Rule = (value, walk) => {
  const spec = mapOf(value)
  const { externalTrafficPolicy: policy, healthCheckNodePort: health } = spec
  if (isOpen(spec)) walk.at("externalTrafficPolicy", policy, needed(oneOf("Cluster", "Local")))
  else if (textOf(policy) !== "")
    walk.invalid("externalTrafficPolicy", policy, "may only be set for externally-accessible services")
  const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  if (needsHealthCheck(spec)) {
    if (numberOf(health) === 0) walk.required("healthCheckNodePort")
    else walk.at("healthCheckNodePort", health, portNumber)
  } else if (numberOf(health) !== 0) walk.invalid("healthCheckNodePort", health, why)
}

const internalPolicy: Rule = (value, walk) => {
  const { internalTrafficPolicy: policy, type } = mapOf(value)
  if (!isSet(policy) && type !== "ExternalName") walk.required("internalTrafficPolicy")
  walk.at("internalTrafficPolicy", policy, given(oneOf("Cluster", "Local")))
}

/** An address that was given stays; the second of two may go. */
const fixedAddresses: Rule = onUpdate((value, walk) => {
  const [next, before] = [mapOf(mapOf(value)["spec"]), mapOf(walk.before?.["spec"])]
  if (next["type"] === "ExternalName" || before["type"] === "ExternalName") return
  if (isHeadless(next) && isHeadless(before)) return
  fixedList("clusterIPs", { now: next, old: before }, walk)
  if (isHeadless(next) === isHeadless(before)) fixedList("ipFamilies", { now: next, old: before }, walk)
})

interface Change {
  readonly now: Members
  readonly old: Members
}

function fixedList(name: "clusterIPs" | "ipFamilies", { now, old }: Change, walk: Walk): void {
  const [list, before] = [listOf(now[name]), listOf(old[name])]
  const [what, told] = name === "clusterIPs" ? ["clusterIP", name] : ["ipFamily", name]
  if (list.length === before.length) {
    for (const [index, each] of before.entries())
      if (each !== list[index])
        walk.invalid(`spec.${told}[${name === "clusterIPs" ? index : 0}]`, list, "may not change once set")
    return
  }
  const isFewer = before.length > list.length
  if (isFewer && listOf(now["clusterIPs"]).length === 0)
    walk.invalid(`spec.${told}[0]`, isSet(now[name]) ? list : null, `primary ${what} can not be unset`)
  if (list.length > 0 && before.length > 0 && list[0] !== before[0])
    walk.invalid(`spec.${told}[0]`, now["clusterIPs"], "may not change once set")
  if (isFewer && list.length === 1 && now["ipFamilyPolicy"] !== "SingleStack") {
    const why = `must be set to 'SingleStack' when releasing the secondary ${what}`
    walk.invalid("spec.ipFamilyPolicy", now["ipFamilyPolicy"], why)
  }
}

const fixedBalancer: Rule = onUpdate((value, walk) => {
  const [next, before] = [mapOf(mapOf(value)["spec"]), mapOf(walk.before?.["spec"])]
  if (isBalanced(next) && isBalanced(before) && next["loadBalancerClass"] !== before["loadBalancerClass"])
    walk.invalid("spec.loadBalancerClass", next["loadBalancerClass"], "may not change once set")
  // The server checks the class of a changed Service twice.
  walk.at("spec", next, classOnly)
  const [health, old] = [next["healthCheckNodePort"], before["healthCheckNodePort"]]
  if (needsHealthCheck(next) && needsHealthCheck(before) && health !== old)
    walk.forbidden("spec.healthCheckNodePort", "field is immutable")
})

const classOnly: Rule = (value, walk) => {
  const { type, loadBalancerClass } = mapOf(value)
  balancer({ type, loadBalancerClass }, walk)
}

/** Services. */
export const service: Rule = all(
  fixedAddresses,
  fixedBalancer,
  fields({
    spec: all(
      byType,
      fields({ ports, selector: labels }),
      affinity,
      addresses,
      fields({
        externalIPs: externalAddresses,
        type: needed(oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")),
      }),
      distinctPorts,
    ),
  }),
  sourceRanges,
  fields({
    spec: all(
      balancer,
      outside,
      internalPolicy,
      fields({ trafficDistribution: given(oneOf("PreferClose", "PreferSameZone", "PreferSameNode")) }),
    ),
  }),
)
