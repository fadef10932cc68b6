import { groupOf, type KubeObject } from "@gitops-toolkit/kube"
import {
  age,
  ageOf,
  containersOf,
  countAt,
  humanDuration,
  listAt,
  mapAt,
  type Members,
  none,
  selectorText,
  textAt,
  valueAt,
} from "./text.ts"

/** The cells of one kind. */
export type Cells = (object: KubeObject, nowMs: number) => unknown[]

const name = ({ metadata }: KubeObject): unknown => metadata.name
const template = (object: KubeObject): unknown => valueAt(object, "spec", "template")
const selector = (object: KubeObject): string => selectorText(valueAt(object, "spec", "selector"))

/** Deployments. */
export const deploymentCells: Cells = (object, now) => [
  name(object),
  `${countAt(object, "status", "readyReplicas")}/${countAt(object, "spec", "replicas")}`,
  countAt(object, "status", "updatedReplicas"),
  countAt(object, "status", "availableReplicas"),
  age(object, now),
  ...containersOf(template(object)),
  selector(object),
]

/** Scales. */
export const scaleCells: Cells = (object, now) => [
  name(object),
  countAt(object, "spec", "replicas"),
  countAt(object, "status", "replicas"),
  age(object, now),
]

/** StatefulSets. */
export const statefulSetCells: Cells = (object, now) => [
  name(object),
  `${countAt(object, "status", "readyReplicas")}/${countAt(object, "spec", "replicas")}`,
  age(object, now),
  ...containersOf(template(object)),
]

/** DaemonSets. */
export const daemonSetCells: Cells = (object, now) => [
  name(object),
  countAt(object, "status", "desiredNumberScheduled"),
  countAt(object, "status", "currentNumberScheduled"),
  countAt(object, "status", "numberReady"),
  countAt(object, "status", "updatedNumberScheduled"),
  countAt(object, "status", "numberAvailable"),
  labels(mapAt(object, "spec", "template", "spec", "nodeSelector")),
  age(object, now),
  ...containersOf(template(object)),
  selector(object),
]

function labels(map: { readonly [name: string]: unknown }): string {
  const pairs = Object.entries(map).map(([key, value]) => `${key}=${String(value)}`)
  return pairs.length === 0 ? none : pairs.toSorted().join(",")
}

/** ReplicaSets. */
export const replicaSetCells: Cells = (object, now) => [
  name(object),
  countAt(object, "spec", "replicas"),
  countAt(object, "status", "replicas"),
  countAt(object, "status", "readyReplicas"),
  age(object, now),
  ...containersOf(template(object)),
  selector(object),
]

/** ControllerRevisions. */
export const controllerRevisionCells: Cells = (object, now) => {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true)
  const group = groupOf(owner?.apiVersion ?? "")
  const kind = `${owner?.kind.toLowerCase()}${group === "" ? "" : `.${group}`}`
  return [name(object), owner ? `${kind}/${owner.name}` : none, countAt(object, "revision"), age(object, now)]
}

/** ReplicationControllers. */
export const replicationControllerCells: Cells = (object, now) => [
  ...replicaSetCells(object, now).slice(0, 7),
  labels(mapAt(object, "spec", "selector")),
]

/** Jobs. */
export const jobCells: Cells = (object, now) => {
  const succeeded = countAt(object, "status", "succeeded")
  const parallelism = countAt(object, "spec", "parallelism")
  const wanted = valueAt(object, "spec", "completions")
  const others = parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
  const start = textAt(object, ["status", "startTime"])
  const end = textAt(object, ["status", "completionTime"])
  const duration =
    start === "" ? "" : end === "" ? ageOf(start, now) : humanDuration(Date.parse(end) - Date.parse(start))
  return [
    name(object),
    jobState(object),
    wanted === undefined ? others : `${succeeded}/${String(wanted)}`,
    duration,
    age(object, now),
    ...containersOf(template(object)),
    selector(object),
  ]
}

const states = ["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"]

function jobState(object: KubeObject): string {
  const conditions = listAt(object, "status", "conditions")
  const holds = (type: string): boolean => conditions.some((each) => each["type"] === type && each["status"] === "True")
  if (holds("Complete") || holds("Failed")) return holds("Complete") ? "Complete" : "Failed"
  if (object.metadata.deletionTimestamp !== undefined) return "Terminating"
  return states.find((state) => holds(state)) ?? "Running"
}

/** CronJobs. */
export const cronJobCells: Cells = (object, now) => {
  const last = valueAt(object, "status", "lastScheduleTime")
  return [
    name(object),
    textAt(object, ["spec", "schedule"]),
    textAt(object, ["spec", "timeZone"], none),
    valueAt(object, "spec", "suspend") === true ? "True" : "False",
    listAt(object, "status", "active").length,
    last ? ageOf(last, now) : none,
    age(object, now),
    ...containersOf(valueAt(object, "spec", "jobTemplate", "spec", "template")),
    selectorText(valueAt(object, "spec", "jobTemplate", "spec", "selector")),
  ]
}

const unknown = "<unknown>"

/** What an autoscaler has of a metric, and what it wants. */
function metricText(metric: Members, status: Members | undefined): string {
  const type = textAt(metric, ["type"])
  const member = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`
  const isResource = member === "resource" || member === "containerResource"
  if (!isResource && !["pods", "object", "external"].includes(member)) return "<unknown type>"
  const target = mapAt(metric, member, "target")
  const current = mapAt(status, member, "current")
  const amount = (name: string): string => `${textAt(current, [name], unknown)}/${textAt(target, [name])}`
  if (isResource) {
    const prefix = `${textAt(metric, [member, "name"])}: `
    if (target["averageValue"] !== undefined) return prefix + amount("averageValue")
    const share = (map: Members, otherwise: string): string =>
      map["averageUtilization"] === undefined ? otherwise : `${textAt(map, ["averageUtilization"])}%`
    return `${prefix}${share(current, unknown)}/${share(target, "<auto>")}`
  }
  if (member === "pods") return amount("averageValue")
  return target["averageValue"] === undefined ? amount("value") : `${amount("averageValue")} (avg)`
}

/** HorizontalPodAutoscalers. */
export const autoscalerCells: Cells = (object, now) => {
  const target = mapAt(object, "spec", "scaleTargetRef")
  const statuses = listAt(object, "status", "currentMetrics")
  const all = listAt(object, "spec", "metrics").map((metric, index) => metricText(metric, statuses[index]))
  const metrics = all.length > 2 ? `${all.slice(0, 2).join(", ")} + ${all.length - 2} more...` : all.join(", ")
  return [
    name(object),
    `${String(target["kind"])}/${String(target["name"])}`,
    metrics === "" ? none : metrics,
    textAt(object, ["spec", "minReplicas"], "<unset>"),
    countAt(object, "spec", "maxReplicas"),
    countAt(object, "status", "currentReplicas"),
    age(object, now),
  ]
}

/** PodDisruptionBudgets. */
export const budgetCells: Cells = (object, now) => [
  name(object),
  textAt(object, ["spec", "minAvailable"], "N/A"),
  textAt(object, ["spec", "maxUnavailable"], "N/A"),
  countAt(object, "status", "disruptionsAllowed"),
  age(object, now),
]
