import type { KubeObject } from "@gitops-toolkit/kube"
import { controllerReference, type Labels } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { templateHash } from "../template.ts"
import {
  bounds,
  type Deployment,
  desiredKey,
  maxKey,
  type ReplicaSet,
  revisionKey,
  revisionNumber,
  wantedOf,
} from "./deployment-parts.ts"
import { startedStatus } from "./deployment-status.ts"
import { teller } from "./tell.ts"

/** The label that tells the Pods of one template from those of another. */
export const hashKey = "pod-template-hash"
const historyKey = "deployment.kubernetes.io/revision-history"

/** What a ReplicaSet does not inherit. */
const own = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  revisionKey,
  historyKey,
  desiredKey,
  maxKey,
])

function inherited({ metadata }: Deployment): Labels {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !own.has(name)))
}

function sizes({ spec }: Deployment): Labels {
  const { replicas = 1 } = spec!
  return { [desiredKey]: String(replicas), [maxKey]: String(replicas + bounds(spec!).surge) }
}

function annotated<Value extends KubeObject>(object: Value, annotations: Labels): Value {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } }
}

/** Makes the ReplicaSet of the Deployment's template. */
export function createSet(
  deployment: Deployment,
  { replicas, revision, view }: { readonly replicas: number; readonly revision: number; readonly view: View },
): Action {
  const { metadata, spec } = deployment
  const { selector, template, minReadySeconds } = spec!
  const hash = templateHash(template)
  const labels = { ...template.metadata?.labels, [hashKey]: hash }
  const name = `${metadata.name}-${hash}`
  const object: KubeObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      namespace: metadata.namespace!,
      labels,
      annotations: { ...inherited(deployment), ...sizes(deployment), [revisionKey]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashKey]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
  const tell = teller("deployment-controller", deployment)
  return {
    type: "create",
    object,
    made: (set) => [
      ...(replicas > 0 ? [tell("ScalingReplicaSet", `Scaled up replica set ${name} from 0 to ${replicas}`)] : []),
      { type: "status", object: startedStatus(deployment, set, view.now) },
    ],
    refused: (message) => [
      tell("ReplicaSetCreateError", `Failed to create new replica set "${name}": ${message}`, { isWarning: true }),
    ],
  }
}

/** Gives the current ReplicaSet what its Deployment has by now; nothing when it has it. */
export function renewSet(deployment: Deployment, current: ReplicaSet, revision: number): readonly Action[] {
  const known = current.metadata.annotations ?? {}
  const before = revisionNumber(current)
  const { [historyKey]: history } = known
  const isBack = before < revision && known[revisionKey] !== undefined
  const annotations: Labels = {
    ...inherited(deployment),
    ...(before < revision ? { [revisionKey]: String(revision) } : {}),
    ...(isBack ? { [historyKey]: history ? `${history},${before}` : String(before) } : {}),
  }
  const { minReadySeconds = 0 } = deployment.spec!
  const isSame = Object.entries(annotations).every(([name, value]) => known[name] === value)
  if (isSame && (current.spec!.minReadySeconds ?? 0) === minReadySeconds) return []
  const { minReadySeconds: _, ...spec } = current.spec!
  const next = { ...current, spec: { ...spec, ...(minReadySeconds > 0 ? { minReadySeconds } : {}) } }
  return [{ type: "update", object: annotated(next, annotations) }]
}

/** Scales a ReplicaSet, and notes on it for which size of the Deployment; `isForced` notes that without scaling too. */
export function scaleSet(
  deployment: Deployment,
  set: ReplicaSet,
  { replicas, isForced = false }: { readonly replicas: number; readonly isForced?: boolean },
): readonly Action[] {
  const before = wantedOf(set)
  const notes = sizes(deployment)
  const known = set.metadata.annotations ?? {}
  const isNoted = Object.entries(notes).every(([name, value]) => known[name] === value)
  if (before === replicas && (!isForced || isNoted)) return []
  const update: Action = { type: "update", object: annotated({ ...set, spec: { ...set.spec!, replicas } }, notes) }
  if (before === replicas) return [update]
  const text = `Scaled ${before < replicas ? "up" : "down"} replica set ${set.metadata.name} from ${before} to ${replicas}`
  return [update, teller("deployment-controller", deployment)("ScalingReplicaSet", text)]
}

/** True when an active ReplicaSet was scaled for another size of the Deployment. */
export function isScaling({ spec }: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some(({ metadata }) => {
    const desired = metadata.annotations?.[desiredKey]
    return desired !== undefined && Number(desired) !== (spec!.replicas ?? 1)
  })
}

/** Deletes the oldest ReplicaSets without Pods, beyond `revisionHistoryLimit`. */
export function cleanUp({ spec }: Deployment, old: readonly ReplicaSet[], view: View): readonly Action[] {
  const limit = spec!.revisionHistoryLimit ?? 2 ** 31 - 1
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const oldest = alive.toSorted((a, b) => revisionNumber(a) - revisionNumber(b))
  const idle = oldest
    .slice(0, Math.max(0, alive.length - limit))
    .filter((set) => wantedOf(set) === 0 && view.controlledBy(set.metadata.uid!, "pods").length === 0)
  return idle.map((set) => ({ type: "delete", object: set }))
}
