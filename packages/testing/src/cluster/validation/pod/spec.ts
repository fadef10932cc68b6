import { between, fields, filled, given, named, needed, oneOf } from "../rule.ts"
import { compareAmounts, labels } from "../terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "../walk.ts"
import { podAmounts } from "../../kinds/admission/amounts.ts"
import { containers, debugContainers, imageNames, initContainers } from "./container.ts"
import type { PodContext } from "./context.ts"
import { requirements } from "./resources.ts"
import {
  affinity,
  dnsConfig,
  hostAliases,
  preemptionPolicy,
  readinessGates,
  schedulingGates,
  tolerations,
  topologySpread,
} from "./scheduling.ts"
import { hostNames, operatingSystem, podSecurity, userNamespace } from "./security.ts"
import { hostProcesses } from "./windows.ts"
import { podVolumes } from "./volume.ts"

const restartPolicy = needed(oneOf("Always", "OnFailure", "Never"))
const dnsPolicy = needed(oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"))

/** Scalars and lists that stand for themselves, behind what belongs together. */
const plain = fields({
  readinessGates,
  schedulingGates,
  topologySpreadConstraints: topologySpread,
})

const names = fields({
  serviceAccountName: filled(named("subdomain")),
  nodeName: filled(named("subdomain")),
  activeDeadlineSeconds: given(between(1, 2_147_483_647)),
  hostname: filled(named("label")),
  subdomain: filled(named("label")),
  tolerations,
  hostAliases,
  priorityClassName: filled(named("subdomain")),
  runtimeClassName: given(named("subdomain")),
  preemptionPolicy,
  overhead: given((value, walk) => requirements({ limits: value }, walk, { ...nowhere })),
})

const nowhere: PodContext = {
  volumes: new Map(),
  claims: new Set(),
  grace: 0,
  os: undefined,
  restartPolicy: "Always",
  hostUsers: true,
}

const claims: Rule = (value, walk) => {
  const seen = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    const { name: given, resourceClaimName, resourceClaimTemplateName } = mapOf(item)
    const name = textOf(given)
    const sources = [resourceClaimName, resourceClaimTemplateName].filter((source) => isSet(source))
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    walk.at(index, item, () => {
      if (name === "") walk.required("name")
      else if (seen.has(name)) walk.duplicate("name", name)
      else walk.at("name", name, named("label"))
      if (sources.length > 1)
        walk.invalid("", shown, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")
      if (sources.length === 0)
        walk.invalid("", shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
      walk.at("resourceClaimName", resourceClaimName, filled(named("subdomain")))
      walk.at("resourceClaimTemplateName", resourceClaimTemplateName, filled(named("subdomain")))
    })
    seen.add(name)
  }
}

/** What a Pod asks for as a whole is enough for its containers together; so are huge pages that it may have. */
function aggregated(spec: Members, walk: Walk): void {
  const whole = mapOf(spec["resources"])
  for (const list of ["requests", "limits"] as const) {
    const own = mapOf(whole[list])
    for (const [name, amount] of Object.entries(podAmounts(spec, list))) {
      if (!isSet(own[name]) || (list === "limits" && !name.startsWith("hugepages-"))) continue
      const why = `must be greater than or equal to aggregate container ${list} of ${amount}`
      if (compareAmounts(amount, own[name]) > 0) walk.invalid(`${list}[${name}]`, own[name], why)
    }
  }
}

/** The amounts of a Pod as a whole, beside those of its containers. */
function podResources(spec: Members, walk: Walk, pod: PodContext): void {
  const { resources } = spec
  if (!isSet(resources)) return
  if (pod.os === "windows") return walk.forbidden("resources", "may not be set for a windows pod")
  walk.at("resources", resources, () => {
    const { limits, claims: own } = mapOf(resources)
    if (isSet(own)) walk.forbidden("claims", "claims may not be set for Resources at pod-level")
    requirements(resources, walk, { ...pod, ofPod: true })
    aggregated(spec, walk)
    for (const [index, container] of listOf(spec["containers"]).entries()) {
      const given = mapOf(mapOf(mapOf(container)["resources"])["limits"])
      for (const name of Object.keys(given)) {
        const most = mapOf(limits)[name]
        if (!isSet(most) || compareAmounts(given[name], most) <= 0) continue
        const why = `must be less than or equal to pod limits of ${textOf(most)}`
        walk.invalid(`containers[${index}][${name}].limits`, given[name], why)
      }
    }
  })
}

/** On the network of the node a container's ports are the node's. */
function nodePorts({ hostNetwork, containers: list }: Members, walk: Walk, isPod: boolean): void {
  if (hostNetwork !== true) return
  for (const [index, container] of listOf(list).entries()) {
    for (const [place, item] of listOf(mapOf(container)["ports"]).entries()) {
      const [host, own] = [numberOf(mapOf(item)["hostPort"]), numberOf(mapOf(item)["containerPort"])]
      if ((!isPod && host === 0) || host === own) continue
      const field = `containers[${index}].ports[${place}].hostPort`
      walk.invalid(field, host, "must match `containerPort` when `hostNetwork` is true")
    }
  }
}

const none: ReadonlySet<unknown> = new Set()

function contextOf(spec: Members, volumes: PodContext["volumes"]): PodContext {
  const own = listOf(spec["resourceClaims"])
  return {
    volumes,
    claims: own.length === 0 ? none : new Set(own.map((claim) => textOf(mapOf(claim)["name"])).filter(Boolean)),
    grace: numberOf(spec["terminationGracePeriodSeconds"] ?? 30),
    os: isSet(spec["os"]) ? textOf(mapOf(spec["os"])["name"]) : undefined,
    restartPolicy: spec["restartPolicy"],
    hostUsers: spec["hostUsers"] !== false,
  }
}

/** The spec of a Pod, or of a template: `isPod` says which. */
export const podSpec =
  ({ isPod }: { readonly isPod: boolean }): Rule =>
  (value, walk) => {
    const spec = mapOf(value)
    let volumes: PodContext["volumes"] = new Map()
    walk.at("volumes", spec["volumes"], (list) => void (volumes = podVolumes(list, walk)))
    const pod = contextOf(spec, volumes)
    walk.at("resourceClaims", spec["resourceClaims"], claims)
    walk.at("containers", spec["containers"], (list) => containers(list, walk, pod))
    walk.at("initContainers", spec["initContainers"], (list) => initContainers(spec["containers"])(list, walk, pod))
    const others = [...listOf(spec["containers"]), ...listOf(spec["initContainers"])]
    walk.at("ephemeralContainers", spec["ephemeralContainers"], (list) => debugContainers(others)(list, walk, pod))
    podResources(spec, walk, pod)
    nodePorts(spec, walk, isPod)
    walk.at("restartPolicy", spec["restartPolicy"], restartPolicy)
    walk.at("dnsPolicy", spec["dnsPolicy"], dnsPolicy)
    walk.at("nodeSelector", spec["nodeSelector"], labels)
    podSecurity(spec, walk)
    walk.at("affinity", spec["affinity"], affinity)
    walk.at("dnsConfig", spec["dnsConfig"], dnsConfig(spec["dnsPolicy"]))
    plain(spec, walk)
    hostProcesses(spec, walk)
    userNamespace(spec, walk)
    hostNames(spec, walk)
    names(spec, walk)
    operatingSystem(spec, walk)
    fileVolumes(spec, walk)
  }

/** Files that variables come from are in volumes of the Pod's own. */
const fileVolumes: Rule = (value, walk) => {
  const spec = mapOf(value)
  const volumes = listOf(spec["volumes"]).map((volume) => mapOf(volume))
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    for (const [index, container] of listOf(spec[list]).entries()) {
      for (const [place, variable] of listOf(mapOf(container)["env"]).entries()) {
        const reference = mapOf(mapOf(variable)["valueFrom"])["fileKeyRef"]
        if (!isSet(reference)) continue
        const { volumeName } = mapOf(reference)
        const field = `${list}[${index}].env[${place}].valueFrom.fileKeyRef.volumeName`
        const volume = volumes.findLast(({ name }) => name === volumeName)
        if (!volume) walk.notFound(field, textOf(volumeName))
        else if (!isSet(volume["emptyDir"]))
          walk.invalid(field, volumeName, "referenced volume must be of type emptyDir")
      }
    }
  }
}

const tokens: Rule = (value, walk) => {
  const { serviceAccountName, volumes } = mapOf(value)
  if (textOf(serviceAccountName) !== "") return
  for (const [index, volume] of listOf(volumes).entries()) {
    for (const [place, source] of listOf(mapOf(mapOf(volume)["projected"])["sources"]).entries()) {
      const field = `volumes[${index}].projected.sources[${place}].serviceAccountToken`
      if (isSet(mapOf(source)["serviceAccountToken"]))
        walk.forbidden(field, "must not be specified when serviceAccountName is not set")
    }
  }
}

const spec = podSpec({ isPod: true })

/** The spec of a Pod itself. */
export const ownSpec: Rule = (value, walk) => {
  spec(value, walk)
  tokens(value, walk)
  walk.at("containers", mapOf(value)["containers"], imageNames)
  walk.at("initContainers", mapOf(value)["initContainers"], imageNames)
}
