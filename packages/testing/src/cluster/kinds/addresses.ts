import type { KubeObject } from "@gitops-toolkit/kube"
import { type Cause, invalid } from "../answer.ts"
import type { ServerState } from "../state.ts"

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
  for (const { ports } of servicesOf(state)) for (const { nodePort } of ports ?? []) if (nodePort) taken.add(nodePort)
  return taken
}

const needsPorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false)

/** A Service with its addresses, families and node ports; `previous` keeps what it has. */
export function withAddresses(service: KubeObject, previous: KubeObject | undefined, state: ServerState): KubeObject {
  const before = (previous?.spec ?? {}) as ServiceSpec
  const spec = kept((service.spec ?? {}) as ServiceSpec, before)
  if (spec.type === "ExternalName") return { ...service, spec }
  const headless = spec.clusterIP === "None"
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
  return { ...service, spec: whole }
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
  if (
    ip &&
    ip !== "None" &&
    ip !== before.clusterIP &&
    [...servicesOf(state)].some(({ clusterIPs }) => clusterIPs?.includes(ip))
  ) {
    fault("spec.clusterIPs", [ip], `failed to allocate IP ${ip}: provided IP is already allocated`)
  }
  const own = new Set((before.ports ?? []).map(({ nodePort }) => nodePort))
  const taken = takenPorts(state)
  for (const [index, { nodePort }] of (spec.ports ?? []).entries()) {
    if (nodePort && taken.has(nodePort) && !own.has(nodePort))
      fault(`spec.ports[${index}].nodePort`, nodePort, "provided port is already allocated")
  }
  if (causes.length > 0) throw invalid({ group: "", kind: "Service" }, service.metadata.name ?? "", causes)
}

/** What an update does not name, it does not change; a type that needs no node ports gives them back. */
function kept(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  if (before.type === undefined) return spec
  const wasExternal = before.type === "ExternalName"
  if (spec.type === "ExternalName") {
    const { clusterIP, clusterIPs, ipFamilies: _, ipFamilyPolicy: __, ...rest } = spec
    const same = clusterIP === before.clusterIP
    return same ? rest : { ...rest, ...(clusterIP ? { clusterIP } : {}), ...(clusterIPs ? { clusterIPs } : {}) }
  }
  const addresses = wasExternal
    ? {}
    : {
        clusterIP: spec.clusterIP || before.clusterIP!,
        clusterIPs: spec.clusterIPs ?? before.clusterIPs!,
        ipFamilies: spec.ipFamilies ?? before.ipFamilies!,
        ipFamilyPolicy: spec.ipFamilyPolicy ?? before.ipFamilyPolicy!,
      }
  const { externalTrafficPolicy, ...others } = spec
  const isOpen = spec.type === "NodePort" || spec.type === "LoadBalancer"
  const ports =
    needsPorts(spec) || !needsPorts(before) ? spec.ports : spec.ports?.map((port) => withoutSame(port, before))
  return {
    ...others,
    ...(externalTrafficPolicy !== undefined && (isOpen || externalTrafficPolicy !== before.externalTrafficPolicy)
      ? { externalTrafficPolicy }
      : {}),
    ...addresses,
    ...(ports ? { ports: ports.map((port) => patchedPort(port, before, spec)) } : {}),
  }
}

function withoutSame(port: Port, before: ServiceSpec): Port {
  const same = before.ports?.some(({ nodePort }) => nodePort === port.nodePort)
  if (!same) return port
  const { nodePort: _, ...rest } = port
  return rest
}

function patchedPort(port: Port, before: ServiceSpec, spec: ServiceSpec): Port {
  if (port.nodePort || !needsPorts(spec)) return port
  const old = before.ports?.find(
    (each) => each.port === port.port && (each.protocol ?? "TCP") === (port.protocol ?? "TCP"),
  )
  return old?.nodePort ? { ...port, nodePort: old.nodePort } : port
}

function withNodePorts(spec: ServiceSpec, state: ServerState): readonly Port[] {
  const { ports = [] } = spec
  if (!needsPorts(spec) || ports.every(({ nodePort }) => nodePort)) return ports
  const taken = takenPorts(state)
  for (const { nodePort } of ports) if (nodePort) taken.add(nodePort)
  return ports.map((port) => {
    if (port.nodePort) return port
    let at = Math.floor(state.random() * portCount)
    while (taken.has(firstPort + (at % portCount))) at++
    const nodePort = firstPort + (at % portCount)
    taken.add(nodePort)
    return { ...port, nodePort }
  })
}
