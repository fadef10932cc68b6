import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { controllerReference, isLeaving, type Labels, picks, type PodTemplate } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { templateHash } from "../template.ts"
import {
  bounds,
  type DeploymentSpec,
  type ReplicaSet,
  revisionKey,
  revisionNumber,
  sum,
  wantedOf,
} from "./deployment-parts.ts"
import { deploymentStatus } from "./deployment-status.ts"
import { adopted } from "./replica-set.ts"

const desiredKey = "deployment.kubernetes.io/desired-replicas"
const maxKey = "deployment.kubernetes.io/max-replicas"
const hashKey = "pod-template-hash"
const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0

/** The controller of Deployments: one ReplicaSet for each template, scaled as the strategy says. */
export const stepDeployment: Step = (object, view) => {
  const deployment = object as KubeObject<DeploymentSpec>
  const spec = deployment.spec!
  const isSelected = picks(spec.selector)
  const sets = view.controlledBy(object.metadata.uid!, "replicasets.apps") as ReplicaSet[]
  if (isLeaving(object)) return [{ type: "status", object: deploymentStatus(deployment, { sets, view }) }]
  const strays = view.orphans("replicasets.apps", object.metadata.namespace!).filter((set) => isSelected(set))
  if (strays.length > 0) return strays.map((set) => ({ type: "update", object: adopted(set, object) }) as const)
  const current = currentSet(deployment, sets)
  const old = sets.filter((set) => set !== current)
  const actions = rollOut(deployment, { current, old }, view)
  const next = deploymentStatus(deployment, { sets, current, view })
  return [...actions, { type: "status", object: next }, ...deadline(next as typeof deployment, view)]
}

/** The oldest ReplicaSet of the Deployment's template. */
export function currentSet({ spec }: KubeObject<DeploymentSpec>, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const found = sets.filter((set) => equalJson(withoutHash(set.spec!.template), spec!.template))
  return found.toSorted((a, b) => revisionNumber(b) - revisionNumber(a))[0]
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [hashKey]: _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

interface Sets {
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

function rollOut(deployment: KubeObject<DeploymentSpec>, { current, old }: Sets, view: View): readonly Action[] {
  const spec = deployment.spec!
  const { replicas = 1 } = spec
  const all = current ? [...old, current] : old
  const active = all.filter((set) => wantedOf(set) > 0)
  if (spec.paused) {
    const only = active.length === 1 ? active[0] : active.length === 0 ? current : undefined
    return only ? scaled(deployment, only, replicas) : []
  }
  const isRecreate = spec.strategy?.type === "Recreate"
  if (isRecreate) {
    const down = old.filter((set) => wantedOf(set) > 0).flatMap((set) => scaled(deployment, set, 0))
    const remaining = old.some((set) => view.controlledBy(set.metadata.uid!, "pods").length > 0)
    if (down.length > 0 || remaining) return down
  }
  const revision = Math.max(0, ...old.map(revisionNumber)) + 1
  const first = isRecreate ? replicas : firstReplicas(spec, sum(old, wantedOf))
  if (!current) return [{ type: "create", object: newSet(deployment, { replicas: first, revision }) }]
  if (revisionNumber(current) < revision)
    return [{ type: "update", object: annotated(current, { [revisionKey]: String(revision) }) }]
  const wanted = isRecreate ? replicas : nextReplicas(spec, current, sum(all, wantedOf))
  const up = scaled(deployment, current, wanted)
  if (up.length > 0) return up
  const down = isRecreate ? [] : shrinkOld(deployment, { current, old })
  return down.length > 0 ? down : cleanUp(spec, old)
}

function firstReplicas(spec: DeploymentSpec, before: number): number {
  const { replicas = 1 } = spec
  return Math.max(0, Math.min(replicas, replicas + bounds(spec).surge - before))
}

function nextReplicas(spec: DeploymentSpec, current: ReplicaSet, total: number): number {
  const { replicas = 1 } = spec
  const now = wantedOf(current)
  if (now >= replicas) return replicas
  const room = Math.max(0, replicas + bounds(spec).surge - total)
  return Math.min(replicas, now + room)
}

/** Scales old ReplicaSets down: first what is not available, then as far as the strategy lets. */
function shrinkOld(
  deployment: KubeObject<DeploymentSpec>,
  { current, old }: { readonly current: ReplicaSet; readonly old: readonly ReplicaSet[] },
): readonly Action[] {
  const spec = deployment.spec!
  const least = (spec.replicas ?? 1) - bounds(spec).unavailable
  const active = old.filter((set) => wantedOf(set) > 0).toSorted((a, b) => revisionNumber(a) - revisionNumber(b))
  const total = sum(active, wantedOf) + wantedOf(current)
  const notYet = wantedOf(current) - availableOf(current)
  let room = total - least - notYet
  const actions: Action[] = []
  const left = new Map<ReplicaSet, number>()
  for (const set of active) {
    const unhealthy = Math.max(0, Math.min(room, wantedOf(set) - availableOf(set)))
    left.set(set, wantedOf(set) - unhealthy)
    room -= unhealthy
  }
  let spare = Math.min(room, sum(active, availableOf) + availableOf(current) - least)
  for (const set of active) {
    const step = Math.max(0, Math.min(spare, left.get(set)!))
    spare -= step
    actions.push(...scaled(deployment, set, left.get(set)! - step))
  }
  return actions
}

/** Deletes the oldest ReplicaSets beyond `revisionHistoryLimit`. */
function cleanUp({ revisionHistoryLimit: limit = 10 }: DeploymentSpec, old: readonly ReplicaSet[]): readonly Action[] {
  const idle = old.filter((set) => wantedOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && !isLeaving(set))
  const oldest = idle.toSorted((a, b) => revisionNumber(a) - revisionNumber(b))
  return oldest.slice(0, Math.max(0, idle.length - limit)).map((set) => ({ type: "delete", object: set }))
}

function annotated<Value extends KubeObject>(object: Value, annotations: Labels): Value {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } }
}

function sizes({ spec }: KubeObject<DeploymentSpec>): Labels {
  const { replicas = 1 } = spec!
  return { [desiredKey]: String(replicas), [maxKey]: String(replicas + bounds(spec!).surge) }
}

function scaled(deployment: KubeObject<DeploymentSpec>, set: ReplicaSet, replicas: number): readonly Action[] {
  const notes = sizes(deployment)
  const known = set.metadata.annotations ?? {}
  const isNoted = Object.entries(notes).every(([name, value]) => known[name] === value)
  if (wantedOf(set) === replicas && (isNoted || replicas === 0)) return []
  return [{ type: "update", object: annotated({ ...set, spec: { ...set.spec!, replicas } }, notes) }]
}

const unwanted = new Set(["kubectl.kubernetes.io/last-applied-configuration", revisionKey, desiredKey, maxKey])

function newSet(
  deployment: KubeObject<DeploymentSpec>,
  { replicas, revision }: { readonly replicas: number; readonly revision: number },
): KubeObject {
  const { metadata, spec } = deployment
  const { selector, template, minReadySeconds } = spec!
  const hash = templateHash(template)
  const labels = { ...template.metadata?.labels, [hashKey]: hash }
  const inherited = Object.entries(metadata.annotations ?? {}).filter(([name]) => !unwanted.has(name))
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace!,
      labels,
      annotations: { ...Object.fromEntries(inherited), ...sizes(deployment), [revisionKey]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashKey]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** Looks again when the roll-out is overdue. */
function deadline({ spec, status }: KubeObject<DeploymentSpec>, { nowMs }: View): readonly Action[] {
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly {
      readonly type: string
      readonly reason?: string
      readonly lastUpdateTime?: string
    }[]
  }
  const progress = conditions.find(({ type }) => type === "Progressing")
  const seconds = spec?.progressDeadlineSeconds
  if (!progress?.lastUpdateTime || !seconds || seconds >= 2 ** 31 - 1) return []
  if (progress.reason === "NewReplicaSetAvailable" || progress.reason === "ProgressDeadlineExceeded") return []
  const atMs = Date.parse(progress.lastUpdateTime) + seconds * 1000 + 1000
  return atMs > nowMs ? [{ type: "wake", atMs }] : []
}
