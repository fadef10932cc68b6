import { current, inProgress } from "../health.ts"
import { hasCondition, integerAt } from "../read.ts"
import type { Rule } from "../rule.ts"

const assess: Rule["assess"] = (object) => {
  const desired = integerAt(object, ["spec", "replicas"], 1)
  const count = (field: string): number => integerAt(object, ["status", field], 0)
  const [labelled, available] = [count("fullyLabeledReplicas"), count("availableReplicas")]
  const [ready, replicas] = [count("readyReplicas"), count("replicas")]
  if (hasCondition(object, "ReplicaFailure", "True")) {
    return inProgress("ReplicaFailure", "Replica Failure condition. Check Pods")
  }
  if (desired > labelled) return inProgress("LessLabelled", `Labelled: ${labelled}/${desired}`)
  if (desired > available) return inProgress("LessAvailable", `Available: ${available}/${desired}`)
  if (desired > ready) return inProgress("LessReady", `Ready: ${ready}/${desired}`)
  if (replicas > desired) return inProgress("ExtraPods", `Pending termination: ${replicas - desired}`)
  return current(`ReplicaSet is available. Replicas: ${replicas}`)
}

/** A ReplicaSet with exactly its pods, all labelled, available and ready. */
export const replicaSet: readonly Rule[] = [
  { group: "apps", kind: "ReplicaSet", assess },
  { group: "extensions", kind: "ReplicaSet", assess },
]
