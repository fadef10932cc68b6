import type { Cause } from "../../answer.ts"
import { nameRules, qualifiedNameFaults } from "../../write/names.ts"
import { containerCauses } from "./container.ts"
import {
  duplicate,
  faults,
  forbidden,
  invalid,
  isMap,
  listOf,
  mapOf,
  type Members,
  required,
  unsupported,
} from "./causes.ts"
import { podDetailCauses } from "./pod-details.ts"
import { volumeSourceCauses } from "./volume.ts"
import { labelSelectorCauses } from "./selector.ts"

const policies = ["Always", "OnFailure", "Never"]
const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]

/** What is wrong with a Pod's spec. */
export function podSpecCauses(spec: Members, field: string): Cause[] {
  const volumes = listOf(spec["volumes"])
  const names = new Set(volumes.map(({ name }) => String(name ?? "")))
  const context = { volumes: names, hostNetwork: spec["hostNetwork"] === true }
  const containers = listOf(spec["containers"])
  const causes = [...volumeCauses(volumes, `${field}.volumes`)]
  if (containers.length === 0) causes.push(required(`${field}.containers`))
  causes.push(...containerListCauses(containers, { ...context, field: `${field}.containers`, others: new Set() }))
  const own = new Set(containers.map(({ name }) => name))
  causes.push(
    ...containerListCauses(listOf(spec["initContainers"]), {
      ...context,
      field: `${field}.initContainers`,
      others: own,
    }),
  )
  return [
    ...causes,
    ...scalarCauses(spec, field),
    ...podDetailCauses(spec, field),
    ...affinityCauses(mapOf(spec["affinity"]), `${field}.affinity`),
  ]
}

interface ContainerList {
  readonly field: string
  readonly volumes: ReadonlySet<string>
  readonly hostNetwork: boolean
  readonly others: ReadonlySet<unknown>
}

function containerListCauses(containers: readonly Members[], { field, others, ...context }: ContainerList): Cause[] {
  const seen = new Set(others)
  return containers.flatMap((container, index) => {
    const at = `${field}[${index}]`
    const causes = containerCauses(container, at, context)
    const { name } = container
    if (name && seen.has(name)) causes.push(duplicate(`${at}.name`, name))
    seen.add(name)
    return causes
  })
}

function scalarCauses(spec: Members, field: string): Cause[] {
  const causes: Cause[] = []
  const { restartPolicy = "", dnsPolicy = "", activeDeadlineSeconds, serviceAccountName, nodeName } = spec
  if (!policies.includes(restartPolicy as string))
    causes.push(unsupported(`${field}.restartPolicy`, restartPolicy, policies))
  if (!dnsPolicies.includes(dnsPolicy as string)) causes.push(unsupported(`${field}.dnsPolicy`, dnsPolicy, dnsPolicies))
  for (const [index, toleration] of listOf(spec["tolerations"]).entries()) {
    causes.push(...tolerationCauses(toleration, `${field}.tolerations[${index}]`))
  }
  for (const [index, secret] of listOf(spec["imagePullSecrets"]).entries()) {
    if (secret["name"] === "") causes.push(required(`${field}.imagePullSecrets[${index}].name`))
  }
  if (serviceAccountName)
    causes.push(
      ...faults(
        `${field}.serviceAccountName`,
        serviceAccountName,
        nameRules.subdomain(String(serviceAccountName), false),
      ),
    )
  if (nodeName) causes.push(...faults(`${field}.nodeName`, nodeName, nameRules.subdomain(String(nodeName), false)))
  if (
    activeDeadlineSeconds !== undefined &&
    (Number(activeDeadlineSeconds) < 1 || Number(activeDeadlineSeconds) > 2147483647)
  ) {
    causes.push(
      invalid(`${field}.activeDeadlineSeconds`, activeDeadlineSeconds, "must be between 1 and 2147483647, inclusive"),
    )
  }
  const { hostname, subdomain } = spec
  if (hostname) causes.push(...faults(`${field}.hostname`, hostname, nameRules.label(String(hostname), false)))
  if (subdomain) causes.push(...faults(`${field}.subdomain`, subdomain, nameRules.label(String(subdomain), false)))
  return causes
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

function tolerationCauses({ key, operator, value, effect, tolerationSeconds }: Members, field: string): Cause[] {
  const causes: Cause[] = []
  if (key) causes.push(...faults(`${field}.key`, key, qualifiedNameFaults(String(key))))
  else if (operator !== "Exists") {
    causes.push(
      invalid(
        `${field}.operator`,
        operator ?? "",
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  }
  if (operator === "Exists" && value)
    causes.push(invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  if (operator && operator !== "Exists" && operator !== "Equal")
    causes.push(unsupported(`${field}.operator`, operator, ["Equal", "Exists"]))
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    causes.push(invalid(`${field}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (effect && !effects.includes(effect as string)) causes.push(unsupported(`${field}.effect`, effect, effects))
  return causes
}

/** Sources in the order in which the server looks for them. */
const sources = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cephfs",
  "cinder",
  "quobyte",
  "downwardAPI",
  "fc",
  "configMap",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "azureDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
  "projected",
  "csi",
  "ephemeral",
  "image",
]

function volumeCauses(volumes: readonly Members[], field: string): Cause[] {
  const seen = new Set<unknown>()
  return volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`
    const { name = "" } = volume
    const found = sources.filter((source) => volume[source] !== undefined)
    const causes = found
      .slice(1)
      .map((source) => forbidden(`${at}.${source}`, "may not specify more than 1 volume type"))
    if (found.length === 0) causes.push(required(at, "must specify a volume type"))
    causes.push(...sourceCauses(volume, at), ...volumeSourceCauses(volume, at))
    if (name === "") causes.push(required(`${at}.name`))
    else if (seen.has(name)) causes.push(duplicate(`${at}.name`, name))
    else causes.push(...faults(`${at}.name`, name, nameRules.label(String(name), false)))
    seen.add(name)
    return causes
  })
}

function sourceCauses(volume: Members, at: string): Cause[] {
  const causes: Cause[] = []
  const needs = (source: string, member: string): void => {
    if (isMap(volume[source]) && !volume[source][member]) causes.push(required(`${at}.${source}.${member}`))
  }
  needs("hostPath", "path")
  needs("secret", "secretName")
  needs("persistentVolumeClaim", "claimName")
  needs("configMap", "name")
  needs("csi", "driver")
  return causes
}

function affinityCauses(affinity: Members, field: string): Cause[] {
  return ["podAffinity", "podAntiAffinity"].flatMap((kind) => {
    const rules = mapOf(affinity[kind])
    const hard = listOf(rules["requiredDuringSchedulingIgnoredDuringExecution"]).flatMap((term, index) =>
      termCauses(term, `${field}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`),
    )
    const soft = listOf(rules["preferredDuringSchedulingIgnoredDuringExecution"]).flatMap(
      ({ weight, podAffinityTerm }, index) => {
        const at = `${field}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
        const range =
          Number(weight) < 1 || Number(weight) > 100
            ? [invalid(`${at}.weight`, weight, "must be in the range 1-100")]
            : []
        return [...range, ...termCauses(mapOf(podAffinityTerm), `${at}.podAffinityTerm`)]
      },
    )
    return [...hard, ...soft]
  })
}

function termCauses(term: Members, field: string): Cause[] {
  const key = String(term["topologyKey"] ?? "")
  return [
    ...labelSelectorCauses(term["labelSelector"], `${field}.labelSelector`),
    ...(key === "" ? [required(`${field}.topologyKey`, "can not be empty")] : []),
    ...faults(`${field}.topologyKey`, key, qualifiedNameFaults(key)),
  ]
}
