import type { KubeObject } from "@gitops-toolkit/kube"
import {
  availability,
  hasEnded,
  isLeaving,
  isReady,
  picks,
  type Pod,
  type PodTemplate,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { podOf } from "../template.ts"
import { adopted } from "./replica-set.ts"
import { forgetRevisions, revisionsOf, updateRevision } from "./revisions.ts"
import { hasStaleClaims, missingClaims, settleClaims } from "./stateful-claims.ts"
import { ordinalOf, type StatefulSetSpec } from "./stateful-parts.ts"
import { teller } from "./tell.ts"

interface Status {
  readonly currentRevision?: string
  readonly currentReplicas?: number
}

interface Roll {
  readonly object: KubeObject
  readonly spec: StatefulSetSpec
  readonly pods: readonly KubeObject[]
  readonly available: ReadonlySet<KubeObject>
  /** Names of the revisions that Pods had before, and are to have. */
  readonly current: string
  readonly update: string
  readonly view: View
}

const hashKey = "controller-revision-hash"
const revisionNameOf = (pod: KubeObject): string | undefined => pod.metadata.labels?.[hashKey]

/** Pods with ordinal names, made, replaced and deleted in order, each with its claims. */
export const stepStatefulSet: Step = (object, view) => {
  const spec = object.spec as StatefulSetSpec
  const prefix = `${object.metadata.name}-`
  const isMember = (pod: KubeObject): boolean =>
    pod.metadata.name!.startsWith(prefix) && /^\d+$/.test(pod.metadata.name!.slice(prefix.length))
  const isSelected = picks(spec.selector)
  const strays = isLeaving(object) ? [] : view.orphans("pods", object.metadata.namespace!)
  const found = strays.filter((pod) => isMember(pod) && isSelected(pod) && !isLeaving(pod))
  if (found.length > 0) return found.map((pod) => ({ type: "update", object: adopted(pod, object) }) as const)
  const { name: update, actions: revising } = updateRevision(object, spec.template, view)
  const { currentRevision } = (object.status ?? {}) as Status
  const known = revisionsOf(object, view).some(({ metadata }) => metadata.name === currentRevision)
  const current = known ? currentRevision! : update
  const pods = view.controlledBy(object.metadata.uid!, "pods")
  const { available, wakes } = availability(pods, { minReadySeconds: spec.minReadySeconds, nowMs: view.nowMs })
  const roll: Roll = { object, spec, pods, available: new Set(available), current, update, view }
  const actions = isLeaving(object) ? [] : settle(roll)
  const status: Action = { type: "status", object: withStatus(roll) }
  const live = new Set([current, update, ...pods.map((pod) => revisionNameOf(pod) ?? "")])
  return [...revising, ...actions, status, ...forgetRevisions(object, live, view), ...wakes]
}

interface Range {
  readonly start: number
  readonly end: number
}

function rangeOf({ replicas = 1, ordinals }: StatefulSetSpec): Range {
  const start = ordinals?.start ?? 0
  return { start, end: start + replicas }
}

/** What is done for each Pod in turn, and whether the ones after it have to wait. */
interface Progress {
  readonly actions: readonly Action[]
  readonly waits: boolean
}

function settle(roll: Roll): readonly Action[] {
  const { object, spec, pods, available } = roll
  const { start, end } = rangeOf(spec)
  const isOrdered = spec.podManagementPolicy !== "Parallel"
  const byName = new Map(pods.map((pod) => [pod.metadata.name!, pod]))
  const actions: Action[] = []
  for (let ordinal = start; ordinal < end; ordinal++) {
    const name = `${object.metadata.name}-${ordinal}`
    const progress = settleMember(roll, name, byName.get(name))
    actions.push(...progress.actions)
    if (progress.waits && isOrdered) return actions
  }
  const extra = pods
    .filter(({ metadata }) => ordinalOf(metadata.name!) < start || ordinalOf(metadata.name!) >= end)
    .toSorted((a, b) => ordinalOf(b.metadata.name!) - ordinalOf(a.metadata.name!))
  for (const pod of extra) actions.push(...settleClaims(object, pod, roll.view))
  if (extra.length > 0) {
    // In order they go one by one, the last first; one that is not available only when it is the first such.
    const broken = extra.toReversed().find((pod) => !available.has(pod))
    const [last] = extra
    const going = !isOrdered ? extra : available.has(last!) || last === broken ? [last!] : []
    return [...actions, ...going.filter((pod) => !isLeaving(pod)).flatMap((pod) => remove(roll, pod))]
  }
  return [...actions, ...replaceOld(roll, byName)]
}

/** One Pod of the set: made when it is missing, deleted when it ended, waited for until it is available. */
function settleMember(roll: Roll, name: string, pod: KubeObject | undefined): Progress {
  const { object, available, view } = roll
  if (!pod) {
    if (hasStaleClaims(object, name, view)) return { actions: [], waits: true }
    const claims = missingClaims(object, name, view)
    return { actions: claims ? [...claims, create(roll, name)] : [], waits: true }
  }
  if (hasEnded(pod)) return { actions: isLeaving(pod) ? [] : remove(roll, pod), waits: true }
  const isPending = (pod as Pod).status?.phase === "Pending"
  const claims = isPending ? (missingClaims(object, name, view) ?? []) : []
  if (isLeaving(pod) || !available.has(pod)) return { actions: claims, waits: true }
  return { actions: [...claims, ...settleClaims(object, pod, view)], waits: false }
}

/** Deletes the last Pod of an older template, once those after it are available. */
function replaceOld(roll: Roll, byName: ReadonlyMap<string, KubeObject>): readonly Action[] {
  const { object, spec, available, update } = roll
  const { start, end } = rangeOf(spec)
  if (spec.updateStrategy?.type === "OnDelete") return []
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (let ordinal = end - 1; ordinal >= start + partition; ordinal--) {
    const pod = byName.get(`${object.metadata.name}-${ordinal}`)
    if (pod && revisionNameOf(pod) !== update && !isLeaving(pod)) return remove(roll, pod)
    if (!pod || !available.has(pod)) return []
  }
  return []
}

function remove({ object }: Roll, pod: KubeObject): readonly Action[] {
  const text = `Delete Pod ${pod.metadata.name} in StatefulSet ${object.metadata.name} successful`
  return [{ type: "delete", object: pod }, teller("statefulset-controller", object)("SuccessfulDelete", text)]
}

const retryMs = 10_000

function create(roll: Roll, name: string): Action {
  const { object, view } = roll
  const tell = teller("statefulset-controller", object)
  const what = `Create Pod ${name} in StatefulSet ${object.metadata.name}`
  return {
    type: "create",
    object: statefulPod(roll, name),
    made: (pod) => [...settleClaims(object, pod, view), tell("SuccessfulCreate", `${what} successful`)],
    refused: (message) => [
      tell("FailedCreate", `${what} failed error: ${message}`, { isWarning: true }),
      { type: "status", object: withStatus(roll) },
      { type: "wake", atMs: view.nowMs + retryMs },
    ],
  }
}

/** The revision of a Pod that is missing: below the partition, the former one. */
function revisionFor({ object, spec, current, update }: Roll, ordinal: number): string {
  const { start } = rangeOf(spec)
  const { rollingUpdate, type } = spec.updateStrategy ?? {}
  const { currentReplicas = 0 } = (object.status ?? {}) as Status
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : type === "OnDelete" ? 0 : currentReplicas
  return ordinal < start + kept ? current : update
}

function statefulPod(roll: Roll, name: string): KubeObject {
  const { object, spec, view } = roll
  const revision = revisionFor(roll, ordinalOf(name))
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
  const { replicas = 1, updateStrategy } = spec
  const count = (revision: string): number =>
    pods.filter((pod) => revisionNameOf(pod) === revision && !isLeaving(pod)).length
  const updated = count(update)
  const ready = pods.filter((pod) => isReady({ ...pod, metadata: {} })).length
  const isDone =
    updateStrategy?.type !== "OnDelete" && updated === replicas && ready === replicas && pods.length === replicas
  const status = {
    observedGeneration: object.metadata.generation,
    replicas: pods.length,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: isDone ? updated : count(current),
      updatedReplicas: updated,
    }),
    currentRevision: isDone ? update : current,
    updateRevision: update,
    collisionCount: 0,
    availableReplicas: available.size,
  }
  return { ...object, status } as KubeObject
}
