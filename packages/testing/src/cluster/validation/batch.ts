import { equalJson } from "@gitops-toolkit/kube"
import { nameRules } from "../write/names.ts"
import { scheduleFault, zoneFault } from "./cron.ts"
import { internal } from "./internal.ts"
import { podTemplate } from "./pod/template.ts"
import { all, each, fields, frozen, given, needed, notNegative, onCreate, oneOf, onUpdate } from "./rule.ts"
import { labelSelector, selects } from "./selector.ts"
import { domainPath, qualifiedName } from "./terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, valueAt, type Walk } from "./walk.ts"

const quoted = (...values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(" ")
const choice = (...values: readonly string[]): Rule => needed(oneOf(...values), `valid values: [${quoted(...values)}]`)

/** Exit codes of a container; the names of the template's containers are `names`. */
const exitCodes =
  (names: readonly unknown[]): Rule =>
  (value, walk) => {
    const { operator, containerName, values } = mapOf(value)
    const list = listOf(values)
    walk.at("operator", operator, choice("In", "NotIn"))
    if (isSet(containerName) && !names.includes(containerName)) {
      const why = "must be one of the container or initContainer names in the pod template"
      walk.invalid("containerName", containerName, why)
    }
    if (list.length === 0) walk.invalid("values", isSet(values) ? list : null, "at least one value is required")
    if (list.length > 255) walk.tooMany("values", list.length, 255)
    for (const [index, code] of list.entries()) {
      if (operator === "In" && code === 0) walk.invalid(`values[${index}]`, code, "must not be 0 for the In operator")
      if (list.indexOf(code) < index) walk.duplicate(`values[${index}]`, code)
    }
    if (list.some((code, index) => index > 0 && numberOf(list[index - 1]) > numberOf(code)))
      walk.invalid("values", list, "must be ordered")
  }

const conditions: Rule = (value, walk) => {
  if (listOf(value).length > 20) walk.tooMany("", listOf(value).length, 20)
  conditionList(value, walk)
}
const conditionList = each(fields({ type: qualifiedName, status: choice("False", "True", "Unknown") }))

const failureRule =
  (spec: Members, names: readonly unknown[]): Rule =>
  (value, walk) => {
    const { action, onExitCodes, onPodConditions } = mapOf(value)
    const [hasCodes, hasConditions] = [isSet(onExitCodes), listOf(onPodConditions).length > 0]
    walk.at("action", action, choice("Count", "FailIndex", "FailJob", "Ignore"))
    if (action === "FailIndex" && !isSet(spec["backoffLimitPerIndex"]))
      walk.invalid("action", action, "requires the backoffLimitPerIndex to be set")
    if (hasCodes) walk.at("onExitCodes", onExitCodes, exitCodes(names))
    if (hasConditions) walk.at("onPodConditions", onPodConditions, conditions)
    if (hasCodes && hasConditions) walk.wrong("", "specifying both OnExitCodes and OnPodConditions is not supported")
    if (!hasCodes && !hasConditions) walk.wrong("", "specifying one of OnExitCodes and OnPodConditions is required")
  }

const failurePolicy: Rule = (value, walk) => {
  const spec = mapOf(value)
  const rules = listOf(valueAt(spec, "podFailurePolicy.rules"))
  const pod = mapOf(valueAt(spec, "template.spec"))
  const containers = [...listOf(pod["containers"]), ...listOf(pod["initContainers"])]
  const names = containers.map((container) => mapOf(container)["name"])
  if (rules.length > 20) walk.tooMany("podFailurePolicy.rules", rules.length, 20)
  walk.at("podFailurePolicy.rules", rules, each(failureRule(spec, names)))
}

/** How many indexes a text like `0,2-5` names; a text says why it names none. */
export function countOfIndexes(text: string, completions: number): number | string {
  let [total, last] = [0, -1]
  for (const interval of text === "" ? [] : text.split(",")) {
    const parts = interval.split("-")
    if (parts.length > 2) {
      const rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
      return `the fragment ${JSON.stringify(interval)} ${rule}`
    }
    for (const part of parts) {
      if (!/^[-+]?\d{1,15}$/.test(part)) return `cannot convert string to integer for index: ${JSON.stringify(part)}`
      if (Number(part) >= completions) return `too large index: ${JSON.stringify(part)}`
    }
    const [from = 0, to = from] = parts.map(Number)
    if (parts.length > 1 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}

const successRule =
  (completions: number): Rule =>
  (value, walk) => {
    const { succeededCount: count, succeededIndexes: indexes } = mapOf(value)
    if (!isSet(count) && !isSet(indexes))
      walk.required("", "at least one of succeededCount or succeededIndexes must be specified")
    const total = countOfIndexes(textOf(indexes), completions)
    if (textOf(indexes).length > 65_536) walk.tooLong("succeededIndexes", 65_536)
    if (typeof total === "string") walk.invalid("succeededIndexes", indexes, `error parsing succeededIndexes: ${total}`)
    if (!isSet(count)) return
    const most = (limit: number, what: string): void => {
      if (numberOf(count) > limit)
        walk.invalid("succeededCount", count, `must be less than or equal to ${limit} (the number of ${what})`)
    }
    walk.at("succeededCount", count, notNegative)
    most(completions, "specified completions")
    const known = typeof total === "number" ? total : 0
    if (isSet(indexes)) most(known, "indexes in the specified succeededIndexes field")
  }

const successPolicy: Rule = (value, walk) => {
  const { completionMode, completions, successPolicy: policy } = mapOf(value)
  if (!isSet(policy)) return
  const rules = listOf(mapOf(policy)["rules"])
  if (completionMode !== "Indexed")
    return walk.invalid("successPolicy", internal("batch/v1.SuccessPolicy", policy), "requires indexed completion mode")
  if (rules.length === 0)
    walk.required("successPolicy.rules", "at least one rules must be specified when the successPolicy is specified")
  if (rules.length > 20) walk.tooMany("successPolicy.rules", rules.length, 20)
  walk.at("successPolicy.rules", rules, each(successRule(numberOf(completions))))
}

const limits = fields({
  parallelism: notNegative,
  completions: notNegative,
  activeDeadlineSeconds: notNegative,
  backoffLimit: notNegative,
  ttlSecondsAfterFinished: notNegative,
  backoffLimitPerIndex: notNegative,
  maxFailedIndexes: notNegative,
})

function indexed({ parallelism, completions, maxFailedIndexes: failed, ...rest }: Members, walk: Walk): void {
  const most = (field: string, value: unknown, why: string): void =>
    walk.invalid(field, value, `must be less than or equal to ${why}`)
  if (!isSet(completions)) walk.required("completions", "when completion mode is Indexed")
  if (numberOf(parallelism) > 100_000) most("parallelism", parallelism, "100000 when completion mode is Indexed")
  if (isSet(completions) && isSet(failed) && numberOf(failed) > numberOf(completions))
    most("maxFailedIndexes", failed, "completions")
  if (numberOf(failed) > 100_000) most("maxFailedIndexes", failed, "100000")
  if (numberOf(completions) <= 100_000 || !isSet(rest["backoffLimitPerIndex"])) return
  const many = "10000 when completions are above 100000 and used with backoff limit per index"
  if (!isSet(failed)) walk.required("maxFailedIndexes", "must be specified when completions is above 100000")
  if (numberOf(parallelism) > 10_000) most("parallelism", parallelism, many)
  if (numberOf(failed) > 10_000) most("maxFailedIndexes", failed, many)
}

const completion: Rule = (value, walk) => {
  const spec = mapOf(value)
  const { completionMode: mode } = spec
  if (isSet(spec["maxFailedIndexes"]) && !isSet(spec["backoffLimitPerIndex"]))
    walk.required("backoffLimitPerIndex", "when maxFailedIndexes is specified")
  if (isSet(spec["managedBy"])) {
    walk.at("managedBy", spec["managedBy"], domainPath)
    if (textOf(spec["managedBy"]).length > 63) walk.tooLong("managedBy", 63)
  }
  walk.at("completionMode", mode, given(oneOf("NonIndexed", "Indexed")))
  if (mode === "Indexed") indexed(spec, walk)
  if (isSet(mode) && mode !== "NonIndexed") return
  for (const name of ["backoffLimitPerIndex", "maxFailedIndexes"])
    if (isSet(spec[name])) walk.invalid(name, spec[name], "requires indexed completion mode")
}

const replacement: Rule = (value, walk) => {
  const { podReplacementPolicy: policy, podFailurePolicy } = mapOf(value)
  if (isSet(podFailurePolicy)) walk.at("podReplacementPolicy", policy, given(oneOf("Failed")))
  else walk.at("podReplacementPolicy", policy, given(oneOf("Failed", "TerminatingOrFailed")))
}

const restarts: Rule = (value, walk) => {
  const policy = textOf(valueAt(value, "template.spec.restartPolicy"))
  const field = "template.spec.restartPolicy"
  if (policy === "Always" || policy === "") walk.required(field, 'valid values: "OnFailure", "Never"')
  else if (policy !== "OnFailure" && policy !== "Never") walk.unsupported(field, policy, ["OnFailure", "Never"])
  else if (isSet(mapOf(value)["podFailurePolicy"]) && policy !== "Never")
    walk.invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')
}

/** The spec of a Job, also where it is a template. */
const jobParts = all(
  limits,
  completion,
  (value, walk) => {
    if (isSet(mapOf(value)["podFailurePolicy"])) failurePolicy(value, walk)
  },
  successPolicy,
  replacement,
  fields({ template: podTemplate }),
  restarts,
)

const selection: Rule = (value, walk) => {
  const { selector, template } = mapOf(value)
  const before = walk.causes.length
  if (isSet(selector)) walk.at("selector", selector, labelSelector)
  const isReadable = walk.causes.length === before
  if (!isSet(selector)) walk.required("selector")
  const labels = valueAt(template, "metadata.labels")
  if (isReadable && selects(selector, mapOf(labels)) === false)
    walk.invalid("template.metadata.labels", labels, "`selector` does not match template `labels`")
}

const jobSpec = all(jobParts, selection)

const prefix = "batch.kubernetes.io/"

/** Selector and labels that the server makes are as it would make them. */
const generated: Rule = (value, walk) => {
  const { metadata, spec } = mapOf(value)
  const { selector, manualSelector, template } = mapOf(spec)
  if (manualSelector === true || !isSet(selector)) return
  const { uid, name } = mapOf(metadata)
  const labels = mapOf(valueAt(template, "metadata.labels"))
  const expected: Record<string, unknown> = {}
  for (const key of ["controller-uid", "job-name", `${prefix}controller-uid`, `${prefix}job-name`]) {
    expected[key] = key.endsWith("uid") ? uid : name
    const field = `spec.template.metadata.labels[${key}]`
    if (labels[key] === undefined) walk.required(field, `must be '${textOf(expected[key])}'`)
    else if (labels[key] !== expected[key]) walk.invalid(field, labels, `must be '${textOf(expected[key])}'`)
  }
  if (selects(selector, expected) === false) walk.invalid("spec.selector", selector, "`selector` not auto-generated")
}

/** The last Pod's name must do for a host. */
const lastPod: Rule = (value, walk) => {
  const name = textOf(valueAt(value, "metadata.name"))
  const { completionMode, completions } = mapOf(mapOf(value)["spec"])
  if (completionMode !== "Indexed" || numberOf(completions) <= 0) return
  const host = `${name}-${numberOf(completions) - 1}`
  if (nameRules.label(host, false).length > 0)
    walk.invalid("metadata.name", name, `will not able to create pod with invalid DNS label: ${host}`)
}

const completionsUpdate: Rule = onUpdate((value, walk) => {
  const { completionMode, completions, parallelism } = mapOf(mapOf(value)["spec"])
  const before = valueAt(walk.before, "spec.completions")
  if (equalJson(completions ?? null, before ?? null)) return
  if (completionMode !== "Indexed") walk.invalid("spec.completions", completions, "field is immutable")
  else if (isSet(completions) && completions !== parallelism)
    walk.invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism")
})

const free = ["nodeSelector", "tolerations", "schedulingGates"]

/** The old template with what may change of a Job that waits. */
function freedTemplate(next: Members, before: Members): Members {
  const [now, old] = [mapOf(next["spec"]), mapOf(before["spec"])]
  const spec: Record<string, unknown> = { ...old }
  for (const name of free) {
    delete spec[name]
    if (isSet(now[name])) spec[name] = now[name]
  }
  const { nodeAffinity: _, ...others } = mapOf(old["affinity"])
  const own = mapOf(now["affinity"])["nodeAffinity"]
  const affinity = isSet(own) ? { ...others, nodeAffinity: own } : others
  delete spec["affinity"]
  if (isSet(now["affinity"]) || Object.keys(affinity).length > 0) spec["affinity"] = affinity
  const { annotations, labels } = mapOf(next["metadata"])
  const metadata: Record<string, unknown> = { ...mapOf(before["metadata"]), annotations, labels }
  for (const name of ["annotations", "labels"]) if (!isSet(metadata[name])) delete metadata[name]
  return { ...before, metadata, spec }
}

const withoutResources = (list: unknown): unknown[] =>
  listOf(list).map((container) => {
    const { resources: _, ...rest } = mapOf(container)
    return rest
  })

/** A template stays as it is; while a Job is suspended, all but what its Pods are and where they run may change. */
const templateUpdate: Rule = onUpdate((value, walk) => {
  const [now, before] = [value, walk.before].map((job) => mapOf(mapOf(mapOf(job)["spec"])["template"]))
  const { suspend } = mapOf(walk.before?.["spec"])
  const status = mapOf(walk.before?.["status"])
  const isWaiting = suspend === true && !isSet(status["startTime"]) && numberOf(status["active"]) === 0
  const [next, old] = [now!, isWaiting ? freedTemplate(now!, before!) : before!]
  if (suspend !== true || !isWaiting) {
    if (!equalJson(next, old))
      walk.invalid("spec.template", internal("core/v1.PodTemplateSpec", next), "field is immutable")
    return
  }
  const bare = (template: Members): Members => {
    const spec = mapOf(template["spec"])
    const { containers, initContainers } = spec
    return { ...spec, containers: withoutResources(containers), initContainers: withoutResources(initContainers) }
  }
  if (!equalJson(bare(next), bare(old)))
    walk.invalid("spec.template.spec", internal("core/v1.PodSpec", next["spec"]), "field is immutable")
})

/** A field that no update may change, shown as the server's own type has it. */
const frozenInternal = (field: string, type: string): Rule =>
  onUpdate((value, walk) => {
    const [now, before] = [valueAt(value, field), valueAt(walk.before, field)]
    if (!equalJson(now ?? null, before ?? null)) walk.invalid(field, internal(type, now), "field is immutable")
  })

/** Jobs: the server checks the spec of a changed one twice. */
export const job: Rule = all(
  generated,
  fields({ spec: jobSpec }),
  lastPod,
  onUpdate(fields({ spec: jobSpec })),
  completionsUpdate,
  frozen("spec.selector"),
  templateUpdate,
  frozen("spec.completionMode"),
  frozenInternal("spec.podFailurePolicy", "batch/v1.PodFailurePolicy"),
  frozen("spec.backoffLimitPerIndex"),
  frozen("spec.managedBy"),
  frozenInternal("spec.successPolicy", "batch/v1.SuccessPolicy"),
)

const schedule: Rule = (value, walk) => {
  const { schedule: text, timeZone } = mapOf(value)
  if (textOf(text) === "") return walk.required("schedule")
  const fault = scheduleFault(textOf(text))
  if (fault !== undefined) walk.invalid("schedule", text, fault)
  if (!textOf(text).includes("TZ")) return
  const isOld = textOf(valueAt(walk.before, "spec.schedule")).includes("TZ")
  if (!isOld) walk.invalid("schedule", text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
  else if (isSet(timeZone))
    walk.invalid("schedule", text, "cannot use both timeZone field and TZ or CRON_TZ in schedule")
}

const timeZone: Rule = given((value, walk) => {
  if (walk.before && valueAt(walk.before, "spec.timeZone") === value) return
  const zone = textOf(value)
  if (zone === "") return walk.invalid("", zone, "timeZone must be nil or non-empty string")
  for (const part of zone.split("/"))
    if (part === "." || part === ".." || part.startsWith("-") || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part))
      return walk.invalid("", zone, `unknown time zone ${zone}`)
  if (zone.toLowerCase() === "local")
    walk.invalid("", zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
  const fault = zoneFault(zone)
  if (fault !== undefined) walk.invalid("", zone, fault)
})

const jobTemplate: Rule = (value, walk) => {
  const { selector, manualSelector } = mapOf(mapOf(value)["spec"])
  walk.at("spec", mapOf(value)["spec"], jobParts)
  if (isSet(selector)) walk.invalid("spec.selector", selector, "`selector` will be auto-generated")
  if (manualSelector === true) walk.unsupported("spec.manualSelector", true, ["nil", "false"])
}

/** CronJobs. */
export const cronJob: Rule = all(
  fields({
    spec: all(
      schedule,
      fields({
        startingDeadlineSeconds: notNegative,
        timeZone,
        concurrencyPolicy: needed(oneOf("Allow", "Forbid", "Replace")),
        jobTemplate,
        successfulJobsHistoryLimit: notNegative,
        failedJobsHistoryLimit: notNegative,
      }),
    ),
  }),
  onCreate((value, walk) => {
    const name = textOf(valueAt(value, "metadata.name"))
    if (name.length > 52) walk.invalid("metadata.name", name, "must be no more than 52 characters")
  }),
)
