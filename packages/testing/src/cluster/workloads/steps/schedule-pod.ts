import type { KubeObject } from "@gitops-toolkit/kube"
import { type Labels, type Pod, type PodSpec, type Toleration, withCondition } from "../shapes.ts"
import type { Action, View } from "../step.ts"

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

function isUnbound(pod: Pod, view: View): boolean {
  return (pod.spec?.volumes ?? []).some(({ persistentVolumeClaim: claim }) => {
    if (!claim) return false
    const found = view.get("persistentvolumeclaims", pod.metadata.namespace, claim.claimName)
    return (found?.status as { readonly phase?: string } | undefined)?.phase !== "Bound"
  })
}

/** The scheduler: binds a Pod to a node, in turns, or says why there is none. */
export function schedulePod(object: KubeObject, view: View): readonly Action[] {
  const pod = object as Pod
  const nodes = view.list("nodes")
  const wanted = nodes.filter((node) => isWanted(node, pod.spec!))
  const fitting = wanted.filter((node) => takes(node, pod.spec!))
  const unbound = isUnbound(pod, view)
  const isHeld = view.failureOf(pod)?.kind === "Pending"
  if (unbound || isHeld || fitting.length === 0) {
    const counts = `0/${nodes.length} nodes are available: `
    const away = nodes.length - wanted.length
    const why = unbound
      ? "pod has unbound immediate PersistentVolumeClaims."
      : away > 0
        ? `${away} node(s) didn't match Pod's node affinity/selector.`
        : isHeld
          ? `${nodes.length} Insufficient cpu.`
          : `${nodes.length} node(s) had untolerated taint(s).`
    return [withScheduled(pod, view, { status: "False", reason: "Unschedulable", message: counts + why })]
  }
  const node = fitting[view.nextTurn() % fitting.length]!
  const bound = withScheduled(pod, view, { status: "True" })
  return [{ type: "store", object: { ...bound.object, spec: { ...pod.spec, nodeName: node.metadata.name } } }]
}

function withScheduled(
  pod: Pod,
  { now }: View,
  verdict: { readonly status: string; readonly reason?: string; readonly message?: string },
): { readonly type: "status"; readonly object: KubeObject } {
  const conditions = withCondition(pod.status?.conditions, { type: "PodScheduled", ...verdict }, { now })
  return { type: "status", object: { ...pod, status: { phase: "Pending", ...pod.status, conditions } } as KubeObject }
}
