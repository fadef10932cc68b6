import type { KubeObject } from "@gitops-toolkit/kube"
import { conditionsIn, integerAt, integerOf, textAt, valueAt } from "../read.ts"
import { argo, type ArgoCheck, type ArgoHealth } from "./verdict.ts"

const versions = ["apps/v1"]
const count = (object: KubeObject, field: string): number => integerAt(object, ["status", field], 0)
const replicasOf = (object: KubeObject): number | undefined => integerOf(valueAt(object, ["spec", "replicas"]))

// The texts are Argo CD's to the letter, "less then" included: people and tools know them.
function isUnobserved(object: KubeObject): boolean {
  return integerAt(object, ["metadata", "generation"], 0) > count(object, "observedGeneration")
}

function waiting(text: string): ArgoHealth {
  return argo("Progressing", `Waiting for rollout to finish: ${text}`)
}

/** By kubectl's rollout status, but a paused one is `Suspended`. Availability counts by numbers, not by condition. */
export const deployment: ArgoCheck = {
  versions,
  assess: (object) => {
    if (valueAt(object, ["spec", "paused"]) === true) return argo("Suspended", "Deployment is paused")
    if (isUnobserved(object)) return waiting("observed deployment generation less then desired generation")
    const progressing = conditionsIn(object).find(({ type }) => type === "Progressing")
    if (progressing?.reason === "ProgressDeadlineExceeded") {
      return argo("Degraded", `Deployment "${object.metadata.name}" exceeded its progress deadline`)
    }
    const [replicas, updated] = [count(object, "replicas"), count(object, "updatedReplicas")]
    const [wanted, available] = [replicasOf(object), count(object, "availableReplicas")]
    if (wanted !== undefined && updated < wanted) {
      return waiting(`${updated} out of ${wanted} new replicas have been updated...`)
    }
    if (replicas > updated) return waiting(`${replicas - updated} old replicas are pending termination...`)
    if (available < updated) return waiting(`${available} of ${updated} updated replicas are available...`)
    return argo("Healthy")
  },
}

/** Ready pods, and the newest revision unless a `rollingUpdate` block says that partitions decide. */
export const statefulSet: ArgoCheck = {
  versions,
  assess: (object) => {
    if (count(object, "observedGeneration") === 0 || isUnobserved(object)) {
      return argo("Progressing", "Waiting for statefulset spec update to be observed...")
    }
    const [wanted, ready] = [replicasOf(object), count(object, "readyReplicas")]
    if (wanted !== undefined && ready < wanted)
      return argo("Progressing", `Waiting for ${wanted - ready} pods to be ready...`)
    const strategy = textAt(object, "spec", "updateStrategy", "type")
    const hasBlock = valueAt(object, ["spec", "updateStrategy", "rollingUpdate"]) != null
    if (strategy === "RollingUpdate" && hasBlock) return assessPartition(object, wanted)
    if (strategy === "OnDelete") return argo("Healthy", `statefulset has ${ready} ready pods`)
    const [revision, newest] = [textAt(object, "status", "currentRevision"), textAt(object, "status", "updateRevision")]
    if (revision !== newest) {
      const updated = count(object, "updatedReplicas")
      return argo(
        "Progressing",
        `waiting for statefulset rolling update to complete ${updated} pods at revision ${newest}...`,
      )
    }
    const current = count(object, "currentReplicas")
    return argo("Healthy", `statefulset rolling update complete ${current} pods at revision ${revision}...`)
  },
}

function assessPartition(object: KubeObject, wanted: number | undefined): ArgoHealth {
  const updated = count(object, "updatedReplicas")
  const partition = integerOf(valueAt(object, ["spec", "updateStrategy", "rollingUpdate", "partition"]))
  if (wanted !== undefined && partition !== undefined && updated < wanted - partition) {
    const told = `${updated} out of ${wanted - partition} new pods have been updated...`
    return argo("Progressing", `Waiting for partitioned roll out to finish: ${told}`)
  }
  return argo("Healthy", `partitioned roll out complete: ${updated} new pods have been updated...`)
}

/** Updated, then available pods on every node that is to have one. */
export const daemonSet: ArgoCheck = {
  versions,
  assess: (object) => {
    if (isUnobserved(object)) return waiting("observed daemon set generation less then desired generation")
    const [updated, wanted] = [count(object, "updatedNumberScheduled"), count(object, "desiredNumberScheduled")]
    if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") {
      return argo("Healthy", `daemon set ${updated} out of ${wanted} new pods have been updated`)
    }
    const available = count(object, "numberAvailable")
    const name = `Waiting for daemon set "${object.metadata.name}" rollout to finish:`
    if (updated < wanted)
      return argo("Progressing", `${name} ${updated} out of ${wanted} new pods have been updated...`)
    if (available < wanted)
      return argo("Progressing", `${name} ${available} of ${wanted} updated pods are available...`)
    return argo("Healthy")
  },
}

/** Available pods; a failure to make them is `Degraded`. */
export const replicaSet: ArgoCheck = {
  versions,
  assess: (object) => {
    if (isUnobserved(object)) return waiting("observed replica set generation less then desired generation")
    const failure = conditionsIn(object).find(({ type, status }) => type === "ReplicaFailure" && status === "True")
    if (failure) return argo("Degraded", failure.message)
    const [wanted, available] = [replicasOf(object), count(object, "availableReplicas")]
    if (wanted !== undefined && available < wanted)
      return waiting(`${available} out of ${wanted} new replicas are available...`)
    return argo("Healthy")
  },
}

/** By its conditions alone: `Failed` is not asked for its status. */
export const job: ArgoCheck = {
  versions: ["batch/v1"],
  assess: (object) => {
    const ends = conditionsIn(object).filter(({ type }) => ["Failed", "Complete", "Suspended"].includes(type))
    const message = ends.at(-1)?.message ?? ""
    if (ends.length === 0) return argo("Progressing", message)
    if (ends.some(({ type }) => type === "Failed")) return argo("Degraded", message)
    const isSuspended = ends.some(({ type, status }) => type === "Suspended" && status === "True")
    return argo(isSuspended ? "Suspended" : "Healthy", message)
  },
}
