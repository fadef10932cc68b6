import { compareQuantities, parseQuantity } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { nameRules } from "../../write/names.ts"
import {
  duplicate,
  faults,
  forbidden,
  invalid,
  isMap,
  listOf,
  mapOf,
  type Members,
  missing,
  notNegative,
  required,
  unsupported,
} from "./causes.ts"

import { amountCauses, environmentSourceCauses, handlerCauses, lifecycleCauses, portNameFaults } from "./handler.ts"
import { localPathCauses } from "./volume.ts"
import { seccompCauses } from "./pod-details.ts"

/** What containers of one Pod share. */
export interface PodContext {
  readonly volumes: ReadonlySet<string>
  readonly hostNetwork: boolean
}

const pullPolicies = ["Always", "IfNotPresent", "Never"]
const protocols = ["SCTP", "TCP", "UDP"]
const terminationPolicies = ["File", "FallbackToLogsOnError"]

/** What is wrong with a container. */
export function containerCauses(container: Members, field: string, context: PodContext): Cause[] {
  const { name = "", image = "", imagePullPolicy = "", terminationMessagePolicy = "" } = container
  const causes: Cause[] = []
  if (name === "") causes.push(required(`${field}.name`))
  else causes.push(...faults(`${field}.name`, name, nameRules.label(String(name), false)))
  if (image === "") causes.push(required(`${field}.image`))
  if (!terminationPolicies.includes(terminationMessagePolicy as string)) {
    causes.push(unsupported(`${field}.terminationMessagePolicy`, terminationMessagePolicy, terminationPolicies))
  }
  return [
    ...causes,
    ...lifecycleCauses(container["lifecycle"], `${field}.lifecycle`),
    ...probeCauses(container, field),
    ...portCauses(listOf(container["ports"]), `${field}.ports`, context.hostNetwork),
    ...environmentCauses(listOf(container["env"]), `${field}.env`),
    ...environmentSourceCauses(listOf(container["envFrom"]), `${field}.envFrom`),
    ...mountCauses(listOf(container["volumeMounts"]), `${field}.volumeMounts`, context.volumes),
    ...(pullPolicies.includes(imagePullPolicy as string)
      ? []
      : [unsupported(`${field}.imagePullPolicy`, imagePullPolicy, pullPolicies)]),
    ...amountCauses(mapOf(container["resources"]), `${field}.resources`),
    ...resourceCauses(mapOf(container["resources"]), `${field}.resources`),
    ...securityCauses(container["securityContext"], `${field}.securityContext`),
  ]
}

const inPorts = (value: unknown): boolean => Number(value) >= 1 && Number(value) <= 65_535

function portCauses(ports: readonly Members[], field: string, hostNetwork: boolean): Cause[] {
  const seen = new Set<unknown>()
  return ports.flatMap((port, index) => {
    const at = `${field}[${index}]`
    const { name, containerPort = 0, hostPort, protocol = "" } = port
    const causes: Cause[] = []
    const nameFaults = name === undefined ? [] : portNameFaults(String(name))
    causes.push(...faults(`${at}.name`, name, nameFaults))
    if (name !== undefined && nameFaults.length === 0 && seen.has(name)) causes.push(duplicate(`${at}.name`, name))
    seen.add(name)
    if (containerPort === 0) causes.push(required(`${at}.containerPort`))
    else if (!inPorts(containerPort))
      causes.push(invalid(`${at}.containerPort`, containerPort, "must be between 1 and 65535, inclusive"))
    if (hostPort !== undefined && !inPorts(hostPort))
      causes.push(invalid(`${at}.hostPort`, hostPort, "must be between 1 and 65535, inclusive"))
    else if (hostNetwork && hostPort !== undefined && hostPort !== containerPort) {
      causes.push(invalid(`${at}.hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true"))
    }
    if (protocol === "") causes.push(required(`${at}.protocol`))
    else if (!protocols.includes(protocol as string)) causes.push(unsupported(`${at}.protocol`, protocol, protocols))
    return causes
  })
}

const fieldPaths =
  /^(?:metadata\.(?:name|namespace|uid|labels|annotations)(?:\['[^']*'\])?|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIP|hostIPs|podIP|podIPs))$/
const resourceFields = ["limits", "requests"].flatMap((list) =>
  ["cpu", "ephemeral-storage", "memory"].map((name) => `${list}.${name}`),
)
const environmentSources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]

function environmentCauses(variables: readonly Members[], field: string): Cause[] {
  return variables.flatMap(({ name = "", value, valueFrom }, index) => {
    const at = `${field}[${index}]`
    const causes: Cause[] = []
    if (name === "") causes.push(required(`${at}.name`))
    else if (!/^[ -<>-~]+$/.test(String(name))) {
      causes.push(
        invalid(
          `${at}.name`,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      )
    }
    return isMap(valueFrom) ? [...causes, ...sourceCauses(valueFrom, `${at}.valueFrom`, value)] : causes
  })
}

function sourceCauses(source: Members, at: string, value: unknown): Cause[] {
  const causes: Cause[] = []
  const found = environmentSources.filter((each) => source[each] !== undefined)
  const path = mapOf(source["fieldRef"])["fieldPath"]
  if (source["fieldRef"] !== undefined) {
    if (!path) causes.push(required(`${at}.fieldRef.fieldPath`))
    else if (!fieldPaths.test(String(path))) {
      causes.push(
        invalid(
          `${at}.fieldRef.fieldPath`,
          path,
          `error converting fieldPath: field label not supported: ${String(path)}`,
        ),
      )
    }
  }
  const amount = mapOf(source["resourceFieldRef"])["resource"] ?? ""
  if (source["resourceFieldRef"] !== undefined) {
    if (amount === "") causes.push(required(`${at}.resourceFieldRef.resource`))
    else if (!resourceFields.includes(String(amount)) && !String(amount).includes("hugepages-"))
      causes.push(unsupported(`${at}.resourceFieldRef.resource`, amount, resourceFields))
  }
  for (const each of ["configMapKeyRef", "secretKeyRef"]) {
    if (isMap(source[each]) && !source[each]["key"]) causes.push(required(`${at}.${each}.key`))
  }
  if (found.length === 0) {
    return [
      ...causes,
      invalid(
        at,
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
      ),
    ]
  }
  if (value) causes.push(invalid(at, "", "may not be specified when `value` is not empty"))
  else if (found.length > 1) causes.push(invalid(at, "", "may not have more than one field specified at a time"))
  return causes
}

function mountCauses(mounts: readonly Members[], field: string, volumes: ReadonlySet<string>): Cause[] {
  const seen = new Set<unknown>()
  return mounts.flatMap(({ name = "", mountPath = "", subPath }, index) => {
    const at = `${field}[${index}]`
    const causes: Cause[] = []
    if (name === "") causes.push(required(`${at}.name`))
    else if (!volumes.has(String(name))) causes.push(missing(`${at}.name`, name))
    if (mountPath === "") causes.push(required(`${at}.mountPath`))
    else if (seen.has(mountPath)) causes.push(invalid(`${at}.mountPath`, mountPath, "must be unique"))
    seen.add(mountPath)
    if (typeof subPath === "string") causes.push(...localPathCauses(subPath, `${field}.subPath`))
    return causes
  })
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc"]
const periods = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]

function probeCauses(container: Members, field: string): Cause[] {
  return ["livenessProbe", "readinessProbe", "startupProbe"].flatMap((kind) => {
    const probe = container[kind]
    if (!isMap(probe)) return []
    const at = `${field}.${kind}`
    const found = handlers.filter((handler) => probe[handler] !== undefined)
    const causes = found
      .slice(1)
      .map((handler) => forbidden(`${at}.${handler}`, "may not specify more than 1 handler type"))
    if (found.length === 0) causes.push(required(at, "must specify a handler type"))
    causes.push(...handlerCauses(probe, at))
    for (const each of periods) causes.push(...notNegative(`${at}.${each}`, probe[each]))
    if (kind !== "readinessProbe" && probe["successThreshold"] !== 1) {
      causes.push(invalid(`${at}.successThreshold`, probe["successThreshold"] ?? 0, "must be 1"))
    }
    return causes
  })
}

function resourceCauses({ requests, limits }: Members, field: string): Cause[] {
  const most = mapOf(limits)
  return Object.entries(mapOf(requests)).flatMap(([name, amount]) => {
    const limit = most[name]
    if (typeof limit !== "string" || typeof amount !== "string") return []
    if (compareQuantities(parseQuantity(amount), parseQuantity(limit)) <= 0) return []
    return [invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)]
  })
}

const securityFields = [
  "capabilities",
  "privileged",
  "seLinuxOptions",
  "windowsOptions",
  "runAsUser",
  "runAsGroup",
  "runAsNonRoot",
  "readOnlyRootFilesystem",
  "allowPrivilegeEscalation",
  "procMount",
  "seccompProfile",
  "appArmorProfile",
]

function securityCauses(context: unknown, field: string): Cause[] {
  if (!isMap(context)) return []
  const causes: Cause[] = []
  for (const name of ["runAsUser", "runAsGroup"]) {
    const value = context[name]
    if (value !== undefined && (Number(value) < 0 || Number(value) > 2147483647)) {
      causes.push(invalid(`${field}.${name}`, value, "must be between 0 and 2147483647, inclusive"))
    }
  }
  causes.push(...seccompCauses(context["seccompProfile"], `${field}.seccompProfile`))
  if (context["allowPrivilegeEscalation"] !== false) return causes
  const printed = Object.fromEntries(
    securityFields.map((name) => [
      name[0]!.toUpperCase().replace("S", name.startsWith("seL") ? "SEL" : "S") +
        name.slice(name.startsWith("seL") ? 3 : 1),
      context[name] ?? null,
    ]),
  )
  if (context["privileged"] === true) {
    causes.push(invalid(field, printed, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
  }
  return causes
}
