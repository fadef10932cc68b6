import type { KubeObject } from "@gitops-toolkit/kube"
import { controllerOf, isActive, isLeaving, isReady, type Labels, type PodTemplate } from "../shapes.ts"
import { type Action, releaseFrom, type Step, type View } from "../step.ts"
import { podOf } from "../template.ts"
import { countPods, type Counted, verdictOf } from "./job-count.ts"
import {
  endOf,
  failureCountKey,
  failuresBefore,
  hasFailed,
  held,
  indexKey,
  indexOf,
  isTracked,
  type JobSpec,
  type JobStatus,
  phaseOf,
  retryAt,
  tracking,
  type Verdict,
} from "./job-parts.ts"
import { jobStatus } from "./job-status.ts"
import { createPod, deletePod, type Teller, teller } from "./tell.ts"

/** A Job and its Pods as they are seen in one look. */
interface Seen {
  readonly object: KubeObject
  readonly spec: JobSpec
  readonly pods: readonly KubeObject[]
  readonly active: readonly KubeObject[]
  readonly counted: Counted
  readonly tell: Teller
  readonly view: View
}

/** What is done with the Pods, and how many are active and on their way out after that. */
interface Turn {
  readonly actions: readonly Action[]
  readonly active: number
  readonly ready: number
  readonly terminating: number
}

/** Runs Pods until enough of them succeeded or too many failed; a finished Job goes after its time to live. */
export const stepJob: Step = (object, view) => {
  const spec = object.spec as JobSpec
  const status = (object.status ?? {}) as JobStatus
  if (spec.managedBy !== undefined && spec.managedBy !== "kubernetes.io/job-controller") return []
  const pods = view.controlledBy(object.metadata.uid!, "pods")
  if (held(status, "Complete") || held(status, "Failed")) return afterwards(object, { pods, view })
  if (isLeaving(object)) return pods.flatMap((pod) => released(pod))
  const active = pods.filter(isActive)
  const counted = countPods(spec, status, pods)
  const tell = teller("job-controller", object)
  const seen: Seen = { object, spec, pods, active, counted, tell, view }
  const isTerminal = verdictOf(spec, { status, pods, counted, nowMs: view.nowMs })
  const turn = isTerminal ? end(seen) : manage(seen)
  const verdict = isTerminal ?? (turn.active === 0 ? completion(seen) : undefined)
  // All Pods of a Job that failed count as failed, those that run too.
  const isLost = verdict?.type === "Failed"
  const done = (verdict ? pods.filter(isTracked) : counted.done).filter((pod) => !delayed(seen, verdict).has(pod))
  const lost = isLost ? pods.filter((pod) => isTracked(pod) && phaseOf(pod) !== "Succeeded") : []
  const next = jobStatus(object, { ...turn, counted, done, lost, verdict, tell, view })
  // Released first: what is deleted has moved on.
  return [...done.flatMap((pod) => released(pod)), ...turn.actions, ...next, ...deadlines(spec, status, view)]
}

/** Nothing more to do: what is active goes. */
function end({ pods, active, tell }: Seen): Turn {
  const actions = active.flatMap((pod) => deletePod(pod, tell))
  return { actions, active: 0, ready: 0, terminating: leavingOf(pods) + active.length }
}

const leavingOf = (pods: readonly KubeObject[]): number =>
  pods.filter((pod) => isLeaving(pod) && phaseOf(pod) !== "Succeeded" && phaseOf(pod) !== "Failed").length

function completion({ spec: { completions }, counted }: Seen): Verdict | undefined {
  if (completions === undefined ? counted.succeeded === 0 : counted.succeeded < completions) return undefined
  return { type: "Complete", reason: "CompletionsReached", message: "Reached expected number of succeeded pods" }
}

/** Makes the Pods that are missing, deletes those too many. */
function manage(seen: Seen): Turn {
  const { spec, pods, active, counted, tell, view } = seen
  const { completions, parallelism = 1, suspend } = spec
  const terminating = leavingOf(pods)
  const now: Turn = { actions: [], active: active.length, ready: active.filter(isReady).length, terminating }
  const rest =
    completions === undefined ? (counted.succeeded > 0 ? active.length : parallelism) : completions - counted.succeeded
  const wanted = suspend ? 0 : completions === undefined ? rest : Math.max(0, Math.min(parallelism, rest))
  const tooMany = active.slice(0, Math.max(0, active.length - wanted))
  if (tooMany.length > 0) {
    // What the Job takes back itself has not failed: it goes without being counted.
    const actions = tooMany.flatMap((pod) => [...released(pod), ...deletePod(pod, tell)])
    const kept = active.slice(tooMany.length)
    return {
      actions,
      active: kept.length,
      ready: kept.filter(isReady).length,
      terminating: terminating + tooMany.length,
    }
  }
  const onlyFailed = spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined
  const missing = wanted - active.length - (onlyFailed ? terminating : 0)
  if (suspend || missing <= 0) return now
  if (spec.backoffLimitPerIndex === undefined) {
    const atMs = retryAt(counted.failuresInRow, counted.lastFailureMs)
    if (atMs > view.nowMs) return { ...now, actions: [{ type: "wake", atMs }] }
  }
  const made = spec.completionMode === "Indexed" ? indexedPods(seen, missing) : plainPods(seen, missing)
  const created = made.filter(({ type }) => type === "create").length
  return { ...now, actions: made, active: active.length + created }
}

function plainPods({ object, spec, tell, view }: Seen, count: number): readonly Action[] {
  const pod = podOf(object, trackedTemplate(spec.template))
  return Array.from({ length: count }, () => createPod(pod, tell, { view }))
}

function indexedPods(seen: Seen, count: number): readonly Action[] {
  const { object, spec, active, counted, tell, view } = seen
  const taken = new Set([...counted.indexes, ...counted.failedIndexes, ...active.map(indexOf)])
  const free = Array.from({ length: spec.completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index))
  const actions: Action[] = []
  for (const index of free.slice(0, count)) {
    const former = lastFailed(seen, index)
    const atMs = former ? retryAt(failuresBefore(former) + 1, endOf(former)) : 0
    if (atMs > view.nowMs) actions.push({ type: "wake", atMs })
    else actions.push(createPod(indexedPod(object, index, former), tell, { view }))
  }
  return actions
}

/** With limits by index: the failed Pod of an index that its successor has to follow. */
function lastFailed({ spec, pods }: Seen, index: number): KubeObject | undefined {
  if (spec.backoffLimitPerIndex === undefined) return undefined
  const failed = pods.filter((pod) => indexOf(pod) === index && isTracked(pod) && hasFailed(spec, pod))
  return failed.toSorted((a, b) => failuresBefore(b) - failuresBefore(a))[0]
}

/** Failed Pods that stay until their successors are there, for these go on with their counts. */
function delayed(seen: Seen, verdict: Verdict | undefined): ReadonlySet<KubeObject> {
  const { spec, pods, active, counted } = seen
  if (spec.backoffLimitPerIndex === undefined || verdict) return new Set()
  const settled = new Set([...counted.indexes, ...counted.failedIndexes, ...active.map(indexOf)])
  const open = pods.filter((pod) => hasFailed(spec, pod) && !settled.has(indexOf(pod)))
  return new Set(open.filter((pod) => lastFailed(seen, indexOf(pod)) === pod))
}

function trackedTemplate(template: PodTemplate): PodTemplate {
  const { finalizers = [] } = template.metadata ?? {}
  return { ...template, metadata: { ...template.metadata, finalizers: [...finalizers, tracking] } }
}

function indexedPod(object: KubeObject, index: number, former: KubeObject | undefined): KubeObject {
  const { template: given, backoffLimitPerIndex } = object.spec as JobSpec
  const template = trackedTemplate(given)
  const { name } = object.metadata
  const mark: Labels = { [indexKey]: String(index) }
  const failures = former ? failuresBefore(former) + 1 : 0
  const counts: Labels = backoffLimitPerIndex === undefined ? {} : { [failureCountKey]: String(failures) }
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } }
  const env = { name: "JOB_COMPLETION_INDEX", valueFrom }
  const containers = template.spec.containers.map((each) => ({ ...each, env: [...(each.env ?? []), env] }))
  const spec = { ...template.spec, containers, hostname: `${name}-${index}` }
  const pod = podOf(object, { ...template, spec }, { labels: mark })
  const annotations = { ...pod.metadata.annotations, ...mark, ...counts }
  return { ...pod, metadata: { ...pod.metadata, annotations, generateName: `${name}-${index}-` } }
}

const released = (pod: KubeObject): Action[] => releaseFrom(pod, tracking)

/** Lets a Pod go whose Job is not there any more to count it. */
export const stepOrphan: Step = (pod, view) => {
  if (!isTracked(pod)) return []
  const owner = controllerOf(pod)
  const job = owner?.kind === "Job" ? view.get("jobs.batch", pod.metadata.namespace, owner.name) : undefined
  return job?.metadata.uid === owner?.uid && job ? [] : released(pod)
}

function afterwards(
  object: KubeObject,
  { pods, view }: { readonly pods: readonly KubeObject[]; readonly view: View },
): readonly Action[] {
  const actions = pods.filter((pod) => !isActive(pod)).flatMap((pod) => released(pod))
  const { ttlSecondsAfterFinished: seconds } = object.spec as JobSpec
  if (seconds === undefined || isLeaving(object)) return actions
  const { conditions = [] } = object.status as JobStatus
  const ended = conditions.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True")
  const atMs = Date.parse(ended?.lastTransitionTime ?? view.now) + seconds * 1000
  return [...actions, atMs > view.nowMs ? { type: "wake", atMs } : { type: "delete", object }]
}

function deadlines(spec: JobSpec, { startTime }: JobStatus, { now }: View): readonly Action[] {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend) return []
  return [{ type: "wake", atMs: Date.parse(startTime ?? now) + spec.activeDeadlineSeconds * 1000 }]
}
