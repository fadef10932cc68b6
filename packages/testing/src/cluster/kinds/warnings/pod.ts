import { mapOf, mapsOf, type Members, textOf, isSet } from "../../validation/walk.ts"
import { nodeLabelWarning, nodeTermWarnings } from "./labels.ts"
import { addressWarnings } from "./address.ts"
import { pathWarnings } from "./paths.ts"

const oldAnnotations: { readonly [key: string]: string } = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}

const oldVolumes: { readonly [source: string]: string } = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
}

/** What is said of a Pod or a template at `path`, in the order in which the server says it. */
export function podWarnings({ metadata, spec: given }: Members, path: string): string[] {
  const spec = mapOf(given)
  const [at, meta] = [path === "" ? "spec" : `${path}.spec`, path === "" ? "metadata" : `${path}.metadata`]
  const affinity = spec["affinity"] ? mapOf(spec["affinity"]) : undefined
  const said: string[] = []
  // Nearly all Pods have none of these: what is not there is not looked into.
  if (spec["nodeSelector"]) said.push(...selectorWarnings(mapOf(spec["nodeSelector"]), `${at}.nodeSelector`))
  if (affinity) said.push(...affinityWarnings(affinity, `${at}.affinity.nodeAffinity`))
  for (const [index, constraint] of mapsOf(spec["topologySpreadConstraints"]).entries())
    said.push(...spreadWarnings(constraint, `${at}.topologySpreadConstraints[${index}]`))
  said.push(...annotationWarnings(mapOf(metadata)["annotations"], `${meta}.annotations`))
  if (mapOf(metadata)["annotations"])
    said.push(...seccompWarnings(spec, mapOf(mapOf(metadata)["annotations"]), `${meta}.annotations`))
  for (const [index, volume] of mapsOf(spec["volumes"]).entries())
    said.push(...volumeWarnings(volume, `${at}.volumes[${index}]`))
  for (const volume of mapsOf(spec["volumes"])) said.push(...pathWarnings(volume))
  if (spec["hostAliases"]) said.push(...repeated(spec["hostAliases"], "ip", `${at}.hostAliases`))
  if (spec["imagePullSecrets"]) said.push(...pullSecretWarnings(spec["imagePullSecrets"], `${at}.imagePullSecrets`))
  said.push(...containersWarnings(spec, at))
  if (affinity) said.push(...neighbourWarnings(affinity, `${at}.affinity`))
  if (spec["dnsConfig"] || spec["hostAliases"]) said.push(...hostWarnings(spec, at))
  return said
}

function selectorWarnings(selector: Members, at: string): string[] {
  return Object.keys(selector).flatMap((key) => {
    const text = nodeLabelWarning(key)
    return text === undefined ? [] : [`${at}[${key}]: ${text}`]
  })
}

function annotationWarnings(notes: unknown, at: string): string[] {
  const given = mapOf(notes)
  return isSet(notes)
    ? Object.keys(oldAnnotations)
        .filter((key) => Object.hasOwn(given, key))
        .map((key) => `${at}[${key}]: ${oldAnnotations[key]}`)
    : []
}

const seccompNote = "seccomp.security.alpha.kubernetes.io/pod"
const containerNote = "container.seccomp.security.alpha.kubernetes.io/"

/** Annotations of old where the field of today is not used. */
function seccompWarnings(spec: Members, notes: Members, at: string): string[] {
  const told = (holder: Members, key: string): string[] =>
    Object.hasOwn(notes, key) && !mapOf(holder["securityContext"])["seccompProfile"]
      ? [`${at}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`]
      : []
  const containers = [...mapsOf(spec["initContainers"]), ...mapsOf(spec["containers"])]
  return [
    ...told(spec, seccompNote),
    ...containers.flatMap((each) => told(each, `${containerNote}${textOf(each["name"])}`)),
  ]
}

function pullSecretWarnings(secrets: unknown, at: string): string[] {
  const unnamed = mapsOf(secrets).flatMap(({ name }, index) =>
    name ? [] : [`${at}[${index}].name: invalid empty name ""`],
  )
  return [...repeated(secrets, "name", at), ...unnamed]
}

function containersWarnings(spec: Members, at: string): string[] {
  const containers: Placed[] = []
  for (const list of ["initContainers", "containers"] as const) {
    for (const [index, container] of mapsOf(spec[list]).entries())
      containers.push({ container, field: `${at}.${list}[${index}]` })
  }
  const said: string[] = []
  for (const { container, field } of containers) {
    if (container["resources"]) said.push(...byteWarnings(container, field))
    if (container["env"]) said.push(...envWarnings(container, field))
  }
  const ports = portsOf(containers)
  for (const { port, field } of ports) if (port["hostIP"] && !port["hostPort"]) said.push(hostIpWarning(port, field))
  if (ports.length > 1) said.push(...portWarnings(ports), ...portNameWarnings(ports))
  return said
}

const hard = "requiredDuringSchedulingIgnoredDuringExecution"
const soft = "preferredDuringSchedulingIgnoredDuringExecution"

function affinityWarnings({ nodeAffinity }: Members, at: string): string[] {
  const { [hard]: required, [soft]: preferred } = mapOf(nodeAffinity)
  return [
    ...mapsOf(mapOf(required)["nodeSelectorTerms"]).flatMap((term, index) =>
      nodeTermWarnings(term, { field: `${at}.${hard}.nodeSelectorTerms[${index}]`, values: false }),
    ),
    ...mapsOf(preferred).flatMap(({ preference }, index) =>
      nodeTermWarnings(mapOf(preference), { field: `${at}.${soft}[${index}].preference`, values: true }),
    ),
  ]
}

const nothingMatches = "a null labelSelector results in matching no pod"

function neighbourWarnings(affinity: Members, at: string): string[] {
  return ["podAffinity", "podAntiAffinity"].flatMap((kind) => {
    const { [hard]: required, [soft]: preferred } = mapOf(affinity[kind])
    const [must, may] = [`${at}.${kind}.${hard}`, `${at}.${kind}.${soft}`]
    return [
      ...mapsOf(required).flatMap(({ labelSelector }, index) =>
        isSet(labelSelector) ? [] : [`${must}[${index}].labelSelector: ${nothingMatches}`],
      ),
      ...mapsOf(preferred).flatMap(({ podAffinityTerm }, index) =>
        isSet(mapOf(podAffinityTerm)["labelSelector"])
          ? []
          : [`${may}[${index}].podAffinityTerm.labelSelector: ${nothingMatches}`],
      ),
    ]
  })
}

function volumeWarnings(volume: Members, at: string): string[] {
  const old = Object.keys(oldVolumes)
    .filter((source) => isSet(volume[source]))
    .map((source) => `${at}.${source === "storageos" ? "storageOS" : source}: ${oldVolumes[source]}`)
  const template = mapOf(mapOf(volume["ephemeral"])["volumeClaimTemplate"])
  return [...old, ...claimSpecWarnings(template["spec"], `${at}.ephemeral.volumeClaimTemplate.spec`)]
}

/** Bytes come in whole numbers. */
export function claimSpecWarnings(spec: unknown, at: string): string[] {
  const resources = mapOf(mapOf(spec)["resources"])
  return ["requests", "limits"].flatMap((list) => {
    const { storage } = mapOf(resources[list])
    if (typeof storage !== "string" || isWhole(storage)) return []
    const text = JSON.stringify(storage)
    return [`${at}.resources.${list}[storage]: fractional byte value ${text} is invalid, must be an integer`]
  })
}

function hostWarnings({ dnsConfig, hostAliases }: Members, at: string): string[] {
  const { nameservers } = mapOf(dnsConfig)
  return [
    ...(Array.isArray(nameservers) ? nameservers : []).flatMap((ip, index) =>
      addressWarnings(textOf(ip), `${at}.dnsConfig.nameservers[${index}]`),
    ),
    ...mapsOf(hostAliases).flatMap(({ ip }, index) => addressWarnings(textOf(ip), `${at}.hostAliases[${index}].ip`)),
  ]
}

function spreadWarnings(constraint: Members, field: string): string[] {
  const key = textOf(constraint["topologyKey"])
  const text = nodeLabelWarning(key)
  return [
    ...(text === undefined ? [] : [`${field}.topologyKey: ${key} is ${text}`]),
    ...(constraint["labelSelector"] ? [] : [`${field}.labelSelector: ${nothingMatches}`]),
  ]
}

function repeated(list: unknown, member: "ip" | "name", field: string): string[] {
  const seen = new Set<unknown>()
  return mapsOf(list).flatMap((item, index) => {
    const value = item[member] ?? ""
    if (seen.has(value)) return [`${field}[${index}].${member}: duplicate ${member} ${JSON.stringify(value)}`]
    seen.add(value)
    return []
  })
}

function byteWarnings(container: Members, field: string): string[] {
  const resources = mapOf(container["resources"])
  return ["memory", "ephemeral-storage"].flatMap((resource) =>
    ["limits", "requests"].flatMap((list) => {
      const value = mapOf(resources[list])[resource]
      if (typeof value !== "string" || isWhole(value)) return []
      const place = `${field}.resources.${list}[${resource}]`
      return [`${place}: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`]
    }),
  )
}

function isWhole(quantity: string): boolean {
  return !quantity.endsWith("m") || quantity.endsWith("000m")
}

function envWarnings(container: Members, field: string): string[] {
  const seen = new Set<unknown>()
  return mapsOf(container["env"]).flatMap(({ name, value, valueFrom }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const text = typeof value === "string" ? value : ""
    const own = `$(${String(name)})`
    if (!valueFrom && text !== own && text.includes(own)) return []
    const hidden = JSON.stringify(name)
    return [`${field}.env[${index}]: hides previous definition of ${hidden}, which may be dropped when using apply`]
  })
}

interface Placed {
  readonly container: Members
  readonly field: string
}

interface PlacedPort {
  readonly port: Members
  readonly field: string
}

function hostIpWarning(port: Members, field: string): string {
  const [name, ip, number, protocol] = ["name", "hostIP", "containerPort", "protocol"].map((key) => port[key])
  const told = `Name:${textOf(name)} HostPort:0 ContainerPort:${String(number)} Protocol:${textOf(protocol)}`
  return `${field}: hostIP set without hostPort: {${told} HostIP:${textOf(ip)}}`
}

function portsOf(containers: readonly Placed[]): PlacedPort[] {
  return containers.flatMap(({ container, field }) =>
    mapsOf(container["ports"]).map((port, index) => ({ port, field: `${field}.ports[${index}]` })),
  )
}

function portWarnings(ports: readonly PlacedPort[]): string[] {
  const seen: PlacedPort[] = []
  return ports.flatMap(({ port, field }) => {
    const others = seen.filter(
      (other) => other.port["containerPort"] === port["containerPort"] && other.port["protocol"] === port["protocol"],
    )
    seen.push({ port, field })
    return others.flatMap((other) => {
      const how = overlapOf(port, other.port)
      return how === undefined ? [] : [`${field}: ${how} port definition with ${other.field}`]
    })
  })
}

function overlapOf(a: Members, b: Members): string | undefined {
  const [ip, otherIp] = [a["hostIP"] ?? "", b["hostIP"] ?? ""]
  const [port, otherPort] = [a["hostPort"] ?? 0, b["hostPort"] ?? 0]
  if (ip === otherIp && port === otherPort) return "duplicate"
  if (port === 0 || otherPort === 0) return "overlapping"
  return port === otherPort && (ip === "") !== (otherIp === "") ? "dangerously ambiguous" : undefined
}

function portNameWarnings(ports: readonly PlacedPort[]): string[] {
  const seen = new Map<unknown, string>()
  return ports.flatMap(({ port: { name }, field }) => {
    const first = seen.get(name)
    if (!name || first === undefined) {
      if (name) seen.set(name, field)
      return []
    }
    const text = JSON.stringify(name)
    const uses = `services and probes that select ports by name will use ${first}`
    return [`${field}: duplicate port name ${text} with ${first}, ${uses}`]
  })
}
