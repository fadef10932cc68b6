import type { KubeObject } from "@gitops-toolkit/kube"
import type { Health } from "./health.ts"
import { listAt, mapAt, textAt } from "./read.ts"

/** A condition that says how an object's health deviates from `Current`. */
export interface HealthCondition {
  readonly type: "Reconciling" | "Stalled"
  readonly status: "True"
  readonly reason: string
  readonly message: string
}

/**
 * The abnormal-true conditions of a health, as kstatus gives them: `Reconciling` for `InProgress`, `Stalled` for
 * `Failed`, none for anything else.
 *
 * @example
 * healthConditions(failed("DeadlineExceeded", "Job ran too long"))
 * // [{ type: "Stalled", status: "True", reason: "DeadlineExceeded", message: "Job ran too long" }]
 */
export function healthConditions(health: Health): readonly HealthCondition[] {
  const { status, reason = "", message } = health
  if (status === "InProgress") return [{ type: "Reconciling", status: "True", reason, message }]
  if (status === "Failed") return [{ type: "Stalled", status: "True", reason, message }]
  return []
}

/**
 * `object` with the conditions of `health` written into `status.conditions` (kstatus' `Augment`): a condition of that
 * type is updated in place, else it is appended; `lastTransitionTime` moves only with the status, `lastUpdateTime`
 * always. Nothing is ever removed, and without conditions to write the object itself is returned.
 *
 * @example
 * const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "migrate" } }
 * conditionsOf(writeHealthConditions(job, failed("DeadlineExceeded", "Job ran too long"), new Date(0))).map(({ type }) => type)   // ["Stalled"]
 */
export function writeHealthConditions(object: KubeObject, health: Health, now: Date): KubeObject {
  const additions = healthConditions(health)
  if (additions.length === 0) return object
  const time = now.toISOString().replace(/\.\d+Z$/, "Z")
  const conditions = [...listAt(object, "status", "conditions")]
  for (const addition of additions) {
    const index = conditions.findIndex((condition) => textAt(condition, "type") === addition.type)
    const old = mapAt(conditions[index])
    const lastTransitionTime = old["status"] === addition.status ? (old["lastTransitionTime"] ?? time) : time
    const written = { ...old, ...addition, lastUpdateTime: time, lastTransitionTime }
    if (index < 0) conditions.push(written)
    else conditions[index] = written
  }
  return { ...object, status: { ...mapAt(object, "status"), conditions } }
}
