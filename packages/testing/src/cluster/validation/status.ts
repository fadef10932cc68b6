// What holds of statuses that are written through `/status`.
import { isIP } from "node:net"
import { address, familyOf } from "./address.ts"
import { claimStatus } from "./claim.ts"
import { all, fields, filled, named, needed, notNegative, oneOf, onUpdate, present, without } from "./rule.ts"
import { jobStatus } from "./job-status.ts"
import { quotaStatus } from "./limits.ts"
import { qualifiedName } from "./terms.ts"
import { isSet, listOf, mapOf, mapsOf, type Members, numberOf, type Rule, textOf, valueAt } from "./walk.ts"

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

const reasonForm = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
const reasonFormat = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonForm}')`

const reason: Rule = needed((value, walk) => {
  if (!/^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(textOf(value))) walk.invalid("", value, reasonFormat)
  if (textOf(value).length > 1024) walk.tooLong("", 1024)
})

const condition = fields({
  type: qualifiedName,
  status: oneOf("False", "True", "Unknown"),
  observedGeneration: (value, walk) => {
    if (numberOf(value) < 0) walk.invalid("", value, "must be greater than or equal to zero")
  },
  lastTransitionTime: present(),
  reason,
  message: (value, walk) => {
    if (textOf(value).length > 32_768) walk.tooLong("", 32_768)
  },
})

/** Conditions as all newer kinds have them. */
const conditions: Rule = (value, walk) => {
  const types = new Set<unknown>()
  for (const [index, item] of mapsOf(value).entries()) {
    if (types.has(item["type"])) walk.duplicate(`[${index}].type`, item["type"])
    types.add(item["type"])
    walk.at(index, item, condition)
  }
}

const podConditions: Rule = (value, walk) => {
  for (const [index, { type, observedGeneration }] of mapsOf(value).entries()) {
    if (numberOf(observedGeneration) < 0)
      walk.invalid(`[${index}].observedGeneration`, observedGeneration, "must be a non-negative integer")
    if (!["PodScheduled", "Ready", "Initialized"].includes(textOf(type)))
      walk.at(`[${index}].Type`, type, qualifiedName)
  }
}

/** The addresses of a Pod or its node: one a family. Those that were there before stay as they are. */
const addressList =
  (name: string): Rule =>
  (value, walk) => {
    const known = mapsOf(valueAt(walk.before, `status.${name}`)).map(({ ip }) => ip)
    const list = mapsOf(value).map(({ ip }) => textOf(ip))
    for (const [index, ip] of list.entries()) walk.at(index, ip, address(known))
    if (list.length > 2 || (list.length === 2 && familyOf(list[0]!) === familyOf(list[1]!)))
      walk.invalid("", value, "may specify no more than one IP for each IP family")
  }

/** A container that has ended starts again only where it may. */
const containerStates: Rule = (value, walk) => {
  const { restartPolicy } = mapOf(walk.before?.["spec"])
  const old = mapsOf(valueAt(walk.before, "status.containerStatuses"))
  const codeOf = (status: Members): unknown => mapOf(mapOf(status["state"])["terminated"])["exitCode"]
  for (const [index, status] of old.entries()) {
    const mayRestart = restartPolicy === "Always" || (restartPolicy === "OnFailure" && codeOf(status) !== 0)
    const next = mapsOf(value).find(({ name }) => name === status["name"])
    if (codeOf(status) !== undefined && next && codeOf(next) === undefined && !mayRestart)
      walk.forbidden(`[${index}].state`, "may not be transitioned to non-terminated state")
  }
}

const podStatus: Rule = (value, walk) => {
  const { conditions: list, nominatedNodeName, hostIP, hostIPs, ...status } = mapOf(value)
  const before = mapOf(walk.before?.["status"])
  walk.at("conditions", list, podConditions)
  if (nominatedNodeName !== before["nominatedNodeName"])
    walk.at("nominatedNodeName", nominatedNodeName, filled(named("subdomain")))
  if ((status["qosClass"] ?? null) !== (before["qosClass"] ?? null))
    walk.invalid("qosClass", textOf(status["qosClass"]), "field is immutable")
  walk.at("containerStatuses", status["containerStatuses"], containerStates)
  walk.at("podIPs", status["podIPs"], addressList("podIPs"))
  const [first] = mapsOf(hostIPs)
  if (first && first["ip"] !== hostIP) walk.invalid("hostIPs[0].ip", textOf(first["ip"]), "must be equal to `hostIP`")
  walk.at("hostIPs", hostIPs, addressList("hostIPs"))
}

/** The rules of statuses, by the table of their kind. */
export const statusRules: { readonly [table: string]: Rule } = {
  "daemonsets.apps": fields({ status: daemonSet }),
  "deployments.apps": fields({ status: deployment }),
  "horizontalpodautoscalers.autoscaling": fields({ status: counts("currentReplicas", "desiredReplicas") }),
  "ingresses.networking.k8s.io": fields({ "status.loadBalancer.ingress": ingress(() => {}) }),
  "jobs.batch": jobStatus,
  namespaces: namespace,
  persistentvolumeclaims: fields({ status: claimStatus }),
  "poddisruptionbudgets.policy": fields({
    status: all(
      fields({ conditions }),
      counts("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"),
    ),
  }),
  pods: fields({ status: podStatus }),
  "replicasets.apps": fields({ status: replicaSet }),
  resourcequotas: quotaStatus,
  services: fields({ status: service }),
  "statefulsets.apps": fields({ status: statefulSet }),
}
