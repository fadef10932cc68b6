import type { KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { assessArgo, summarizeArgo, type ArgoStatus } from "./argo.ts"

const verdict = (text: string): string | undefined => {
  const health = assessArgo(parse(text) as KubeObject)
  return health && `${health.status}${health.message === "" ? "" : `: ${health.message}`}`
}
const workload = (kind: string, spec: string, status: string): string =>
  `{ apiVersion: apps/v1, kind: ${kind}, metadata: { name: a, generation: 1 }, spec: ${spec}, status: ${status} }`
const pod = (spec: string, status: string, annotations = "{}"): string =>
  `{ apiVersion: v1, kind: Pod, metadata: { name: a, annotations: ${annotations} }, spec: ${spec}, status: ${status} }`
const job = (conditions: string): string =>
  `{ apiVersion: batch/v1, kind: Job, metadata: { name: a }, status: { conditions: ${conditions} } }`
const scaler = (conditions: string): string =>
  `{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: a }, status: { conditions: ${conditions} } }`

describe("assessArgo", () => {
  test.each<[string, string, string | undefined]>([
    ["a kind without a check", "{ apiVersion: v1, kind: ConfigMap, metadata: {} }", undefined],
    [
      "a known kind in an unknown version",
      "{ apiVersion: apps/v1beta1, kind: Deployment, metadata: {} }",
      "Unknown: unsupported Deployment GVK: apps/v1beta1, Kind=Deployment",
    ],
    [
      "being deleted",
      "{ apiVersion: v1, kind: ConfigMap, metadata: { deletionTimestamp: x } }",
      "Progressing: Pending deletion",
    ],
    [
      "a hook being deleted",
      "{ apiVersion: v1, kind: Service, metadata: { deletionTimestamp: x, finalizers: [argocd.argoproj.io/hook-finalizer] } }",
      "Healthy",
    ],
    ["a paused Deployment", workload("Deployment", "{ paused: true }", "{}"), "Suspended: Deployment is paused"],
    ["a Deployment seen in a later generation", workload("Deployment", "{}", "{ observedGeneration: 2 }"), "Healthy"],
    [
      "a Deployment on its way",
      workload("Deployment", "{ replicas: 2 }", "{ observedGeneration: 1, updatedReplicas: 1 }"),
      "Progressing: Waiting for rollout to finish: 1 out of 2 new replicas have been updated...",
    ],
    [
      "a StatefulSet nobody saw",
      workload("StatefulSet", "{}", "{}"),
      "Progressing: Waiting for statefulset spec update to be observed...",
    ],
    [
      "a ReplicaSet that cannot make pods",
      workload(
        "ReplicaSet",
        "{}",
        "{ observedGeneration: 1, conditions: [{ type: ReplicaFailure, status: 'True', message: quota }] }",
      ),
      "Degraded: quota",
    ],
    [
      "a DaemonSet half updated",
      workload("DaemonSet", "{}", "{ observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 1 }"),
      'Progressing: Waiting for daemon set "a" rollout to finish: 1 out of 2 new pods have been updated...',
    ],
    ["a Job that runs", job("[]"), "Progressing"],
    ["a Job with Failed of any status", job("[{ type: Failed, status: 'False', message: m }]"), "Degraded: m"],
    ["a Job no longer suspended", job("[{ type: Suspended, status: 'False' }]"), "Healthy"],
    [
      "a pod that ran out of memory",
      pod(
        "{}",
        "{ phase: Failed, containerStatuses: [{ name: c, state: { terminated: { reason: OOMKilled, exitCode: 137 } } }] }",
      ),
      "Degraded: OOMKilled",
    ],
    [
      "a pod that failed",
      pod("{}", "{ phase: Failed, containerStatuses: [{ name: c, state: { terminated: { exitCode: 3 } } }] }"),
      'Degraded: container "c" failed with exit code 3',
    ],
    [
      "a pod that lives on and cannot pull",
      pod(
        "{ restartPolicy: Always }",
        "{ phase: Pending, containerStatuses: [{ state: { waiting: { reason: ErrImagePull, message: no } } }] }",
      ),
      "Degraded: no",
    ],
    [
      "a pod that is to end and cannot pull",
      pod(
        "{ restartPolicy: Never }",
        "{ phase: Pending, containerStatuses: [{ state: { waiting: { reason: ErrImagePull, message: no } } }] }",
      ),
      "Progressing",
    ],
    [
      "a pod that crashed before",
      pod(
        "{ restartPolicy: Always }",
        "{ phase: Running, containerStatuses: [{ lastState: { terminated: { exitCode: 1 } } }] }",
      ),
      "Degraded",
    ],
    [
      "a hook is no pod that lives on",
      pod(
        "{ restartPolicy: Never }",
        "{ phase: Running }",
        "{ argocd.argoproj.io/hook: Sync, argocd.argoproj.io/ignore-restart-policy: 'true' }",
      ),
      "Progressing",
    ],
    [
      "a claim whose volume is lost",
      "{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: {}, status: { phase: Lost } }",
      "Degraded",
    ],
    [
      "a scaler with a fault after a good sign",
      scaler("[{ type: AbleToScale, status: 'True' }, { type: ScalingActive, reason: InvalidSelector, message: m }]"),
      "Degraded: m",
    ],
    [
      "an API service nobody has processed",
      "{ apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {} }",
      "Progressing: Waiting to be processed",
    ],
  ])("%s", (_name, text, wanted) => expect(verdict(text)).toBe(wanted))

  test("never throws, whatever the object holds", () => {
    const kinds = [
      "apps/v1 Deployment",
      "apps/v1 StatefulSet",
      "batch/v1 Job",
      "v1 Pod",
      "autoscaling/v1 HorizontalPodAutoscaler",
      "argoproj.io/v1alpha1 Workflow",
    ]
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.jsonValue(), fc.string(), (of, spec, status, text) => {
        const [apiVersion = "", kind = ""] = of.split(" ")
        const annotations = { "autoscaling.alpha.kubernetes.io/conditions": text }
        expect(
          typeof assessArgo({ apiVersion, kind, metadata: { name: "a", annotations }, spec, status })?.message,
        ).toBe("string")
      }),
    )
  })
})

test.each<[readonly (ArgoStatus | undefined)[], ArgoStatus]>([
  [[], "Healthy"],
  [[undefined, "Suspended"], "Suspended"],
  [["Progressing", "Suspended", "Healthy"], "Progressing"],
  [["Degraded", "Missing", "Unknown"], "Unknown"],
])("the worst of %j is %s", (statuses, wanted) => {
  expect(summarizeArgo(statuses.map((status) => status && { status }))).toBe(wanted)
})
