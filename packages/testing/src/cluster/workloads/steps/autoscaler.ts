import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, isLeaving, isReady, type LabelSelector, picks } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { type Teller, teller } from "./tell.ts"

interface Metric {
  readonly type: string
  readonly resource?: { readonly name: string }
}

interface ScalerSpec {
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string }
  readonly metrics?: readonly Metric[]
}

interface ScalerStatus {
  readonly conditions?: readonly Condition[]
  readonly currentReplicas?: number
  readonly desiredReplicas?: number
  readonly lastScaleTime?: string
  readonly currentMetrics?: unknown
}

const tables: { readonly [kind: string]: string } = {
  Deployment: "deployments.apps",
  ReplicaSet: "replicasets.apps",
  ReplicationController: "replicationcontrollers",
  StatefulSet: "statefulsets.apps",
}
const periodMs = 15_000

/** Keeps a workload within the bounds of its autoscaler. There are no metrics, which it says. */
export const stepAutoscaler: Step = (object, view) => {
  if (isLeaving(object)) return []
  const spec = object.spec as ScalerSpec
  const before = (object.status ?? {}) as ScalerStatus
  const tell = teller("horizontal-pod-autoscaler", object)
  const { kind, name } = spec.scaleTargetRef
  const table = tables[kind]
  const target = table === undefined ? undefined : view.get(table, object.metadata.namespace, name)
  const wake: Action = { type: "wake", atMs: view.nowMs + periodMs }
  const report = (conditions: readonly Condition[], rest: object = {}): Action => {
    const status = {
      ...before,
      desiredReplicas: before.desiredReplicas ?? 0,
      currentMetrics: null,
      ...rest,
      conditions,
    }
    return { type: "status", object: { ...object, status } as KubeObject }
  }
  const known = before.conditions ?? []
  const able = (status: string, reason: string, message: string): readonly Condition[] =>
    withCondition(known, { type: "AbleToScale", status, reason, message }, view.now)
  if (!target) {
    const error = `${table ?? kind.toLowerCase()} "${name}" not found`
    const text = `the HPA controller was unable to get the target's current scale: ${error}`
    return [tell("FailedGetScale", error, { isWarning: true }), report(able("False", "FailedGetScale", text)), wake]
  }
  const { replicas = 1 } = target.spec as { readonly replicas?: number }
  const { minReplicas = 1, maxReplicas } = spec
  const wanted = replicas === 0 ? 0 : Math.min(Math.max(replicas, minReplicas), maxReplicas)
  if (wanted !== replicas)
    return [
      ...rescale({ target, wanted, isAbove: replicas > maxReplicas, tell }),
      report(able("True", "SucceededRescale", `the HPA controller was able to update the target scale to ${wanted}`), {
        currentReplicas: replicas,
        desiredReplicas: wanted,
        lastScaleTime: view.now,
      }),
      wake,
    ]
  const ready = able("True", "SucceededGetScale", "the HPA controller was able to get the target's current scale")
  if (replicas === 0) {
    const text = "scaling is disabled since the replica count of the target is zero"
    const off = { type: "ScalingActive", status: "False", reason: "ScalingDisabled", message: text }
    return [report(withCondition(ready, off, view.now), { currentReplicas: 0, desiredReplicas: 0 }), wake]
  }
  return [...withoutMetrics(spec, target, { ready, replicas, report, tell, view }), wake]
}

function rescale(change: {
  readonly target: KubeObject
  readonly wanted: number
  readonly isAbove: boolean
  readonly tell: Teller
}): readonly Action[] {
  const { target, wanted, isAbove, tell } = change
  const bound = isAbove ? "above Spec.MaxReplicas" : "below Spec.MinReplicas"
  return [
    { type: "update", object: { ...target, spec: { ...(target.spec as object), replicas: wanted } } as KubeObject },
    tell("SuccessfulRescale", `New size: ${wanted}; reason: Current number of replicas ${bound}`),
  ]
}

interface Idle {
  readonly ready: readonly Condition[]
  readonly replicas: number
  readonly report: (conditions: readonly Condition[], rest?: object) => Action
  readonly tell: Teller
  readonly view: View
}

/** What is said where no metrics server answers. */
function withoutMetrics(
  { metrics = [] }: ScalerSpec,
  target: KubeObject,
  { ready, replicas, report, tell, view }: Idle,
): readonly Action[] {
  const resource = metrics.find(({ type }) => type === "Resource")?.resource?.name ?? "cpu"
  const { selector } = target.spec as { readonly selector?: LabelSelector }
  const pods = view.list("pods", target.metadata.namespace).filter(picks(selector))
  const cause =
    pods.some(isReady) || pods.length > 0
      ? "unable to get metrics for resource " +
        `${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`
      : `no pods returned by selector while calculating replica count`
  const text = `failed to get ${resource} utilization: ${cause}`
  const inactive = {
    type: "ScalingActive",
    status: "False",
    reason: "FailedGetResourceMetric",
    message: `the HPA was unable to compute the replica count: ${text}`,
  }
  const all = `invalid metrics (1 invalid out of ${metrics.length}), first error is: failed to get ${resource} resource metric value: ${text}`
  return [
    tell("FailedGetResourceMetric", text, { isWarning: true }),
    report(withCondition(ready, inactive, view.now), {
      currentReplicas: replicas,
      currentMetrics: metrics.map(() => ({ type: "" })),
    }),
    tell("FailedComputeMetricsReplicas", all, { isWarning: true }),
  ]
}

/** The time of transition moves with the status only. */
function withCondition(conditions: readonly Condition[], next: Condition, now: string): readonly Condition[] {
  const known = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = known?.status === next.status ? (known.lastTransitionTime ?? now) : now
  const whole = { ...next, lastTransitionTime }
  return known ? conditions.map((each) => (each === known ? whole : each)) : [...conditions, whole]
}
