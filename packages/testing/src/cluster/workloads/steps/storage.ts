import { compareQuantities, type KubeObject, parseQuantity, type Quantity } from "@gitops-toolkit/kube"
import { isActive, isLeaving, type LabelSelector, picks, type Pod } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"

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

function withoutFinalizer(object: KubeObject, finalizer: string): Action[] {
  const { finalizers = [], ...metadata } = object.metadata
  if (!finalizers.includes(finalizer)) return []
  const rest = finalizers.filter((name) => name !== finalizer)
  return [
    { type: "update", object: { ...object, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata } },
  ]
}

/** Binds a claim to the smallest volume that fits, or to one that its storage class provides; lets a deleted one go. */
export const stepClaim: Step = (object, view) => {
  const { namespace, name } = object.metadata
  const spec = object.spec as ClaimSpec
  const users = (view.list("pods", namespace) as readonly Pod[]).filter((pod) =>
    pod.spec?.volumes?.some(({ persistentVolumeClaim: claim }) => claim?.claimName === name),
  )
  if (isLeaving(object)) return users.some(isActive) ? [] : withoutFinalizer(object, "kubernetes.io/pvc-protection")
  if (phaseOf(object) === "Bound") return lostOr(object, spec, view)
  const volume = spec.volumeName
    ? view.get("persistentvolumes", undefined, spec.volumeName)
    : fitting(object, spec, view)
  if (volume) return bind(object, volume)
  const made = spec.volumeName ? undefined : provisioned(object, { spec, view, isUsed: users.length > 0 })
  return made ? [{ type: "create", object: made }] : []
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

function provisioned(
  claim: KubeObject,
  { spec, view, isUsed }: { readonly spec: ClaimSpec; readonly view: View; readonly isUsed: boolean },
): KubeObject | undefined {
  const { storageClassName } = spec
  if (!storageClassName) return undefined
  const found = view.get("storageclasses.storage.k8s.io", undefined, storageClassName) as StorageClass | undefined
  const { provisioner } = found ?? {}
  if (!found || !provisioner || provisioner === "kubernetes.io/no-provisioner") return undefined
  if (found.volumeBindingMode === "WaitForFirstConsumer" && !isUsed) return undefined
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
      storageClassName,
      volumeMode: spec.volumeMode ?? "Filesystem",
    },
  }
}

/** Tells whether a volume is free, bound, or left by its claim; deletes what was provided for it. */
export const stepVolume: Step = (object, view) => {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = object.spec as VolumeSpec
  const phase = phaseOf(object)
  if (isLeaving(object)) return phase === "Bound" ? [] : withoutFinalizer(object, "kubernetes.io/pv-protection")
  if (!claimRef) return phase === "Available" ? [] : [withPhase(object, "Available")]
  if (!claimRef.uid) return phase === "Available" ? [] : [withPhase(object, "Available")]
  const claim = view.get(claims, claimRef.namespace ?? "", claimRef.name ?? "")
  if (claim?.metadata.uid === claimRef.uid) return phase === "Bound" ? [] : [withPhase(object, "Bound")]
  if (policy === "Delete" && object.metadata.annotations?.[provisionedBy]) return [{ type: "delete", object }]
  return phase === "Released" ? [] : [withPhase(object, "Released")]
}
