// What is done to workloads, step by step. STORY stands for the story's name, which is its namespace too, UID(Kind/name) for
// the uid of an object that is there.
import type { AutoReady } from "@gitops-toolkit/testing"

/** One step: something is done, then both clusters must come to the same state, unless `compare` is false. */
export type StoryStep = { readonly compare?: boolean } & (
  | { readonly apply: string }
  | { readonly patch: string; readonly by: object; readonly subresource?: string }
  | { readonly delete: string; readonly propagation?: "Background" | "Foreground" | "Orphan" }
  | { readonly wait: number }
)

/** A story in a namespace of its own. */
export interface Story {
  readonly name: string
  readonly steps: readonly StoryStep[]
  /** Parts of lines that may differ, each with its reason beside it. */
  readonly known?: readonly string[]
}

/** Images that go wrong, on both clusters. */
export const failures: NonNullable<AutoReady["failures"]> = [
  { match: { image: "app:crash" }, kind: "CrashLoopBackOff" },
  { match: { image: "app:absent" }, kind: "ImagePullBackOff" },
  { match: { image: "app:homeless" }, kind: "Pending" },
  { match: { image: "app:error" }, kind: "Error" },
  { match: { image: "app:slow" }, kind: "SlowStart", delayMs: 4000 },
  { match: { image: "app:endless" }, kind: "SlowStart", delayMs: 3_600_000 },
]

const template = (image: string, more = ""): string =>
  `{ metadata: { labels: { app: a } }, spec: { ${more} containers: [{ name: c, image: "${image}", ports: [{ name: http, containerPort: 8080 }] }] } }`
const jobTemplate = (image: string, policy = "Never"): string =>
  `{ spec: { restartPolicy: ${policy}, containers: [{ name: c, image: "${image}" }] } }`

const workload = (kind: string, name: string, spec: string, image = "app:1"): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec: { selector: { matchLabels: { app: a } }, template: ${template(image)}${spec === "" ? "" : `, ${spec}`} }
`
const deployment = (spec: string, image?: string): string => workload("Deployment", "web", spec, image)
const statefulSet = (spec: string, image?: string): string => workload("StatefulSet", "db", spec, image)
const daemonSet = (spec: string, image?: string): string => workload("DaemonSet", "agent", spec, image)
const job = (spec: string, image = "app:1"): string => `
apiVersion: batch/v1
kind: Job
metadata: { name: work }
spec: { template: ${jobTemplate(image)}${spec === "" ? "" : `, ${spec}`} }
`
const cronJob = (spec: string, image = "app:1"): string => `
apiVersion: batch/v1
kind: CronJob
metadata: { name: tick }
spec: { jobTemplate: { spec: { template: ${jobTemplate(image)}, backoffLimit: 0 } }, ${spec} }
`
const service = (spec: string): string => `
apiVersion: v1
kind: Service
metadata: { name: web, labels: { tier: front } }
spec: { ${spec} }
`
const claim = (name: string, spec: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }, ${spec} }
`
const pod = (name: string, spec: string, image = "app:1"): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: a } }
spec: { containers: [{ name: c, image: "${image}", ports: [{ name: http, containerPort: 8080 }], resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: 1, memory: 128Mi } } }], ${spec} }
`
const budget = (spec: string): string => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: budget }
spec: { selector: { matchLabels: { app: a } }, ${spec} }
`

const image = (value: string): object => ({
  spec: {
    template: { spec: { containers: [{ name: "c", image: value, ports: [{ name: "http", containerPort: 8080 }] }] } },
  },
})

const deployments: readonly Story[] = [
  {
    name: "deploy-rolls",
    steps: [
      { apply: deployment("replicas: 3") },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: { spec: { replicas: 5 } } },
      { patch: "Deployment/web", by: image("app:1") },
      { patch: "Deployment/web", by: { metadata: { annotations: { note: "x" } } } },
      { delete: "Deployment/web" },
    ],
  },
  {
    name: "deploy-bounds",
    steps: [
      { apply: deployment("replicas: 10, strategy: { rollingUpdate: { maxSurge: 30%, maxUnavailable: 20% } }") },
      { patch: "Deployment/web", by: image("app:endless") },
      { patch: "Deployment/web", by: { spec: { replicas: 15 } } },
      { patch: "Deployment/web", by: { spec: { replicas: 6 } } },
      { patch: "Deployment/web", by: image("app:1") },
    ],
  },
  {
    name: "deploy-crash",
    steps: [
      { apply: deployment("replicas: 2, progressDeadlineSeconds: 3") },
      { patch: "Deployment/web", by: image("app:crash") },
      { wait: 5 },
      { patch: "Deployment/web", by: image("app:absent") },
      { patch: "Deployment/web", by: image("app:homeless") },
      { patch: "Deployment/web", by: image("app:3") },
    ],
  },
  {
    name: "deploy-first-fails",
    steps: [
      { apply: deployment("replicas: 2, progressDeadlineSeconds: 2", "app:absent") },
      { wait: 4 },
      { patch: "Deployment/web", by: image("app:1") },
    ],
  },
  {
    name: "deploy-paused",
    steps: [
      { apply: deployment("replicas: 2, paused: true") },
      { patch: "Deployment/web", by: { spec: { paused: false } } },
      { patch: "Deployment/web", by: { spec: { paused: true } } },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: { spec: { replicas: 4 } } },
      { patch: "Deployment/web", by: { spec: { paused: false } } },
    ],
  },
  {
    name: "deploy-recreate",
    steps: [
      { apply: deployment("replicas: 2, strategy: { type: Recreate }") },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: image("app:crash") },
      { patch: "Deployment/web", by: image("app:3") },
    ],
  },
  {
    name: "deploy-history",
    steps: [
      { apply: deployment("replicas: 1, revisionHistoryLimit: 1") },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: image("app:3") },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: { spec: { revisionHistoryLimit: 0 } } },
    ],
  },
  {
    name: "deploy-slow",
    steps: [
      { apply: deployment("replicas: 2, minReadySeconds: 3", "app:slow") },
      { wait: 6 },
      {
        patch: "Deployment/web",
        by: { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } } },
        compare: false,
      },
      { wait: 16 },
    ],
  },
  {
    name: "deploy-zero",
    steps: [
      { apply: deployment("replicas: 0") },
      { patch: "Deployment/web", by: image("app:2") },
      { patch: "Deployment/web", by: { spec: { replicas: 2 } } },
      { patch: "Deployment/web", by: { spec: { replicas: 0 } } },
      { delete: "Deployment/web", propagation: "Orphan" },
      { apply: deployment("replicas: 1", "app:2") },
    ],
  },
  {
    name: "deploy-foreground",
    steps: [{ apply: deployment("replicas: 12") }, { delete: "Deployment/web", propagation: "Foreground" }],
  },
  {
    name: "deploy-pod-lost",
    steps: [
      { apply: deployment("replicas: 2") },
      { delete: "Pod/web" },
      { patch: "Pod/web", by: { metadata: { labels: { app: "other" } } } },
    ],
  },
  {
    name: "deploy-pod-failed",
    steps: [
      { apply: deployment("replicas: 1") },
      { patch: "Pod/web", by: { status: { phase: "Failed" } }, subresource: "status" },
    ],
  },
  {
    name: "replicaset-alone",
    steps: [
      { apply: pod("stray", "") },
      { apply: workload("ReplicaSet", "set", "replicas: 2") },
      { patch: "ReplicaSet/set", by: { spec: { replicas: 0 } } },
      { patch: "ReplicaSet/set", by: { spec: { replicas: 3, minReadySeconds: 2 } } },
      { delete: "ReplicaSet/set", propagation: "Orphan" },
    ],
  },
  {
    name: "replication-controller",
    steps: [
      {
        apply: `
apiVersion: v1
kind: ReplicationController
metadata: { name: rc }
spec: { replicas: 2, selector: { app: a }, template: ${template("app:1")} }`,
      },
      { patch: "ReplicationController/rc", by: { spec: { replicas: 1 } } },
      { delete: "ReplicationController/rc" },
    ],
  },
]

const statefulSets: readonly Story[] = [
  {
    name: "stateful-ordered",
    steps: [
      { apply: statefulSet("replicas: 3, serviceName: db") },
      { patch: "StatefulSet/db", by: image("app:2") },
      { patch: "StatefulSet/db", by: { spec: { replicas: 1 } } },
      { patch: "StatefulSet/db", by: { spec: { replicas: 4 } } },
      { delete: "Pod/db-1" },
      { delete: "StatefulSet/db" },
    ],
  },
  {
    name: "stateful-stuck",
    steps: [
      { apply: statefulSet("replicas: 3, serviceName: db") },
      { patch: "StatefulSet/db", by: image("app:crash") },
      { patch: "StatefulSet/db", by: image("app:1") },
      { delete: "Pod/db-2" },
    ],
  },
  {
    name: "stateful-partition",
    steps: [
      { apply: statefulSet("replicas: 4, updateStrategy: { rollingUpdate: { partition: 2 } }") },
      { patch: "StatefulSet/db", by: image("app:2") },
      { delete: "Pod/db-0" },
      { patch: "StatefulSet/db", by: { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } } },
    ],
  },
  {
    name: "stateful-parallel",
    steps: [
      { apply: statefulSet("replicas: 3, podManagementPolicy: Parallel, ordinals: { start: 5 }") },
      { patch: "StatefulSet/db", by: image("app:2") },
      { patch: "StatefulSet/db", by: { spec: { replicas: 1 } } },
      { patch: "StatefulSet/db", by: image("app:crash") },
      { patch: "StatefulSet/db", by: { spec: { replicas: 3 } } },
    ],
  },
  {
    name: "stateful-on-delete",
    steps: [
      { apply: statefulSet("replicas: 2, updateStrategy: { type: OnDelete }, minReadySeconds: 1") },
      { patch: "StatefulSet/db", by: image("app:2") },
      { delete: "Pod/db-1" },
      { patch: "StatefulSet/db", by: { spec: { revisionHistoryLimit: 0 } } },
    ],
  },
  {
    name: "stateful-claims",
    steps: [
      {
        apply: `
apiVersion: v1
kind: PersistentVolume
metadata: { name: STORY-a }
spec: { capacity: { storage: 2Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /a }, storageClassName: STORY }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: STORY-b }
spec: { capacity: { storage: 2Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /b }, storageClassName: STORY }`,
        compare: false,
      },
      {
        apply: statefulSet(
          "replicas: 2, persistentVolumeClaimRetentionPolicy: { whenScaled: Delete, whenDeleted: Delete }, volumeClaimTemplates: [{ metadata: { name: data, labels: { tier: data } }, spec: { accessModes: [ReadWriteOnce], storageClassName: STORY, resources: { requests: { storage: 1Gi } } } }]",
        ),
      },
      { patch: "StatefulSet/db", by: { spec: { replicas: 1 } } },
      { delete: "StatefulSet/db" },
    ],
    known: [
      // Two volumes of one size: which claim takes which is a race on the real server.
      "volumeName",
      "claimRef",
      "PersistentVolume/stateful-claims",
    ],
  },
]

const daemonSets: readonly Story[] = [
  {
    name: "daemon-rolls",
    steps: [
      { apply: daemonSet("") },
      { patch: "DaemonSet/agent", by: image("app:2") },
      { patch: "DaemonSet/agent", by: image("app:crash") },
      { patch: "DaemonSet/agent", by: image("app:1") },
      { delete: "Pod/agent" },
      { delete: "DaemonSet/agent" },
    ],
    // Which node is first is a race on the real server.
    known: ["nodeAffinity", "nodeName"],
  },
  {
    name: "daemon-one-node",
    steps: [
      {
        apply: daemonSet("updateStrategy: { type: OnDelete }").replace(
          "containers:",
          "nodeSelector: { kubernetes.io/hostname: node-b }, containers:",
        ),
      },
      { patch: "DaemonSet/agent", by: image("app:2") },
      {
        patch: "DaemonSet/agent",
        by: { spec: { template: { spec: { nodeSelector: { "kubernetes.io/hostname": "node-c" } } } } },
      },
    ],
  },
  {
    name: "daemon-surge",
    steps: [
      { apply: daemonSet("updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, minReadySeconds: 2") },
      { patch: "DaemonSet/agent", by: image("app:crash") },
      { patch: "DaemonSet/agent", by: image("app:2") },
    ],
    // Which node is first is a race on the real server.
    known: ["nodeAffinity", "nodeName"],
  },
]

const jobs: readonly Story[] = [
  { name: "job-once", steps: [{ apply: job("") }, { delete: "Job/work" }] },
  { name: "job-many", steps: [{ apply: job("completions: 5, parallelism: 2") }] },
  { name: "job-queue", steps: [{ apply: job("parallelism: 3") }] },
  { name: "job-error", steps: [{ apply: job("backoffLimit: 0", "app:error") }] },
  { name: "job-retries", steps: [{ apply: job("backoffLimit: 1", "app:error"), compare: false }, { wait: 15 }] },
  { name: "job-indexed", steps: [{ apply: job("completions: 4, parallelism: 2, completionMode: Indexed") }] },
  {
    name: "job-indexed-error",
    steps: [
      {
        apply: job(
          "completions: 3, parallelism: 3, completionMode: Indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 3",
          "app:error",
        ),
      },
    ],
  },
  {
    name: "job-max-failed-indexes",
    steps: [
      {
        apply: job(
          "completions: 3, parallelism: 1, completionMode: Indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1",
          "app:error",
        ),
      },
    ],
  },
  {
    name: "job-policy-fail",
    steps: [
      {
        apply: job(
          "backoffLimit: 3, podFailurePolicy: { rules: [{ action: FailJob, onExitCodes: { operator: In, values: [1] } }] }",
          "app:error",
        ),
      },
    ],
  },
  {
    name: "job-policy-ignore",
    steps: [
      {
        apply: job(
          "backoffLimit: 0, podFailurePolicy: { rules: [{ action: FailJob, onExitCodes: { containerName: c, operator: NotIn, values: [1, 2] } }] }",
          "app:error",
        ),
      },
    ],
  },
  {
    name: "job-success-policy",
    steps: [
      {
        apply: job(
          "completions: 3, parallelism: 1, completionMode: Indexed, successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] }",
        ),
      },
    ],
  },
  { name: "job-deadline", steps: [{ apply: job("activeDeadlineSeconds: 3", "app:endless") }, { wait: 4 }] },
  {
    name: "job-suspend",
    steps: [
      { apply: job("suspend: true, parallelism: 2, completions: 2", "app:endless") },
      { patch: "Job/work", by: { spec: { suspend: false } } },
      { patch: "Job/work", by: { spec: { parallelism: 1 } } },
      { patch: "Job/work", by: { spec: { suspend: true } } },
    ],
  },
  { name: "job-ttl", steps: [{ apply: job("ttlSecondsAfterFinished: 4") }, { wait: 5 }] },
  {
    name: "job-pod-deleted",
    steps: [{ apply: job("podReplacementPolicy: Failed", "app:endless") }, { delete: "Pod/work" }],
  },
  {
    name: "job-restarts",
    steps: [{ apply: job("backoffLimit: 2", "app:crash").replace("Never", "OnFailure"), compare: false }, { wait: 14 }],
  },
]

const cronJobs: readonly Story[] = [
  { name: "cron-suspended", steps: [{ apply: cronJob("schedule: '* * * * *', suspend: true") }] },
  {
    name: "cron-once",
    steps: [
      { apply: cronJob("schedule: '* * * * *', concurrencyPolicy: Forbid", "app:endless"), compare: false },
      { wait: 62 },
    ],
  },
  {
    name: "cron-fails",
    steps: [
      { apply: cronJob("schedule: '* * * * *', failedJobsHistoryLimit: 0", "app:error"), compare: false },
      { wait: 62 },
    ],
  },
  {
    name: "cron-replaces",
    steps: [
      {
        apply: cronJob("schedule: '* * * * *', concurrencyPolicy: Replace, timeZone: Etc/UTC", "app:endless"),
        compare: false,
      },
      { wait: 62 },
      { wait: 60 },
    ],
  },
  {
    name: "cron-history",
    steps: [
      { apply: cronJob("schedule: '* * * * *', successfulJobsHistoryLimit: 1"), compare: false },
      { wait: 62 },
      { wait: 60 },
    ],
  },
]

const services: readonly Story[] = [
  {
    name: "service-life",
    steps: [
      { apply: deployment("replicas: 2") },
      {
        apply: service(
          "selector: { app: a }, ports: [{ name: http, port: 80, targetPort: http }, { name: other, port: 81 }]",
        ),
      },
      { patch: "Deployment/web", by: image("app:crash") },
      { patch: "Deployment/web", by: { spec: { replicas: 0 } } },
      { delete: "Service/web" },
    ],
  },
  {
    name: "service-headless",
    steps: [
      {
        apply: service(
          "clusterIP: None, selector: { app: a }, ports: [{ port: 80, targetPort: http }], publishNotReadyAddresses: true",
        ),
      },
      { apply: statefulSet("replicas: 2, serviceName: web, podManagementPolicy: Parallel", "app:crash") },
    ],
  },
  {
    name: "service-pods",
    steps: [
      { apply: service("selector: { app: a }, type: NodePort, ports: [{ port: 80, targetPort: http }]") },
      { apply: pod("one", "") },
      { apply: pod("two", "hostname: two, subdomain: web") },
      { apply: pod("three", "", "app:endless") },
      { patch: "Service/web", by: { metadata: { labels: { tier: "back" } } } },
      { patch: "Service/web", by: { spec: { selector: { app: "none" } } } },
      { delete: "Pod/one" },
    ],
  },
  {
    name: "service-endpoints",
    steps: [
      { apply: service("ports: [{ port: 80 }]") },
      {
        apply: `
apiVersion: v1
kind: Endpoints
metadata: { name: web, labels: { a: b } }
subsets: [{ addresses: [{ ip: 198.51.100.7 }], notReadyAddresses: [{ ip: 198.51.100.8 }], ports: [{ port: 80 }] }]`,
      },
      { delete: "Endpoints/web" },
    ],
  },
  { name: "service-external", steps: [{ apply: service("type: ExternalName, externalName: example.org") }] },
]

const platform: readonly Story[] = [
  {
    name: "namespace-held",
    steps: [
      {
        apply: `
apiVersion: v1
kind: ConfigMap
metadata: { name: held, finalizers: [tests.example/hold] }
---
${deployment("replicas: 1")}`,
      },
      { delete: "Namespace/STORY" },
      { patch: "ConfigMap/held", by: { metadata: { finalizers: null } } },
    ],
  },
  {
    name: "namespace-defaults",
    steps: [{ delete: "ServiceAccount/default" }, { delete: "ConfigMap/kube-root-ca.crt" }],
  },
  {
    name: "budget-min",
    steps: [
      { apply: budget("minAvailable: 50%") },
      { apply: deployment("replicas: 3") },
      { patch: "Deployment/web", by: image("app:crash") },
      { patch: "PodDisruptionBudget/budget", by: { spec: { minAvailable: 1 } } },
    ],
  },
  {
    name: "budget-max",
    steps: [
      { apply: `${budget("maxUnavailable: 1")}---${statefulSet("replicas: 3, podManagementPolicy: Parallel")}` },
      { delete: "StatefulSet/db" },
    ],
  },
  { name: "budget-bare", steps: [{ apply: budget("maxUnavailable: 1") }, { apply: pod("one", "") }] },
  {
    name: "quota-amounts",
    steps: [
      {
        apply: `
apiVersion: v1
kind: ResourceQuota
metadata: { name: q }
spec: { hard: { requests.cpu: 1, limits.memory: 1Gi, cpu: 2, pods: 3, services: 2, services.nodeports: 1, count/deployments.apps: 4, requests.storage: 5Gi, persistentvolumeclaims: 2, secrets: 9, configmaps: 9 } }`,
      },
      { apply: pod("one", "") },
      { apply: `${pod("two", "")}---${claim("data", "")}---${service("type: NodePort, ports: [{ port: 80 }]")}` },
      { delete: "Pod/one" },
      { patch: "ResourceQuota/q", by: { spec: { hard: { pods: "7" } } } },
    ],
  },
  {
    name: "quota-scopes",
    steps: [
      {
        apply: `
apiVersion: v1
kind: ResourceQuota
metadata: { name: best }
spec: { hard: { pods: 3 }, scopes: [BestEffort] }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: ending }
spec: { hard: { pods: 3 }, scopes: [Terminating] }`,
      },
      {
        apply: `${pod("one", "activeDeadlineSeconds: 100")}---${pod("two", "").replace(/, resources: \{.*?\} \}/, "")}`,
      },
    ],
  },
  {
    name: "quota-refuses",
    steps: [
      {
        apply: "apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: q }\nspec: { hard: { pods: 1 } }",
        compare: false,
      },
      { wait: 2, compare: false },
      { apply: deployment("replicas: 2") },
    ],
  },
  {
    name: "scaler",
    steps: [
      { apply: deployment("replicas: 3") },
      {
        apply: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }, metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }] }`,
        compare: false,
      },
      { wait: 33 },
    ],
  },
  {
    name: "scaler-lost",
    steps: [
      {
        apply: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: none }, metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }] }`,
        compare: false,
      },
      { wait: 33 },
    ],
  },
]

const owned = (name: string, owners: string, more = ""): StoryStep => ({
  apply: `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name}, ownerReferences: [${owners}] ${more} } }`,
})
const by = (name: string, more = ""): string =>
  `{ apiVersion: v1, kind: ConfigMap, name: ${name}, uid: UID(ConfigMap/${name})${more} }`
const blocking = ", blockOwnerDeletion: true"
const owner = (name: string): StoryStep => ({
  apply: `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`,
})
const hold = ", finalizers: [tests.example/hold]"
const release: object = { metadata: { finalizers: null } }

const garbage: readonly Story[] = [
  {
    name: "gc-foreground",
    steps: [
      owner("top"),
      owned("child", by("top", blocking)),
      owned("leaf", by("child", blocking), hold),
      owned("loose", by("top")),
      { delete: "ConfigMap/top", propagation: "Foreground" },
      { patch: "ConfigMap/leaf", by: release },
    ],
  },
  {
    name: "gc-background",
    steps: [
      owner("top"),
      owned("child", by("top"), hold),
      owned("leaf", by("child")),
      { delete: "ConfigMap/top" },
      { patch: "ConfigMap/child", by: release },
    ],
  },
  {
    name: "gc-orphan",
    steps: [
      owner("top"),
      owned("child", by("top")),
      owned("leaf", by("child")),
      { delete: "ConfigMap/top", propagation: "Orphan" },
      { delete: "ConfigMap/child" },
    ],
  },
  {
    name: "gc-two-owners",
    steps: [
      owner("one"),
      owner("two"),
      owned("child", `${by("one", blocking)}, ${by("two")}`),
      { delete: "ConfigMap/one", propagation: "Foreground" },
      { delete: "ConfigMap/two" },
    ],
  },
  {
    name: "gc-lost-owner",
    steps: [
      owner("top"),
      owned("wrong", "{ apiVersion: v1, kind: ConfigMap, name: top, uid: 8a3f1c1e-0000-4000-8000-000000000000 }"),
      owned("absent", "{ apiVersion: v1, kind: ConfigMap, name: none, uid: 8a3f1c1e-0000-4000-8000-000000000001 }"),
      owned(
        "unknown",
        "{ apiVersion: none.example/v1, kind: Nothing, name: none, uid: 8a3f1c1e-0000-4000-8000-000000000002 }",
      ),
      owned(
        "mixed",
        `${by("top")}, { apiVersion: v1, kind: ConfigMap, name: none, uid: 8a3f1c1e-0000-4000-8000-000000000003 }`,
      ),
    ],
  },
  {
    name: "gc-cluster-owner",
    steps: [
      {
        apply:
          "{ apiVersion: v1, kind: PersistentVolume, metadata: { name: STORY-a }, spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /a }, storageClassName: STORY } }",
      },
      owned("child", "{ apiVersion: v1, kind: PersistentVolume, name: STORY-a, uid: UID(PersistentVolume/STORY-a) }"),
      owned("namespaced", "{ apiVersion: v1, kind: Namespace, name: STORY, uid: UID(Namespace/STORY) }"),
      { delete: "PersistentVolume/STORY-a" },
    ],
  },
  {
    name: "gc-circle",
    steps: [
      owner("one"),
      owned("two", by("one", blocking)),
      owned("one", by("two", blocking)),
      { delete: "ConfigMap/one", propagation: "Foreground" },
    ],
  },
]

const storage: readonly Story[] = [
  {
    name: "claim-alone",
    steps: [{ apply: claim("data", "storageClassName: ''") }, { delete: "PersistentVolumeClaim/data" }],
  },
  { name: "claim-no-class", steps: [{ apply: claim("data", "storageClassName: STORY") }] },
  {
    name: "claim-waits",
    steps: [
      {
        apply: `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: STORY }\nprovisioner: kubernetes.io/no-provisioner\nvolumeBindingMode: WaitForFirstConsumer`,
        compare: false,
      },
      { apply: claim("data", "storageClassName: STORY") },
    ],
  },
  {
    name: "claim-bound",
    steps: [
      {
        apply: `
apiVersion: v1
kind: PersistentVolume
metadata: { name: STORY-big, labels: { size: big } }
spec: { capacity: { storage: 5Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /a }, storageClassName: STORY }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: STORY-small }
spec: { capacity: { storage: 2Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /b }, storageClassName: STORY }`,
      },
      { apply: claim("data", "storageClassName: STORY") },
      { apply: claim("chosen", "storageClassName: STORY, volumeName: STORY-big") },
      { delete: "PersistentVolumeClaim/data" },
      { delete: "PersistentVolume/claim-bound-big" },
      { delete: "PersistentVolumeClaim/chosen" },
      { delete: "PersistentVolume/claim-bound-small" },
    ],
  },
  {
    name: "claim-used",
    steps: [
      {
        apply: `
apiVersion: v1
kind: PersistentVolume
metadata: { name: STORY-a }
spec: { capacity: { storage: 5Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /a }, storageClassName: STORY }`,
      },
      { apply: claim("data", "storageClassName: STORY") },
      { apply: pod("user", "volumes: [{ name: v, persistentVolumeClaim: { claimName: data } }]") },
      { delete: "PersistentVolumeClaim/data" },
      { delete: "Pod/user" },
    ],
  },
]

export const stories: readonly Story[] = [
  ...deployments,
  ...statefulSets,
  ...daemonSets,
  ...jobs,
  ...cronJobs,
  ...services,
  ...platform,
  ...garbage,
  ...storage,
]
