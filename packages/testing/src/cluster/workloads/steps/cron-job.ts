import type { KubeObject } from "@gitops-toolkit/kube"
import { formatTime } from "@gitops-toolkit/kube"
import { nextTime, parseSchedule } from "../schedule.ts"
import { type Condition, controllerReference, isLeaving } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { type Teller, teller } from "./tell.ts"

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

interface Reference {
  readonly name?: string
  readonly uid?: string
}

interface CronJobStatus {
  readonly active?: readonly Reference[]
  readonly lastScheduleTime?: string
  readonly lastSuccessfulTime?: string
}

const finished = (job: KubeObject, type: string): boolean => {
  const { conditions = [] } = (job.status ?? {}) as { readonly conditions?: readonly Condition[] }
  return conditions.some((each) => each.type === type && each.status === "True")
}
const endOf = (job: KubeObject): string =>
  (job.status as { readonly completionTime?: string }).completionTime ?? job.metadata.creationTimestamp ?? ""

/** Makes a Job at each time of the schedule, the latest one when several were missed. */
export const stepCronJob: Step = (object, view) => {
  const spec = object.spec as CronJobSpec
  const jobs = view.controlledBy(object.metadata.uid!, "jobs.batch")
  const before = (object.status ?? {}) as CronJobStatus
  const tell = teller("cronjob-controller", object)
  const { active, notices } = followActive(before, jobs, tell)
  const ends = jobs.filter((job) => finished(job, "Complete")).map(endOf)
  const lastSuccessfulTime = [...ends, before.lastSuccessfulTime ?? ""].toSorted().at(-1)
  const { active: _, ...rest } = before
  const status: CronJobStatus = { ...rest, ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}) }
  const report = (next: CronJobStatus, running: readonly object[]): Action => ({
    type: "status",
    object: { ...object, status: { ...next, ...(running.length > 0 ? { active: running } : {}) } } as KubeObject,
  })
  const schedule = parseSchedule(spec.schedule)
  if (isLeaving(object) || !schedule || spec.suspend)
    return [...notices, ...tooMany(jobs, spec, tell), report(status, active)]
  const atMs = nextTime(schedule, view.nowMs, spec.timeZone)
  const wakes: Action[] = atMs === undefined ? [] : [{ type: "wake", atMs }]
  const due = dueAt(object, { spec, status: before, view })
  const isHeld = due !== undefined && spec.concurrencyPolicy === "Forbid" && active.length > 0
  if (due === undefined || isHeld) {
    const why = "Not starting job because prior execution is running and concurrency policy is Forbid"
    const held = isHeld ? [tell("JobAlreadyActive", why)] : []
    return [...notices, ...held, ...tooMany(jobs, spec, tell), report(status, active), ...wakes]
  }
  const replaced = spec.concurrencyPolicy === "Replace" ? jobs.filter((job) => isAmong(active, job)) : []
  const kept = active.filter(({ uid }) => !replaced.some(({ metadata }) => metadata.uid === uid))
  const lastScheduleTime = formatTime(new Date(due))
  return [
    ...notices,
    ...replaced.flatMap((job) => removed(job, tell)),
    {
      type: "create",
      object: jobOf(object, due),
      made: (job) => [
        tell("SuccessfulCreate", `Created job ${job.metadata.name}`),
        report({ ...status, lastScheduleTime }, [...kept, referenceTo(job)]),
        ...tooMany(jobs, spec, tell),
        ...wakes,
      ],
      refused: (message) => [
        tell("FailedCreate", `Error creating job: ${message}`, { isWarning: true }),
        report(status, kept),
        ...wakes,
      ],
    },
  ]
}

const isAmong = (active: readonly Reference[], job: KubeObject): boolean =>
  active.some(({ uid }) => uid === job.metadata.uid)

/** The Jobs that still run of those that were known to, and what is to be said of the others. */
function followActive(
  { active: before = [] }: CronJobStatus,
  jobs: readonly KubeObject[],
  tell: Teller,
): { readonly active: readonly Reference[]; readonly notices: readonly Action[] } {
  const notices: Action[] = []
  const active = before.filter(({ uid, name }) => {
    const job = jobs.find(({ metadata }) => metadata.uid === uid)
    if (!job) notices.push(tell("MissingJob", `Active job went missing: ${name}`))
    const condition = job && (finished(job, "Complete") ? "Complete" : finished(job, "Failed") ? "Failed" : undefined)
    if (condition) notices.push(tell("SawCompletedJob", `Saw completed job: ${name}, condition: ${condition}`))
    return job && !condition
  })
  for (const job of jobs) {
    if (isAmong(before, job) || finished(job, "Complete") || finished(job, "Failed")) continue
    const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
    notices.push(tell("UnexpectedJob", text, { isWarning: true }))
  }
  return { active, notices }
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

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { name, namespace, uid, resourceVersion } = metadata
  const reference = { apiVersion, kind, name, namespace, uid, resourceVersion }
  return reference as Reference
}

function tooMany(jobs: readonly KubeObject[], spec: CronJobSpec, tell: Teller): readonly Action[] {
  const beyond = (type: string, limit: number): KubeObject[] => {
    const done = jobs.filter((job) => finished(job, type) && !isLeaving(job))
    const oldest = done.toSorted((a, b) => (endOf(a) < endOf(b) ? -1 : 1))
    return oldest.slice(0, Math.max(0, done.length - limit))
  }
  const { successfulJobsHistoryLimit: good = 3, failedJobsHistoryLimit: bad = 1 } = spec
  return [...beyond("Complete", good), ...beyond("Failed", bad)].flatMap((job) => removed(job, tell))
}

function removed(job: KubeObject, tell: Teller): readonly Action[] {
  return [{ type: "delete", object: job }, tell("SuccessfulDelete", `Deleted job ${job.metadata.name}`)]
}
