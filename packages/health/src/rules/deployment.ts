import type { KubeObject } from "@gitops-toolkit/kube"
import { current, failed, inProgress } from "../health.ts"
import { conditionsIn, hasCondition, integerAt, integerOf, valueAt } from "../read.ts"
import type { Rule } from "../rule.ts"

/** The deadline that means none. */
const noDeadline = 2_147_483_647

const assess: Rule["assess"] = (object) => {
  if (
    conditionsIn(object).some(({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded")
  ) {
    return failed("ProgressDeadlineExceeded", "Progress deadline exceeded")
  }
  const desired = integerAt(object, ["spec", "replicas"], 1)
  const count = (field: string): number => integerAt(object, ["status", field], 0)
  const [replicas, updated] = [count("replicas"), count("updatedReplicas")]
  const [available, ready] = [count("availableReplicas"), count("readyReplicas")]
  if (desired > replicas) return inProgress("LessReplicas", `Replicas: ${replicas}/${desired}`)
  if (desired > updated) return inProgress("LessUpdated", `Updated: ${updated}/${desired}`)
  if (replicas > desired) return inProgress("ExtraPods", `Pending termination: ${replicas - desired}`)
  if (updated > available) return inProgress("LessAvailable", `Available: ${available}/${updated}`)
  if (desired > ready) return inProgress("LessReady", `Ready: ${ready}/${desired}`)
  if (!hasProgressed(object)) return inProgress("ReplicaSetNotAvailable", "ReplicaSet not Available")
  if (!hasCondition(object, "Available", "True")) {
    return inProgress("DeploymentNotAvailable", "Deployment not Available")
  }
  return current(`Deployment is available. Replicas: ${replicas}`)
}

function hasProgressed(object: KubeObject): boolean {
  const deadline = integerOf(valueAt(object, ["spec", "progressDeadlineSeconds"]))
  if (deadline === undefined || deadline === noDeadline) return true
  return conditionsIn(object).some(
    ({ type, status, reason }) => type === "Progressing" && status === "True" && reason === "NewReplicaSetAvailable",
  )
}

/** A Deployment whose newest ReplicaSet is complete and available; a missed progress deadline is a failure. */
export const deployment: readonly Rule[] = [
  { group: "apps", kind: "Deployment", assess },
  { group: "extensions", kind: "Deployment", assess },
]
