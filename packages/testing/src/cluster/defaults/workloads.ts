import { chain, eachOf, type Fill, fill, fillPointers, isMap, type Members, within } from "./fill.ts"
import { claimSpec, podTemplate, templated } from "./pod.ts"

/** A Deployment. */
export const deployment: Fill = templated((given) => {
  const spec = fill(given, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} })
  return within(spec, "strategy", (strategy) => {
    const typed = fill(strategy, { type: "RollingUpdate" })
    if (typed["type"] !== "RollingUpdate") return typed
    const rolling = isMap(typed["rollingUpdate"]) ? typed["rollingUpdate"] : {}
    const whole = fill(rolling, { maxUnavailable: "25%", maxSurge: "25%" })
    return whole === typed["rollingUpdate"] ? typed : { ...typed, rollingUpdate: whole }
  })
})

function rollingUpdate(strategy: Members, values: Members): Members {
  const typed = fill(strategy, { type: "RollingUpdate" })
  if (typed["type"] !== "RollingUpdate") return typed
  const rolling = isMap(typed["rollingUpdate"]) ? typed["rollingUpdate"] : {}
  const whole = fill(rolling, values)
  return whole === typed["rollingUpdate"] ? typed : { ...typed, rollingUpdate: whole }
}

const claimTemplate: Fill = (claim) =>
  within(
    within(fill(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim", status: {} }), "spec", claimSpec),
    "status",
    (status) => fill(status, { phase: "Pending" }),
  )

/** A StatefulSet. */
export const statefulSet: Fill = templated((given) => {
  const spec = fill(given, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: "OrderedReady",
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  })
  return chain(
    (each) => within(each, "updateStrategy", (strategy) => rollingUpdate(strategy, { partition: 0 })),
    (each) =>
      within(each, "persistentVolumeClaimRetentionPolicy", (policy) =>
        fill(policy, { whenDeleted: "Retain", whenScaled: "Retain" }),
      ),
    (each) => eachOf(each, "volumeClaimTemplates", claimTemplate),
  )(spec)
})

const note = "deprecated.daemonset.template.generation"

/** A DaemonSet: it carries the generation of its template as an annotation. */
export const daemonSet: Fill = (object) =>
  within(plainDaemonSet(object), "metadata", (metadata) =>
    within(fill(metadata, { annotations: {} }), "annotations", (annotations) => fill(annotations, { [note]: "1" })),
  )

const plainDaemonSet: Fill = templated((given) =>
  within(fill(given, { revisionHistoryLimit: 10, updateStrategy: {} }), "updateStrategy", (strategy) =>
    rollingUpdate(strategy, { maxUnavailable: 1, maxSurge: 0 }),
  ),
)

/** A ReplicaSet. */
export const replicaSet: Fill = templated((spec) => fill(spec, { replicas: 1 }))

/** A ReplicationController: the labels of its template count where it has none. */
export const replicationController: Fill = (object) => {
  const whole = withTemplateLabels(replicaSet(object))
  return within(whole, "spec", (spec) => fill(spec, { selector: templateLabels(whole) }))
}

function templateLabels({ spec }: Members): Members | undefined {
  const template = isMap(spec) && isMap(spec["template"]) ? spec["template"] : {}
  const labels = isMap(template["metadata"]) ? template["metadata"]["labels"] : undefined
  return isMap(labels) && Object.keys(labels).length > 0 ? labels : undefined
}

function withTemplateLabels(object: Members): Members {
  const labels = templateLabels(object)
  return labels ? within(object, "metadata", (metadata) => fill(metadata, { labels })) : object
}

const jobSpec: Fill = (given) => {
  const single = given["completions"] === undefined && given["parallelism"] === undefined
  const policy = given["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed"
  const spec = fill(given, {
    completions: single ? 1 : undefined,
    parallelism: 1,
    backoffLimit: given["backoffLimitPerIndex"] === undefined ? 6 : 2147483647,
    suspend: false,
    manualSelector: false,
  })
  const whole = fillPointers(spec, { completionMode: "NonIndexed", podReplacementPolicy: policy })
  const judged = within(whole, "podFailurePolicy", (failure) =>
    eachOf(failure, "rules", (rule) => eachOf(rule, "onPodConditions", (pattern) => fill(pattern, { status: "True" }))),
  )
  return within(judged, "template", podTemplate)
}

/** A Job: the labels of its template count where it has none. */
export const job: Fill = (object) => withTemplateLabels(within(object, "spec", jobSpec))

/** A CronJob. */
export const cronJob: Fill = (object) =>
  within(object, "spec", (given) => {
    const spec = fill(given, {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    return within(spec, "jobTemplate", (template) =>
      within(template, "spec", (inner) => within(inner, "template", podTemplate)),
    )
  })
