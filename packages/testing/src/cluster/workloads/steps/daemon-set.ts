import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { availability, isActive, isLeaving, isReady, type PodTemplate, share, withoutZeros } from "../shapes.ts"
import type { Action, Step } from "../step.ts"
import { podOf, templateHash } from "../template.ts"
import { isWanted, takes } from "./schedule-pod.ts"
import { ensureRevision } from "./revisions.ts"

interface DaemonSetSpec {
  readonly minReadySeconds?: number
  readonly template: PodTemplate
  readonly updateStrategy?: {
    readonly type?: string
    readonly rollingUpdate?: { readonly maxUnavailable?: number | string }
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

/** One Pod on each node that takes it; old ones are replaced one after the other. */
export const stepDaemonSet: Step = (object, view) => {
  const { template, minReadySeconds, updateStrategy } = object.spec as DaemonSetSpec
  const hash = templateHash(template)
  const nodes = view.list("nodes").filter((node) => {
    const spec = { ...template.spec, tolerations: [...(template.spec.tolerations ?? []), ...tolerations] }
    return isWanted(node, spec) && takes(node, spec)
  })
  const pods = view.controlledBy(object.metadata.uid!, "pods")
  const active = pods.filter(isActive)
  const on = (node: KubeObject): KubeObject[] => active.filter((pod) => nodeOf(pod) === node.metadata.name)
  const actions: Action[] = [...ensureRevision(object, template, { hash, view })]
  const { available, wakes } = availability(active, { minReadySeconds, nowMs: view.nowMs })
  const isNew = (pod: KubeObject): boolean => pod.metadata.labels?.["controller-revision-hash"] === hash
  if (!isLeaving(object)) {
    const missing = nodes.filter((node) => !pods.some((pod) => nodeOf(pod) === node.metadata.name && isKept(pod)))
    for (const node of missing) actions.push({ type: "create", object: daemonPod(object, { template, hash, node }) })
    const names = new Set(nodes.map(({ metadata }) => metadata.name))
    for (const pod of active) if (!names.has(nodeOf(pod)!)) actions.push({ type: "delete", object: pod })
    if (missing.length === 0 && updateStrategy?.type !== "OnDelete") {
      const allowed = share(updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes.length, true)
      const room = Math.max(1, allowed) - (nodes.length - available.length)
      const old = active.filter((pod) => !isNew(pod)).toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)))
      const idle = old.filter((pod) => !isReady(pod))
      for (const pod of old.slice(0, Math.max(room, idle.length))) actions.push({ type: "delete", object: pod })
    }
  }
  const served = nodes.filter((node) => on(node).length > 0).length
  const status = {
    currentNumberScheduled: served,
    desiredNumberScheduled: nodes.length,
    numberMisscheduled: 0,
    numberReady: active.filter(isReady).length,
    observedGeneration: object.metadata.generation,
    ...withoutZeros({
      numberAvailable: available.length,
      numberUnavailable: Math.max(0, nodes.length - available.length),
      updatedNumberScheduled: active.filter(isNew).length,
    }),
  }
  return [...actions, { type: "status", object: { ...object, status } as KubeObject }, ...wakes]
}

/** A Pod that goes is replaced only when it is gone; one that ended is deleted first. */
const isKept = (pod: KubeObject): boolean => isActive(pod) || isLeaving(pod)

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

function daemonPod(
  object: KubeObject,
  place: { readonly template: PodTemplate; readonly hash: string; readonly node: KubeObject },
): KubeObject {
  const { template, hash, node } = place
  const term = { matchFields: [fieldOf(node.metadata.name!)] }
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
  const given = template.spec.tolerations ?? []
  const spec = {
    ...template.spec,
    affinity: { ...template.spec.affinity, nodeAffinity: required },
    tolerations: [...given, ...tolerations.filter((each) => !given.some((known) => equalJson(known, each)))],
  }
  const generation = object.metadata.generation
  const labels = { "controller-revision-hash": hash, "pod-template-generation": String(generation) }
  return podOf(object, { ...template, spec }, { labels })
}
