import type { KubeObject } from "@gitops-toolkit/kube"
import { forbidden } from "../answer.ts"
import type { ServerState } from "../state.ts"

interface Resources {
  readonly limits?: { readonly [name: string]: string }
  readonly requests?: { readonly [name: string]: string }
}

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

interface PodSpec {
  readonly containers?: readonly { readonly resources?: Resources }[]
  readonly initContainers?: readonly { readonly resources?: Resources }[]
  readonly tolerations?: readonly Toleration[]
  readonly priorityClassName?: string
  readonly priority?: number
  readonly preemptionPolicy?: string
}

/** How Pods share a node: `Guaranteed`, `Burstable` or `BestEffort`, by their requests and limits of cpu and memory. */
export function qosClass({ containers, initContainers }: PodSpec): string {
  const all = [...(containers ?? []), ...(initContainers ?? [])].map(({ resources = {} }) => resources)
  const amounts = ({ limits, requests }: Resources): string[] =>
    [limits, requests]
      .flatMap((list) => ["cpu", "memory"].map((name) => list?.[name]))
      .filter((text) => text !== undefined && text !== "0") as string[]
  if (all.every((each) => amounts(each).length === 0)) return "BestEffort"
  const isFull = ({ limits, requests }: Resources): boolean =>
    ["cpu", "memory"].every(
      (name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name],
    )
  return all.every(isFull) ? "Guaranteed" : "Burstable"
}

const patience = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]

function tolerations(given: readonly Toleration[]): Toleration[] {
  const tolerates = (key: string): boolean =>
    given.some(
      (each) =>
        (each.key === key || (!each.key && each.operator === "Exists")) &&
        (each.effect === "NoExecute" || !each.effect),
    )
  const added = patience.filter((key) => !tolerates(key))
  return [...given, ...added.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }))]
}

/** A changed Pod with what admission adds: tolerations, and the priority that it had when it does not say. */
export function readmitPod(pod: KubeObject, live: KubeObject): KubeObject {
  const spec = (pod.spec ?? {}) as PodSpec
  const before = (live.spec ?? {}) as PodSpec
  const priority = spec.priority ?? before.priority
  const preemptionPolicy = spec.preemptionPolicy ?? before.preemptionPolicy
  const whole = {
    ...spec,
    ...(priority === undefined ? {} : { priority }),
    ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
    tolerations: tolerations(spec.tolerations ?? []),
  }
  return { ...pod, spec: whole }
}

/** A new Pod with what admission adds: tolerations, priority, and its class of service. */
export function admitPod(pod: KubeObject, state: ServerState): KubeObject {
  const spec = (pod.spec ?? {}) as PodSpec
  const priority = priorityOf(spec, state, pod.metadata.name ?? "")
  const whole = { ...spec, ...priority, tolerations: tolerations(spec.tolerations ?? []) }
  return { ...pod, spec: whole, status: { phase: "Pending", qosClass: qosClass(spec) } }
}

interface PriorityClass extends KubeObject {
  readonly value?: number
  readonly globalDefault?: boolean
  readonly preemptionPolicy?: string
}

const table = "priorityclasses.scheduling.k8s.io"

function priorityOf(
  { priorityClassName, preemptionPolicy, priority }: PodSpec,
  { store }: ServerState,
  podName: string,
): Partial<PodSpec> {
  const all = store.list(table, "").entries.map(([, object]) => object as PriorityClass)
  const named = priorityClassName
    ? all.find(({ metadata }) => metadata.name === priorityClassName)
    : all.find(({ globalDefault }) => globalDefault)
  if (priorityClassName && !named) {
    throw forbidden(
      { group: "", plural: "pods", kind: "Pod" },
      podName,
      `no PriorityClass with name ${priorityClassName} was found`,
    )
  }
  const computed = Number(named?.value ?? 0)
  if (priority !== undefined && priority !== computed) {
    const why = `the integer value of priority (${priority}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`
    throw forbidden({ group: "", plural: "pods", kind: "Pod" }, podName, why)
  }
  const policy = named ? (named.preemptionPolicy ?? "PreemptLowerPriority") : "PreemptLowerPriority"
  if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`
    throw forbidden({ group: "", plural: "pods", kind: "Pod" }, podName, why)
  }
  return {
    ...(named ? { priorityClassName: named.metadata.name! } : {}),
    priority: computed,
    preemptionPolicy: policy,
  }
}
