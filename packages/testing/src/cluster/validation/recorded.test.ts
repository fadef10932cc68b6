import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createCluster } from "../../index.ts"

const pod = (container: object, spec: object = {}): object => ({
  kind: "Pod",
  spec: { containers: [{ name: "c", image: "i", ...container }], ...spec },
})
const service = (spec: object): object => ({ kind: "Service", spec: { ports: [{ port: 80 }], ...spec } })
const labels = { app: "a" }
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } }
const workload = (kind: string, spec: object): object => ({
  apiVersion: "apps/v1",
  kind,
  spec: { selector: { matchLabels: labels }, template, ...spec },
})

/** Objects and what kube-apiserver 1.36.3 says of them. */
const recorded: readonly (readonly [message: string, object: object])[] = [
  [
    "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
    pod({ livenessProbe: { httpGet: { path: "/" } } }),
  ],
  [
    "spec.containers[0].lifecycle.postStart.exec.command: Required value",
    pod({ lifecycle: { postStart: { exec: {} } } }),
  ],
  ["spec.containers[0].volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'", mounted("../x")],
  [
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
    pod({}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } }),
  ],
  ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None", pod({}, { dnsPolicy: "None" })],
  [
    "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
    pod({}, { securityContext: { seccompProfile: { type: "Localhost" } } }),
  ],
  ['spec.schedulingGates[1]: Duplicate value: "a"', pod({}, { schedulingGates: [{ name: "a" }, { name: "a" }] })],
  ['spec.os: Unsupported value: "x": supported values: "linux", "windows"', pod({}, { os: { name: "x" } })],
  [
    'spec.strategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    workload("Deployment", { strategy: { type: "X" } }),
  ],
  [
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
    workload("Deployment", { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }),
  ],
  [
    'spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
    service({ internalTrafficPolicy: "X" }),
  ],
  [
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    service({ loadBalancerClass: "a" }),
  ],
  [
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    service({ ports: [{ port: 80, nodePort: 30001 }] }),
  ],
]

function mounted(subPath: string): object {
  return pod({ volumeMounts: [{ name: "v", mountPath: "/a", subPath }] }, { volumes: [{ name: "v", emptyDir: {} }] })
}

describe("the rules of built-in kinds", () => {
  test.each(recorded)("%s", async (message, object) => {
    await using cluster = createCluster()
    const whole = { apiVersion: "v1", metadata: { name: "a", namespace: "default" }, ...object } as KubeObject
    const refused = await cluster.create(whole).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: "Invalid",
      message: expect.stringContaining(`is invalid: ${message}`) as string,
    })
  })

  test("have nothing against objects without fault", async () => {
    await using cluster = createCluster()
    const good = [
      mounted("x"),
      service({}),
      workload("Deployment", {}),
      workload("DaemonSet", {}),
      workload("StatefulSet", { serviceName: "a" }),
      pod({ livenessProbe: { httpGet: { port: "http" } }, envFrom: [{ configMapRef: { name: "a" } }] }),
    ]
    for (const [index, object] of good.entries()) {
      const metadata = { name: `good-${index}`, namespace: "default" }
      await cluster.create({ apiVersion: "v1", metadata, ...object } as KubeObject)
    }
  })
})
