import { equalJson } from "@gitops-toolkit/kube"
import { parseQuantity } from "@gitops-toolkit/kube"
import { nodeSelector } from "./scheduling.ts"
import { labelSelector } from "./selector.ts"
import {
  at,
  duplicate,
  entry,
  forbidden,
  invalid,
  isSet,
  items,
  mapOf,
  named,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
const volumeModes = ["Block", "Filesystem"]
const reclaimPolicies = ["Delete", "Recycle", "Retain"]
const plain: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
])

/** What is wrong with a PersistentVolume's spec. */
export function volumeSpec(spec: Spot, before: unknown): void {
  const access = at(spec, "accessModes")
  if (items(access).length === 0) required(access)
  for (const mode of items(access))
    if (!modes.includes(textOf(mode))) unsupported({ ...access, value: textOf(mode) }, modes)
  oncePod(access)
  capacity(at(spec, "capacity"))
  const affinity = at(spec, "nodeAffinity")
  if (isSet(affinity)) {
    if (isSet(at(affinity, "required"))) nodeSelector(at(affinity, "required"), { strict: true })
    else required(at(affinity, "required"), "must specify required node constraints")
  }
  const policy = at(spec, "persistentVolumeReclaimPolicy")
  if (isSet(policy) && !reclaimPolicies.includes(textOf(policy))) unsupported(policy, reclaimPolicies)
  source(spec)
  if (textOf(at(spec, "storageClassName")) !== "") named(at(spec, "storageClassName"), "subdomain")
  const mode = at(spec, "volumeMode")
  if (isSet(mode) && !volumeModes.includes(textOf(mode))) unsupported(mode, volumeModes)
  const old = (before as { readonly volumeMode?: unknown } | undefined)?.volumeMode
  if (before !== undefined && !equalJson(mode.value ?? null, old ?? null))
    invalid({ ...mode, field: "volumeMode" }, "field is immutable")
}

function capacity(spot: Spot): void {
  const amounts = Object.keys(mapOf(spot))
  if (amounts.length === 0) required(spot)
  const only = amounts.length === 1 && amounts[0] === "storage"
  if (amounts.length > 0 && !only) unsupportedCapacity(spot)
  for (const name of amounts) {
    const amount = entry(spot, name)
    const { value } = amount
    if (typeof value === "string" && parseQuantity(value).nanos <= 0n) invalid(amount, "must be greater than zero")
  }
}

function unsupportedCapacity(spot: Spot): void {
  unsupported(spot, ["storage"])
}

function oncePod(access: Spot): void {
  const all = items(access).map((mode) => textOf(mode))
  if (all.includes("ReadWriteOncePod") && all.some((mode) => mode !== "ReadWriteOncePod" && modes.includes(mode)))
    forbidden(access, "may not use ReadWriteOncePod with other access modes")
}

function source(spec: Spot): void {
  const sources = Object.keys(mapOf(spec)).filter((name) => !plain.has(name) && isSet(at(spec, name)))
  if (sources.length === 0) return required(spec, "must specify a volume type")
  for (const other of sources.slice(1)) forbidden(at(spec, other), "may not specify more than 1 volume type")
  const path = at(spec, "hostPath.path")
  if (!isSet(at(spec, "hostPath"))) return
  if (textOf(path) === "") required(path)
  else if (textOf(path).split("/").includes("..")) invalid(path, "must not contain '..'")
}

/** What is wrong with a claim beside its access modes and its size. */
export function claimDetails(spec: Spot): void {
  labelSelector(at(spec, "selector"))
  oncePod(at(spec, "accessModes"))
  const mode = at(spec, "volumeMode")
  if (isSet(mode) && !volumeModes.includes(textOf(mode))) unsupported(mode, volumeModes)
  for (const name of ["dataSource", "dataSourceRef"]) {
    const reference = at(spec, name)
    if (!isSet(reference)) continue
    for (const part of ["name", "kind"]) if (textOf(at(reference, part)) === "") required(at(reference, part))
    const group = textOf(at(reference, "apiGroup"))
    const kind = textOf(at(reference, "kind"))
    if (group === "" && kind !== "PersistentVolumeClaim")
      invalid(reference, "must be 'PersistentVolumeClaim' when referencing the default apiGroup", kind)
  }
}

/** What an update of a StorageClass must leave as it is, and the topologies it allows. */
export function classDetails(spot: Spot, before: unknown): void {
  const topologies = items(at(spot, "allowedTopologies"))
  for (const topology of topologies) {
    const keys = new Set<string>()
    const expressions = at(topology, "matchLabelExpressions")
    for (const expression of items(expressions)) {
      const values = at(expression, "values")
      const key = at(expression, "key")
      if (items(values).length === 0) required(values)
      const seen = new Set<string>()
      for (const value of items(values)) {
        if (seen.has(textOf(value))) duplicate(value)
        seen.add(textOf(value))
      }
      if (textOf(key) === "") required(key)
      if (keys.has(textOf(key))) duplicate(key)
      keys.add(textOf(key))
    }
  }
  if (before === undefined) return
  for (const name of ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]) {
    const place = at(spot, name)
    const old = (before as { readonly [name: string]: unknown })[name]
    if (!equalJson(place.value ?? null, old ?? null)) invalid(place, "field is immutable")
  }
}
