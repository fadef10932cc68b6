import { equalJson } from "@gitops-toolkit/kube"
import { accessModes, volumeMode } from "./claim.ts"
import { internal, internalDiff } from "./internal.ts"
import { nodeSelector } from "./pod/scheduling.ts"
import { csiDriver, iscsiName, oneSource, sharedSources } from "./pod/volume.ts"
import { all, between, fields, filled, frozen, given, named, needed, oneOf, onUpdate, type RuleTable } from "./rule.ts"
import { noBacksteps, positiveAmount, qualifiedName, quantity } from "./terms.ts"
import { isMap, isSet, listOf, mapOf, type Members, type Rule, textOf } from "./walk.ts"

const reclaimPolicies = ["Delete", "Recycle", "Retain"]

const capacity: Rule = (value, walk) => {
  const names = Object.keys(mapOf(value))
  if (names.length === 0) walk.required("")
  if (names.length !== 1 || names[0] !== "storage") walk.unsupported("", value, ["storage"])
  for (const name of names) {
    const amount = mapOf(value)[name]
    const { nanos } = quantity(amount)
    if (nanos <= -1_000_000_000n) walk.invalid(`[${name}]`, nanos / 1_000_000_000n, "must be a valid resource quantity")
    walk.at(`[${name}]`, amount, positiveAmount)
  }
}

const localAffinity: Rule = (value, walk) => {
  const { local, nodeAffinity } = mapOf(value)
  if (isSet(local) && !isSet(nodeAffinity)) walk.required("nodeAffinity", "Local volume requires node affinity")
}

const secretReference: Rule = given(fields({ name: needed(named("subdomain")), namespace: needed(named("label")) }))

const sources: RuleTable = {
  ...sharedSources,
  local: fields({ path: needed(noBacksteps) }),
  iscsi: fields({ targetPortal: needed(), iqn: needed(iscsiName("must be valid format")), lun: between(0, 255) }),
  csi: fields({
    driver: csiDriver,
    volumeHandle: needed(),
    controllerPublishSecretRef: secretReference,
    controllerExpandSecretRef: secretReference,
    nodePublishSecretRef: secretReference,
    nodeExpandSecretRef: secretReference,
  }),
}

/** In the order in which the server looks at them. */
const order = [
  ...["hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte"],
  ...["cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk"],
  ...["portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi"],
]

const volumeAffinity: Rule = (value, walk) => {
  const { required } = mapOf(value)
  if (isSet(required)) walk.at("required", required, nodeSelector)
  else walk.required("required", "must specify required node constraints")
}

const recycled: Rule = (value, walk) => {
  const { hostPath, persistentVolumeReclaimPolicy: policy } = mapOf(value)
  const isRoot = /^\/+(?:\.?\/)*\.?$/.test(textOf(mapOf(hostPath)["path"]))
  if (isRoot && policy === "Recycle")
    walk.forbidden("persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'")
}

const attributesClass: Rule = (value, walk) => {
  const { volumeAttributesClassName: name, csi } = mapOf(value)
  if (!isSet(name)) return
  walk.at("volumeAttributesClassName", name, needed(named("subdomain"), "an empty string is disallowed"))
  if (!isSet(csi)) walk.required("csi", "has to be specified when using volumeAttributesClassName")
}

const volumeSpec: Rule = all(
  (value, walk) => {
    if (listOf(mapOf(value)["accessModes"]).length === 0) walk.required("accessModes")
  },
  fields({
    accessModes,
    capacity,
    persistentVolumeReclaimPolicy: filled(oneOf(...reclaimPolicies)),
    nodeAffinity: given(volumeAffinity),
  }),
  oneSource(order, sources),
  localAffinity,
  recycled,
  fields({ storageClassName: filled(named("subdomain")), volumeMode }),
  attributesClass,
)

/** The members of a spec that say where a volume is. */
const sourceOf = (spec: Members): Members =>
  Object.fromEntries(Object.entries(spec).filter(([name]) => order.includes(name)))

const fixedSource: Rule = onUpdate((value, walk) => {
  const [now, before] = [mapOf(mapOf(value)["spec"]), mapOf(walk.before?.["spec"])]
  const [next, old] = [sourceOf(now), sourceOf(before)]
  if (equalJson(next, old)) return
  const diff = internalDiff("core/v1.PersistentVolumeSpec", old, next)
  const field = "spec.persistentvolumesource"
  walk.forbidden(field, `spec.persistentvolumesource is immutable after creation\n${diff}`)
})

const renamedLabels: { readonly [old: string]: string } = {
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
}

/** What was, with each label as it is now where that is its name of today; Go also takes none for one of those. */
function renamed(before: unknown, now: unknown): unknown {
  if (Array.isArray(before)) return before.map((item, index) => renamed(item, listOf(now)[index]))
  if (!isMap(before)) return before
  const key = mapOf(now)["key"]
  const [old, next] = [textOf(before["key"]), textOf(key)]
  if (before["operator"] !== undefined && old !== next && (renamedLabels[old] ?? "") === next) return { ...before, key }
  return Object.fromEntries(Object.entries(before).map(([name, inner]) => [name, renamed(inner, mapOf(now)[name])]))
}

/** A volume stays where it is reached from. */
const fixedAffinity: Rule = onUpdate((value, walk) => {
  const [now, before] = [value, walk.before].map((object) => mapOf(mapOf(object)["spec"])["nodeAffinity"])
  if (!isSet(before) || equalJson(now ?? null, renamed(before, now))) return
  const why = "field is immutable, except for updating from beta label to GA"
  walk.invalid("nodeAffinity", internal("core/v1.VolumeNodeAffinity", now), why)
})

/** PersistentVolumes: the server checks a changed one as a new one first. */
export const volume: Rule = all(
  onUpdate(fields({ spec: volumeSpec })),
  fields({ spec: volumeSpec }),
  fixedSource,
  frozen("spec.volumeMode", { told: "volumeMode" }),
  fixedAffinity,
)

const parameters: Rule = (value, walk) => {
  const map = mapOf(value)
  const keys = Object.keys(map)
  if (keys.length > 512) return walk.tooLong("", 512)
  let size = 0
  for (const key of keys) {
    if (key === "") walk.invalid("", key, "field can not be empty.")
    size += Buffer.byteLength(key) + Buffer.byteLength(textOf(map[key]))
  }
  if (size > 256 * 1024) walk.tooLong("", 256 * 1024)
}

const topologyExpression: Rule = (value, walk) => {
  const { key, values } = mapOf(value)
  if (listOf(values).length === 0) walk.required("values")
  for (const [index, each] of listOf(values).entries())
    if (listOf(values).indexOf(each) < index) walk.duplicate(`values[${index}]`, each)
  walk.at("key", key, qualifiedName)
}

const topologies: Rule = (value, walk) => {
  // The server begins with as many empty terms as there are terms.
  const seen: unknown[] = listOf(value).map(() => ({}))
  for (const [index, term] of listOf(value).entries()) {
    const expressions = listOf(mapOf(term)["matchLabelExpressions"])
    const keys: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const [place, expression] of expressions.entries()) {
      const field = `[${index}].matchLabelExpressions[${place}]`
      const { key, values } = mapOf(expression)
      walk.at(field, expression, topologyExpression)
      if (textOf(key) in keys) walk.duplicate(`${field}.key`, textOf(key))
      keys[textOf(key)] = listOf(values)
        .map((each) => textOf(each))
        .toSorted()
    }
    for (const other of seen) if (equalJson(other, { ...keys })) walk.duplicate(`[${index}].matchLabelExpressions`, "")
    seen.push({ ...keys })
  }
}

/** StorageClasses. */
export const storageClass: Rule = all(
  fields({
    provisioner: needed((value, walk) => walk.at("", textOf(value).toLowerCase(), qualifiedName)),
    parameters,
    reclaimPolicy: filled(oneOf("Delete", "Retain")),
    volumeBindingMode: given(oneOf("Immediate", "WaitForFirstConsumer")),
    allowedTopologies: topologies,
  }),
  frozen("parameters"),
  frozen("provisioner", { empty: "" }),
  frozen("reclaimPolicy"),
  frozen("volumeBindingMode"),
)
