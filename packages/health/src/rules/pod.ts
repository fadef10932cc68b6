import type { KubeObject } from "@gitops-toolkit/kube"
import { current, failed, inProgress, unknown, type Health } from "../health.ts"
import { conditionsIn, hasCondition, listAt, textAt } from "../read.ts"
import type { AssessContext, Rule } from "../rule.ts"

/** How long the scheduler may take before a pod that it cannot place is a failure. */
const schedulingGraceMs = 15_000

/** A Pod by its phase; one that has run to its end is `Current`, however it ended. */
export const pod: Rule = {
  group: "",
  kind: "Pod",
  assess: (object, context) => {
    const phase = textAt(object, "status", "phase")
    switch (phase) {
      case "Succeeded":
        return current("Pod has completed successfully")
      case "Failed":
        return current("Pod has completed, but not successfully")
      case "Running":
        return assessRunning(object)
      case "Pending":
        return assessPending(object, context)
      case "":
        return inProgress("PodNotObserved", "Pod phase not available")
      default:
        return unknown("UnknownPhase", `unknown phase ${phase}`)
    }
  },
}

function assessRunning(object: KubeObject): Health {
  if (hasCondition(object, "Ready", "True")) return current("Pod is Ready")
  const crashing = crashLoopingContainers(object)
  if (crashing.length > 0) {
    return failed("ContainerCrashLooping", `Containers in CrashLoop state: ${crashing.join(",")}`)
  }
  return inProgress("PodRunningNotReady", "Pod is running but is not Ready")
}

function crashLoopingContainers(object: KubeObject): string[] {
  return listAt(object, "status", "containerStatuses")
    .filter((container) => textAt(container, "state", "waiting", "reason") === "CrashLoopBackOff")
    .map((container) => textAt(container, "name"))
}

function assessPending(object: KubeObject, { now }: AssessContext): Health {
  const scheduled = conditionsIn(object).find(({ type }) => type === "PodScheduled")
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") {
    return inProgress("PodPending", "Pod is in the Pending phase")
  }
  const created = Date.parse(textAt(object, "metadata", "creationTimestamp"))
  // Without a clock nothing is late; without a creation time the pod is as old as can be.
  if (now === undefined || now - created <= schedulingGraceMs) {
    return inProgress("PodNotScheduled", "Pod has not been scheduled")
  }
  return failed("PodUnschedulable", "Pod could not be scheduled")
}
