import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { hasEnded, isLeaving, picks, type PodTemplate } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import {
  availableOf,
  bounds,
  byAge,
  type Deployment,
  desiredKey,
  type DeploymentSpec,
  hasDeadline,
  maxKey,
  type ReplicaSet,
  revisionNumber,
  type Sets,
  sum,
  wantedOf,
} from "./deployment-parts.ts"
import { cleanUp, createSet, hashKey, isScaling, renewSet, scaleSet } from "./deployment-sets.ts"
import { deploymentStatus, isComplete } from "./deployment-status.ts"
import { adopted } from "./replica-set.ts"

/** The controller of Deployments: one ReplicaSet for each template, scaled as the strategy says. */
export const stepDeployment: Step = (object, view) => {
  const deployment = object as Deployment
  const spec = deployment.spec!
  const isSelected = picks(spec.selector)
  const owned = view.controlledBy(object.metadata.uid!, "replicasets.apps") as ReplicaSet[]
  const sets = setsOf(deployment, owned)
  const report = (isRolling: boolean): Action => ({
    type: "status",
    object: deploymentStatus(deployment, sets, { view, isRolling }),
  })
  if (isLeaving(object)) return [report(false)]
  const strays = view.orphans("replicasets.apps", object.metadata.namespace!).filter((set) => isSelected(set))
  if (strays.length > 0) return strays.map((set) => ({ type: "update", object: adopted(set, object) }) as const)
  const revision = Math.max(0, ...sets.old.map(revisionNumber)) + 1
  const renewal = sets.current ? renewSet(deployment, sets.current, revision) : []
  if (renewal.length > 0) return renewal
  const active = owned.filter((set) => wantedOf(set) > 0)
  if (spec.paused || isScaling(deployment, active)) {
    const cleaning = spec.paused ? cleanUp(deployment, sets.old, view) : []
    return [...scale(deployment, sets), ...cleaning, report(false)]
  }
  const roll = spec.strategy?.type === "Recreate" ? recreate : rollOut
  const actions = roll(deployment, sets, { view, revision })
  // What is made calls for another look.
  if (actions[0]?.type === "create") return actions
  const status = report(true)
  return [...actions, status, ...deadline(status, view)]
}

/** The oldest ReplicaSet of the Deployment's template, and all others. */
function setsOf({ spec }: Deployment, owned: readonly ReplicaSet[]): Sets {
  const sorted = owned.toSorted(byAge)
  const current = sorted.find((set) => equalJson(withoutHash(set.spec!.template), withoutHash(spec!.template)))
  return { current, old: sorted.filter((set) => set !== current) }
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [hashKey]: _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

interface Turn {
  readonly view: View
  readonly revision: number
}

/** All old Pods go before the first new one comes. */
function recreate(deployment: Deployment, { current, old }: Sets, { view, revision }: Turn): readonly Action[] {
  const { replicas = 1 } = deployment.spec!
  const down = old.flatMap((set) => scaleSet(deployment, set, { replicas: 0 }))
  const isRunning = old.some(
    (set) =>
      (set.status?.replicas ?? 0) > 0 || view.controlledBy(set.metadata.uid!, "pods").some((pod) => !hasEnded(pod)),
  )
  if (down.length > 0 || isRunning) return down
  if (!current) return [createSet(deployment, { replicas, revision, view })]
  const up = scaleSet(deployment, current, { replicas })
  return up.length === 0 && isComplete(deployment) ? cleanUp(deployment, old, view) : up
}

/** New Pods come as the surge allows, old ones go as availability allows. */
function rollOut(deployment: Deployment, { current, old }: Sets, { view, revision }: Turn): readonly Action[] {
  const { replicas = 1 } = deployment.spec!
  const { surge } = bounds(deployment.spec!)
  const before = sum(old, wantedOf)
  if (!current) {
    const first = Math.max(0, Math.min(replicas, replicas + surge - before))
    return [createSet(deployment, { replicas: first, revision, view })]
  }
  const now = wantedOf(current)
  const room = Math.max(0, replicas + surge - before - now)
  const up = scaleSet(deployment, current, { replicas: now > replicas ? replicas : Math.min(replicas, now + room) })
  if (up.length > 0) return up
  const down = shrinkOld(deployment, current, old)
  if (down.length > 0) return down
  return isComplete(deployment) ? cleanUp(deployment, old, view) : []
}

/** Scales old ReplicaSets down: first what is not available, then as far as the strategy lets. */
function shrinkOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly Action[] {
  const spec = deployment.spec!
  const active = old.filter((set) => wantedOf(set) > 0)
  const least = (spec.replicas ?? 1) - bounds(spec).unavailable
  const notYet = wantedOf(current) - availableOf(current)
  let room = sum(active, wantedOf) + wantedOf(current) - least - notYet
  if (active.length === 0 || room <= 0) return []
  const left = new Map<ReplicaSet, number>()
  for (const set of active) {
    const idle = Math.max(0, Math.min(room, wantedOf(set) - availableOf(set)))
    left.set(set, wantedOf(set) - idle)
    room -= idle
  }
  let spare = sum(active, availableOf) + availableOf(current) - least
  return active.flatMap((set) => {
    const step = Math.max(0, Math.min(spare, left.get(set)!))
    spare -= step
    return scaleSet(deployment, set, { replicas: left.get(set)! - step })
  })
}

/** A new size outside of a roll-out goes to the one active ReplicaSet, within one to all in proportion to their sizes. */
function scale(deployment: Deployment, { current, old }: Sets): readonly Action[] {
  const spec = deployment.spec!
  const { replicas = 1 } = spec
  const all = current ? [...old, current] : old
  const active = all.filter((set) => wantedOf(set) > 0)
  if (active.length < 2) {
    const only = active[0] ?? current ?? old.at(-1)
    return only ? scaleSet(deployment, only, { replicas }) : []
  }
  if (current && isSaturated(spec, current)) {
    return old.filter((set) => wantedOf(set) > 0).flatMap((set) => scaleSet(deployment, set, { replicas: 0 }))
  }
  if (spec.strategy?.type === "Recreate") return []
  const most = replicas > 0 ? replicas + bounds(spec).surge : 0
  const change = most - sum(active, wantedOf)
  // Of equals the newer grow first, the older shrink first.
  const sorted = active.toSorted((a, b) => wantedOf(b) - wantedOf(a) || (change > 0 ? byAge(b, a) : byAge(a, b)))
  let rest = change
  const shares = sorted.map((set) => {
    const fraction = fractionOf(deployment, set)
    const step = change > 0 ? Math.min(fraction, rest) : change < 0 ? Math.max(fraction, rest) : 0
    rest -= step
    return step
  })
  return sorted.flatMap((set, i) => {
    const next = wantedOf(set) + shares[i]! + (i === 0 ? rest : 0)
    return scaleSet(deployment, set, { replicas: Math.max(0, next), isForced: true })
  })
}

function isSaturated({ replicas = 1 }: DeploymentSpec, current: ReplicaSet): boolean {
  const desired = Number(current.metadata.annotations?.[desiredKey])
  return wantedOf(current) === replicas && desired === replicas && availableOf(current) === replicas
}

/** By how many Pods a ReplicaSet is to grow for its share of the new size. */
function fractionOf({ spec, status }: Deployment, set: ReplicaSet): number {
  const { replicas = 1 } = spec!
  const size = wantedOf(set)
  if (replicas === 0) return -size
  const before = Number(set.metadata.annotations?.[maxKey]) || (status?.replicas ?? 0)
  return before === 0 ? 0 : Math.round((size * (replicas + bounds(spec!).surge)) / before) - size
}

/** Looks again when the roll-out is overdue. */
function deadline(report: Action, { nowMs }: View): readonly Action[] {
  const { spec, status } = (report as { readonly object: KubeObject }).object as Deployment
  const progress = status?.conditions?.find(({ type }) => type === "Progressing")
  if (!progress?.lastUpdateTime || !hasDeadline(spec!)) return []
  if (progress.reason === "NewReplicaSetAvailable" || progress.reason === "ProgressDeadlineExceeded") return []
  const atMs = Date.parse(progress.lastUpdateTime) + spec!.progressDeadlineSeconds! * 1000 + 1000
  return atMs > nowMs ? [{ type: "wake", atMs }] : []
}
