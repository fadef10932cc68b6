import { all, at, each, ensured, fill, fills, has, partOf, when, within, type Filler, type Part } from "./fill.ts"
import { podSpec, podTemplate } from "./pod.ts"

const isRolling = (part: Part): boolean => part["type"] === "RollingUpdate"

/** The defaults of a Deployment. */
export const deployment: Filler = all(
  podTemplate,
  within(
    "spec",
    all(
      fills({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
      ensured(
        "strategy",
        all(
          fills({ type: "RollingUpdate" }),
          when(isRolling, ensured("rollingUpdate", fills({ maxUnavailable: "25%", maxSurge: "25%" }))),
        ),
      ),
    ),
  ),
)

/** The defaults of a ReplicaSet. */
export const replicaSet: Filler = all(podTemplate, within("spec", fills({ replicas: 1 })))

/** The defaults of a ReplicationController: selector and labels come from its template. */
export const replicationController: Filler = (object) => {
  const labels = partOf(partOf(partOf(partOf(object, "spec"), "template"), "metadata"), "labels")
  const known = Object.keys(labels).length > 0
  const selected = within("spec", known ? fills({ replicas: 1, selector: labels }) : fills({ replicas: 1 }))
  const labelled = within("metadata", known ? fills({ labels }) : (part) => part)
  return all(podTemplate, selected, labelled)(object)
}

const claimOfSet: Filler = all(
  fills({ apiVersion: "v1", kind: "PersistentVolumeClaim" }),
  within("spec", fills({ volumeMode: "Filesystem" })),
  ensured("status", fills({ phase: "Pending" })),
)

/** The defaults of a StatefulSet. */
export const statefulSet: Filler = all(
  podTemplate,
  within(
    "spec",
    all(
      fills({ podManagementPolicy: "OrderedReady", replicas: 1, revisionHistoryLimit: 10 }),
      ensured(
        "updateStrategy",
        all(fills({ type: "RollingUpdate" }), when(isRolling, ensured("rollingUpdate", fills({ partition: 0 })))),
      ),
      ensured("persistentVolumeClaimRetentionPolicy", fills({ whenDeleted: "Retain", whenScaled: "Retain" })),
      each("volumeClaimTemplates", claimOfSet),
    ),
  ),
)

/** The defaults of a DaemonSet. */
export const daemonSet: Filler = all(
  podTemplate,
  within(
    "spec",
    all(
      fills({ revisionHistoryLimit: 10 }),
      ensured(
        "updateStrategy",
        all(
          fills({ type: "RollingUpdate" }),
          when(isRolling, ensured("rollingUpdate", fills({ maxUnavailable: 1, maxSurge: 0 }))),
        ),
      ),
    ),
  ),
)

/** Without a number of completions nor of parallel Pods a Job runs one Pod once. */
function jobCounts(spec: Part): Part {
  const once = !has(spec, "completions") && !has(spec, "parallelism")
  return fill(spec, {
    parallelism: 1,
    completions: once ? 1 : undefined,
    backoffLimit: has(spec, "backoffLimitPerIndex") ? 2_147_483_647 : 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: has(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed",
  })
}

const onPodConditions = each("rules", each("onPodConditions", fills({ status: "True" })))

/** The defaults of a Job. */
export const job: Filler = all(podTemplate, within("spec", all(jobCounts, within("podFailurePolicy", onPodConditions))))

/** The defaults of a CronJob; its template gets a Pod's, not a Job's. */
export const cronJob: Filler = all(
  at("spec.jobTemplate.spec.template.spec", podSpec),
  within(
    "spec",
    fills({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    }),
  ),
)
