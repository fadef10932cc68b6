import type { KubeObject, OwnerReference } from "@gitops-toolkit/kube"
import { controllerReference, isLeaving } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { ordinalOf, type StatefulSetSpec } from "./stateful-parts.ts"
import { teller } from "./tell.ts"

const table = "persistentvolumeclaims"

/** The claims of the Pod `podName`: their names and what they are made of. */
function claimsOf(object: KubeObject, podName: string): readonly KubeObject[] {
  const { volumeClaimTemplates = [], selector } = object.spec as StatefulSetSpec
  return volumeClaimTemplates.map(({ metadata, spec }) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: `${metadata.name}-${podName}`,
      namespace: object.metadata.namespace!,
      labels: { ...metadata.labels, ...selector.matchLabels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
    },
    spec,
  }))
}

/** Makes the claims that are missing; undefined when one is being deleted, which is to be waited for. */
export function missingClaims(object: KubeObject, podName: string, view: View): readonly Action[] | undefined {
  const actions: Action[] = []
  const tell = teller("statefulset-controller", object)
  const where = `Pod ${podName} in StatefulSet ${object.metadata.name}`
  for (const claim of claimsOf(object, podName)) {
    const { name, namespace } = claim.metadata
    const live = view.get(table, namespace, name!)
    if (live && isLeaving(live)) return undefined
    if (live) continue
    actions.push({
      type: "create",
      object: {
        ...claim,
        metadata: { ...claim.metadata, ...owned(ownersOf(object, { podName, pod: undefined, refs: [] })) },
      },
      made: () => [tell("SuccessfulCreate", `Create Claim ${name} ${where} success`)],
      refused: (message) => [
        tell("FailedCreate", `Create Claim ${name} for ${where} failed error: ${message}`, { isWarning: true }),
      ],
    })
  }
  return actions
}

const owned = (refs: readonly OwnerReference[]): object => (refs.length > 0 ? { ownerReferences: refs } : {})

interface Claimed {
  readonly podName: string
  readonly pod: KubeObject | undefined
  readonly refs: readonly OwnerReference[]
}

/** Who owns a claim under the retention policy: the set, the Pod that it outlived, or nobody. */
function ownersOf(object: KubeObject, { podName, pod, refs }: Claimed): readonly OwnerReference[] {
  const { replicas = 1, ordinals, persistentVolumeClaimRetentionPolicy: policy = {} } = object.spec as StatefulSetSpec
  const start = ordinals?.start ?? 0
  const ordinal = ordinalOf(podName)
  const isOut = ordinal < start || ordinal >= start + replicas
  const others = refs.filter(({ uid }) => uid !== object.metadata.uid && uid !== pod?.metadata.uid)
  if (others.some(({ controller }) => controller)) return others
  if (isOut && policy.whenScaled === "Delete") return pod ? [...others, controllerReference(pod)] : refs
  return policy.whenDeleted === "Delete" ? [...others, controllerReference(object)] : others
}

/** Makes the owners of a Pod's claims those of the retention policy. */
export function settleClaims(object: KubeObject, pod: KubeObject, view: View): readonly Action[] {
  const podName = pod.metadata.name!
  return claimsOf(object, podName).flatMap(({ metadata: { namespace, name } }): Action[] => {
    const live = view.get(table, namespace, name!)
    if (!live) return []
    const { ownerReferences: refs = [], ...metadata } = live.metadata
    const stale = refs.some(
      (ref) =>
        (ref.kind === "StatefulSet" && ref.name === object.metadata.name && ref.uid !== object.metadata.uid) ||
        (ref.kind === "Pod" && ref.name === podName && ref.uid !== pod.metadata.uid),
    )
    const next = ownersOf(object, { podName, pod, refs })
    const uids = (list: readonly OwnerReference[]): string => JSON.stringify(list.map(({ uid }) => uid).toSorted())
    if (stale || uids(next) === uids(refs)) return []
    return [{ type: "update", object: { ...live, metadata: { ...metadata, ...owned(next) } } }]
  })
}

/** True for a Pod whose claims still belong to a Pod of its name that went. */
export function hasStaleClaims(object: KubeObject, podName: string, view: View): boolean {
  const { persistentVolumeClaimRetentionPolicy: policy } = object.spec as StatefulSetSpec
  if (policy?.whenScaled !== "Delete") return false
  return claimsOf(object, podName).some(({ metadata: { namespace, name } }) =>
    view
      .get(table, namespace, name!)
      ?.metadata.ownerReferences?.some((ref) => ref.kind === "Pod" && ref.name === podName),
  )
}
