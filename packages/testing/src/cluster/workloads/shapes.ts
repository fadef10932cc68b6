import type { KubeObject, OwnerReference } from "@gitops-toolkit/kube"
import { type Selector, labelSelectorOf } from "../read/selectors.ts"
import { type LabelSelector, selectorText } from "../read/selector-text.ts"
import type { Action } from "./step.ts"

/** Names and values, as labels and annotations hold them. */
export type Labels = { readonly [name: string]: string }

export type { LabelSelector }

/** A condition of a status. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly lastUpdateTime?: string
  readonly lastProbeTime?: string | null
}

/** The parts of a container that are played. */
export interface Container {
  readonly name: string
  readonly image?: string
  readonly env?: readonly object[]
  readonly readinessProbe?: object
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
}

/** The parts of a Pod's spec that are played. */
export interface PodSpec {
  readonly nodeName?: string
  readonly nodeSelector?: Labels
  readonly affinity?: { readonly nodeAffinity?: object; readonly [name: string]: unknown }
  readonly tolerations?: readonly Toleration[]
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
  }[]
  readonly hostname?: string
  readonly subdomain?: string
}

/** A taint that a Pod puts up with. */
export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

/** The parts of a Pod's status that are read. */
export interface PodStatus {
  readonly phase?: string
  readonly podIP?: string
  readonly conditions?: readonly Condition[]
  readonly [name: string]: unknown
}

/** A Pod. */
export type Pod = KubeObject<PodSpec, PodStatus>

/** A template of Pods as workloads hold it. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Labels
    readonly annotations?: Labels
    readonly finalizers?: readonly string[]
  }
  readonly spec: PodSpec
}

/** The controller among the owners. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true)
}

/** A reference to the controller of what it makes. */
export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name!, uid: metadata.uid!, controller: true, blockOwnerDeletion: true }
}

/** True for what is being deleted. */
export function isLeaving(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** True for a Pod whose containers ended for good. */
export function hasEnded(pod: KubeObject): boolean {
  const { phase } = (pod.status ?? {}) as PodStatus
  return phase === "Succeeded" || phase === "Failed"
}

/** Neither ended nor being deleted. */
export function isActive(pod: KubeObject): boolean {
  return !isLeaving(pod) && !hasEnded(pod)
}

const readiness = (pod: KubeObject): Condition | undefined =>
  ((pod.status ?? {}) as PodStatus).conditions?.find(({ type }) => type === "Ready")

/** True for a Pod that is ready and not being deleted. */
export function isReady(pod: KubeObject): boolean {
  return readiness(pod)?.status === "True" && !isLeaving(pod)
}

/** When a ready Pod counts as available; undefined when it is not ready. */
export function availableAt(pod: KubeObject, minReadySeconds: number): number | undefined {
  const ready = readiness(pod)
  if (ready?.status !== "True") return undefined
  return minReadySeconds === 0 ? 0 : Date.parse(ready.lastTransitionTime ?? "") + minReadySeconds * 1000
}

/** The Pods of `pods` that are available at `nowMs`, and the actions that look again when the next one is. */
export function availability(
  pods: readonly KubeObject[],
  { minReadySeconds = 0, nowMs }: { readonly minReadySeconds?: number | undefined; readonly nowMs: number },
): { readonly available: readonly KubeObject[]; readonly wakes: readonly Action[] } {
  const available: KubeObject[] = []
  const wakes: Action[] = []
  for (const pod of pods) {
    const at = availableAt(pod, minReadySeconds)
    if (at === undefined || isLeaving(pod)) continue
    if (at <= nowMs) available.push(pod)
    else wakes.push({ type: "wake", atMs: at })
  }
  return { available, wakes }
}

/** What a selector of a spec picks; nothing without a selector. */
export function picks(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return () => false
  return labelSelectorOf(selectorText(selector)) ?? (() => true)
}

const times = new Set(["lastTransitionTime", "lastUpdateTime", "lastProbeTime"])

/** The conditions with `next` in place of the one of its type; the time of transition stays where the status does. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Condition,
  options: { readonly now: string; readonly updates?: boolean },
): readonly Condition[] {
  const before = conditions?.find(({ type }) => type === next.type)
  const same =
    before && Object.entries(next).every(([name, value]) => times.has(name) || before[name as "type"] === value)
  if (same) return conditions!
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? options.now) : options.now
  const whole = {
    ...next,
    ...(options.updates ? { lastUpdateTime: options.now } : {}),
    lastTransitionTime,
  }
  return before ? conditions!.map((each) => (each === before ? whole : each)) : [...(conditions ?? []), whole]
}

/** `value` without members that are undefined or 0, as Go leaves them out. */
export function withoutZeros(value: { readonly [name: string]: unknown }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== 0))
}

/** A count or a percentage of `total`. */
export function share(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0
  if (typeof value === "number") return value
  const amount = (Number.parseInt(value, 10) * total) / 100
  return roundUp ? Math.ceil(amount) : Math.floor(amount)
}
