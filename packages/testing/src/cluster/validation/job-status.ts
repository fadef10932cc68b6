// What a Job's status may say. What was odd before an update may stay so: each fault is told of what changed.
import { equalJson } from "@gitops-toolkit/kube"
import { countOfIndexes } from "./batch.ts"
import { internal } from "./internal.ts"
import { all, fields, notNegative, onUpdate } from "./rule.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "./walk.ts"

/** A status beside what it was; what is at hand for all of its rules. */
interface Status {
  readonly spec: Members
  readonly now: Members
  readonly isFinished: boolean
  /** True when one of the conditions holds now. */
  is(type: string): boolean
  /** True when one of the members or conditions (those with a capital) changed. */
  changed(...names: readonly string[]): boolean
}

const holds = (status: Members, type: string): boolean =>
  listOf(status["conditions"]).some((each) => mapOf(each)["type"] === type && mapOf(each)["status"] === "True")

function statusOf(value: unknown, walk: Walk): Status {
  const { spec, status } = mapOf(value)
  const [now, old] = [mapOf(status), mapOf(walk.before?.["status"])]
  const differs = (name: string): boolean =>
    /^[A-Z]/.test(name) ? holds(now, name) !== holds(old, name) : !equalJson(now[name] ?? null, old[name] ?? null)
  return {
    spec: mapOf(spec),
    now,
    isFinished: holds(now, "Complete") || holds(now, "Failed"),
    is: (type) => holds(now, type),
    changed: (...names) => names.some(differs),
  }
}

type StatusRule = (status: Status, walk: Walk) => void

/** Conditions that rule each other out, or need each other. */
const conditions: StatusRule = ({ now, is, changed }, walk) => {
  const wrong = (isWrong: boolean, why: string): void => {
    if (isWrong) walk.wrong("conditions", why)
  }
  const { completionTime, startTime } = now
  const together = (a: string, b: string): boolean => is(a) && is(b) && changed(a, b)
  wrong(together("Complete", "Failed"), "cannot set Complete=True and Failed=true conditions")
  wrong(together("Complete", "FailureTarget"), "cannot set Complete=True and FailureTarget=true conditions")
  if (changed("Complete", "completionTime")) {
    const why = "cannot set completionTime when there is no Complete=True condition"
    if (isSet(completionTime) && !is("Complete")) walk.invalid("completionTime", completionTime, why)
    if (!isSet(completionTime) && is("Complete"))
      walk.required("completionTime", "completionTime is required for Complete jobs")
  }
  const isEarly = isSet(startTime) && isSet(completionTime) && textOf(completionTime) < textOf(startTime)
  if (isEarly && changed("startTime", "completionTime"))
    walk.invalid("completionTime", completionTime, "must be equal to or after `startTime`")
  wrong(
    is("Failed") && !is("FailureTarget") && changed("Failed", "failedIndexes"),
    "cannot set Failed=True condition without the FailureTarget=true condition",
  )
  wrong(
    is("Complete") && !is("SuccessCriteriaMet") && changed("Complete", "SuccessCriteriaMet"),
    "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
  )
}

/** What a Job that has finished does not have any more. */
const finished: StatusRule = ({ now, spec, isFinished, changed }, walk) => {
  if (!isFinished) return
  const { active, startTime, uncountedTerminatedPods: uncounted } = now
  const isDone = changed("Complete", "Failed")
  if (numberOf(active) > 0 && (isDone || changed("active")))
    walk.invalid("active", active, "active>0 is invalid for finished job")
  const isEmpty = spec["suspend"] === true && spec["completions"] === 0
  if (!isSet(startTime) && (isDone || changed("startTime")) && !isEmpty)
    walk.required("startTime", "startTime is required for finished job")
  const { succeeded, failed } = mapOf(uncounted)
  if (listOf(succeeded).length + listOf(failed).length === 0 || (!isDone && !changed("uncountedTerminatedPods"))) return
  const told = internal("batch/v1.UncountedTerminatedPods", uncounted)
  walk.invalid("uncountedTerminatedPods", told, "must be empty for finished job")
}

/** The first index that is in two lists of intervals; undefined when there is none. */
function overlap(completed: string, failed: string): number | undefined {
  const read = (text: string): (readonly [number, number])[] =>
    (text === "" ? [] : text.split(",")).flatMap((part) => {
      const [from = Number.NaN, to = from] = part.split("-").map(Number)
      return Number.isNaN(from) || Number.isNaN(to) ? [] : [[from, to] as const]
    })
  for (const [from, to] of read(completed))
    for (const [low, high] of read(failed)) if (from <= high && low <= to) return Math.max(from, low)
  return undefined
}

/** Indexes that are done, and those that have failed. */
const indexes: StatusRule = ({ now, spec, changed }, walk) => {
  const { completions, backoffLimitPerIndex: limit, completionMode } = spec
  const [completed, failed] = [textOf(now["completedIndexes"]), now["failedIndexes"]]
  const [hasNew, hasNewFailed] = [changed("completedIndexes"), changed("failedIndexes")]
  const parsed = (field: string, text: string): void => {
    const found = countOfIndexes(text, numberOf(completions))
    if (typeof found === "string") walk.invalid(field, text, `error parsing ${field}: ${found}`)
  }
  if (hasNew && isSet(completions)) parsed("completedIndexes", completed)
  if (hasNewFailed && isSet(completions) && isSet(limit) && isSet(failed)) parsed("failedIndexes", textOf(failed))
  const notIndexed = "cannot set non-empty completedIndexes when non-indexed completion mode"
  if (hasNew && completed !== "" && completionMode !== "Indexed")
    walk.invalid("completedIndexes", completed, notIndexed)
  const noLimit = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
  if (hasNewFailed && !isSet(limit) && isSet(failed)) walk.invalid("failedIndexes", failed, noLimit)
  if ((!hasNew && !hasNewFailed) || !isSet(completions) || !isSet(failed)) return
  const index = overlap(completed, textOf(failed))
  if (index === undefined) return
  walk.invalid("failedIndexes", failed, `failedIndexes and completedIndexes overlap at index: ${index}`)
}

const rest: StatusRule = ({ now, spec, is, isFinished, changed }, walk) => {
  const { active, ready, terminating } = now
  if (numberOf(terminating) > 0 && isFinished && changed("Complete", "Failed", "terminating"))
    walk.invalid("terminating", terminating, "terminating>0 is invalid for finished job")
  if (isSet(ready) && numberOf(ready) > numberOf(active) && changed("ready", "active"))
    walk.invalid("ready", ready, "cannot set more ready pods than active")
  if (!is("SuccessCriteriaMet")) {
    if (isSet(spec["successPolicy"]) && is("Complete"))
      walk.wrong("conditions", "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True")
    return
  }
  if (is("Failed")) walk.wrong("conditions", "cannot set SuccessCriteriaMet=True and Failed=true conditions")
  if (is("FailureTarget"))
    walk.wrong("conditions", "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
}

/** Pods that are not counted yet, each once. */
const uncounted: Rule = (value, walk) => {
  const seen = new Set<unknown>()
  for (const list of ["succeeded", "failed"])
    for (const [index, id] of listOf(mapOf(value)[list]).entries()) {
      if (id === "") walk.invalid(`${list}[${index}]`, id, "must not be empty")
      else if (seen.has(id)) walk.duplicate(`${list}[${index}]`, id)
      seen.add(id)
    }
}

/** What only grows, and what stays as it is. */
const progress: Rule = onUpdate((value, walk) => {
  const { spec, now, changed, is } = statusOf(value, walk)
  const old = mapOf(walk.before?.["status"])
  for (const type of ["Failed", "Complete", "FailureTarget"])
    if (holds(old, type) && !is(type)) walk.wrong("conditions", `cannot disable the terminal ${type}=True condition`)
  const isElastic = spec["completionMode"] === "Indexed" && spec["completions"] === spec["parallelism"]
  for (const name of isElastic ? ["failed"] : ["failed", "succeeded"])
    if (numberOf(now[name]) < numberOf(old[name]))
      walk.invalid(name, now[name] ?? 0, `cannot decrease the ${name} counter`)
  const { completionTime, startTime } = now
  if (isSet(completionTime) && isSet(old["completionTime"]) && changed("completionTime"))
    walk.invalid("completionTime", completionTime, "field is immutable")
  if (isSet(old["startTime"]) && changed("startTime") && spec["suspend"] !== true)
    walk.invalid("startTime", startTime, "field is immutable for unsuspended job once set")
  if (holds(old, "SuccessCriteriaMet") && !is("SuccessCriteriaMet"))
    walk.wrong("conditions", "cannot disable the SuccessCriteriaMet=True condition")
})

const counts = fields({
  active: notNegative,
  succeeded: notNegative,
  failed: notNegative,
  ready: notNegative,
  terminating: notNegative,
  uncountedTerminatedPods: uncounted,
})

/** The status of a Job. */
export const jobStatus: Rule = (value, walk) => {
  const status = statusOf(value, walk)
  const rules: readonly StatusRule[] = [conditions, finished, indexes, rest]
  walk.at(
    "status",
    status.now,
    all(
      counts,
      ...rules.map(
        (rule): Rule =>
          () =>
            rule(status, walk),
      ),
      () => progress(value, walk),
    ),
  )
}
