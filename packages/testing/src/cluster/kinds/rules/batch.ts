import { equalJson } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { faults, fixed, forbidden, invalid, mapOf, type Members, notNegative, required, unsupported } from "./causes.ts"
import { type Rule, templateCauses } from "./workloads.ts"

const restarts = ["Never", "OnFailure"]

function jobSpecCauses(spec: Members, field: string): Cause[] {
  const { completionMode = "NonIndexed", completions } = spec
  const causes = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ].flatMap((name) => notNegative(`${field}.${name}`, spec[name]))
  const policy = mapOf(mapOf(spec["template"])["spec"])["restartPolicy"]
  if (completionMode === "Indexed" && completions === undefined)
    causes.push(required(`${field}.completions`, "when completion mode is Indexed"))
  if (completionMode !== "Indexed") {
    for (const name of ["backoffLimitPerIndex", "maxFailedIndexes"]) {
      if (spec[name] !== undefined)
        causes.push(invalid(`${field}.${name}`, spec[name], "requires indexed completion mode"))
    }
  }
  causes.push(...templateCauses(spec["template"], `${field}.template`))
  if (!restarts.includes(policy as string))
    causes.push(
      policy === undefined || policy === "Always"
        ? required(`${field}.template.spec.restartPolicy`, `valid values: "OnFailure", "Never"`)
        : unsupported(`${field}.template.spec.restartPolicy`, policy, ["OnFailure", "Never"]),
    )
  return causes
}

/** Jobs. */
export const jobRules: Rule = (object, previous) => {
  const spec = mapOf(object.spec)
  const causes = jobSpecCauses(spec, "spec")
  if (!previous) return causes
  const before = mapOf(previous.spec)
  const indexed = spec["completionMode"] === "Indexed"
  if (!indexed) causes.push(...fixed("spec.completions", { now: spec["completions"], before: before["completions"] }))
  if (!equalJson(podPart(spec), podPart(before))) {
    causes.push(...fixed("spec.template", { now: spec["template"], before: before["template"] }))
  }
  for (const name of [
    "selector",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
  ]) {
    causes.push(...fixed(`spec.${name}`, { now: spec[name], before: before[name] }))
  }
  return causes
}

/** What of a template no update may change: labels of the Job itself are put there by the server. */
function podPart(spec: Members): unknown {
  const { metadata, ...rest } = mapOf(spec["template"])
  const { labels, ...others } = mapOf(metadata)
  const own = Object.entries(mapOf(labels)).filter(
    ([key]) => !/^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/.test(key),
  )
  return { ...rest, metadata: { ...others, labels: Object.fromEntries(own) } }
}

const ranges: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
]
const words = /^(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)$/i

/** Why a text is no cron schedule, in the words of robfig/cron; undefined when it is one. */
function scheduleFault(text: string): string | undefined {
  if (/^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/.test(text)) return undefined
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`
  for (const [index, field] of fields.entries()) {
    for (const part of field.split(",")) {
      const fault = partFault(part, ranges[index]!)
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

function partFault(part: string, [low, high]: readonly [number, number]): string | undefined {
  const [range = "", step] = part.split("/")
  if (step !== undefined && !/^[1-9]\d{0,8}$/.test(step)) return `step of range should be a positive number: ${part}`
  if (range === "*" || range === "?") return undefined
  for (const bound of range.split("-")) {
    if (words.test(bound)) continue
    if (!/^\d{1,9}$/.test(bound))
      return `failed to parse int from ${bound}: strconv.Atoi: parsing ${JSON.stringify(bound)}: invalid syntax`
    if (Number(bound) > high) return `end of range (${bound}) above maximum (${high}): ${part}`
    if (Number(bound) < low) return `beginning of range (${bound}) below minimum (${low}): ${part}`
  }
  return undefined
}

function zoneFault(zone: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return undefined
  } catch {
    return `unknown time zone ${zone}`
  }
}

/** CronJobs. */
export const cronJobRules: Rule = (object, previous) => {
  const spec = mapOf(object.spec)
  const { schedule = "", timeZone, concurrencyPolicy } = spec
  const causes: Cause[] = []
  if (schedule === "") causes.push(required("spec.schedule"))
  else {
    const fault = String(schedule).includes("TZ=")
      ? "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
      : scheduleFault(String(schedule))
    if (fault !== undefined) causes.push(invalid("spec.schedule", schedule, fault))
  }
  if (timeZone !== undefined) {
    const fault = timeZone === "" ? "timeZone must be nil or non-empty string" : zoneFault(String(timeZone))
    if (fault !== undefined) causes.push(invalid("spec.timeZone", timeZone, fault))
  }
  const policies = ["Allow", "Forbid", "Replace"]
  if (!policies.includes(concurrencyPolicy as string))
    causes.push(unsupported("spec.concurrencyPolicy", concurrencyPolicy, policies))
  for (const name of ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
    causes.push(...notNegative(`spec.${name}`, spec[name]))
  const template = mapOf(mapOf(spec["jobTemplate"])["spec"])
  causes.push(...jobSpecCauses(template, "spec.jobTemplate.spec"))
  if (template["manualSelector"] === true)
    causes.push(forbidden("spec.jobTemplate.spec.manualSelector", "true is not allowed"))
  if (!previous && (object.metadata.name ?? "").length > 52) {
    causes.push(...faults("metadata.name", object.metadata.name, ["must be no more than 52 characters"]))
  }
  return causes
}
