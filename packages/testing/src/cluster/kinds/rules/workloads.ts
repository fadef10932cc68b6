import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { annotationCauses, labelCauses } from "../../write/metadata.ts"
import {
  fixed,
  forbidden,
  invalid,
  listOf,
  mapOf,
  type Members,
  notNegative,
  required,
  type Rule,
  unsupported,
} from "./causes.ts"
import { podSpecCauses } from "./pod.ts"
import { claimRules } from "./others.ts"
import { claimDetails } from "../../validation/storage.ts"
import { workloadSelectorCauses } from "./selector.ts"

export type { Rule } from "./causes.ts"

const specOf = (object: KubeObject | undefined): Members => mapOf(object?.spec)

/** What is wrong with a Pod template. */
export function templateCauses(template: unknown, field: string): Cause[] {
  const { metadata, spec } = mapOf(template)
  const { labels, annotations } = mapOf(metadata) as {
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
  }
  return [
    ...labelCauses(labels, `${field}.labels`),
    ...annotationCauses(annotations, `${field}.annotations`),
    ...podSpecCauses(mapOf(spec), `${field}.spec`),
  ]
}

const controllers = { deployment: "ReplicaSet", statefulset: "StatefulSet", daemonset: "DaemonSet" }

function alwaysRestarts(spec: Members, kind: keyof typeof controllers): Cause[] {
  const { restartPolicy: policy, activeDeadlineSeconds } = mapOf(mapOf(spec["template"])["spec"])
  const field = "spec.template.spec"
  const causes =
    policy === "Always" || policy === undefined ? [] : [unsupported(`${field}.restartPolicy`, policy, ["Always"])]
  if (activeDeadlineSeconds === undefined) return causes
  const why = `activeDeadlineSeconds in ${controllers[kind]} is not Supported`
  return [...causes, forbidden(`${field}.activeDeadlineSeconds`, why)]
}

/** A workload's selector, and its template: which nobody looks at when no selector could select it. */
function selectedTemplate(spec: Members, kind: keyof typeof controllers): Cause[] {
  const { causes, readable } = workloadSelectorCauses(spec, { field: "spec", kind })
  const template = readable || kind === "daemonset" ? templateCauses(spec["template"], "spec.template") : []
  const restarts = readable || kind !== "deployment" ? alwaysRestarts(spec, kind) : []
  return [...causes, ...template, ...restarts]
}

/** A StatefulSet whose template has the volumes that its claims become; they come before those of the same name. */
function withClaims(spec: Members): Members {
  const claims = listOf(spec["volumeClaimTemplates"]).map(({ metadata }) => String(mapOf(metadata)["name"] ?? ""))
  if (claims.length === 0) return spec
  const template = mapOf(spec["template"])
  const pod = mapOf(template["spec"])
  const own = listOf(pod["volumes"]).filter(({ name }) => !claims.includes(String(name)))
  const volumes = [...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...own]
  return { ...spec, template: { ...template, spec: { ...pod, volumes } } }
}

function claimCauses(spec: Members): Cause[] {
  return listOf(spec["volumeClaimTemplates"]).flatMap((claim, index) => {
    const causes: Cause[] = []
    const own = claimRules({ kind: "PersistentVolumeClaim", apiVersion: "v1", ...claim } as KubeObject, undefined)
    claimDetails({ value: claim["spec"], field: "spec", causes })
    return [...own, ...causes].map((cause) => ({
      ...cause,
      field: `spec.volumeClaimTemplates[${index}].${cause.field}`,
    }))
  })
}

/** A count or a percentage as a number; NaN for what is neither. */
function amount(value: unknown): number {
  if (typeof value === "number") return value
  return typeof value === "string" && /^\d{1,9}%$/.test(value) ? Number(value.slice(0, -1)) : Number.NaN
}

function rollingCauses(rolling: Members, field: string): Cause[] {
  const causes: Cause[] = []
  const { maxUnavailable, maxSurge } = rolling
  for (const [name, value] of Object.entries({ maxUnavailable, maxSurge })) {
    if (Number.isNaN(amount(value))) {
      causes.push(
        invalid(
          `${field}.${name}`,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      )
    } else causes.push(...notNegative(`${field}.${name}`, value))
  }
  if (typeof maxUnavailable === "string" && amount(maxUnavailable) > 100) {
    causes.push(invalid(`${field}.maxUnavailable`, maxUnavailable, "must not be greater than 100%"))
  }
  return causes
}

/** As the server prints its own type. */
function printedRolling(rolling: unknown): unknown {
  if (rolling === undefined || rolling === null) return null
  const { maxUnavailable = 0, maxSurge = 0 } = mapOf(rolling)
  return { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge }
}

function deploymentStrategy(strategy: Members): Cause[] {
  const { type, rollingUpdate } = strategy
  const field = "spec.strategy"
  if (type === "Recreate") {
    return rollingUpdate
      ? [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : []
  }
  if (type !== "RollingUpdate")
    return [
      unsupported(field, { Type: type, RollingUpdate: printedRolling(rollingUpdate) }, ["Recreate", "RollingUpdate"]),
    ]
  const rolling = mapOf(rollingUpdate)
  const causes = rollingCauses(rolling, `${field}.rollingUpdate`)
  if (amount(rolling["maxUnavailable"]) === 0 && amount(rolling["maxSurge"]) === 0) {
    causes.push(
      invalid(`${field}.rollingUpdate.maxUnavailable`, rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0"),
    )
  }
  return causes
}

/** Deployments. */
export const deploymentRules: Rule = (object, previous) => {
  const spec = specOf(object)
  return [
    ...notNegative("spec.replicas", spec["replicas"]),
    ...selectedTemplate(spec, "deployment"),
    ...deploymentStrategy(mapOf(spec["strategy"])),
    ...notNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...notNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]),
    ...deadlineCauses(spec),
    ...(previous ? fixed("spec.selector", { now: spec["selector"], before: specOf(previous)["selector"] }) : []),
  ]
}

function deadlineCauses({ progressDeadlineSeconds: deadline, minReadySeconds: ready = 0 }: Members): Cause[] {
  const field = "spec.progressDeadlineSeconds"
  const causes = notNegative(field, deadline)
  return Number(deadline) <= Number(ready)
    ? [...causes, invalid(field, deadline, "must be greater than minReadySeconds")]
    : causes
}

/** The status of a Deployment. */
export const deploymentStatusRules: Rule = ({ status }) => {
  const counts = mapOf(status)
  const names = [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "collisionCount",
  ]
  const causes = names.flatMap((name) => notNegative(`status.${name}`, counts[name]))
  const {
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = counts as { readonly [name: string]: number }
  if (updatedReplicas > replicas)
    causes.push(invalid("status.updatedReplicas", updatedReplicas, "cannot be greater than status.replicas"))
  if (readyReplicas > replicas)
    causes.push(invalid("status.readyReplicas", readyReplicas, "cannot be greater than status.replicas"))
  if (availableReplicas > replicas)
    causes.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than status.replicas"))
  if (availableReplicas > readyReplicas)
    causes.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"))
  return causes
}

/** ReplicaSets. */
export const replicaSetRules: Rule = (object, previous) => {
  const spec = specOf(object)
  return [
    ...notNegative("spec.replicas", spec["replicas"]),
    ...notNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...selectedTemplate(spec, "deployment"),
    ...(previous ? fixed("spec.selector", { now: spec["selector"], before: specOf(previous)["selector"] }) : []),
  ]
}

/** DaemonSets. */
export const daemonSetRules: Rule = (object, previous) => {
  const spec = specOf(object)
  const { type, rollingUpdate } = mapOf(spec["updateStrategy"])
  const field = "spec.updateStrategy"
  const rolling = mapOf(rollingUpdate)
  const { maxUnavailable, maxSurge } = rolling
  const strategy: Cause[] = []
  if (type === "RollingUpdate") {
    strategy.push(...rollingCauses(rolling, `${field}.rollingUpdate`))
    if (amount(maxUnavailable) > 0 && amount(maxSurge) > 0) {
      strategy.push(
        invalid(`${field}.rollingUpdate.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"),
      )
    } else if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0) {
      strategy.push(required(`${field}.rollingUpdate.maxUnavailable`, "cannot be 0 when maxSurge is 0"))
    }
  } else if (type !== "OnDelete") {
    const printed = { Type: type, RollingUpdate: printedRolling(rollingUpdate) }
    strategy.push(unsupported(field, printed, ["RollingUpdate", "OnDelete"]))
  }
  return [
    ...selectedTemplate(spec, "daemonset"),
    ...notNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...strategy,
    ...(previous ? fixed("spec.selector", { now: spec["selector"], before: specOf(previous)["selector"] }) : []),
  ]
}

const mutableFields = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
]

/** StatefulSets. */
export const statefulSetRules: Rule = (object, previous) => {
  const spec = specOf(object)
  const causes = [
    ...notNegative("spec.replicas", spec["replicas"]),
    ...notNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...claimCauses(spec),
    ...selectedTemplate(withClaims(spec), "statefulset"),
  ]
  if (!previous) return causes
  const frozen = (all: Members): Members =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !mutableFields.includes(name)))
  if (equalJson(frozen(spec), frozen(specOf(previous)))) return causes
  const list = mutableFields.map((name) => `'${name}'`)
  const text = `updates to statefulset spec for fields other than ${list.slice(0, -1).join(", ")} and ${list.at(-1)} are forbidden`
  return [...causes, forbidden("spec", text)]
}
