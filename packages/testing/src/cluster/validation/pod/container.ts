import { given, named, needed, oneOf } from "../rule.ts"
import { descending, portName, portNumber, protocols, variableName } from "../terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "../walk.ts"
import type { PodContext, PodRule } from "./context.ts"
import { lifecycle, probes, restarts } from "./handler.ts"
import { fieldReference, fileReference, keyReference, pullPolicy, resourceReference } from "./reference.ts"
import { requirements } from "./resources.ts"
import { containerSecurity } from "./security.ts"

const protocol = needed(oneOf(...protocols))

const ports: Rule = (value, walk) => {
  const names = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    walk.at(index, item, () => {
      const { name, containerPort, hostPort, protocol: own } = mapOf(item)
      if (textOf(name) !== "") {
        const before = walk.causes.length
        walk.at("name", name, portName)
        if (walk.causes.length === before && names.has(textOf(name))) walk.duplicate("name", name)
        if (walk.causes.length === before) names.add(textOf(name))
      }
      if (numberOf(containerPort) === 0) walk.required("containerPort")
      else walk.at("containerPort", containerPort, portNumber)
      if (numberOf(hostPort) !== 0) walk.at("hostPort", hostPort, portNumber)
      walk.at("protocol", own, protocol)
    })
  }
}

const podFields = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"],
]
const variableSources: { readonly [source: string]: Rule } = {
  fieldRef: fieldReference(podFields),
  resourceFieldRef: resourceReference({ inVolume: false }),
  configMapKeyRef: keyReference,
  secretKeyRef: keyReference,
  fileKeyRef: fileReference,
}
const names = Object.keys(variableSources)
const oneOfSources = `must specify one of: ${names
  .slice(0, -1)
  .map((name) => `\`${name}\``)
  .join(", ")} or \`${names.at(-1)}\``

const variables: Rule = (value, walk) => {
  for (const [index, item] of listOf(value).entries()) {
    const { name, value: text, valueFrom } = mapOf(item)
    walk.at(index, item, () => {
      walk.at("name", name, needed(variableName))
      if (isSet(valueFrom)) walk.at("valueFrom", valueFrom, () => variableSource(mapOf(valueFrom), textOf(text), walk))
    })
  }
}

function variableSource(from: Members, text: string, walk: Walk): void {
  let count = 0
  for (const source of names) {
    if (!isSet(from[source])) continue
    count++
    walk.at(source, from[source], variableSources[source]!)
  }
  if (count === 0) walk.invalid("", "", oneOfSources)
  else if (text !== "") walk.invalid("", "", "may not be specified when `value` is not empty")
  else if (count > 1) walk.invalid("", "", "may not have more than one field specified at a time")
}

const environments: Rule = (value, walk) => {
  for (const [index, item] of listOf(value).entries()) {
    const map = mapOf(item)
    const found = ["configMapRef", "secretRef"].filter((source) => isSet(map[source]))
    walk.at(index, item, () => {
      if (textOf(map["prefix"]) !== "") walk.at("prefix", map["prefix"], variableName)
      for (const source of found) walk.at(`${source}.name`, mapOf(map[source])["name"], needed(named("subdomain")))
    })
    // The server tells these two at the list.
    if (found.length === 0) walk.invalid("", "", "must specify one of: `configMapRef` or `secretRef`")
    if (found.length > 1) walk.invalid("", "", "may not have more than one field specified at a time")
  }
}

const propagations = given(oneOf("Bidirectional", "HostToContainer", "None"))

function mountOptions(mount: Members, container: Members, walk: Walk): void {
  const { mountPropagation, recursiveReadOnly: recursive, readOnly } = mount
  walk.at("mountPropagation", mountPropagation, propagations)
  if (mountPropagation === "Bidirectional" && mapOf(container["securityContext"])["privileged"] !== true)
    walk.forbidden("mountPropagation", "Bidirectional mount propagation is available only to privileged containers")
  if (!isSet(recursive) || recursive === "Disabled") return
  if (recursive !== "Enabled" && recursive !== "IfPossible")
    return walk.unsupported("recursiveReadOnly", recursive, ["Disabled", "Enabled", "IfPossible"])
  if (readOnly !== true) walk.forbidden("recursiveReadOnly", "may only be specified when readOnly is true")
  if (isSet(mountPropagation) && mountPropagation !== "None")
    walk.forbidden("recursiveReadOnly", "may only be specified when mountPropagation is None or not specified")
}

const mounts: PodRule = (container, walk, { volumes }) => {
  const { volumeMounts, volumeDevices } = mapOf(container)
  const devices = listOf(volumeDevices).map((device) => mapOf(device))
  const paths = new Set<string>()
  for (const [index, item] of listOf(volumeMounts).entries()) {
    const mount = mapOf(item)
    const { name, mountPath, subPath, subPathExpr } = mount
    const path = textOf(mountPath)
    walk.at(index, item, () => {
      if (textOf(name) === "") walk.required("name")
      if (!volumes.has(name ?? "")) walk.notFound("name", textOf(name))
      if (path === "") walk.required("mountPath")
      if (paths.has(path)) walk.invalid("mountPath", path, "must be unique")
      if (devices.some((device) => device["name"] === name))
        walk.invalid("name", name, "must not already exist in volumeDevices")
      if (devices.some((device) => device["devicePath"] === mountPath))
        walk.invalid("mountPath", path, "must not already exist as a path in volumeDevices")
    })
    paths.add(path)
    // The server tells what follows at the list.
    if (textOf(subPath) !== "") walk.at("subPath", subPath, descending)
    if (textOf(subPathExpr) !== "") {
      if (textOf(subPath) !== "")
        walk.invalid(`[${index}].subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive")
      walk.at("subPathExpr", subPathExpr, descending)
    }
    mountOptions(mount, mapOf(container), walk)
  }
}

const devices: PodRule = (container, walk, { volumes }) => {
  const { volumeMounts, volumeDevices } = mapOf(container)
  const mounted = listOf(volumeMounts).map((mount) => mapOf(mount))
  const [paths, seen] = [new Set<string>(), new Set<string>()]
  for (const [index, item] of listOf(volumeDevices).entries()) {
    const [name, path] = [textOf(mapOf(item)["name"]), textOf(mapOf(item)["devicePath"])]
    const volume = volumes.get(name)
    walk.at(index, item, () => {
      if (name === "") walk.required("name")
      if (seen.has(name)) walk.invalid("name", name, "must be unique")
      if (volume && !volume["persistentVolumeClaim"] && !volume["ephemeral"]) {
        const why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        walk.invalid("name", name, why)
      }
      if (!volume) walk.notFound("name", name)
      if (path === "") walk.required("devicePath")
      if (paths.has(path)) walk.invalid("devicePath", path, "must be unique")
      if (path.split("/").includes("..")) walk.invalid("devicePath", path, "can not contain backsteps ('..')")
      else paths.add(path)
      if (mounted.some((mount) => mount["name"] === name))
        walk.invalid("name", name, "must not already exist in volumeMounts")
      if (mounted.some((mount) => mount["mountPath"] === path))
        walk.invalid("devicePath", path, "must not already exist as a path in volumeMounts")
    })
    if (name !== "") seen.add(name)
  }
}

/** When a changed amount restarts a container; all is told at the list. */
const resizePolicy: PodRule = (value, walk, { restartPolicy: ofPod }) => {
  const seen = new Set<unknown>()
  for (const [index, item] of listOf(value).entries()) {
    const { resourceName, restartPolicy } = mapOf(item)
    if (seen.has(resourceName)) walk.duplicate(index, resourceName)
    seen.add(resourceName)
    walk.at("", resourceName, needed(oneOf("cpu", "memory")))
    walk.at("", restartPolicy, needed(oneOf("NotRequired", "RestartContainer")))
    if (ofPod === "Never" && restartPolicy !== "NotRequired")
      walk.invalid("", textOf(restartPolicy), "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
  }
}

const terminationPolicy = needed(oneOf("File", "FallbackToLogsOnError"))
const containerName = needed(named("label"))

const common: PodRule = (value, walk, pod) => {
  const container = mapOf(value)
  walk.at("name", container["name"], containerName)
  walk.at("image", container["image"], needed())
  walk.at("terminationMessagePolicy", container["terminationMessagePolicy"], terminationPolicy)
  walk.at("ports", container["ports"], ports)
  walk.at("env", container["env"], variables)
  walk.at("envFrom", container["envFrom"], environments)
  walk.at("volumeMounts", container["volumeMounts"], () => mounts(container, walk, pod))
  walk.at("volumeDevices", container["volumeDevices"], () => devices(container, walk, pod))
  walk.at("imagePullPolicy", container["imagePullPolicy"], pullPolicy)
  walk.at("resources", container["resources"], (amounts) => requirements(amounts, walk, pod))
  walk.at("resizePolicy", container["resizePolicy"], (list) => resizePolicy(list, walk, pod))
  walk.at("securityContext", container["securityContext"], (context) => containerSecurity(context, walk, pod))
}

/** Two containers cannot have one port of the node. */
function hostPorts(containers: unknown, walk: Walk, seen: Set<string>): void {
  for (const [index, container] of listOf(containers).entries()) {
    for (const [place, item] of listOf(mapOf(container)["ports"]).entries()) {
      const { hostPort, hostIP, protocol: own } = mapOf(item)
      if (numberOf(hostPort) === 0) continue
      const key = `${textOf(own)}/${textOf(hostIP)}/${numberOf(hostPort)}`
      if (seen.has(key)) walk.duplicate(`[${index}].ports[${place}].hostPort`, key)
      seen.add(key)
    }
  }
}

/** The containers of a Pod. */
export const containers: PodRule = (value, walk, pod) => {
  if (listOf(value).length === 0) return walk.required("")
  const seen = new Set<string>()
  for (const [index, item] of listOf(value).entries()) {
    const name = textOf(mapOf(item)["name"])
    walk.at(index, item, () => {
      common(item, walk, pod)
      if (seen.has(name)) walk.duplicate("name", name)
      const hooks = mapOf(item)["lifecycle"]
      if (isSet(hooks)) walk.at("lifecycle", hooks, () => lifecycle(hooks, walk, pod))
      probes(item, walk, pod)
      restarts(item, walk)
    })
    seen.add(name)
  }
  hostPorts(value, walk, new Set())
}

const ofSidecars = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]

/** The containers that run before the others; `regular` are the others. */
export const initContainers =
  (regular: unknown): PodRule =>
  (value, walk, pod) => {
    const seen = new Set(listOf(regular).map((container) => textOf(mapOf(container)["name"])))
    for (const [index, item] of listOf(value).entries()) {
      const container = mapOf(item)
      const name = textOf(container["name"])
      walk.at(index, item, () => {
        common(item, walk, pod)
        restarts(item, walk)
        if (seen.has(name)) walk.duplicate("name", name)
      })
      if (name !== "") seen.add(name)
      hostPorts([item], walk, new Set())
      walk.at(index, item, () => initOnly(container, walk, pod))
    }
  }

function initOnly(container: Members, walk: Walk, pod: PodContext): void {
  if (container["restartPolicy"] === "Always") {
    const hooks = container["lifecycle"]
    if (isSet(hooks)) walk.at("lifecycle", hooks, () => lifecycle(hooks, walk, pod))
    return probes(container, walk, pod)
  }
  for (const name of ofSidecars)
    if (isSet(container[name])) walk.forbidden(name, "may not be set for init containers without restartPolicy=Always")
  for (const [index, item] of listOf(container["resizePolicy"]).entries()) {
    if (mapOf(item)["restartPolicy"] !== "RestartContainer") continue
    const why = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    walk.invalid(`resizePolicy[${index}].restartPolicy`, "RestartContainer", why)
  }
}

const notForDebugging = [
  ...["ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules"],
  ...["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"],
]

/** The containers that debug a Pod; `others` are all that it has besides. */
export const debugContainers =
  (others: readonly unknown[]): PodRule =>
  (value, walk, pod) => {
    const targets = new Set(others.map((container) => textOf(mapOf(container)["name"])))
    const seen = new Set(targets)
    for (const [index, item] of listOf(value).entries()) {
      const container = mapOf(item)
      const name = textOf(container["name"])
      const target = textOf(container["targetContainerName"])
      walk.at(index, item, () => {
        common(item, walk, pod)
        const image = textOf(container["image"])
        if (image.trim() !== image) walk.invalid("image", image, "must not have leading or trailing whitespace")
        if (seen.has(name)) walk.duplicate("name", name)
        if (target !== "" && !targets.has(target)) walk.notFound("targetContainerName", target)
        for (const field of notForDebugging) if (isGiven(container, field)) walk.forbidden(field, noDebugging)
        for (const [place, mount] of listOf(container["volumeMounts"]).entries()) {
          for (const field of ["subPath", "subPathExpr"])
            if (textOf(mapOf(mount)[field]) !== "") walk.forbidden(`volumeMounts[${place}].${field}`, noDebugging)
        }
      })
      seen.add(name)
    }
  }

const noDebugging = "cannot be set for an Ephemeral Container"

/** Empty amounts are as none. */
function isGiven(container: Members, field: string): boolean {
  return isSet(container[field]) && !(field === "resources" && Object.keys(mapOf(container[field])).length === 0)
}

/** A name of an image is not padded; templates may have such names, for the sake of what is stored already. */
export const imageNames: Rule = (value, walk) => {
  for (const [index, item] of listOf(value).entries()) {
    const image = textOf(mapOf(item)["image"])
    if (image.trim() !== image) walk.invalid(`[${index}].image`, image, "must not have leading or trailing whitespace")
  }
}
