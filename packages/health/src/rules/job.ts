import { groupOf, type KindRef, type KubeObject } from "@gitops-toolkit/kube"
import { current, failed, inProgress, unknown, type Health } from "../health.ts"
import { conditionsIn, hasInvalidConditions, integerAt, textAt, valueAt } from "../read.ts"
import type { Rule } from "../rule.ts"

/**
 * True for a Job of the batch group, whatever its version.
 *
 * @example
 * isJob({ apiVersion: "batch/v1", kind: "Job" })   // true
 * isJob({ apiVersion: "batch.volcano.sh/v1alpha1", kind: "Job" })   // false
 */
export function isJob(object: KindRef): boolean {
  return object.kind === "Job" && groupOf(object.apiVersion) === "batch"
}

/** A Job as kstatus sees it: one that has started is `Current`, only a failed one is not. */
export const job: Rule = {
  group: "batch",
  kind: "Job",
  assess: (object) => {
    const ended = assessEnd(object)
    if (ended) return ended
    const { active, failures, successes } = countsOf(object)
    if (!hasStarted(object)) return inProgress("JobNotStarted", "Job not started")
    return current(`Job in progress. success:${successes}, active: ${active}, failed: ${failures}`)
  },
}

/**
 * A Job as Flux waits for it: `Current` when it has completed or is suspended, `InProgress` while it runs. The default
 * of `settle`, where "the migration has begun" is not enough.
 */
export const completedJob: Rule = {
  group: "batch",
  kind: "Job",
  first: true,
  assess: (object) => {
    if (textAt(object, "metadata", "deletionTimestamp") !== "") return undefined
    if (hasInvalidConditions(object)) {
      return unknown("InvalidConditions", "Failed to compute job status: status.conditions is not a list")
    }
    if (valueAt(object, ["spec", "suspend"]) === true) return current("Job is suspended")
    const ended = assessEnd(object)
    if (ended) return ended
    const { active, failures, successes } = countsOf(object)
    if (!hasStarted(object)) {
      const parallelism = integerAt(object, ["spec", "parallelism"], 1)
      return inProgress("JobNotStarted", `Job not started. active: 0/${parallelism}`)
    }
    const message = `Job in progress. success:${successes}, active: ${active}, failed: ${failures}`
    return inProgress("JobInProgress", message)
  },
}

function assessEnd(object: KubeObject): Health | undefined {
  const { failures, successes } = countsOf(object)
  for (const { type, status } of conditionsIn(object)) {
    if (status !== "True") continue
    if (type === "Complete") return current(`Job Completed. succeeded: ${successes}/${completionsOf(object)}`)
    if (type === "Failed") return failed("JobFailed", `Job Failed. failed: ${failures}/${completionsOf(object)}`)
    if (type === "Suspended" && valueAt(object, ["spec", "suspend"]) === true) return current("Job is suspended")
  }
  return undefined
}

function completionsOf(object: KubeObject): number {
  return integerAt(object, ["spec", "completions"], integerAt(object, ["spec", "parallelism"], 1))
}

function countsOf(object: KubeObject): { active: number; failures: number; successes: number } {
  const count = (field: string): number => integerAt(object, ["status", field], 0)
  return { active: count("active"), failures: count("failed"), successes: count("succeeded") }
}

function hasStarted(object: KubeObject): boolean {
  return textAt(object, "status", "startTime") !== ""
}
