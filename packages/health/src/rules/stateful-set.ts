import { current, inProgress } from "../health.ts"
import { integerAt, integerOf, textAt, valueAt } from "../read.ts"
import type { Rule } from "../rule.ts"

/** A StatefulSet whose pods are all there, ready and of the newest revision (from its partition on). */
export const statefulSet: Rule = {
  group: "apps",
  kind: "StatefulSet",
  assess: (object) => {
    if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") {
      return current("StatefulSet is using the ondelete update strategy")
    }
    const desired = integerAt(object, ["spec", "replicas"], 1)
    const count = (field: string): number => integerAt(object, ["status", field], 0)
    const [ready, present, replicas] = [count("readyReplicas"), count("currentReplicas"), count("replicas")]
    if (desired > replicas) return inProgress("LessReplicas", `Replicas: ${replicas}/${desired}`)
    if (desired > ready) return inProgress("LessReady", `Ready: ${ready}/${desired}`)
    if (replicas > desired) return inProgress("ExtraPods", `Pending termination: ${replicas - desired}`)
    const partition = integerOf(valueAt(object, ["spec", "updateStrategy", "rollingUpdate", "partition"]))
    if (partition !== undefined) {
      const [updated, wanted] = [count("updatedReplicas"), desired - partition]
      if (updated < wanted) return inProgress("PartitionRollout", `updated: ${updated}/${wanted}`)
      return current(`Partition rollout complete. updated: ${updated}`)
    }
    if (desired > present) return inProgress("LessCurrent", `current: ${present}/${desired}`)
    const [currentRevision, updateRevision] = [
      textAt(object, "status", "currentRevision"),
      textAt(object, "status", "updateRevision"),
    ]
    if (currentRevision !== updateRevision) {
      return inProgress("RevisionMismatch", "Waiting for updated revision to match current")
    }
    return current(`All replicas scheduled as expected. Replicas: ${replicas}`)
  },
}
