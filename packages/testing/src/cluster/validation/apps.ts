import { equalJson } from "@gitops-toolkit/kube"
import { claimSpec } from "./claim.ts"
import { internal } from "./internal.ts"
import { podTemplate, templateMetadata } from "./pod/template.ts"
import { all, each, fields, filled, frozen, given, named, notNegative, onCreate, oneOf, onUpdate } from "./rule.ts"
import { isEmptySelector, labelSelector, selects } from "./selector.ts"
import { amountOf, atMostAll, countOrPercent } from "./terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, valueAt, type Walk } from "./walk.ts"

/** Workloads by what stands in their messages. */
interface Wording {
  readonly kind: "deployment" | "statefulset" | "daemonset"
  /** Who does not know a deadline. */
  readonly owner: string
}

const replicaSets: Wording = { kind: "deployment", owner: "ReplicaSet" }
const statefulSets: Wording = { kind: "statefulset", owner: "StatefulSet" }
const daemonSets: Wording = { kind: "daemonset", owner: "DaemonSet" }

/** The selector; false when nobody can read it. */
function readSelector(spec: Members, walk: Walk, { kind }: Wording): boolean {
  const { selector } = spec
  if (!isSet(selector)) {
    if (kind !== "daemonset") walk.required("selector")
    return true
  }
  const before = walk.causes.length
  walk.at("selector", selector, labelSelector)
  return walk.causes.length === before
}

function emptySelector({ selector }: Members, walk: Walk, { kind }: Wording): void {
  if (isSet(selector) && isEmptySelector(mapOf(selector)))
    walk.invalid("selector", selector, `empty selector is invalid for ${kind}`)
}

function matchingLabels({ selector, template }: Members, walk: Walk): void {
  const labels = valueAt(template, "metadata.labels")
  const isEmpty = isSet(selector) && isEmptySelector(mapOf(selector))
  if (!isEmpty && selects(selector, mapOf(labels)) === false)
    walk.invalid("template.metadata.labels", labels, "`selector` does not match template `labels`")
}

/** Pods of these workloads are started again for ever. */
function alwaysRestarts({ template }: Members, walk: Walk, { owner }: Wording): void {
  const { restartPolicy, activeDeadlineSeconds } = mapOf(mapOf(template)["spec"])
  if (restartPolicy !== "Always") walk.unsupported("template.spec.restartPolicy", textOf(restartPolicy), ["Always"])
  if (isSet(activeDeadlineSeconds))
    walk.forbidden("template.spec.activeDeadlineSeconds", `activeDeadlineSeconds in ${owner} is not Supported`)
}

/** Selector and template: which nobody looks at when no selector could select it. */
const replicated: Rule = (value, walk) => {
  const spec = mapOf(value)
  const isReadable = readSelector(spec, walk, replicaSets)
  emptySelector(spec, walk, replicaSets)
  if (!isReadable) return walk.invalid("selector", spec["selector"], "invalid label selector")
  matchingLabels(spec, walk)
  walk.at("template", spec["template"], podTemplate)
  alwaysRestarts(spec, walk, replicaSets)
}

const rollingDeployment: Rule = (value, walk) => {
  const { maxUnavailable, maxSurge } = mapOf(value)
  walk.at("maxUnavailable", maxUnavailable, countOrPercent)
  walk.at("maxSurge", maxSurge, countOrPercent)
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0)
    walk.invalid("maxUnavailable", maxUnavailable ?? 0, "may not be 0 when `maxSurge` is 0")
  walk.at("maxUnavailable", maxUnavailable, atMostAll)
}

const deploymentStrategy: Rule = (value, walk) => {
  const { type, rollingUpdate } = mapOf(value)
  if (type === "Recreate") {
    if (isSet(rollingUpdate)) walk.forbidden("rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
  } else if (type === "RollingUpdate") {
    if (isSet(rollingUpdate)) walk.at("rollingUpdate", rollingUpdate, rollingDeployment)
    else walk.required("rollingUpdate", "this should be defaulted and never be nil")
  } else walk.unsupported("", internal("apps/v1.DeploymentStrategy", value), ["Recreate", "RollingUpdate"])
}

const deadline: Rule = (value, walk) => {
  const { progressDeadlineSeconds: seconds, minReadySeconds } = mapOf(value)
  if (!isSet(seconds)) return
  walk.at("progressDeadlineSeconds", seconds, notNegative)
  if (numberOf(seconds) <= numberOf(minReadySeconds))
    walk.invalid("progressDeadlineSeconds", seconds, "must be greater than minReadySeconds")
}

/** Deployments. */
export const deployment: Rule = all(
  fields({
    spec: all(
      fields({ replicas: notNegative }),
      replicated,
      fields({
        strategy: deploymentStrategy,
        minReadySeconds: notNegative,
        revisionHistoryLimit: notNegative,
      }),
      deadline,
    ),
  }),
  frozen("spec.selector"),
)

/** ReplicaSets. */
export const replicaSet: Rule = all(
  fields({ spec: all(fields({ replicas: notNegative, minReadySeconds: notNegative }), replicated) }),
  frozen("spec.selector"),
)

const rollingDaemons: Rule = (value, walk) => {
  const { maxUnavailable, maxSurge } = mapOf(value)
  for (const rule of [countOrPercent, atMostAll]) {
    walk.at("maxUnavailable", maxUnavailable, rule)
    walk.at("maxSurge", maxSurge, rule)
  }
  const [hasUnavailable, hasSurge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (hasUnavailable && hasSurge) walk.invalid("maxSurge", maxSurge, "may not be set when maxUnavailable is non-zero")
  if (!hasUnavailable && !hasSurge) walk.required("maxUnavailable", "cannot be 0 when maxSurge is 0")
}

const daemonStrategy: Rule = (value, walk) => {
  const { type, rollingUpdate } = mapOf(value)
  if (type === "OnDelete") return
  if (type !== "RollingUpdate")
    return walk.unsupported("", internal("apps/v1.DaemonSetUpdateStrategy", value), ["RollingUpdate", "OnDelete"])
  if (isSet(rollingUpdate)) walk.at("rollingUpdate", rollingUpdate, rollingDaemons)
  else walk.required("rollingUpdate")
}

const daemons: Rule = (value, walk) => {
  const spec = mapOf(value)
  if (readSelector(spec, walk, daemonSets)) {
    const labels = valueAt(spec, "template.metadata.labels")
    if (selects(spec["selector"], mapOf(labels)) === false)
      walk.invalid("template.metadata.labels", labels, "`selector` does not match template `labels`")
  }
  emptySelector(spec, walk, daemonSets)
  walk.at("template", spec["template"], podTemplate)
  alwaysRestarts(spec, walk, daemonSets)
}

/** DaemonSets. */
export const daemonSet: Rule = all(
  frozen("spec.selector"),
  fields({
    spec: all(
      daemons,
      fields({ minReadySeconds: notNegative, updateStrategy: daemonStrategy, revisionHistoryLimit: notNegative }),
    ),
  }),
)

const rollingStateful = fields({ partition: notNegative })

const statefulStrategy: Rule = (value, walk) => {
  const { type, rollingUpdate } = mapOf(value)
  if (textOf(type) === "") return walk.required("")
  const shown = mapOf(internal("apps/v1.StatefulSetUpdateStrategy", value))
  if (type === "RollingUpdate") walk.at("rollingUpdate", rollingUpdate, rollingStateful)
  else if (type !== "OnDelete") walk.invalid("", shown, "must be 'RollingUpdate' or 'OnDelete'")
  else if (isSet(rollingUpdate))
    walk.invalid("rollingUpdate", shown["RollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'")
}

const podManagement: Rule = (value, walk) => {
  if (textOf(value) === "") walk.required("")
  else if (value !== "OrderedReady" && value !== "Parallel")
    walk.invalid("", value, "must be 'OrderedReady' or 'Parallel'")
}

/** A StatefulSet's template with the volumes that its claims become; they come before those of the same name. */
function withClaims({ template, volumeClaimTemplates }: Members): Members {
  const claims = listOf(volumeClaimTemplates).map((claim) => textOf(valueAt(claim, "metadata.name")))
  const { subdomain: _, hostname: __, ...pod } = mapOf(mapOf(template)["spec"])
  if (claims.length === 0) return { ...mapOf(template), spec: pod }
  const own = listOf(pod["volumes"]).filter((volume) => !claims.includes(textOf(mapOf(volume)["name"])))
  const names = [...new Set(claims)]
  const volumes = [...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...own]
  return { ...mapOf(template), spec: { ...pod, volumes } }
}

const stateful: Rule = (value, walk) => {
  const spec = mapOf(value)
  const isReadable = readSelector(spec, walk, statefulSets)
  emptySelector(spec, walk, statefulSets)
  if (isReadable) {
    matchingLabels(spec, walk)
    const template = withClaims(spec)
    walk.at("template", template, podTemplate)
    walk.at("template", template, templateMetadata)
  } else walk.invalid("selector", spec["selector"], "")
  alwaysRestarts(spec, walk, statefulSets)
}

const retention = oneOf("Retain", "Delete")

const mutable = [
  ...["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"],
  ...["persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
]
const mutableText = `${mutable
  .slice(0, -1)
  .map((name) => `'${name}'`)
  .join(", ")} and '${mutable.at(-1)}'`

const fixedPart = (spec: unknown): Members =>
  Object.fromEntries(Object.entries(mapOf(spec)).filter(([name]) => !mutable.includes(name)))

const statefulUpdate: Rule = onUpdate((value, walk) => {
  if (!equalJson(fixedPart(mapOf(value)["spec"]), fixedPart(walk.before?.["spec"])))
    walk.forbidden("spec", `updates to statefulset spec for fields other than ${mutableText} are forbidden`)
})

/** StatefulSets. */
export const statefulSet: Rule = all(
  fields({
    spec: all(
      fields({
        podManagementPolicy: podManagement,
        updateStrategy: statefulStrategy,
        persistentVolumeClaimRetentionPolicy: given(fields({ whenDeleted: retention, whenScaled: retention })),
        volumeClaimTemplates: onCreate(each(fields({ spec: claimSpec }))),
        replicas: notNegative,
        minReadySeconds: notNegative,
        "ordinals.start": notNegative,
        serviceName: onCreate(filled(named("label"))),
      }),
      stateful,
    ),
  }),
  statefulUpdate,
)

const revisionData: Rule = (value, walk) => {
  if (!isSet(value)) walk.required("", "data is mandatory")
  else if (typeof value !== "object" || Array.isArray(value)) walk.required("", "data must be a valid JSON object")
}

/** ControllerRevisions. */
export const controllerRevision: Rule = all(
  fields({ revision: notNegative, data: onCreate(revisionData) }),
  frozen("data"),
)
