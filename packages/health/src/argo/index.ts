import type { KubeObject } from "@gitops-toolkit/kube"
import { parseJson } from "@gitops-toolkit/kube"
import { conditionsIn, listAt, mapAt, textAt } from "../read.ts"
import { pod } from "./pod.ts"
import { argo, type ArgoCheck, type ArgoHealth } from "./verdict.ts"
import { daemonSet, deployment, job, replicaSet, statefulSet } from "./workloads.ts"

const hasAddress = (object: KubeObject): boolean => listAt(object, "status", "loadBalancer", "ingress").length > 0

const service: ArgoCheck = {
  versions: ["v1"],
  assess: (object) =>
    argo(textAt(object, "spec", "type") !== "LoadBalancer" || hasAddress(object) ? "Healthy" : "Progressing"),
}

const ingress: ArgoCheck = { assess: (object) => argo(hasAddress(object) ? "Healthy" : "Progressing") }

const claim: ArgoCheck = {
  name: "PVC",
  versions: ["v1"],
  assess: (object) => {
    const statuses = new Map([
      ["Lost", "Degraded"],
      ["Pending", "Progressing"],
      ["Bound", "Healthy"],
    ] as const)
    return argo(statuses.get(textAt(object, "status", "phase") as "Lost") ?? "Unknown")
  },
}

interface ScalerCondition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

const scalerFaults: ReadonlySet<string> = new Set([
  "AbleToScale FailedGetScale",
  "AbleToScale FailedUpdateScale",
  "ScalingActive FailedGetResourceMetric",
  "ScalingActive FailedGetObjectMetric",
  "ScalingActive FailedGetPodsMetric",
  "ScalingActive FailedGetExternalMetric",
  "ScalingActive FailedComputeMetricsReplicas",
  "ScalingActive InvalidSelector",
])

function assessScaler(conditions: readonly ScalerCondition[]): ArgoHealth {
  const fault = conditions.find(({ type, reason }) => scalerFaults.has(`${type} ${reason}`))
  if (fault) return argo("Degraded", fault.message)
  const good = conditions.find(
    ({ type, status }) => (type === "AbleToScale" || type === "ScalingLimited") && status === "True",
  )
  return good ? argo("Healthy", good.message) : argo("Progressing", "Waiting to Autoscale")
}

const scaler: ArgoCheck = {
  name: "HPA",
  versions: ["autoscaling/v1", "autoscaling/v2"],
  assess: (object) => {
    if (object.apiVersion === "autoscaling/v2") return assessScaler(conditionsIn(object))
    const text = textAt(object, "metadata", "annotations", "autoscaling.alpha.kubernetes.io/conditions")
    if (text === "") return assessScaler([])
    try {
      return assessScaler(conditionsIn({ status: { conditions: parseJson(text) } }))
    } catch {
      // What the text is does not matter: Argo calls it unknown, too.
      return argo("Unknown", "failed to convert conditions annotation to typed: it is no JSON")
    }
  },
}

const apiService: ArgoCheck = {
  versions: ["apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1beta1"],
  assess: (object) => {
    const available = conditionsIn(object).find(({ type }) => type === "Available")
    if (!available) return argo("Progressing", "Waiting to be processed")
    const { status, reason, message } = available
    return argo(status === "True" ? "Healthy" : "Progressing", `${reason}: ${message}`)
  },
}

const workflow: ArgoCheck = {
  assess: (object) => {
    const { phase = "", message = "" } = mapAt(object, "status") as { phase?: unknown; message?: unknown }
    const text = typeof message === "string" ? message : ""
    if (phase === "" || phase === "Pending" || phase === "Running") return argo("Progressing", text)
    if (phase === "Succeeded") return argo("Healthy", text)
    return argo(phase === "Failed" || phase === "Error" ? "Degraded" : "Unknown", text)
  },
}

/** Argo CD's checks by `group/Kind`. */
export const builtInChecks: ReadonlyMap<string, ArgoCheck> = new Map<string, ArgoCheck>([
  ["apps/Deployment", deployment],
  ["apps/StatefulSet", statefulSet],
  ["apps/DaemonSet", daemonSet],
  ["apps/ReplicaSet", replicaSet],
  ["batch/Job", job],
  ["/Pod", pod],
  ["/Service", service],
  ["/PersistentVolumeClaim", claim],
  ["networking.k8s.io/Ingress", ingress],
  ["extensions/Ingress", ingress],
  ["autoscaling/HorizontalPodAutoscaler", scaler],
  ["apiregistration.k8s.io/APIService", apiService],
  ["argoproj.io/Workflow", workflow],
])
