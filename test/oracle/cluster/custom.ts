import { type Body, type Json, namespace } from "./bodies.ts"

const string = { type: "string" }
const integer = { type: "integer" }

const spec = {
  type: "object",
  required: ["size"],
  properties: {
    size: { type: "integer", minimum: 1, maximum: 10, multipleOf: 2, default: 2 },
    ratio: { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
    name: { type: "string", minLength: 2, maxLength: 5, pattern: "^[a-z]+$" },
    mode: { type: "string", enum: ["on", "off"] },
    maybe: { type: "string", nullable: true },
    port: { "x-kubernetes-int-or-string": true },
    tags: { type: "array", items: string, minItems: 1, maxItems: 3, "x-kubernetes-list-type": "set" },
    ports: {
      type: "array",
      items: {
        type: "object",
        required: ["name"],
        properties: { name: string, port: { ...integer, format: "int32", default: 80 } },
      },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    },
    labels: { type: "object", additionalProperties: string, maxProperties: 2 },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: integer } },
    embedded: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    either: { type: "object", properties: { a: string, b: string }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
    any: {
      type: "object",
      properties: { a: string, b: integer },
      anyOf: [{ required: ["a"] }, { properties: { b: { minimum: 5 } } }],
    },
    all: {
      type: "object",
      properties: { a: integer },
      allOf: [{ properties: { a: { minimum: 1 } } }],
      not: { required: ["b"] },
    },
    when: { type: "string", format: "date-time" },
    day: { type: "string", format: "date" },
    bytes: { type: "string", format: "byte" },
    address: { type: "string", format: "ipv4" },
    range: { type: "string", format: "cidr" },
    mail: { type: "string", format: "email" },
    link: { type: "string", format: "uri" },
    id: { type: "string", format: "uuid" },
    wait: { type: "string", format: "duration" },
    flag: { type: "boolean", default: true },
    nested: { type: "object", default: {}, properties: { deep: { type: "string", default: "d" } } },
  },
}

/** A definition whose schema has every keyword. */
export const definition: Json = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.fuzz.example.com" },
  spec: {
    group: "fuzz.example.com",
    scope: "Namespaced",
    names: {
      plural: "things",
      singular: "thing",
      kind: "Thing",
      listKind: "ThingList",
      shortNames: ["th"],
      categories: ["all"],
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec,
              status: {
                type: "object",
                properties: { ready: integer, phase: { type: "string", enum: ["Up", "Down"] } },
              },
            },
          },
        },
        subresources: { status: {}, scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.ready" } },
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size", priority: 0, description: "how many" },
        ],
        selectableFields: [{ jsonPath: ".spec.mode" }],
      },
    ],
  },
}

/** Bodies of definitions that are only posted as dry runs. */
export const definitions: readonly Body[] = [definition, twoVersions()].map((body) => ({
  path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  body: {
    ...body,
    metadata: { name: "others.fuzz.example.com" },
    spec: { ...(body["spec"] as Json), names: { plural: "others", kind: "Other" } },
  },
}))

function twoVersions(): Json {
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", properties: { a: string, list: { type: "array", items: integer } } } },
    },
  }
  return {
    ...definition,
    spec: {
      group: "fuzz.example.com",
      scope: "Cluster",
      names: {},
      conversion: { strategy: "None" },
      preserveUnknownFields: false,
      versions: [
        { name: "v1", served: true, storage: true, schema },
        { name: "v1beta1", served: true, storage: false, deprecated: true, deprecationWarning: "old", schema },
      ],
    },
  }
}

/** Custom objects that satisfy the schema. */
export const things: readonly Body[] = [
  {
    path: `/apis/fuzz.example.com/v1/namespaces/${namespace}/things`,
    body: {
      apiVersion: "fuzz.example.com/v1",
      kind: "Thing",
      metadata: { name: "base", labels: { app: "web" }, annotations: { a: "b" } },
      spec: {
        size: 2,
        ratio: 0.5,
        name: "abc",
        mode: "on",
        maybe: null,
        port: 80,
        tags: ["a", "b"],
        ports: [{ name: "http", port: 80 }, { name: "https" }],
        labels: { a: "b" },
        open: { known: 1, other: [1] },
        embedded: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } },
        either: { a: "x" },
        any: { a: "x", b: 6 },
        all: { a: 1 },
        when: "2026-01-02T03:04:05Z",
        day: "2026-01-02",
        bytes: "YQ==",
        address: "10.0.0.1",
        range: "10.0.0.0/8",
        mail: "a@example.com",
        link: "https://example.com/a",
        id: "123e4567-e89b-42d3-a456-426614174000",
        wait: "1h",
        flag: false,
        nested: { deep: "x" },
      },
    },
  },
]
