import type { KubeObject } from "@gitops-toolkit/kube"
import { type Condition, withoutZeros } from "../shapes.ts"
import type { Action, View } from "../step.ts"
import { type Counted, isCounted } from "./job-count.ts"
import { printIndexes } from "./job-indexes.ts"
import { hasFailed, held, type JobSpec, type JobStatus, phaseOf, type Verdict } from "./job-parts.ts"
import type { Teller } from "./tell.ts"

/** What a status is made of. */
export interface JobOutcome {
  readonly active: number
  readonly ready: number
  readonly terminating: number
  readonly counted: Counted
  /** The Pods that are counted for good by this status. */
  readonly done: readonly KubeObject[]
  /** Those of them that count as failed though they have not. */
  readonly lost: readonly KubeObject[]
  readonly verdict: Verdict | undefined
  readonly tell: Teller
  readonly view: View
}

/** Says what came of the Job. It has ended only when none of its Pods is on its way out. */
export function jobStatus(object: KubeObject, outcome: JobOutcome): readonly Action[] {
  const { active, ready, terminating, counted, done, lost, verdict, tell, view } = outcome
  const before = (object.status ?? {}) as JobStatus
  const spec = object.spec as JobSpec
  const { now } = view
  const ended = verdict && terminating === 0
  const resumed = !verdict && held(before, "Suspended") && !spec.suspend
  const suspended = !verdict && !held(before, "Suspended") && spec.suspend === true
  const started = spec.suspend && !verdict ? undefined : resumed ? now : (before.startTime ?? now)
  const isIndexed = spec.completionMode === "Indexed"
  const isBad = (pod: KubeObject): boolean => (hasFailed(spec, pod) || lost.includes(pod)) && isCounted(spec, pod)
  const status = {
    ...withoutZeros({
      active,
      succeeded: isIndexed
        ? counted.indexes.size
        : (before.succeeded ?? 0) + done.filter((pod) => phaseOf(pod) === "Succeeded").length,
      failed: (before.failed ?? 0) + done.filter(isBad).length,
      completedIndexes: isIndexed ? printIndexes(counted.indexes) || undefined : undefined,
      failedIndexes: spec.backoffLimitPerIndex === undefined ? undefined : printIndexes(counted.failedIndexes),
      startTime: started,
      completionTime: ended && verdict.type === "Complete" ? now : undefined,
    }),
    ready,
    terminating,
    uncountedTerminatedPods: {},
    ...conditionsOf(before, { verdict, ended: ended !== undefined && ended, resumed, suspended, now }),
  }
  const actions: Action[] = [{ type: "status", object: { ...object, status } as KubeObject }]
  if (ended && verdict.type === "Complete") actions.push(tell("Completed", "Job completed"))
  else if (ended) actions.push(tell(verdict.reason, verdict.message, { isWarning: true }))
  if (suspended) actions.push(tell("Suspended", "Job suspended"))
  if (resumed) actions.push(tell("Resumed", "Job resumed"))
  return actions
}

interface Change {
  readonly verdict: Verdict | undefined
  readonly ended: boolean
  readonly resumed: boolean
  readonly suspended: boolean
  readonly now: string
}

function conditionsOf({ conditions = [] }: JobStatus, { verdict, ended, resumed, suspended, now }: Change): object {
  let next = conditions
  const set = (type: string, status: string, { reason, message }: Omit<Verdict, "type">): void => {
    const condition: Condition = { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now }
    const known = next.find((each) => each.type === type)
    if (known && known.status === status && known.reason === reason && known.message === message) return
    next = known ? next.map((each) => (each === known ? condition : each)) : [...next, condition]
  }
  if (verdict) set(verdict.type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget", "True", verdict)
  if (verdict && ended) set(verdict.type, "True", verdict)
  if (suspended) set("Suspended", "True", { reason: "JobSuspended", message: "Job suspended" })
  if (resumed) set("Suspended", "False", { reason: "JobResumed", message: "Job resumed" })
  return next.length > 0 ? { conditions: next } : {}
}
