import type { KubeObject } from "@gitops-toolkit/kube"
import { convert } from "../kinds/convert.ts"
import {
  age,
  ageOf,
  countAt,
  labelsText,
  listAt,
  mapAt,
  type Members,
  none,
  selectorText,
  textAt,
  valueAt,
} from "./text.ts"
import type { Cells } from "./workloads.ts"

const name = ({ metadata }: KubeObject): unknown => metadata.name
const size = (value: unknown, ...path: readonly string[]): number => Object.keys(mapAt(value, ...path)).length

/** Name and age. */
export const plainCells: Cells = (object, now) => [name(object), age(object, now)]

/** ConfigMaps. */
export const configMapCells: Cells = (object, now) => [
  name(object),
  size(object, "data") + size(object, "binaryData"),
  age(object, now),
]

/** Secrets. */
export const secretCells: Cells = (object, now) => [
  name(object),
  textAt(object, ["type"]),
  size(object, "data"),
  age(object, now),
]

/** Namespaces. */
export const namespaceCells: Cells = (object, now) => [
  name(object),
  textAt(object, ["status", "phase"]),
  age(object, now),
]

/** Leases. */
export const leaseCells: Cells = (object, now) => [
  name(object),
  textAt(object, ["spec", "holderIdentity"]),
  age(object, now),
]

function portText({ port, nodePort, protocol }: Members): string {
  return `${String(port)}${nodePort ? `:${String(nodePort)}` : ""}/${String(protocol)}`
}

function externalAddress(object: KubeObject): string {
  const ips = (valueAt(object, "spec", "externalIPs") ?? []) as readonly string[]
  const type = textAt(object, ["spec", "type"])
  if (type === "ExternalName") return textAt(object, ["spec", "externalName"])
  if (type !== "LoadBalancer") return ips.length > 0 ? ips.join(",") : none
  const ingress = listAt(object, "status", "loadBalancer", "ingress").map((each) =>
    textAt(each, ["ip"], textAt(each, ["hostname"])),
  )
  const all = [...ingress, ...ips].filter((each) => each !== "")
  return all.length > 0 ? all.join(",") : "<pending>"
}

/** Services. */
export const serviceCells: Cells = (object, now) => {
  const ports = listAt(object, "spec", "ports").map((port) => portText(port))
  return [
    name(object),
    textAt(object, ["spec", "type"]),
    textAt(object, ["spec", "clusterIP"], none),
    externalAddress(object),
    ports.length > 0 ? ports.join(",") : none,
    age(object, now),
    labelsText(mapAt(object, "spec", "selector")),
  ]
}

/** Ingresses. */
export const ingressCells: Cells = (object, now) => {
  const hosts = listAt(object, "spec", "rules")
    .map((rule) => textAt(rule, ["host"]))
    .filter((host) => host !== "")
  const addresses = listAt(object, "status", "loadBalancer", "ingress").map((each) =>
    textAt(each, ["ip"], textAt(each, ["hostname"])),
  )
  return [
    name(object),
    textAt(object, ["spec", "ingressClassName"], none),
    hosts.length > 3
      ? `${hosts.slice(0, 3).join(",")} + ${hosts.length - 3} more...`
      : hosts.length > 0
        ? hosts.join(",")
        : "*",
    addresses.join(","),
    listAt(object, "spec", "tls").length > 0 ? "80, 443" : "80",
    age(object, now),
  ]
}

function subjects(object: KubeObject): string[] {
  const of = (kind: string): string =>
    listAt(object, "subjects")
      .filter((each) => each["kind"] === kind)
      .map((each) =>
        kind === "ServiceAccount" ? `${String(each["namespace"])}/${String(each["name"])}` : String(each["name"]),
      )
      .join(", ")
  return [of("User"), of("Group"), of("ServiceAccount")]
}

/** RoleBindings and ClusterRoleBindings. */
export const bindingCells: Cells = (object, now) => {
  const role = mapAt(object, "roleRef")
  return [name(object), `${String(role["kind"])}/${String(role["name"])}`, age(object, now), ...subjects(object)]
}

/** Roles and definitions: when they were made. */
export const createdCells: Cells = ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null]

/** NetworkPolicies. */
export const networkPolicyCells: Cells = (object, now) => [
  name(object),
  selectorText(valueAt(object, "spec", "podSelector")),
  age(object, now),
]

const accessModes: { readonly [mode: string]: string } = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
}

const modes = (list: unknown): string =>
  ((list ?? []) as readonly string[]).map((mode) => accessModes[mode] ?? mode).join(",")

/** PersistentVolumeClaims. */
export const claimCells: Cells = (object, now) => {
  const bound = textAt(object, ["spec", "volumeName"]) !== ""
  const leaving = object.metadata.deletionTimestamp !== undefined
  return [
    name(object),
    leaving ? "Terminating" : textAt(object, ["status", "phase"]),
    textAt(object, ["spec", "volumeName"]),
    bound ? textAt(object, ["status", "capacity", "storage"], "0") : "",
    bound ? modes(valueAt(object, "status", "accessModes")) : "",
    textAt(object, ["spec", "storageClassName"]),
    textAt(object, ["spec", "volumeAttributesClassName"], "<unset>"),
    age(object, now),
    textAt(object, ["spec", "volumeMode"], "<unset>"),
  ]
}

/** PersistentVolumes. */
export const volumeCells: Cells = (object, now) => {
  const claim = mapAt(object, "spec", "claimRef")
  const leaving = object.metadata.deletionTimestamp !== undefined
  return [
    name(object),
    textAt(object, ["spec", "capacity", "storage"]),
    modes(valueAt(object, "spec", "accessModes")),
    textAt(object, ["spec", "persistentVolumeReclaimPolicy"]),
    leaving ? "Terminating" : textAt(object, ["status", "phase"]),
    valueAt(object, "spec", "claimRef") ? `${textAt(claim, ["namespace"])}/${textAt(claim, ["name"])}` : "",
    textAt(object, ["spec", "storageClassName"]),
    textAt(object, ["spec", "volumeAttributesClassName"], "<unset>"),
    textAt(object, ["status", "reason"]),
    age(object, now),
    textAt(object, ["spec", "volumeMode"], "<unset>"),
  ]
}

/** StorageClasses. */
export const storageClassCells: Cells = (object, now) => {
  const isDefault = object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true"
  return [
    isDefault ? `${object.metadata.name} (default)` : name(object),
    textAt(object, ["provisioner"]),
    textAt(object, ["reclaimPolicy"], "Delete"),
    textAt(object, ["volumeBindingMode"], "Immediate"),
    valueAt(object, "allowVolumeExpansion") === true,
    age(object, now),
  ]
}

/** PriorityClasses. */
export const priorityClassCells: Cells = (object, now) => [
  name(object),
  countAt(object, "value"),
  valueAt(object, "globalDefault") === true,
  age(object, now),
  textAt(object, ["preemptionPolicy"], none),
]

/** IngressClasses. */
export const ingressClassCells: Cells = (object, now) => {
  const parameters = mapAt(object, "spec", "parameters")
  const kind = parameters["apiGroup"]
    ? `${String(parameters["kind"])}.${String(parameters["apiGroup"])}`
    : String(parameters["kind"])
  return [
    name(object),
    textAt(object, ["spec", "controller"]),
    parameters["name"] ? `${kind}/${String(parameters["name"])}` : none,
    age(object, now),
  ]
}

/** Nodes. */
export const nodeCells: Cells = (object, now) => {
  const ready = listAt(object, "status", "conditions").find((each) => each["type"] === "Ready")
  const state = ready ? (ready["status"] === "True" ? "Ready" : "NotReady") : "Unknown"
  const roles = Object.keys(object.metadata.labels ?? {})
    .filter((key) => key.startsWith("node-role.kubernetes.io/"))
    .map((key) => key.slice("node-role.kubernetes.io/".length))
  const address = (type: string): string =>
    textAt(
      listAt(object, "status", "addresses").find((each) => each["type"] === type),
      ["address"],
      none,
    )
  const info = (key: string): string => textAt(object, ["status", "nodeInfo", key], "<unknown>")
  return [
    name(object),
    valueAt(object, "spec", "unschedulable") === true ? `${state},SchedulingDisabled` : state,
    roles.length > 0 ? roles.toSorted().join(",") : none,
    age(object, now),
    info("kubeletVersion"),
    address("InternalIP"),
    address("ExternalIP"),
    info("osImage"),
    info("kernelVersion"),
    info("containerRuntimeVersion"),
  ]
}

/** Events. */
export const eventCells: Cells = (event, now) => {
  const object = convert(event, "v1")
  const about = mapAt(object, "involvedObject")
  const count = valueAt(object, "series") ? countAt(object, "series", "count") : countAt(object, "count") || 1
  const first = valueAt(object, "firstTimestamp") ?? valueAt(object, "eventTime")
  const last = valueAt(object, "series", "lastObservedTime") ?? valueAt(object, "lastTimestamp") ?? first
  const component = textAt(object, ["source", "component"]) || textAt(object, ["reportingComponent"])
  const instance = textAt(object, ["source", "host"]) || textAt(object, ["reportingInstance"])
  const kind = String(about["kind"] ?? "").toLowerCase()
  const target = about["name"] ? `${kind}/${String(about["name"])}` : kind
  return [
    ageOf(last, now),
    textAt(object, ["type"]),
    textAt(object, ["reason"]),
    target,
    textAt(object, ["involvedObject", "fieldPath"]),
    instance === "" ? component : `${component}, ${instance}`,
    textAt(object, ["message"]).trim(),
    ageOf(first, now),
    count,
    name(object),
  ]
}

/** Endpoints. */
export const endpointsCells: Cells = (object, now) => {
  const all = listAt(object, "subsets").flatMap((subset) =>
    listAt(subset, "addresses").flatMap((address) =>
      listAt(subset, "ports").length > 0
        ? listAt(subset, "ports").map((port) => `${String(address["ip"])}:${String(port["port"])}`)
        : [String(address["ip"])],
    ),
  )
  const shown = all.length > 3 ? `${all.slice(0, 3).join(",")} + ${all.length - 3} more...` : all.join(",")
  return [name(object), shown === "" ? none : shown, age(object, now)]
}

/** EndpointSlices. */
export const endpointSliceCells: Cells = (object, now) => {
  const more = (list: readonly string[], empty: string): string =>
    list.length === 0
      ? empty
      : list.length > 3
        ? `${list.slice(0, 3).join(",")} + ${list.length - 3} more...`
        : list.join(",")
  const ports = listAt(object, "ports").map((port) => String(port["port"] ?? port["name"] ?? "*"))
  const addresses = listAt(object, "endpoints").flatMap((each) => (each["addresses"] ?? []) as readonly string[])
  return [
    name(object),
    textAt(object, ["addressType"]),
    more(ports, "<unset>"),
    more(addresses, "<unset>"),
    age(object, now),
  ]
}

/** ServiceAccounts and the like, and webhook configurations. */
export const webhookCells: Cells = (object, now) => [name(object), listAt(object, "webhooks").length, age(object, now)]
