import type { KubeObject } from "@gitops-toolkit/kube"
import { age, ageOf, countAt, listAt, type Members, none, textAt, valueAt } from "./text.ts"

interface Tally {
  reason: string
  ready: number
  restarts: number
  last: string
}

function noteRestart(tally: Tally, status: Members): void {
  tally.restarts += countAt(status, "restartCount")
  const finished = textAt(status, ["lastState", "terminated", "finishedAt"])
  if (finished > tally.last) tally.last = finished
}

function exitText(terminated: Members): string {
  if (terminated["reason"]) return String(terminated["reason"])
  return terminated["signal"]
    ? `Signal:${String(terminated["signal"])}`
    : `ExitCode:${String(terminated["exitCode"] ?? 0)}`
}

/** Walks over the init containers; true while one of them is not done. */
function initializing(pod: KubeObject, tally: Tally): boolean {
  const containers = listAt(pod, "spec", "initContainers")
  for (const [index, status] of listAt(pod, "status", "initContainerStatuses").entries()) {
    noteRestart(tally, status)
    const spec = containers.find((each) => each["name"] === status["name"])
    const terminated = valueAt(status, "state", "terminated") as Members | undefined
    const sidecar = spec?.["restartPolicy"] === "Always"
    if (terminated && countAt(terminated, "exitCode") === 0) continue
    if (sidecar && status["started"] === true) {
      if (status["ready"] === true) tally.ready++
      continue
    }
    const waiting = textAt(status, ["state", "waiting", "reason"])
    if (terminated) tally.reason = `Init:${exitText(terminated)}`
    else if (waiting !== "" && waiting !== "PodInitializing") tally.reason = `Init:${waiting}`
    else tally.reason = `Init:${index}/${containers.length}`
    return true
  }
  return false
}

function running(pod: KubeObject, tally: Tally): void {
  let failure = ""
  let isRunning = false
  for (const status of listAt(pod, "status", "containerStatuses").toReversed()) {
    noteRestart(tally, status)
    const waiting = textAt(status, ["state", "waiting", "reason"])
    const terminated = valueAt(status, "state", "terminated") as Members | undefined
    if (waiting !== "") tally.reason = waiting
    else if (terminated) {
      tally.reason = exitText(terminated)
      if (countAt(terminated, "exitCode") !== 0) failure = tally.reason
    } else if (status["ready"] === true && valueAt(status, "state", "running")) {
      isRunning = true
      tally.ready++
    }
  }
  if (tally.reason !== "Completed") return
  const isReady = listAt(pod, "status", "conditions").some(
    (each) => each["type"] === "Ready" && each["status"] === "True",
  )
  if (isRunning && isReady) tally.reason = "Running"
  else if (failure !== "") tally.reason = failure
  else if (isRunning) tally.reason = "NotReady"
}

/** The cells of a Pod. */
export function podCells(pod: KubeObject, nowMs: number): unknown[] {
  const phase = textAt(pod, ["status", "phase"])
  const tally: Tally = { reason: textAt(pod, ["status", "reason"], phase), ready: 0, restarts: 0, last: "" }
  const sidecars = listAt(pod, "spec", "initContainers").filter((each) => each["restartPolicy"] === "Always").length
  const total = listAt(pod, "spec", "containers").length + sidecars
  if (!initializing(pod, tally)) {
    const all = tally.restarts
    tally.restarts = sidecars > 0 ? all : 0
    tally.last = sidecars > 0 ? tally.last : ""
    running(pod, tally)
  }
  const ended = phase === "Succeeded" || phase === "Failed"
  if (pod.metadata.deletionTimestamp !== undefined && !ended) tally.reason = "Terminating"
  const restarts =
    tally.restarts > 0 && tally.last !== ""
      ? `${tally.restarts} (${ageOf(tally.last, nowMs)} ago)`
      : String(tally.restarts)
  return [
    pod.metadata.name,
    `${tally.ready}/${total}`,
    tally.reason,
    restarts,
    age(pod, nowMs),
    textAt(listAt(pod, "status", "podIPs")[0], ["ip"], none),
    textAt(pod, ["spec", "nodeName"], none),
    textAt(pod, ["status", "nominatedNodeName"], none),
    gates(pod),
  ]
}

function gates(pod: KubeObject): string {
  const wanted = listAt(pod, "spec", "readinessGates")
  if (wanted.length === 0) return none
  const conditions = listAt(pod, "status", "conditions")
  const met = wanted.filter(({ conditionType }) =>
    conditions.some((each) => each["type"] === conditionType && each["status"] === "True"),
  )
  return `${met.length}/${wanted.length}`
}
