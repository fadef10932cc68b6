import { current, inProgress } from "../health.ts"
import { integerAt, integerOf, valueAt } from "../read.ts"
import type { Rule } from "../rule.ts"

const assess: Rule["assess"] = (object) => {
  // A DaemonSet that its controller has not seen yet looks complete: so here both generations must be there.
  if (integerOf(valueAt(object, ["metadata", "generation"])) === undefined) {
    return inProgress("NoGeneration", "Missing .metadata.generation")
  }
  if (integerOf(valueAt(object, ["status", "observedGeneration"])) === undefined) {
    return inProgress("NoObservedGeneration", "Missing .status.observedGeneration")
  }
  const desired = integerAt(object, ["status", "desiredNumberScheduled"], -1)
  if (desired === -1) return inProgress("NoDesiredNumber", "Missing .status.desiredNumberScheduled")
  const count = (field: string): number => integerAt(object, ["status", field], 0)
  const [scheduled, updated] = [count("currentNumberScheduled"), count("updatedNumberScheduled")]
  const [available, ready] = [count("numberAvailable"), count("numberReady")]
  if (desired > scheduled) return inProgress("LessCurrent", `Current: ${scheduled}/${desired}`)
  if (desired > updated) return inProgress("LessUpdated", `Updated: ${updated}/${desired}`)
  if (desired > available) return inProgress("LessAvailable", `Available: ${available}/${desired}`)
  if (desired > ready) return inProgress("LessReady", `Ready: ${ready}/${desired}`)
  return current(`All replicas scheduled as expected. Replicas: ${desired}`)
}

/** A DaemonSet with an updated, available and ready pod on every node that is to have one. */
export const daemonSet: readonly Rule[] = [
  { group: "apps", kind: "DaemonSet", assess },
  { group: "extensions", kind: "DaemonSet", assess },
]
