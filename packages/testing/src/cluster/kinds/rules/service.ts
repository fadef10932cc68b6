import { isIP } from "node:net"
import type { Cause } from "../../answer.ts"
import { labelCauses } from "../../write/metadata.ts"
import { nameRules } from "../../write/names.ts"
import { duplicate, faults, invalid, listOf, mapOf, type Members, required, unsupported } from "./causes.ts"
import type { Rule } from "./workloads.ts"

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
const protocols = ["SCTP", "TCP", "UDP"]

/** Services. */
export const serviceRules: Rule = (object, previous) => {
  const spec = mapOf(object.spec)
  const { type = "ClusterIP", clusterIPs, externalName = "" } = spec
  const ports = listOf(spec["ports"])
  const headless = spec["clusterIP"] === "None"
  const causes: Cause[] = []
  if (ports.length === 0 && !headless && type !== "ExternalName") causes.push(required("spec.ports"))
  if (type === "NodePort" && headless)
    causes.push(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"))
  if (type === "LoadBalancer" && headless)
    causes.push(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"))
  if (type === "ExternalName") {
    if (externalName === "") causes.push(required("spec.externalName"))
    else
      causes.push(
        ...faults(
          "spec.externalName",
          externalName,
          nameRules.subdomain(String(externalName).replace(/\.$/, ""), false),
        ),
      )
  }
  const labels = mapOf(spec["selector"]) as { readonly [name: string]: string }
  return [
    ...causes,
    ...portCauses(ports, { many: ports.length > 1 }),
    ...labelCauses(labels, "spec.selector"),
    ...(types.includes(type as string) ? [] : [unsupported("spec.type", type, types)]),
    ...addressCauses((clusterIPs ?? []) as readonly string[]),
    ...policyCauses(spec),
    ...affinityCauses(spec),
    ...(previous ? updateCauses(spec, mapOf(previous.spec)) : []),
  ]
}

function affinityCauses({ sessionAffinity = "" }: Members): Cause[] {
  const known = ["ClientIP", "None"]
  return known.includes(sessionAffinity as string) ? [] : [unsupported("spec.sessionAffinity", sessionAffinity, known)]
}

function portCauses(ports: readonly Members[], { many }: { readonly many: boolean }): Cause[] {
  const names = new Set<unknown>()
  const causes = ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const found: Cause[] = []
    const { name = "", port: number, protocol = "", targetPort } = port
    if (name === "" && many) found.push(required(`${at}.name`))
    else if (name !== "") {
      found.push(...faults(`${at}.name`, name, nameRules.label(String(name), false)))
      if (names.has(name)) found.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    if (!(Number(number) >= 1 && Number(number) <= 65_535))
      found.push(invalid(`${at}.port`, number ?? 0, "must be between 1 and 65535, inclusive"))
    if (protocol === "") found.push(required(`${at}.protocol`))
    else if (!protocols.includes(protocol as string)) found.push(unsupported(`${at}.protocol`, protocol, protocols))
    if (typeof targetPort === "number" && (targetPort < 1 || targetPort > 65_535)) {
      found.push(invalid(`${at}.targetPort`, targetPort, "must be between 1 and 65535, inclusive"))
    }
    return found
  })
  return [...causes, ...sameCauses(ports)]
}

/** One port and protocol can only lead to one place. */
function sameCauses(ports: readonly Members[]): Cause[] {
  const seen = new Set<string>()
  return ports.flatMap(({ port, protocol, nodePort }, index) => {
    const key = `${String(port)}/${String(protocol)}`
    const again = seen.has(key)
    seen.add(key)
    const printed = { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    const causes = again ? [duplicate(`spec.ports[${index}]`, printed)] : []
    if (nodePort !== undefined && (Number(nodePort) < 30_000 || Number(nodePort) > 32_767)) {
      causes.push(
        invalid(
          `spec.ports[${index}].nodePort`,
          nodePort,
          "provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
      )
    }
    return causes
  })
}

function addressCauses(ips: readonly string[]): Cause[] {
  return ips.flatMap((ip, index) =>
    ip === "None" || isIP(ip) > 0
      ? []
      : [invalid(`spec.clusterIPs[${index}]`, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")],
  )
}

function policyCauses({ type, externalTrafficPolicy, externalIPs }: Members): Cause[] {
  const isOpen =
    type === "NodePort" ||
    type === "LoadBalancer" ||
    (type === "ClusterIP" && Array.isArray(externalIPs) && externalIPs.length > 0)
  const field = "spec.externalTrafficPolicy"
  if (externalTrafficPolicy === undefined) return []
  if (!isOpen) return [invalid(field, externalTrafficPolicy, "may only be set for externally-accessible services")]
  const known = ["Cluster", "Local"]
  return known.includes(externalTrafficPolicy as string) ? [] : [unsupported(field, externalTrafficPolicy, known)]
}

function updateCauses(next: Members, before: Members): Cause[] {
  const ips = (next["clusterIPs"] ?? []) as readonly string[]
  const old = (before["clusterIPs"] ?? []) as readonly string[]
  const stays = before["type"] !== "ExternalName" && next["type"] !== "ExternalName"
  if (!stays || old.length === 0 || ips[0] === old[0]) return []
  return [invalid("spec.clusterIPs[0]", ips, "may not change once set")]
}
