import { compareQuantities, type KubeObject, parseQuantity, type Quantity } from "@gitops-toolkit/kube"
import { isActive, isLeaving, type LabelSelector, picks, type Pod } from "../shapes.ts"
import { type Action, releaseFrom, type Step, type View } from "../step.ts"
import { teller } from "./tell.ts"

interface ClaimSpec {
  readonly accessModes?: readonly string[]
  readonly resources?: { readonly requests?: { readonly storage?: string } }
  readonly selector?: LabelSelector
  readonly storageClassName?: string
  readonly volumeMode?: string
  readonly volumeName?: string
}

interface VolumeSpec {
  readonly accessModes?: readonly string[]
  readonly capacity?: { readonly storage?: string }
  readonly claimRef?: { readonly name?: string; readonly namespace?: string; readonly uid?: string }
  readonly persistentVolumeReclaimPolicy?: string
  readonly storageClassName?: string
  readonly volumeMode?: string
}

interface StorageClass extends KubeObject {
  readonly provisioner?: string
  readonly reclaimPolicy?: string
  readonly volumeBindingMode?: string
}

const claims = "persistentvolumeclaims"
const classes = "storageclasses.storage.k8s.io"
const unprovisioned = "kubernetes.io/no-provisioner"
const bound = "pv.kubernetes.io/bind-completed"
const byController = "pv.kubernetes.io/bound-by-controller"
const provisionedBy = "pv.kubernetes.io/provisioned-by"

const phaseOf = (object: KubeObject): string | undefined =>
  (object.status as { readonly phase?: string } | undefined)?.phase

function withPhase(object: KubeObject, phase: string, rest: object = {}): Action {
  return {
    type: "status",
    object: { ...object, status: { ...(object.status as object), phase, ...rest } } as KubeObject,
  }
}

function withNotes(object: KubeObject, ...names: readonly string[]): KubeObject {
  const notes = Object.fromEntries(names.map((name) => [name, "yes"]))
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...notes } } }
}

/** Binds a claim to the smallest volume that fits, or to one that its storage class provides; lets a deleted one go. */
export const stepClaim: Step = (object, view) => {
  const { namespace, name } = object.metadata
  const spec = object.spec as ClaimSpec
  const users = (view.list("pods", namespace) as readonly Pod[]).filter((pod) =>
    pod.spec?.volumes?.some(({ persistentVolumeClaim: claim }) => claim?.claimName === name),
  )
  if (isLeaving(object)) return users.some(isActive) ? [] : releaseFrom(object, "kubernetes.io/pvc-protection")
  if (phaseOf(object) === "Bound") return lostOr(object, spec, view)
  const volume = spec.volumeName
    ? view.get("persistentvolumes", undefined, spec.volumeName)
    : fitting(object, spec, view)
  if (volume) return bind(object, volume)
  return spec.volumeName ? [] : provide(object, spec, { view, users })
}

interface Wanting {
  readonly view: View
  readonly users: readonly Pod[]
}

/** Has a volume made for a claim, or says why there is none. */
function provide(object: KubeObject, { storageClassName }: ClaimSpec, { view, users }: Wanting): readonly Action[] {
  const tell = teller("persistentvolume-controller", object)
  if (!storageClassName)
    return [tell("FailedBinding", "no persistent volumes available for this claim and no storage class is set")]
  const found = view.get(classes, undefined, storageClassName) as StorageClass | undefined
  if (found?.volumeBindingMode === "WaitForFirstConsumer") {
    const [user] = users
    if (!user) return [tell("WaitForFirstConsumer", "waiting for first consumer to be created before binding")]
    if (found.provisioner === unprovisioned)
      return [tell("WaitForPodScheduled", `waiting for pod ${user.metadata.name} to be scheduled`)]
  }
  const failed = (text: string): Action => tell("ProvisioningFailed", text, { isWarning: true })
  if (!found) return [failed(`storageclass.storage.k8s.io "${storageClassName}" not found`)]
  if (found.provisioner === unprovisioned || !found.provisioner)
    return [failed(`no volume plugin matched name: ${found.provisioner}`)]
  const text =
    `Waiting for a volume to be created either by the external provisioner '${found.provisioner}' or manually by the ` +
    "system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
  return [tell("ExternalProvisioning", text), { type: "create", object: provisioned(object, found) }]
}

function lostOr(object: KubeObject, { volumeName }: ClaimSpec, view: View): readonly Action[] {
  const isThere = volumeName !== undefined && view.get("persistentvolumes", undefined, volumeName) !== undefined
  return isThere ? [] : [withPhase(object, "Lost")]
}

function fitting(object: KubeObject, spec: ClaimSpec, view: View): KubeObject | undefined {
  const wanted = spec.resources?.requests?.storage ?? "0"
  const isSelected = spec.selector === undefined ? () => true : picks(spec.selector)
  const found = view.list("persistentvolumes").filter((volume) => {
    const { accessModes = [], capacity, claimRef, storageClassName = "", volumeMode } = volume.spec as VolumeSpec
    if (isLeaving(volume) || (phaseOf(volume) ?? "Pending") === "Released") return false
    const isOurs = claimRef?.name === object.metadata.name && claimRef?.namespace === object.metadata.namespace
    if (claimRef && (!isOurs || (claimRef.uid && claimRef.uid !== object.metadata.uid))) return false
    if (storageClassName !== (spec.storageClassName ?? "")) return false
    if ((volumeMode ?? "Filesystem") !== (spec.volumeMode ?? "Filesystem")) return false
    if (!(spec.accessModes ?? []).every((mode) => accessModes.includes(mode)) || !isSelected(volume)) return false
    return compareQuantities(parseQuantity(capacity?.storage ?? "0"), parseQuantity(wanted)) >= 0
  })
  const size = (volume: KubeObject): Quantity => parseQuantity((volume.spec as VolumeSpec).capacity?.storage ?? "0")
  return found.toSorted((a, b) => compareQuantities(size(a), size(b)))[0]
}

function bind(claim: KubeObject, volume: KubeObject): readonly Action[] {
  const { apiVersion, kind, metadata } = claim
  const { namespace, name, uid, resourceVersion } = metadata
  const volumeSpec = volume.spec as VolumeSpec
  const claimRef = { apiVersion, kind, namespace, name, uid, resourceVersion }
  const isRef = volumeSpec.claimRef?.uid === uid
  const noted = volumeSpec.claimRef ? volume : withNotes(volume, byController)
  const taken = isRef
    ? volume
    : ({ ...noted, spec: { ...volumeSpec, claimRef }, status: { phase: "Bound" } } as KubeObject)
  const chosen = (claim.spec as ClaimSpec).volumeName ? withNotes(claim, bound) : withNotes(claim, bound, byController)
  const status = { phase: "Bound", accessModes: volumeSpec.accessModes, capacity: volumeSpec.capacity }
  const whole = { ...chosen, spec: { ...(claim.spec as ClaimSpec), volumeName: volume.metadata.name }, status }
  return [
    { type: "store", object: { ...taken, status: { ...(volume.status as object), phase: "Bound" } } as KubeObject },
    { type: "store", object: whole as KubeObject },
  ]
}

function provisioned(claim: KubeObject, found: StorageClass): KubeObject {
  const spec = claim.spec as ClaimSpec
  const provisioner = found.provisioner!
  const { uid, name, namespace } = claim.metadata
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid}`, annotations: { [provisionedBy]: provisioner } },
    spec: {
      accessModes: spec.accessModes,
      capacity: { storage: spec.resources?.requests?.storage },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      csi: { driver: provisioner, volumeHandle: `pvc-${uid}` },
      persistentVolumeReclaimPolicy: found.reclaimPolicy ?? "Delete",
      storageClassName: spec.storageClassName,
      volumeMode: spec.volumeMode ?? "Filesystem",
    },
  }
}

/** Tells whether a volume is free, bound, or left by its claim; deletes what was provided for it, lets a deleted one go. */
export const stepVolume: Step = (object, view) => {
  const { persistentVolumeReclaimPolicy: policy } = object.spec as VolumeSpec
  const phase = phaseOf(object)
  const next = phaseNow(object, view)
  if (phase !== next) return [withPhase(object, next)]
  if (isLeaving(object)) return next === "Bound" ? [] : releaseFrom(object, "kubernetes.io/pv-protection")
  const isProvided = object.metadata.annotations?.[provisionedBy] !== undefined
  return next === "Released" && policy === "Delete" && isProvided ? [{ type: "delete", object }] : []
}

function phaseNow(object: KubeObject, view: View): string {
  const { claimRef } = object.spec as VolumeSpec
  if (!claimRef?.uid) return "Available"
  const claim = view.get(claims, claimRef.namespace ?? "", claimRef.name ?? "")
  return claim?.metadata.uid === claimRef.uid ? "Bound" : "Released"
}
