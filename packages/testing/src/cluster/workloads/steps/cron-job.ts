import type { KubeObject } from "@gitops-toolkit/kube"
import { formatTime } from "@gitops-toolkit/kube"
import { nextTime, parseSchedule } from "../schedule.ts"
import { type Condition, controllerReference, isLeaving } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"

interface CronJobSpec {
  readonly schedule: string
  readonly timeZone?: string
  readonly suspend?: boolean
  readonly concurrencyPolicy?: string
  readonly startingDeadlineSeconds?: number
  readonly successfulJobsHistoryLimit?: number
  readonly failedJobsHistoryLimit?: number
  readonly jobTemplate: { readonly metadata?: KubeObject["metadata"]; readonly spec: object }
}

interface CronJobStatus {
  readonly lastScheduleTime?: string
  readonly lastSuccessfulTime?: string
}

const finished = (job: KubeObject, type: string): boolean => {
  const { conditions = [] } = (job.status ?? {}) as { readonly conditions?: readonly Condition[] }
  return conditions.some((each) => each.type === type && each.status === "True")
}
const isDone = (job: KubeObject): boolean => finished(job, "Complete") || finished(job, "Failed")
const endOf = (job: KubeObject): string =>
  (job.status as { readonly completionTime?: string }).completionTime ?? job.metadata.creationTimestamp ?? ""

/** Makes a Job at each time of the schedule, the latest one when several were missed. */
export const stepCronJob: Step = (object, view) => {
  if (isLeaving(object)) return []
  const spec = object.spec as CronJobSpec
  const jobs = view.controlledBy(object.metadata.uid!, "jobs.batch")
  const running = jobs.filter((job) => !isDone(job))
  const status = (object.status ?? {}) as CronJobStatus
  const schedule = parseSchedule(spec.schedule)
  const due = schedule && !spec.suspend ? dueAt(object, { spec, status, view }) : undefined
  const starts = due !== undefined && !(spec.concurrencyPolicy === "Forbid" && running.length > 0)
  const job = starts ? jobOf(object, due) : undefined
  const replaced = job && spec.concurrencyPolicy === "Replace" ? running : []
  const ends = jobs.filter((each) => finished(each, "Complete")).map(endOf)
  const lastSuccessfulTime = [...ends, status.lastSuccessfulTime ?? ""].toSorted().at(-1)
  const active = running.filter((each) => !replaced.includes(each)).map(referenceTo)
  const next = {
    ...status,
    ...(active.length > 0 ? { active } : { active: undefined }),
    ...(job ? { lastScheduleTime: formatTime(new Date(due!)) } : {}),
    ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
  }
  const atMs = schedule && !spec.suspend ? nextTime(schedule, view.nowMs, spec.timeZone) : undefined
  return [
    ...replaced.map((each) => ({ type: "delete", object: each }) as const),
    ...(job ? [{ type: "create", object: job } as const] : []),
    ...tooMany(jobs, spec),
    { type: "status", object: { ...object, status: next } as KubeObject },
    ...(atMs === undefined ? [] : [{ type: "wake", atMs } as const]),
  ]
}

interface Timing {
  readonly spec: CronJobSpec
  readonly status: CronJobStatus
  readonly view: View
}

/** The latest time that is due and not served, within the deadline to start. */
function dueAt(object: KubeObject, { spec, status, view }: Timing): number | undefined {
  const schedule = parseSchedule(spec.schedule)!
  const since = Date.parse(status.lastScheduleTime ?? object.metadata.creationTimestamp ?? view.now)
  const deadlineMs = (spec.startingDeadlineSeconds ?? Infinity) * 1000
  let due: number | undefined
  let from = Math.max(since, view.nowMs - Math.min(deadlineMs, 100 * 86_400_000))
  for (let count = 0; count < 10_000; count++) {
    const at = nextTime(schedule, from, spec.timeZone)
    if (at === undefined || at > view.nowMs) break
    due = at
    from = at
  }
  return due
}

function jobOf(object: KubeObject, atMs: number): KubeObject {
  const { jobTemplate } = object.spec as CronJobSpec
  const { labels, annotations } = jobTemplate.metadata ?? {}
  const stamp = formatTime(new Date(atMs))
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${object.metadata.name}-${Math.floor(atMs / 60_000)}`,
      namespace: object.metadata.namespace!,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, "batch.kubernetes.io/cronjob-scheduled-timestamp": stamp },
      ownerReferences: [controllerReference(object)],
    },
    spec: jobTemplate.spec,
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): object {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion, kind, name, namespace, uid, resourceVersion }
}

function tooMany(jobs: readonly KubeObject[], spec: CronJobSpec): readonly Action[] {
  const beyond = (type: string, limit: number): KubeObject[] => {
    const done = jobs.filter((job) => finished(job, type) && !isLeaving(job))
    const oldest = done.toSorted((a, b) => (endOf(a) < endOf(b) ? -1 : 1))
    return oldest.slice(0, Math.max(0, done.length - limit))
  }
  const { successfulJobsHistoryLimit: good = 3, failedJobsHistoryLimit: bad = 1 } = spec
  return [...beyond("Complete", good), ...beyond("Failed", bad)].map((job) => ({ type: "delete", object: job }))
}
