import { readFileSync } from "node:fs"
import type { Transport } from "@gitops-toolkit/http"
import { expect, test } from "vitest"
import type { Schemas } from "./built-in-schemas.ts"
import { createCluster, missingBinaries, startControlPlane } from "../../../index.ts"

interface Document {
  readonly paths?: { readonly [path: string]: { readonly serverRelativeURL: string } }
  readonly components: { readonly schemas: Schemas }
  readonly definitions: Schemas
}

async function read(transport: Transport, path: string): Promise<Document> {
  const { body } = await transport({ method: "GET", path })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as Document
}

/** Every `$ref` within a value. */
function refsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === "$ref" && typeof member === "string" ? [member] : refsOf(member),
  )
}

/** The paths of the documents of group versions. */
async function documentsOf(transport: Transport): Promise<string[]> {
  const { paths = {} } = await read(transport, "/openapi/v3")
  return Object.keys(paths).filter((path) => /^apis?\/.*v\d/.test(path))
}

const lamp = {
  type: "object",
  description: "A lamp.\n\nIt has two paragraphs.",
  required: ["spec"],
  properties: {
    apiVersion: { type: "string" },
    metadata: { type: "object", properties: { name: { type: "string", maxLength: 9 } } },
    spec: {
      type: "object",
      properties: {
        color: { type: "string", enum: ["red", "blue"], nullable: true, default: "red", description: "Its colour." },
        port: { "x-kubernetes-int-or-string": true, description: "Where." },
        said: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }], pattern: "a" },
        first: { "x-kubernetes-int-or-string": true, allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }] },
        other: { "x-kubernetes-int-or-string": true, anyOf: [{ pattern: "a" }, { pattern: "b" }] },
        part: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          required: ["kind", "spec"],
          properties: { kind: { type: "string", enum: ["A"] }, spec: { type: "object" } },
        },
        parts: {
          type: "array",
          items: {
            type: "object",
            "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true,
          },
        },
        open: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          required: ["a"],
          properties: { a: { type: "array", items: { type: "string" } } },
        },
        empty: {
          type: "object",
          nullable: true,
          required: ["a", "b"],
          properties: { a: { type: "string", nullable: true }, b: { type: "string" } },
        },
        some: {
          type: "object",
          required: ["a", "b"],
          properties: { a: { type: "string", nullable: true }, b: { type: "string", oneOf: [{ minLength: 1 }] } },
        },
        list: { type: "array", nullable: true, items: { type: "string" } },
        map: { type: "object", additionalProperties: { "x-kubernetes-int-or-string": true } },
      },
    },
  },
}
const version = (name: string, schema: object): object => ({
  name,
  served: true,
  storage: name === "v1",
  subresources: { scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" } },
  schema: { openAPIV3Schema: schema },
})
const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "lamps.shop.example" },
  spec: {
    group: "shop.example",
    scope: "Namespaced",
    names: { kind: "Lamp", plural: "lamps", singular: "lamp", listKind: "LampCollection" },
    versions: [
      { ...version("v1", lamp), selectableFields: [{ jsonPath: ".spec.color" }] },
      version("v2", { type: "object", "x-kubernetes-preserve-unknown-fields": true }),
    ],
  },
}

test("every schema that an OpenAPI document refers to is in it", async () => {
  await using cluster = createCluster({ objects: [definition] })
  const documents = await documentsOf(cluster.transport)
  expect(documents).toEqual(expect.arrayContaining(["api/v1", "apis/apps/v1", "apis/shop.example/v2"]))
  for (const path of documents) {
    const document = await read(cluster.transport, `/openapi/v3/${path}`)
    const names = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`))
    expect(refsOf(document).filter((ref) => !names.has(ref))).toEqual([])
  }
})

test("fields have their types, descriptions and values", async () => {
  await using cluster = createCluster()
  const { components } = await read(cluster.transport, "/openapi/v3/apis/apps/v1")
  expect(components.schemas).toMatchObject({
    "io.k8s.api.apps.v1.Deployment": {
      description: "Deployment enables declarative updates for Pods and ReplicaSets.",
      properties: { spec: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec" }] } },
      "x-kubernetes-group-version-kind": [{ group: "apps", version: "v1", kind: "Deployment" }],
    },
    "io.k8s.api.apps.v1.DeploymentSpec": { properties: { replicas: { type: "integer", format: "int32" } } },
    "io.k8s.api.apps.v1.DeploymentStrategy": {
      properties: {
        type: { description: expect.stringMatching(/^Type of deployment\./), enum: ["Recreate", "RollingUpdate"] },
      },
    },
  })
})

test("custom kinds have their own descriptions and the metadata of every object", async () => {
  await using cluster = createCluster({ objects: [definition] })
  const { components } = await read(cluster.transport, "/openapi/v3/apis/shop.example/v1")
  expect(components.schemas).toMatchObject({
    "example.shop.v1.Lamp": {
      description: lamp.description,
      properties: {
        kind: { description: expect.stringMatching(/^Kind is a string value/), type: "string" },
        metadata: { allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }] },
        spec: { properties: { color: { description: "Its colour." } } },
      },
    },
    "example.shop.v1.LampCollection": { description: "LampCollection is a list of Lamp" },
  })
})

test("version 2 says the same in its own words", async () => {
  await using cluster = createCluster({ objects: [definition] })
  const { definitions } = await read(cluster.transport, "/openapi/v2")
  expect(definitions).toMatchObject({
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: "string", format: "int-or-string" },
    "io.k8s.api.apps.v1.Deployment": {
      description: "Deployment enables declarative updates for Pods and ReplicaSets.",
      properties: { spec: { $ref: "#/definitions/io.k8s.api.apps.v1.DeploymentSpec" } },
    },
  })
  expect(definitions["example.shop.v1.Lamp"]).toMatchObject({
    properties: {
      spec: {
        properties: {
          color: { description: "Its colour.", enum: ["red", "blue"] },
          list: {},
          some: { type: "object", required: ["b"] },
        },
      },
    },
  })
  const kind = { group: "shop.example", kind: "Lamp", version: "v2" }
  expect(definitions["example.shop.v2.Lamp"]).toEqual({ type: "object", "x-kubernetes-group-version-kind": [kind] })
})

test("the package carries the schemas that it reads", () => {
  const { files } = JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8"))
  expect(files).toContain("assets")
})

/** Schemas without those of which the real server tells more names of kinds. */
function comparable(schemas: Schemas): object {
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => !/\.(?:DeleteOptions|WatchEvent)$/.test(name)))
}

const missing = missingBinaries()
if (missing.length > 0) console.log(`OpenAPI of the real server: skipped, there is no ${missing.join(" and ")}`)

test.skipIf(missing.length > 0)("all schemas are those of a real server", async () => {
  await using cluster = createCluster({ objects: [definition] })
  await using plane = await startControlPlane()
  await plane.create(definition)
  const documents = await documentsOf(cluster.transport)
  await expect.poll(() => documentsOf(plane.transport), { timeout: 20_000 }).toEqual(expect.arrayContaining(documents))
  for (const path of documents) {
    const ours = await read(cluster.transport, `/openapi/v3/${path}`)
    const theirs = await read(plane.transport, `/openapi/v3/${path}`)
    expect(comparable(ours.components.schemas), path).toEqual(comparable(theirs.components.schemas))
  }
  const ours = await read(cluster.transport, "/openapi/v2")
  const theirs = await read(plane.transport, "/openapi/v2")
  // The real one has a few more for paths that name no kind.
  expect(comparable(theirs.definitions)).toEqual({
    ...comparable(theirs.definitions),
    ...comparable(ours.definitions),
  })
})
