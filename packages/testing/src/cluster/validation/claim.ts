import { equalJson } from "@gitops-toolkit/kube"
import { all, fields, filled, frozen, given, named, onUpdate, oneOf } from "./rule.ts"
import { internalDiff } from "./internal.ts"
import { labelSelector } from "./selector.ts"
import { compareAmounts, positiveAmount, qualifiedName, quantity } from "./terms.ts"
import { isSet, listOf, mapOf, type Members, type Rule, textOf, valueAt } from "./walk.ts"

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

/** How a volume is mounted, told at the list; one Pod alone means one Pod alone. */
export const accessModes: Rule = (value, walk) => {
  const all = listOf(value).map((mode) => textOf(mode))
  for (const mode of all) if (!modes.includes(mode)) walk.unsupported("", mode, modes)
  if (all.includes("ReadWriteOncePod") && all.some((mode) => mode !== "ReadWriteOncePod" && modes.includes(mode)))
    walk.forbidden("", "may not use ReadWriteOncePod with other access modes")
}

/** A file system or a block device. */
export const volumeMode: Rule = given(oneOf("Block", "Filesystem"))

const source: Rule = given((value, walk) => {
  const { name, kind, apiGroup, namespace } = mapOf(value)
  if (textOf(name) === "") walk.required("name")
  if (textOf(kind) === "") walk.required("kind")
  if (textOf(apiGroup) !== "") walk.at("apiGroup", apiGroup, named("subdomain"))
  else if (kind !== "PersistentVolumeClaim")
    walk.invalid("", textOf(kind), "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
  if (textOf(namespace) !== "") walk.at("namespace", namespace, named("label"))
})

const sources: Rule = (value, walk) => {
  const { dataSource, dataSourceRef } = mapOf(value)
  if (!isSet(dataSource) || !isSet(dataSourceRef)) return
  const { namespace, ...reference } = mapOf(dataSourceRef)
  // The server means to show a path here, and shows an empty structure.
  if (textOf(namespace) !== "") walk.invalid("", {}, "may not be specified when dataSourceRef.namespace is specified")
  else if (!equalJson(mapOf(dataSource), reference)) walk.invalid("", {}, "must match dataSourceRef")
}

const storage: Rule = (value, walk) => {
  const amount = valueAt(value, "requests.storage")
  if (isSet(amount)) walk.at("[storage]", amount, positiveAmount)
  else walk.required("[storage]")
}

/** The spec of a PersistentVolumeClaim, also where it is a template. */
export const claimSpec: Rule = all(
  (value, walk) => {
    if (listOf(mapOf(value)["accessModes"]).length === 0)
      walk.required("accessModes", "at least 1 access mode is required")
  },
  fields({
    selector: labelSelector,
    accessModes,
    resources: storage,
    storageClassName: filled(named("subdomain")),
    volumeMode,
    dataSource: source,
    dataSourceRef: source,
  }),
  sources,
  fields({ volumeAttributesClassName: filled(named("subdomain")) }),
)

/** What of a claim's spec an update may not change: a bound claim may grow. */
function fixedPart(
  next: Members,
  { before, isBound }: { readonly before: Members; readonly isBound: boolean },
): Members {
  const kept: Record<string, unknown> = { ...next }
  if (!isSet(before["storageClassName"]) && isSet(next["storageClassName"])) delete kept["storageClassName"]
  if (!isBound) return kept
  const { requests, ...others } = mapOf(next["resources"])
  const storage = valueAt(before, "resources.requests.storage")
  kept["resources"] = { ...others, requests: { ...mapOf(requests), ...(isSet(storage) ? { storage } : {}) } }
  delete kept["volumeAttributesClassName"]
  const own = before["volumeAttributesClassName"]
  return isSet(own) ? { ...kept, volumeAttributesClassName: own } : kept
}

const immutable =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"

const update: Rule = onUpdate((value, walk) => {
  const [spec, old] = [mapOf(mapOf(value)["spec"]), mapOf(walk.before?.["spec"])]
  const before =
    isSet(old["volumeName"]) || !isSet(spec["volumeName"]) ? old : { ...old, volumeName: spec["volumeName"] }
  const next = fixedPart(spec, { before, isBound: valueAt(value, "status.phase") === "Bound" })
  if (!equalJson(next, before))
    walk.forbidden("spec", `${immutable}\n${internalDiff("core/v1.PersistentVolumeClaimSpec", before, next)}`)
  const [now, was] = [spec, old].map((each) => valueAt(each, "resources.requests.storage"))
  const field = "spec.resources.requests.storage"
  if (compareAmounts(now, was) < 0 && compareAmounts(now, valueAt(walk.before, "status.capacity.storage")) <= 0)
    walk.forbidden(field, "field can not be less than status.capacity")
})

const resizes = [
  ...["ControllerResizeInProgress", "ControllerResizeInfeasible"],
  ...["NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"],
]

/** Of what a claim can have more: `storage`, or something with a prefix. */
const claimResource: Rule = (value, walk) => {
  const before = walk.causes.length
  qualifiedName(value, walk)
  const name = textOf(value)
  if (walk.causes.length === before && name !== "storage" && (!name.includes("/") || name.includes("kubernetes.io/")))
    walk.unsupported("", name, ["storage"])
}

const notBelowZero: Rule = (value, walk) => {
  const { nanos } = quantity(value)
  if (nanos <= -1_000_000_000n) walk.invalid("", nanos / 1_000_000_000n, "must be a valid resource quantity")
}

const allocated: Rule = (value, walk) => {
  for (const [name, amount] of Object.entries(mapOf(value))) {
    const before = walk.causes.length
    claimResource(name, walk)
    if (walk.causes.length === before) walk.at(`[${name}]`, amount, notBelowZero)
  }
}

/** The status of a PersistentVolumeClaim. */
export const claimStatus: Rule = fields({
  capacity: (value, walk) => {
    for (const [name, amount] of Object.entries(mapOf(value))) walk.at(`[${name}]`, amount, notBelowZero)
  },
  allocatedResourceStatuses: (value, walk) => {
    for (const [name, status] of Object.entries(mapOf(value))) {
      claimResource(name, walk)
      if (!resizes.includes(textOf(status))) walk.unsupported("", name, resizes)
    }
  },
  allocatedResources: allocated,
})

/** PersistentVolumeClaims. */
export const claim: Rule = all(fields({ spec: claimSpec }), update, frozen("spec.volumeMode", { told: "volumeMode" }))
