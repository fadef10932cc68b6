import type { KubeObject } from "@gitops-toolkit/kube"
import { hasCondition, integerAt, listAt, mapAt, textAt } from "../read.ts"
import { argo, type ArgoCheck, type ArgoHealth } from "./verdict.ts"

/** A pod by its phase; one that is to live for ever is `Degraded` as soon as a container cannot be started. */
export const pod: ArgoCheck = {
  versions: ["v1"],
  assess: (object) => {
    const stuck = isLongLived(object) ? messagesOfStuck(object) : []
    if (stuck.length > 0) return argo("Degraded", stuck.join(", "))
    const message = textAt(object, "status", "message")
    switch (textAt(object, "status", "phase")) {
      case "Pending":
        return argo("Progressing", message)
      case "Succeeded":
        return argo("Healthy", message)
      case "Failed":
        return argo("Degraded", message || messageOfFailure(object))
      case "Running":
        return assessRunning(object, message)
      default:
        return argo("Unknown", message)
    }
  },
}

function assessRunning(object: KubeObject, message: string): ArgoHealth {
  if (isLongLived(object)) {
    if (hasCondition(object, "Ready", "True")) return argo("Healthy", message)
    const hasEnded = containers(object).some((one) => Object.keys(mapAt(one, "lastState", "terminated")).length > 0)
    return argo(hasEnded ? "Degraded" : "Progressing", message)
  }
  const policy = textAt(object, "spec", "restartPolicy")
  return argo(policy === "OnFailure" || policy === "Never" ? "Progressing" : "Unknown", message)
}

// Pods that end are mostly hooks: an early failure there would end the hook, which might then still run.
function isLongLived(object: KubeObject): boolean {
  if (textAt(object, "spec", "restartPolicy") === "Always") return true
  const annotations = mapAt(object, "metadata", "annotations")
  const isHook = ["argocd.argoproj.io/hook", "helm.sh/hook"].some((key) => Object.hasOwn(annotations, key))
  return !isHook && annotations["argocd.argoproj.io/ignore-restart-policy"] === "true"
}

function messagesOfStuck(object: KubeObject): string[] {
  return containers(object)
    .filter((one) => /^Err|(?:Error|BackOff)$/.test(textAt(one, "state", "waiting", "reason")))
    .map((one) => textAt(one, "state", "waiting", "message"))
}

function messageOfFailure(object: KubeObject): string {
  for (const one of [...listAt(object, "status", "initContainerStatuses"), ...containers(object)]) {
    const message = textAt(one, "state", "terminated", "message")
    if (message !== "") return message
    if (textAt(one, "state", "terminated", "reason") === "OOMKilled") return "OOMKilled"
    const code = integerAt(one, ["state", "terminated", "exitCode"], 0)
    if (code !== 0) return `container "${textAt(one, "name")}" failed with exit code ${code}`
  }
  return ""
}

function containers(object: KubeObject): readonly unknown[] {
  return listAt(object, "status", "containerStatuses")
}
