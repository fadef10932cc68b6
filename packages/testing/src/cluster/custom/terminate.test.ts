import type { KubeObject } from "@gitops-toolkit/kube"
import { expect, test } from "vitest"
import { createCluster } from "../../index.ts"

const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "ws.x.io" },
  spec: {
    group: "x.io",
    scope: "Namespaced",
    names: { plural: "ws", kind: "W" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
}
const object = (name: string, finalizers: readonly string[] = []): KubeObject =>
  ({ apiVersion: "x.io/v1", kind: "W", metadata: { name, namespace: "default", finalizers } }) as KubeObject

test("a definition goes with its objects", async () => {
  await using cluster = createCluster()
  await cluster.create(definition)
  await cluster.create(object("a"))
  await cluster.delete({ ...definition, name: "ws.x.io" })
  await cluster.create(definition)
  await expect(cluster.get({ ...object("a"), name: "a", namespace: "default" })).resolves.toBeUndefined()
})

test("a definition waits for the finalizers of its objects, and takes no new ones meanwhile", async () => {
  await using cluster = createCluster()
  await cluster.create(definition)
  const held = await cluster.create(object("a", ["x.io/hold"]))
  await cluster.delete({ ...definition, name: "ws.x.io" })
  const leaving = await cluster.get({ ...definition, name: "ws.x.io" })
  expect(leaving).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } })
  await expect(cluster.create(object("b"))).rejects.toThrow(
    /create not allowed while custom resource definition is terminating/,
  )
  const now = (await cluster.get({ ...held, name: "a", namespace: "default" }))!
  await cluster.update({ ...now, metadata: { ...now.metadata, finalizers: [] } })
  await expect(cluster.get({ ...definition, name: "ws.x.io" })).resolves.toBeUndefined()
})
