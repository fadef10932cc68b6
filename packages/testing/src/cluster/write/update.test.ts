import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createCluster } from "../../create-cluster.ts"

const policies = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" } as const
const pods = { apiVersion: "v1", kind: "Pod" } as const

function policy(podSelector: object): KubeObject {
  return { ...policies, metadata: { name: "p", namespace: "default" }, spec: { podSelector, policyTypes: ["Ingress"] } }
}

function pod(image: string, rest: object = {}): KubeObject {
  return {
    ...pods,
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [{ name: "main", image }], ...rest },
  }
}

describe("updates", () => {
  test("count the generation of a NetworkPolicy for an empty map, which is not kept", async () => {
    await using cluster = createCluster()
    const made = await cluster.create(policy({}))
    const { resourceVersion } = made.metadata
    const same = await cluster.update({ ...made, spec: policy({}).spec })
    expect(same.metadata).toMatchObject({ generation: 1, resourceVersion })
    const emptied = await cluster.update({ ...same, spec: policy({ matchLabels: {} }).spec })
    expect(emptied).toMatchObject({ metadata: { generation: 2 }, spec: policy({}).spec })
  })

  test("of a Pod keep the priority and the tolerations that admission gave it", async () => {
    await using cluster = createCluster()
    const made = await cluster.create(pod("app:1"))
    const changed = await cluster.update({ ...made, spec: pod("app:2").spec })
    const containers = [expect.objectContaining({ image: "app:2" })]
    expect(changed.spec).toEqual({ ...(made.spec as object), containers })
    await expect(cluster.update({ ...changed, spec: pod("app:1", { priority: 7 }).spec })).rejects.toMatchObject({
      code: "Invalid",
    })
  })

  test("of a Pod's status keep its class of service and its owners", async () => {
    await using cluster = createCluster()
    const made = await cluster.create(pod("app:1"))
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u" }]
    const next = { ...made, metadata: { ...made.metadata, ownerReferences }, status: { phase: "Running" } }
    const written = await cluster.update(next, { subresource: "status" })
    expect(written.status).toEqual({ phase: "Running", qosClass: "BestEffort" })
    expect(written.metadata.ownerReferences).toBeUndefined()
  })

  test("through /status own no labels of a Deployment, which stay", async () => {
    await using cluster = createCluster()
    const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "main", image: "app:1" }] } }
    const made = await cluster.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", namespace: "default", labels: { app: "a" } },
      spec: { selector: { matchLabels: { app: "a" } }, template },
    })
    const metadata = { ...made.metadata, labels: { app: "b" }, annotations: { note: "1" } }
    const written = await cluster.update({ ...made, metadata, status: { replicas: 1 } }, { subresource: "status" })
    expect(written.metadata).toMatchObject({ labels: { app: "a" }, annotations: { note: "1" } })
    const own = written.metadata.managedFields?.find(({ subresource }) => subresource === "status")
    expect(JSON.stringify(own?.fieldsV1)).not.toContain("f:labels")
  })

  test("leave no null in a custom object that its definition does not allow", async () => {
    const any = { "x-kubernetes-preserve-unknown-fields": true }
    const spec = { type: "object", properties: { any, note: { type: "string", nullable: true } } }
    await using cluster = createCluster({
      kinds: [
        {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: "widgets.example.com" },
          spec: {
            group: "example.com",
            scope: "Namespaced",
            names: { plural: "widgets", kind: "Widget" },
            versions: [
              {
                name: "v1",
                served: true,
                storage: true,
                schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
              },
            ],
          },
        },
      ],
    })
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "default" } }
    await cluster.apply({ ...widget, spec: { note: null, any: { a: "1" } } }, { fieldManager: "m" })
    // Whoever owned the only member of a map and gives it up leaves a null.
    await cluster.apply({ ...widget, spec: { note: null, any: {} } }, { fieldManager: "m" })
    const left = await cluster.get({ apiVersion: "example.com/v1", kind: "Widget", namespace: "default", name: "w" })
    expect(left?.spec).toEqual({ note: null })
  })
})
