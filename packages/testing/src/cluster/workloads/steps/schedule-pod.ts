import { compareQuantities, type KubeObject, parseQuantity } from "@gitops-toolkit/kube"
import type { Labels, Pod, PodSpec, Toleration } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { podAmounts } from "../usage.ts"

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Term {
  readonly matchExpressions?: readonly Expression[]
  readonly matchFields?: readonly Expression[]
}

interface NodeSpec {
  readonly unschedulable?: boolean
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
}

function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value)
    case "NotIn":
      return value === undefined || !values.includes(value)
    case "Exists":
      return value !== undefined
    case "DoesNotExist":
      return value === undefined
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0])
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

/** True for a node whose labels and name the Pod asks for. */
export function isWanted(node: KubeObject, { nodeSelector = {}, affinity }: Partial<PodSpec>): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(nodeSelector).every(([name, value]) => labels[name] === value)) return false
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = (affinity?.nodeAffinity ?? {}) as {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly Term[] }
  }
  if (!required) return true
  const fields = { "metadata.name": node.metadata.name! }
  return required.nodeSelectorTerms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.every((each) => holds(each, labels)) && matchFields.every((each) => holds(each, fields)),
  )
}

function tolerates(
  { key, value = "", effect }: { readonly key: string; readonly value?: string; readonly effect: string },
  tolerations: readonly Toleration[],
): boolean {
  return tolerations.some(
    (each) =>
      (!each.effect || each.effect === effect) &&
      (!each.key ? each.operator === "Exists" : each.key === key) &&
      (each.operator === "Exists" || (each.value ?? "") === value),
  )
}

/** True for a node that takes the Pod: no taint and no cordon keeps it away. */
export function takes(node: KubeObject, { tolerations = [] }: Partial<PodSpec>): boolean {
  const { unschedulable, taints = [] } = (node.spec ?? {}) as NodeSpec
  const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }
  const all = unschedulable ? [...taints, cordon] : taints
  return all.every((taint) => taint.effect === "PreferNoSchedule" || tolerates(taint, tolerations))
}

/** Why a node does not take a Pod, as the scheduler says it; undefined for one that does. */
function objection(node: KubeObject, spec: PodSpec): string | undefined {
  const { unschedulable } = (node.spec ?? {}) as NodeSpec
  const isCordonBorne = takes({ ...node, spec: { unschedulable: true } } as KubeObject, spec)
  if (unschedulable && !isCordonBorne) return "node(s) were unschedulable"
  if (!takes(node, spec)) return "node(s) had untolerated taint(s)"
  if (!isWanted(node, spec)) return "node(s) didn't match Pod's node affinity/selector"
  const { allocatable = {} } = (node.status ?? {}) as { readonly allocatable?: Labels }
  const short = [...podAmounts({ spec } as KubeObject)].find(([name, amount]) => {
    const limit = name.startsWith("requests.") ? allocatable[name.slice("requests.".length)] : undefined
    return limit !== undefined && compareQuantities(amount, parseQuantity(limit)) > 0
  })
  return short ? `Insufficient ${short[0].slice("requests.".length)}` : undefined
}

/** What is wrong with a Pod's claims, before any node is looked at. */
function claimTrouble(pod: Pod, view: View): string | undefined {
  const names = (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
  const found = names.map((name) => ({ name, claim: view.get("persistentvolumeclaims", pod.metadata.namespace, name) }))
  const missing = found.find(({ claim }) => !claim)
  if (missing) return `persistentvolumeclaim "${missing.name}" not found`
  const isBound = (claim: KubeObject): boolean =>
    (claim.status as { readonly phase?: string } | undefined)?.phase === "Bound"
  if (found.every(({ claim }) => isBound(claim!))) return undefined
  return "pod has unbound immediate PersistentVolumeClaims"
}

/** The scheduler: binds a Pod to a node, in turns, or says why there is none. */
export function schedulePod(object: KubeObject, view: View): readonly Action[] {
  const pod = object as Pod
  const nodes = view.list("nodes")
  const objections = nodes.map((node) => objection(node, pod.spec!))
  const fitting = nodes.filter((_, i) => objections[i] === undefined)
  const trouble = claimTrouble(pod, view)
  const isHeld = view.failureOf(pod)?.kind === "Pending"
  if (trouble !== undefined || isHeld || fitting.length === 0) {
    const reasons = objections.map((each) => each ?? "Insufficient cpu")
    return refuse(pod, trouble ?? reasons, view)
  }
  const node = fitting[view.nextTurn() % fitting.length]!
  const { namespace, name } = pod.metadata
  const bound = withScheduled(pod, view, { status: "True" })
  const text = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`
  const notice = { by: scheduler, about: pod, reason: "Scheduled", message: text, action: "Binding" }
  return [
    { type: "store", object: { ...bound.object, spec: { ...pod.spec, nodeName: node.metadata.name } } },
    { type: "tell", notice },
  ]
}

const scheduler = "default-scheduler"

/** Says that no node takes the Pod; nothing when that was said before. */
function refuse(pod: Pod, why: string | readonly string[], view: View): readonly Action[] {
  const total = view.list("nodes").length
  const counts = new Map<string, number>()
  for (const reason of typeof why === "string" ? [] : why) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted()
  const help = `preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
  const text =
    total === 0
      ? "no nodes available to schedule pods"
      : typeof why === "string"
        ? `0/${total} nodes are available: ${why}. not found`
        : `0/${total} nodes are available: ${reasons.join(", ")}. no new claims to deallocate, ${help}`
  const known = pod.status?.conditions?.find(({ type }) => type === "PodScheduled")
  if (known?.status === "False" && known.message === text) return []
  const { generation: observedGeneration } = pod.metadata
  const verdict = { observedGeneration, status: "False", reason: "Unschedulable", message: text }
  const notice = { by: scheduler, about: pod, reason: "FailedScheduling", message: text, action: "Scheduling" }
  return [withScheduled(pod, view, verdict), { type: "tell", notice: { ...notice, isWarning: true } }]
}

interface Scheduled {
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number | undefined
}

function withScheduled(
  pod: Pod,
  { now }: View,
  verdict: Scheduled,
): { readonly type: "status"; readonly object: KubeObject } {
  const rest = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled")
  const { observedGeneration, ...plain } = verdict
  const generation = observedGeneration === undefined ? {} : { observedGeneration }
  const condition = { type: "PodScheduled", ...generation, ...plain, lastProbeTime: null, lastTransitionTime: now }
  const conditions = [...rest, condition]
  return { type: "status", object: { ...pod, status: { phase: "Pending", ...pod.status, conditions } } as KubeObject }
}
