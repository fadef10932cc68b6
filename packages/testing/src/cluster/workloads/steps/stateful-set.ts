import type { KubeObject } from "@gitops-toolkit/kube"
import {
  availability,
  isActive,
  isLeaving,
  isReady,
  type LabelSelector,
  type PodTemplate,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { podOf, templateHash } from "../template.ts"
import { ensureRevision, revisionsOf } from "./revisions.ts"

interface StatefulSetSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly ordinals?: { readonly start?: number }
  readonly podManagementPolicy?: string
  readonly selector: LabelSelector
  readonly serviceName?: string
  readonly template: PodTemplate
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
  readonly volumeClaimTemplates?: readonly KubeObject[]
}

interface Status {
  readonly currentRevision?: string
}

interface Roll {
  readonly object: KubeObject
  readonly spec: StatefulSetSpec
  readonly pods: readonly KubeObject[]
  readonly available: ReadonlySet<KubeObject>
  readonly current: string
  readonly update: string
  readonly view: View
}

const hashKey = "controller-revision-hash"
const revisionNameOf = (pod: KubeObject): string | undefined => pod.metadata.labels?.[hashKey]

/** Pods with ordinal names, made, replaced and deleted in order, each with its claims. */
export const stepStatefulSet: Step = (object, view) => {
  const spec = object.spec as StatefulSetSpec
  const hash = templateHash(spec.template)
  const update = `${object.metadata.name}-${hash}`
  const { currentRevision: current = update } = (object.status ?? {}) as Status
  const pods = view.controlledBy(object.metadata.uid!, "pods")
  const { available, wakes } = availability(pods, { minReadySeconds: spec.minReadySeconds, nowMs: view.nowMs })
  const roll: Roll = { object, spec, pods, available: new Set(available), current, update, view }
  const revision = ensureRevision(object, spec.template, { hash, view })
  const actions = isLeaving(object) ? [] : settle(roll)
  return [...revision, ...actions, { type: "status", object: withStatus(roll) }, ...wakes]
}

const ordinalOf = (name: string): number => Number(name.slice(name.lastIndexOf("-") + 1))

function settle({ object, spec, pods, available, current, update, view }: Roll): readonly Action[] {
  const { replicas = 1, ordinals, podManagementPolicy, updateStrategy } = spec
  const start = ordinals?.start ?? 0
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0
  const isOrdered = podManagementPolicy !== "Parallel"
  const byName = new Map(pods.map((pod) => [pod.metadata.name!, pod]))
  const actions: Action[] = []
  for (let ordinal = start; ordinal < start + replicas; ordinal++) {
    const name = `${object.metadata.name}-${ordinal}`
    const pod = byName.get(name)
    if (pod && !isActive(pod) && !isLeaving(pod)) return [...actions, { type: "delete", object: pod }]
    if (!pod) {
      const revision = ordinal >= start + partition || current === update ? update : current
      actions.push(...claims(object, spec, { name, view }))
      actions.push({ type: "create", object: statefulPod(object, spec, { name, revision, view }) })
    }
    if (isOrdered && (!pod || !available.has(pod) || isLeaving(pod))) return actions
  }
  const extra = pods.filter(({ metadata }) => {
    const ordinal = ordinalOf(metadata.name!)
    return ordinal < start || ordinal >= start + replicas
  })
  const last = [...extra].toSorted((a, b) => ordinalOf(b.metadata.name!) - ordinalOf(a.metadata.name!))
  if (last.length > 0) {
    const going = isOrdered ? last.slice(0, 1) : last
    return [
      ...actions,
      ...going.filter((pod) => !isLeaving(pod)).map((pod) => ({ type: "delete", object: pod }) as const),
    ]
  }
  if (updateStrategy?.type === "OnDelete") return actions
  for (let ordinal = start + replicas - 1; ordinal >= start + partition; ordinal--) {
    const pod = byName.get(`${object.metadata.name}-${ordinal}`)
    if (!pod || isLeaving(pod)) return actions
    if (revisionNameOf(pod) !== update) return [...actions, { type: "delete", object: pod }]
    if (!available.has(pod)) return actions
  }
  return actions
}

interface Member {
  readonly name: string
  readonly view: View
}

function claims(
  object: KubeObject,
  { volumeClaimTemplates = [], selector }: StatefulSetSpec,
  { name, view }: Member,
): readonly Action[] {
  const namespace = object.metadata.namespace!
  return volumeClaimTemplates.flatMap(({ metadata, spec }): Action[] => {
    const claim = `${metadata.name}-${name}`
    if (view.get("persistentvolumeclaims", namespace, claim)) return []
    const labels = { ...metadata.labels, ...selector.matchLabels }
    const { annotations } = metadata
    const named = { name: claim, namespace, labels, ...(annotations ? { annotations } : {}) }
    return [{ type: "create", object: { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: named, spec } }]
  })
}

function statefulPod(
  object: KubeObject,
  spec: StatefulSetSpec,
  { name, revision, view }: Member & { readonly revision: string },
): KubeObject {
  const found = revisionsOf(object, view).find(({ metadata }) => metadata.name === revision)?.data?.spec?.template
  const { $patch: _, ...template } = { $patch: "", ...(found ?? spec.template) } as PodTemplate & { $patch: string }
  const { volumeClaimTemplates = [], serviceName } = spec
  const own = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name!,
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }))
  const names = new Set(own.map((each) => each.name))
  const volumes = [...own, ...(template.spec.volumes ?? []).filter((each) => !names.has(each.name))]
  const place = { hostname: name, ...(serviceName ? { subdomain: serviceName } : {}) }
  const labels = {
    "apps.kubernetes.io/pod-index": String(ordinalOf(name)),
    [hashKey]: revision,
    "statefulset.kubernetes.io/pod-name": name,
  }
  const whole = { ...template.spec, ...place, ...(volumes.length > 0 ? { volumes } : {}) }
  return podOf(object, { ...template, spec: whole }, { name, labels })
}

function withStatus({ object, spec, pods, available, current, update }: Roll): KubeObject {
  const { replicas = 1 } = spec
  const count = (revision: string): number =>
    pods.filter((pod) => revisionNameOf(pod) === revision && !isLeaving(pod)).length
  const updated = count(update)
  const isDone = updated === replicas && pods.length === replicas && pods.every(isReady)
  const currentRevision = isDone ? update : current
  const status = {
    observedGeneration: object.metadata.generation,
    replicas: pods.length,
    ...withoutZeros({
      readyReplicas: pods.filter(isReady).length,
      currentReplicas: count(currentRevision),
      updatedReplicas: updated,
    }),
    currentRevision,
    updateRevision: update,
    collisionCount: 0,
    availableReplicas: available.size,
  }
  return { ...object, status } as KubeObject
}
