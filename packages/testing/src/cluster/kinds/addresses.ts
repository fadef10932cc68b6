import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { type Cause, invalid } from "../answer.ts"
import type { ServerState } from "../state.ts"
import { addressCauses } from "../validation/service.ts"
import { createWalk } from "../validation/walk.ts"

interface Port {
  readonly name?: string
  readonly protocol?: string
  readonly port: number
  readonly nodePort?: number
}

interface ServiceSpec {
  readonly type?: string
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly ipFamilies?: readonly string[]
  readonly ipFamilyPolicy?: string
  readonly selector?: object
  readonly ports?: readonly Port[]
  readonly allocateLoadBalancerNodePorts?: boolean
  readonly externalTrafficPolicy?: string
  readonly externalIPs?: readonly string[]
  readonly loadBalancerClass?: string
  readonly healthCheckNodePort?: number
}

/** 10.0.0.0/16, as the server's `--service-cluster-ip-range`. */
const addressCount = 65_000
const firstPort = 30_000
const portCount = 2768

function* servicesOf(state: ServerState): Generator<ServiceSpec> {
  for (const [, object] of state.store.list("services", "").entries) yield (object.spec ?? {}) as ServiceSpec
}

function freeAddress(state: ServerState): string {
  const taken = new Set<string>()
  for (const { clusterIPs } of servicesOf(state)) for (const ip of clusterIPs ?? []) taken.add(ip)
  let at = Math.floor(state.random() * addressCount)
  for (;;) {
    const number = 256 + (at++ % addressCount)
    const ip = `10.0.${(number >> 8) & 255}.${number & 255}`
    if (!taken.has(ip) && (number & 255) !== 0) return ip
  }
}

function takenPorts(state: ServerState): Set<number> {
  const taken = new Set<number>()
  for (const { ports, healthCheckNodePort } of servicesOf(state)) {
    for (const { nodePort } of ports ?? []) if (nodePort) taken.add(nodePort)
    if (healthCheckNodePort) taken.add(healthCheckNodePort)
  }
  return taken
}

const addressRange = "The range of valid IPs is 10.0.0.0/16"
const outOfRange = `provided port is not in the valid range. The range of valid ports is ${firstPort}-${firstPort + portCount - 1}`

const needsNodePorts = ({ type }: ServiceSpec): boolean => type === "NodePort" || type === "LoadBalancer"

const needsPorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false)

const isBalanced = ({ type }: ServiceSpec): boolean => type === "LoadBalancer"
const isOpen = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && (externalIPs ?? []).length > 0)
/** A balancer asks each node for the Pods that it has itself. */
const needsHealthCheck = (spec: ServiceSpec): boolean => isBalanced(spec) && spec.externalTrafficPolicy === "Local"

/** A Service with its addresses, families and node ports; `previous` keeps what it has. */
export function withAddresses(service: KubeObject, previous: KubeObject | undefined, state: ServerState): KubeObject {
  const before = (previous?.spec ?? {}) as ServiceSpec
  const spec = normalised(kept((service.spec ?? {}) as ServiceSpec, before), before)
  const causes = addressCauses({ ...service, spec }, previous)
  if (causes.length > 0) throw invalid({ group: "", kind: "Service" }, service.metadata.name ?? "", causes)
  if (spec.type === "ExternalName") return { ...service, spec }
  const headless = spec.clusterIP === "None"
  checkFamilies(service, spec)
  checkFree(state, { service, spec, before })
  const ip = spec.clusterIP || freeAddress(state)
  const selectorless = !spec.selector || Object.keys(spec.selector).length === 0
  const families = headless && selectorless ? ["IPv4", "IPv6"] : ["IPv4"]
  const policy = headless && selectorless ? "RequireDualStack" : "SingleStack"
  const whole: ServiceSpec = {
    ...spec,
    clusterIP: ip,
    clusterIPs: spec.clusterIPs ?? [ip],
    ipFamilies: spec.ipFamilies ?? families,
    ipFamilyPolicy: spec.ipFamilyPolicy ?? policy,
    ...(spec.ports ? { ports: withNodePorts(spec, state) } : {}),
  }
  return { ...service, spec: withHealthPort(whole, state) }
}

/** 422 for families that this cluster does not have: it has IPv4 only. */
function checkFamilies(service: KubeObject, { clusterIP, selector, ipFamilies, ipFamilyPolicy }: ServiceSpec): void {
  if (clusterIP === "None" && Object.keys(selector ?? {}).length === 0) return
  const walk = createWalk()
  if (ipFamilyPolicy === "RequireDualStack")
    walk.invalid("spec.ipFamilyPolicy", ipFamilyPolicy, "this cluster is not configured for dual-stack services")
  for (const [index, family] of (ipFamilies ?? []).entries())
    if (family !== "IPv4") walk.invalid(`spec.ipFamilies[${index}]`, family, "not configured on this cluster")
  if (walk.causes.length > 0) throw invalid({ group: "", kind: "Service" }, service.metadata.name ?? "", walk.causes)
}

interface Claim {
  readonly service: KubeObject
  readonly spec: ServiceSpec
  readonly before: ServiceSpec
}

/** 422 for an address or node port that another Service has. */
function checkFree(state: ServerState, { service, spec, before }: Claim): void {
  const ip = spec.clusterIP
  const causes: Cause[] = []
  const fault = (field: string, value: unknown, why: string): void =>
    void causes.push({ reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field })
  if (ip && ip !== "None" && ip !== before.clusterIP) {
    const failed = `failed to allocate IP ${ip}:`
    const isTaken = [...servicesOf(state)].some(({ clusterIPs }) => clusterIPs?.includes(ip))
    if (!ip.startsWith("10.0."))
      fault("spec.clusterIPs", [ip], `${failed} the provided IP (${ip}) is not in the valid range. ${addressRange}`)
    else if (isTaken) fault("spec.clusterIPs", [ip], `${failed} provided IP is already allocated`)
  }
  const own = new Set((before.ports ?? []).map(({ nodePort }) => nodePort))
  const taken = takenPorts(state)
  const given = needsNodePorts(spec) ? (spec.ports ?? []) : []
  const asked = new Map<number, number>()
  for (const [index, { nodePort, port }] of given.entries()) {
    if (!nodePort || own.has(nodePort) || asked.get(port) === nodePort) continue
    const field = `spec.ports[${index}].nodePort`
    if (taken.has(nodePort)) fault(field, nodePort, "provided port is already allocated")
    else if (nodePort < firstPort || nodePort >= firstPort + portCount) fault(field, nodePort, outOfRange)
    if (causes.length > 0) break
    asked.set(port, nodePort)
    taken.add(nodePort)
  }
  if (causes.length > 0) throw invalid({ group: "", kind: "Service" }, service.metadata.name ?? "", causes)
}

/** The first of the addresses is the address, and the other way round. */
function normalised(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const { clusterIP = "", clusterIPs = [] } = spec
  const first = clusterIP !== "" && clusterIPs.length === 0
  if (before.type === undefined) return first ? { ...spec, clusterIPs: [clusterIP] } : spec
  const isSame = equalJson(clusterIPs, before.clusterIPs ?? [])
  if (clusterIP === (before.clusterIP ?? "")) return spec
  if (clusterIP !== "") return isSame ? { ...spec, clusterIPs: [clusterIP] } : spec
  const { clusterIPs: _, ...rest } = spec
  return isSame ? rest : spec
}

/** Members that some Services may have only; a change of type gives them back. */
const dependent: readonly (readonly [member: keyof ServiceSpec, may: (spec: ServiceSpec) => boolean])[] = [
  ["healthCheckNodePort", needsHealthCheck],
  ["allocateLoadBalancerNodePorts", isBalanced],
  ["loadBalancerClass", isBalanced],
  ["externalTrafficPolicy", isOpen],
]

/** What an update does not name, it does not change; a type that needs no node ports gives them back. */
function kept(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  if (before.type === undefined) return spec
  const next: { -readonly [Member in keyof ServiceSpec]: ServiceSpec[Member] } = { ...spec }
  for (const [member, may] of dependent)
    if (may(before) && !may(spec) && spec[member] === before[member]) delete next[member]
  if (needsNodePorts(before) && !needsNodePorts(spec) && spec.ports)
    next.ports = spec.ports.map((port) => withoutSame(port, before))
  if (spec.type === "ExternalName") return withoutAddresses(next, before)
  if (before.type !== "ExternalName") {
    next.clusterIP = spec.clusterIP || before.clusterIP!
    next.clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : before.clusterIPs!
    next.ipFamilies = spec.ipFamilies ?? before.ipFamilies!
    next.ipFamilyPolicy = spec.ipFamilyPolicy ?? before.ipFamilyPolicy!
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec) && !spec.healthCheckNodePort && before.healthCheckNodePort)
    next.healthCheckNodePort = before.healthCheckNodePort
  if (needsPorts(before) && needsPorts(spec) && next.ports) next.ports = withOldPorts(next.ports, before)
  return next
}

/** An ExternalName has no addresses: those that it had go, those that an update gives are refused later. */
function withoutAddresses(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  if (before.type === "ExternalName") return spec
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ...rest } = spec
  const isSame = clusterIP === before.clusterIP
  return {
    ...rest,
    ...(isSame || !clusterIP ? {} : { clusterIP }),
    ...(isSame || !clusterIPs ? {} : { clusterIPs }),
    ...(equalJson(ipFamilies ?? null, before.ipFamilies ?? null) || !ipFamilies ? {} : { ipFamilies }),
    ...(ipFamilyPolicy === before.ipFamilyPolicy || !ipFamilyPolicy ? {} : { ipFamilyPolicy }),
  }
}

function withoutSame(port: Port, before: ServiceSpec): Port {
  const same = before.ports?.some(({ nodePort }) => nodePort === port.nodePort)
  if (!same) return port
  const { nodePort: _, ...rest } = port
  return rest
}

/** Ports keep the node ports that ports of their name had, unless another has them now. */
function withOldPorts(ports: readonly Port[], before: ServiceSpec): readonly Port[] {
  const used = new Set(ports.map(({ nodePort }) => nodePort))
  return ports.map((port) => {
    const old = before.ports?.findLast(({ name = "" }) => name === (port.name ?? ""))?.nodePort
    return port.nodePort || !old || used.has(old) ? port : { ...port, nodePort: old }
  })
}

function withHealthPort(spec: ServiceSpec, state: ServerState): ServiceSpec {
  if (!needsHealthCheck(spec) || spec.healthCheckNodePort) return spec
  const taken = takenPorts(state)
  for (const { nodePort } of spec.ports ?? []) if (nodePort) taken.add(nodePort)
  return { ...spec, healthCheckNodePort: freePort(taken, state) }
}

function freePort(taken: ReadonlySet<number>, state: ServerState): number {
  let at = Math.floor(state.random() * portCount)
  while (taken.has(firstPort + (at % portCount))) at++
  return firstPort + (at % portCount)
}

function withNodePorts(spec: ServiceSpec, state: ServerState): readonly Port[] {
  const { ports = [] } = spec
  if (!needsPorts(spec) || ports.every(({ nodePort }) => nodePort)) return ports
  const taken = takenPorts(state)
  for (const { nodePort } of ports) if (nodePort) taken.add(nodePort)
  return ports.map((port) => {
    if (port.nodePort) return port
    const nodePort = freePort(taken, state)
    taken.add(nodePort)
    return { ...port, nodePort }
  })
}
