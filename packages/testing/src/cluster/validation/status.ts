// What holds of statuses that are written through `/status`.
import { isIP } from "node:net"
import { address } from "./address.ts"
import { all, fields, named, notNegative, oneOf, onUpdate, without } from "./rule.ts"
import { quotaStatus } from "./limits.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, valueAt } from "./walk.ts"

/** Counts that are not negative, in this order. */
const counts = (...names: readonly string[]): Rule =>
  fields(Object.fromEntries(names.map((name) => [name, notNegative])))

/** Counts of which none is more than all, and what is available is ready first. */
const parts =
  (names: readonly string[], last: string): Rule =>
  (value, walk) => {
    const status = mapOf(value)
    const all = numberOf(status["replicas"])
    for (const name of names)
      if (numberOf(status[name]) > all)
        walk.invalid(name, numberOf(status[name]), "cannot be greater than status.replicas")
    if (numberOf(status["availableReplicas"]) > numberOf(status["readyReplicas"]))
      walk.invalid("availableReplicas", numberOf(status["availableReplicas"]), last)
  }

const collisions: Rule = onUpdate((value, walk) => {
  const [now, before] = [mapOf(value)["collisionCount"], valueAt(walk.before, "status.collisionCount")]
  if (isSet(before) && numberOf(now) < numberOf(before))
    walk.invalid("collisionCount", numberOf(now), "cannot be decremented")
})

const deployment = all(
  counts(
    ...["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"],
    ...["unavailableReplicas", "terminatingReplicas", "collisionCount"],
  ),
  parts(["updatedReplicas", "readyReplicas", "availableReplicas"], "cannot be greater than readyReplicas"),
  collisions,
)

const replicaSet = all(
  counts("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"),
  counts("terminatingReplicas"),
  parts(["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "cannot be greater than readyReplicas"),
)

const statefulSet = all(
  counts("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
  counts("observedGeneration", "collisionCount"),
  parts(
    ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
    "cannot be greater than status.readyReplicas",
  ),
  collisions,
)

const daemonSet = all(
  counts("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"),
  counts("observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"),
  collisions,
)

const notAnAddress = without((name) => (isIP(name) > 0 ? ["must be a DNS name, not an IP address"] : []))

/** Where a load balancer listens. Addresses that were there before stay as they are. */
function ingress(modes: Rule): Rule {
  return (value, walk) => {
    const old = listOf(valueAt(walk.before, "status.loadBalancer.ingress")).map((each) => mapOf(each)["ip"])
    for (const [index, item] of listOf(value).entries()) {
      const { ip, hostname } = mapOf(item)
      walk.at(index, item, () => {
        if (textOf(ip) !== "") walk.at("ip", ip, address(old))
        modes(item, walk)
        if (textOf(hostname) !== "") walk.at("hostname", hostname, all(named("subdomain"), notAnAddress))
      })
    }
  }
}

const ipMode: Rule = (value, walk) => {
  const { ip, ipMode: mode } = mapOf(value)
  const hasAddress = textOf(ip) !== ""
  if (!isSet(mode)) {
    if (hasAddress) walk.required("ipMode", "must be specified when `ip` is set")
  } else if (hasAddress) walk.at("ipMode", mode, oneOf("Proxy", "VIP"))
  else walk.forbidden("ipMode", "may not be specified when `ip` is not set")
}

const serviceIngress = ingress(ipMode)

const service: Rule = (value, walk) => {
  const list = valueAt(value, "loadBalancer.ingress")
  const isBalanced = valueAt(walk.before, "spec.type") === "LoadBalancer"
  if (isBalanced) walk.at("loadBalancer.ingress", list, serviceIngress)
  else if (listOf(list).length > 0)
    walk.forbidden("loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")
}

const namespace: Rule = (value, walk) => {
  const { status, metadata } = value as { readonly status?: Members; readonly metadata: Members }
  const phase = textOf(status?.["phase"])
  const isGoing = isSet(metadata["deletionTimestamp"])
  if (!isGoing && phase !== "Active")
    walk.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")
  if (isGoing && phase !== "Terminating")
    walk.invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")
}

const isTrue = (status: Members, type: string): boolean =>
  listOf(status["conditions"]).some((each) => mapOf(each)["type"] === type && mapOf(each)["status"] === "True")

/** Conditions of Jobs that rule each other out, or need each other; what was so before an update may stay so. */
const jobConditions: Rule = (value, walk) => {
  const [status, old] = [mapOf(value), mapOf(walk.before?.["status"])]
  const { completionTime, startTime, active, ready } = status
  const [complete, failed, target, met] = jobTypes.map((type) => isTrue(status, type))
  const isNew = (...types: readonly string[]): boolean =>
    types.some((type) => isTrue(status, type) !== isTrue(old, type))
  const changed = (...names: readonly string[]): boolean =>
    names.some((name) => (status[name] ?? null) !== (old[name] ?? null))
  const wrong = (holds: boolean | undefined, why: string): void => {
    if (holds) walk.wrong("conditions", why)
  }
  wrong(complete && failed && isNew("Complete", "Failed"), "cannot set Complete=True and Failed=true conditions")
  wrong(
    complete && target && isNew("Complete", "FailureTarget"),
    "cannot set Complete=True and FailureTarget=true conditions",
  )
  if (isNew("Complete") || changed("completionTime")) {
    const why = "cannot set completionTime when there is no Complete=True condition"
    if (isSet(completionTime) && !complete) walk.invalid("completionTime", completionTime, why)
    if (!isSet(completionTime) && complete)
      walk.required("completionTime", "completionTime is required for Complete jobs")
  }
  if (isSet(startTime) && isSet(completionTime) && textOf(completionTime) < textOf(startTime))
    walk.invalid("completionTime", completionTime, "must be equal to or after `startTime`")
  wrong(
    failed && !target && isNew("Failed"),
    "cannot set Failed=True condition without the FailureTarget=true condition",
  )
  wrong(
    complete && !met && isNew("Complete", "SuccessCriteriaMet"),
    "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
  )
  const isDone = complete || failed
  if (numberOf(active) > 0 && isDone && (isNew("Complete", "Failed") || changed("active")))
    walk.invalid("active", active, "active>0 is invalid for finished job")
  if (!isSet(startTime) && isDone && (isNew("Complete", "Failed") || changed("startTime")))
    walk.required("startTime", "startTime is required for finished job")
  if (isSet(ready) && numberOf(ready) > numberOf(active) && changed("ready", "active"))
    walk.invalid("ready", ready, "cannot set more ready pods than active")
  wrong(met && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions")
  wrong(met && target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
}

const jobTypes = ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"]

/** What of a Job's status only grows. */
const jobProgress: Rule = onUpdate((value, walk) => {
  const [status, old] = [mapOf(value), mapOf(walk.before?.["status"])]
  for (const type of ["Failed", "Complete", "FailureTarget"])
    if (isTrue(old, type) && !isTrue(status, type))
      walk.wrong("conditions", `cannot disable the terminal ${type}=True condition`)
  for (const name of ["failed", "succeeded"])
    if (numberOf(status[name]) < numberOf(old[name]))
      walk.invalid(name, status[name] ?? 0, `cannot decrease the ${name} counter`)
  if (isTrue(old, "SuccessCriteriaMet") && !isTrue(status, "SuccessCriteriaMet"))
    walk.wrong("conditions", "cannot disable the SuccessCriteriaMet=True condition")
})

/** The rules of statuses, by the table of their kind. */
export const statusRules: { readonly [table: string]: Rule } = {
  "daemonsets.apps": fields({ status: daemonSet }),
  "deployments.apps": fields({ status: deployment }),
  "horizontalpodautoscalers.autoscaling": fields({ status: counts("currentReplicas", "desiredReplicas") }),
  "ingresses.networking.k8s.io": fields({ "status.loadBalancer.ingress": ingress(() => {}) }),
  "jobs.batch": fields({
    status: all(counts("active", "succeeded", "failed", "ready", "terminating"), jobConditions, jobProgress),
  }),
  namespaces: namespace,
  "poddisruptionbudgets.policy": fields({
    status: counts("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"),
  }),
  "replicasets.apps": fields({ status: replicaSet }),
  resourcequotas: quotaStatus,
  services: fields({ status: service }),
  "statefulsets.apps": fields({ status: statefulSet }),
}
