import { expect, test } from "vitest"
import { createCluster, type TestCluster } from "../../../index.ts"

async function read(cluster: TestCluster, path: string): Promise<Record<string, object>> {
  const { body } = await cluster.transport({ method: "GET", path })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, object>
}

/** Every `$ref` within a value. */
function refsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === "$ref" && typeof member === "string" ? [member] : refsOf(member),
  )
}

test("every schema that an OpenAPI document refers to is in it", async () => {
  await using cluster = createCluster()
  const { paths = {} } = await read(cluster, "/openapi/v3")
  const documents = Object.keys(paths).filter((path) => /v\d/.test(path))
  expect(documents).toContain("apis/apps/v1")
  for (const path of documents) {
    const document = await read(cluster, `/openapi/v3/${path}`)
    const { schemas } = document["components"] as { readonly schemas: object }
    const names = new Set(Object.keys(schemas).map((name) => `#/components/schemas/${name}`))
    expect(refsOf(document).filter((ref) => !names.has(ref))).toEqual([])
  }
})

test("fields have their types", async () => {
  await using cluster = createCluster()
  const document = await read(cluster, "/openapi/v3/apis/apps/v1")
  expect(document["components"]).toMatchObject({
    schemas: {
      "io.k8s.api.apps.v1.Deployment": {
        properties: { spec: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec" }] } },
        "x-kubernetes-group-version-kind": [{ group: "apps", version: "v1", kind: "Deployment" }],
      },
      "io.k8s.api.apps.v1.DeploymentSpec": { properties: { replicas: { type: "integer", format: "int32" } } },
    },
  })
})
