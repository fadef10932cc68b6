import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import {
  availability,
  hasEnded,
  isLeaving,
  isReady,
  type Pod,
  type PodTemplate,
  share,
  withoutZeros,
} from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { podOf } from "../template.ts"
import { byAge } from "./deployment-parts.ts"
import { isWanted, takes } from "./schedule-pod.ts"
import { forgetRevisions, updateRevision } from "./revisions.ts"
import { createPod, deletePod, type Teller, teller } from "./tell.ts"

interface DaemonSetSpec {
  readonly minReadySeconds?: number
  readonly template: PodTemplate
  readonly updateStrategy?: {
    readonly type?: string
    readonly rollingUpdate?: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string }
  }
}

const conditions: readonly (readonly [key: string, effect: string])[] = [
  ["node.kubernetes.io/not-ready", "NoExecute"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.kubernetes.io/disk-pressure", "NoSchedule"],
  ["node.kubernetes.io/memory-pressure", "NoSchedule"],
  ["node.kubernetes.io/pid-pressure", "NoSchedule"],
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
]
const tolerations = conditions.map(([key, effect]) => ({ key, operator: "Exists", effect }))

/** The Pods of one node that are not being deleted. */
interface Place {
  readonly node: KubeObject
  /** True when the node takes the Pod. */
  readonly isServed: boolean
  /** All Pods of it, also those that go; oldest first. */
  readonly pods: readonly KubeObject[]
}

interface Roll {
  readonly object: KubeObject
  readonly spec: DaemonSetSpec
  readonly hash: string
  readonly places: readonly Place[]
  readonly available: ReadonlySet<KubeObject>
  readonly tell: Teller
  readonly view: View
}

/** One Pod on each node that takes it; old ones are replaced as the strategy says. */
export const stepDaemonSet: Step = (object, view) => {
  const spec = object.spec as DaemonSetSpec
  const { template, minReadySeconds } = spec
  const { hash, name: revision, actions: revising } = updateRevision(object, template, view)
  const pods = view.controlledBy(object.metadata.uid!, "pods").filter((pod) => !(hasEnded(pod) && isLeaving(pod)))
  const { available, wakes } = availability(pods, { minReadySeconds, nowMs: view.nowMs })
  const wished = { ...template.spec, tolerations: [...(template.spec.tolerations ?? []), ...tolerations] }
  const places = view.list("nodes").map((node) => ({
    node,
    isServed: isWanted(node, wished) && takes(node, wished),
    pods: pods.filter((pod) => nodeOf(pod) === node.metadata.name).toSorted(byAge),
  }))
  const tell = teller("daemonset-controller", object)
  const roll: Roll = { object, spec, hash, places, available: new Set(available), tell, view }
  const actions = isLeaving(object) ? [] : settle(roll)
  const live = new Set([revision, ...pods.map((pod) => `${object.metadata.name}-${hashOf(pod)}`)])
  const forgotten = isLeaving(object) ? [] : forgetRevisions(object, live, view)
  return [...revising, ...actions, { type: "status", object: withStatus(roll) }, ...forgotten, ...wakes]
}

const hashOf = (pod: KubeObject): string | undefined => pod.metadata.labels?.["controller-revision-hash"]
const staying = ({ pods }: Place): KubeObject[] => pods.filter((pod) => !isLeaving(pod))

function settle(roll: Roll): readonly Action[] {
  const { spec, tell } = roll
  const { maxSurge, maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {}
  const served = roll.places.filter(({ isServed }) => isServed).length
  const surge = share(maxSurge, served, true)
  const actions = roll.places.flatMap((place) => settleNode(roll, place, surge > 0))
  if (actions.length > 0 || spec.updateStrategy?.type === "OnDelete") return actions
  if (surge > 0) return replaceWithSurge(roll, surge)
  const least = share(maxUnavailable, served, true)
  return oldToReplace(roll, Math.max(least, 1)).flatMap((pod) => deletePod(pod, tell))
}

/** Sees to it that a node has its Pod, and no more: a Pod that ended goes, one that goes is waited for. */
function settleNode(roll: Roll, place: Place, isSurging: boolean): readonly Action[] {
  const { available, hash, tell } = roll
  const live = staying(place)
  if (!place.isServed) return live.flatMap((pod) => deletePod(pod, tell))
  if (place.pods.length === 0) return [createOn(roll, place.node)]
  const ended = live.filter(hasEnded)
  const running = live.filter((pod) => !hasEnded(pod))
  const going = ended.flatMap((pod) => [found(pod, tell), ...deletePod(pod, tell)])
  if (!isSurging) return [...going, ...running.slice(1).flatMap((pod) => deletePod(pod, tell))]
  if (running.length === 0) return [...going, createOn(roll, place.node)]
  const fresh = running.filter((pod) => hashOf(pod) === hash)
  const old = running.filter((pod) => hashOf(pod) !== hash)
  const isReplaced = fresh[0] && old[0] && (!isReady(old[0]) || available.has(fresh[0]))
  const extra = [...fresh.slice(1), ...old.slice(isReplaced ? 0 : 1)]
  return [...going, ...extra.flatMap((pod) => deletePod(pod, tell))]
}

function found(pod: KubeObject, tell: Teller): Action {
  const { namespace, name } = pod.metadata
  const isFailed = (pod as Pod).status?.phase === "Failed"
  const where = `daemon pod ${namespace}/${name} on node ${nodeOf(pod)}`
  return isFailed
    ? tell("FailedDaemonPod", `Found failed ${where}, will try to kill it`, { isWarning: true })
    : tell("SucceededDaemonPod", `Found succeeded ${where}, will try to delete it`)
}

/** The Pods of older templates that may go now: all that are not available, and as many others as the strategy lets. */
function oldToReplace({ places, available, hash }: Roll, most: number): readonly KubeObject[] {
  const idle: KubeObject[] = []
  const others: KubeObject[] = []
  let missing = 0
  for (const place of places.filter(({ pods }) => pods.length > 0)) {
    const [pod, second] = staying(place)
    const isNew = pod && hashOf(pod) === hash
    if (!pod || second || !available.has(pod)) missing++
    if (pod && !second && !isNew) (available.has(pod) ? others : idle).push(pod)
  }
  return [...idle, ...others.slice(0, Math.max(0, most - missing))]
}

/** New Pods come beside the old ones, at most `surge` at a time beside available ones. */
function replaceWithSurge(roll: Roll, surge: number): readonly Action[] {
  const { places, available, hash, tell } = roll
  const idle: KubeObject[] = []
  const others: KubeObject[] = []
  const gone: KubeObject[] = []
  let surging = 0
  for (const place of places) {
    const fresh = staying(place).find((pod) => hashOf(pod) === hash)
    const old = staying(place).find((pod) => hashOf(pod) !== hash)
    if (!old) continue
    if (!fresh) (available.has(old) ? others : idle).push(place.node)
    else if (available.has(fresh)) gone.push(old)
    else surging++
  }
  const nodes = [...idle, ...others.slice(0, Math.max(0, surge - surging))]
  return [...gone.flatMap((pod) => deletePod(pod, tell)), ...nodes.map((node) => createOn(roll, node))]
}

function withStatus({ object, places, hash, available }: Roll): KubeObject {
  const served = places.filter(({ isServed }) => isServed)
  const first = served.flatMap(({ pods }) => pods.slice(0, 1))
  const ready = first.filter((pod) => isReady({ ...pod, metadata: {} }))
  const numberAvailable = first.filter((pod) => available.has(pod)).length
  const status = {
    currentNumberScheduled: first.length,
    desiredNumberScheduled: served.length,
    numberMisscheduled: places.filter(({ isServed, pods }) => !isServed && pods.length > 0).length,
    numberReady: ready.length,
    observedGeneration: object.metadata.generation,
    ...withoutZeros({
      numberAvailable,
      numberUnavailable: Math.max(0, served.length - numberAvailable),
      updatedNumberScheduled: first.filter((pod) => hashOf(pod) === hash).length,
    }),
  }
  return { ...object, status } as KubeObject
}

const fieldOf = (name: string): object => ({ key: "metadata.name", operator: "In", values: [name] })

/** The node that the Pod is bound to, or made for. */
function nodeOf(pod: KubeObject): string | undefined {
  const { nodeName, affinity } = pod.spec as {
    readonly nodeName?: string
    readonly affinity?: {
      readonly nodeAffinity?: {
        readonly requiredDuringSchedulingIgnoredDuringExecution?: {
          readonly nodeSelectorTerms: readonly {
            readonly matchFields?: readonly { readonly values?: readonly string[] }[]
          }[]
        }
      }
    }
  }
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0]
}

function createOn({ object, spec, hash, tell, view }: Roll, node: KubeObject): Action {
  const { template } = spec
  const term = { matchFields: [fieldOf(node.metadata.name!)] }
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
  const given = template.spec.tolerations ?? []
  const podSpec = {
    ...template.spec,
    affinity: { ...template.spec.affinity, nodeAffinity: required },
    tolerations: [...given, ...tolerations.filter((each) => !given.some((known) => equalJson(known, each)))],
  }
  const generation = object.metadata.annotations?.["deprecated.daemonset.template.generation"] ?? "1"
  const labels = { "controller-revision-hash": hash, "pod-template-generation": generation }
  return createPod(podOf(object, { ...template, spec: podSpec }, { labels }), tell, { view })
}
