import type { KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import { mapOf, mapsOf, type Members } from "../validation/walk.ts"

/** Where the kinds that hold Pods have their template; the path of a Pod itself is empty. */
const templates: { readonly [table: string]: readonly string[] } = {
  pods: [],
  "cronjobs.batch": ["spec", "jobTemplate", "spec", "template"],
  "daemonsets.apps": ["spec", "template"],
  "deployments.apps": ["spec", "template"],
  "jobs.batch": ["spec", "template"],
  "replicasets.apps": ["spec", "template"],
  replicationcontrollers: ["spec", "template"],
  "statefulsets.apps": ["spec", "template"],
}

/**
 * What the server warns of when an object is stored: Pod specs that do not mean what they seem to. An update is
 * warned of when it changed the spec, one of a Pod never.
 */
export function warningsOf(resource: Resource, object: KubeObject, previous: KubeObject | undefined): string[] {
  const path = Object.hasOwn(templates, resource.table) ? templates[resource.table] : undefined
  if (!path || (previous && (path.length === 0 || sameGeneration(object, previous)))) return []
  let template: Members = object
  for (const name of path) template = mapOf(template[name])
  return podWarnings(mapOf(template["spec"]), [...path, "spec"].join("."))
}

function sameGeneration(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.generation === b.metadata.generation
}

const nodeLabels: { readonly [label: string]: string } = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}

/** In the order in which the server tells them. */
function podWarnings(spec: Members, at: string): string[] {
  const containers = (["initContainers", "containers"] as const).flatMap((list) =>
    mapsOf(spec[list]).map((container, index) => ({ container, field: `${at}.${list}[${index}]` })),
  )
  const grace = spec["terminationGracePeriodSeconds"]
  return [
    ...Object.keys(mapOf(spec["nodeSelector"]))
      .filter((key) => Object.hasOwn(nodeLabels, key))
      .map((key) => `${at}.nodeSelector[${key}]: ${nodeLabels[key]}`),
    ...mapsOf(spec["topologySpreadConstraints"]).flatMap((constraint, index) =>
      spreadWarnings(constraint, `${at}.topologySpreadConstraints[${index}]`),
    ),
    ...repeated(spec["hostAliases"], "ip", `${at}.hostAliases`),
    ...repeated(spec["imagePullSecrets"], "name", `${at}.imagePullSecrets`),
    ...mapsOf(spec["imagePullSecrets"]).flatMap(({ name }, index) =>
      name ? [] : [`${at}.imagePullSecrets[${index}].name: invalid empty name ""`],
    ),
    ...containers.flatMap(({ container, field }) => [
      ...byteWarnings(container, field),
      ...envWarnings(container, field),
    ]),
    ...portWarnings(containers),
    ...portNameWarnings(containers),
    ...(typeof grace === "number" && grace < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
  ]
}

function spreadWarnings(constraint: Members, field: string): string[] {
  const key = String(constraint["topologyKey"])
  return [
    ...(Object.hasOwn(nodeLabels, key) ? [`${field}.topologyKey: ${key} is ${nodeLabels[key]}`] : []),
    ...(constraint["labelSelector"] ? [] : [`${field}.labelSelector: a null labelSelector results in matching no pod`]),
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

function portsOf(containers: readonly Placed[]): { readonly port: Members; readonly field: string }[] {
  return containers.flatMap(({ container, field }) =>
    mapsOf(container["ports"]).map((port, index) => ({ port, field: `${field}.ports[${index}]` })),
  )
}

function portWarnings(containers: readonly Placed[]): string[] {
  const seen: { readonly port: Members; readonly field: string }[] = []
  return portsOf(containers).flatMap(({ port, field }) => {
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

function portNameWarnings(containers: readonly Placed[]): string[] {
  const seen = new Map<unknown, string>()
  return portsOf(containers).flatMap(({ port: { name }, field }) => {
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
