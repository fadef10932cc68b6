import type { KubeObject } from "@gitops-toolkit/kube"

/** The status that an object's controllers would have given it by now; undefined for kinds that need none. */
export type ReadyStatus = (object: KubeObject, at: string) => Record<string, unknown> | undefined

interface Counted {
  readonly replicas?: number
  readonly completions?: number
}

const condition = (type: string, reason: string, at: string): Record<string, unknown> => ({
  type,
  status: "True",
  reason,
  message: "",
  lastTransitionTime: at,
})

const deployment: ReadyStatus = (object, at) => {
  const { replicas = 1 } = object.spec as Counted
  const update = (type: string, reason: string): unknown => ({ ...condition(type, reason, at), lastUpdateTime: at })
  return {
    observedGeneration: object.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [update("Available", "MinimumReplicasAvailable"), update("Progressing", "NewReplicaSetAvailable")],
  }
}

const statefulSet: ReadyStatus = (object) => {
  const { replicas = 1 } = object.spec as Counted
  const revision = `${object.metadata.name}-${object.metadata.generation}`
  return {
    observedGeneration: object.metadata.generation,
    replicas,
    readyReplicas: replicas,
    currentReplicas: replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
    currentRevision: revision,
    updateRevision: revision,
  }
}

const daemonSet: ReadyStatus = (object) => ({
  observedGeneration: object.metadata.generation,
  currentNumberScheduled: 1,
  desiredNumberScheduled: 1,
  numberAvailable: 1,
  numberMisscheduled: 0,
  numberReady: 1,
  updatedNumberScheduled: 1,
})

const job: ReadyStatus = (object, at) => ({
  startTime: at,
  completionTime: at,
  succeeded: (object.spec as Counted).completions ?? 1,
  ready: 0,
  conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({
    ...condition(type, "CompletionsReached", at),
    lastProbeTime: at,
  })),
})

const claim: ReadyStatus = (object) => {
  const { accessModes, resources } = object.spec as { accessModes?: unknown; resources?: { requests?: unknown } }
  return { phase: "Bound", accessModes, capacity: resources?.requests }
}

const pod: ReadyStatus = (_object, at) => ({
  phase: "Running",
  startTime: at,
  conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: at,
  })),
})

const service: ReadyStatus = (object) => {
  if ((object.spec as { type?: string }).type !== "LoadBalancer") return undefined
  return { loadBalancer: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] } }
}

/** What is played, by apiVersion and kind. */
export const readyStatuses: ReadonlyMap<string, ReadyStatus> = new Map([
  ["apps/v1 Deployment", deployment],
  ["apps/v1 StatefulSet", statefulSet],
  ["apps/v1 DaemonSet", daemonSet],
  ["batch/v1 Job", job],
  ["v1 PersistentVolumeClaim", claim],
  ["v1 Pod", pod],
  ["v1 Service", service],
])
