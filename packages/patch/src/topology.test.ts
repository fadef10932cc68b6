import { describe, expect, test } from "vitest"
import {
  createTopologies,
  emptyObjectOf,
  knownKinds,
  topologyOf,
  topologyOfSchema,
  type JsonSchema,
  type Topology,
} from "./topology.ts"

/** The type at `.spec.containers[].ports`. */
function at(topology: Topology | undefined, path: string): Topology | undefined {
  return path
    .split(".")
    .slice(1)
    .reduce<Topology | undefined>((type, step) => {
      const name = step.replace("[]", "")
      const field = type?.map?.fields.get(name) ?? type?.map?.rest
      return step.endsWith("[]") ? field?.list?.item : field
    }, topology)
}

/** A type in short: `map(name)`, `set`, `atomic list`, `atomic map`, `map`, `string`. */
function short(type: Topology | undefined): string {
  if (!type) return "nothing"
  if (type.scalar && type.map) return "any"
  if (type.list) return type.list.kind === "map" ? `map(${type.list.keys.join("+")})` : `${type.list.kind} list`
  if (type.map) return type.map.atomic ? "atomic map" : "map"
  return type.format ?? "scalar"
}

// kind · path · server-side apply · strategic merge
test.each<[string, string, string, string]>([
  ["apps/v1 Deployment", ".spec.template.spec.containers", "map(name)", "merge name"],
  ["apps/v1 Deployment", ".spec.template.spec.containers[].env", "map(name)", "merge name"],
  [
    "apps/v1 Deployment",
    ".spec.template.spec.containers[].ports",
    "map(containerPort+protocol)",
    "merge containerPort",
  ],
  ["apps/v1 Deployment", ".spec.template.spec.containers[].volumeMounts", "map(mountPath)", "merge mountPath"],
  ["apps/v1 Deployment", ".spec.template.spec.containers[].command", "atomic list", ""],
  ["apps/v1 Deployment", ".spec.template.spec.tolerations", "atomic list", ""],
  [
    "apps/v1 Deployment",
    ".spec.template.spec.topologySpreadConstraints",
    "map(topologyKey+whenUnsatisfiable)",
    "merge topologyKey",
  ],
  ["apps/v1 Deployment", ".spec.template.spec.nodeSelector", "atomic map", ""],
  ["apps/v1 Deployment", ".spec.template.spec.volumes", "map(name)", "merge,retainKeys name"],
  ["apps/v1 Deployment", ".spec.strategy", "map", "retainKeys"],
  ["apps/v1 Deployment", ".spec.strategy.rollingUpdate.maxSurge", "any", ""],
  ["apps/v1 Deployment", ".spec.selector", "atomic map", ""],
  ["apps/v1 Deployment", ".metadata.ownerReferences", "map(uid)", "merge uid"],
  ["apps/v1 Deployment", ".metadata.finalizers", "set list", "merge"],
  ["apps/v1 Deployment", ".spec.replicas", "int32", ""],
  ["batch/v1 Job", ".status.conditions", "atomic list", "merge type"],
  ["v1 Service", ".spec.ports", "map(port+protocol)", "merge port"],
  ["v1 Service", ".spec.selector", "atomic map", ""],
  ["v1 Pod", ".spec.containers[].resources.limits.cpu", "quantity", ""],
  ["v1 ConfigMap", ".data", "map", ""],
  ["v1 Secret", ".data.x", "byte", ""],
  [
    "apiextensions.k8s.io/v1 CustomResourceDefinition",
    ".spec.versions[].schema.openAPIV3Schema.properties.x.properties.y.type",
    "string",
    "",
  ],
])("%s %s is %s", (kind, path, applied, strategic) => {
  const [apiVersion, name] = kind.split(" ") as [string, string]
  const type = at(topologyOf({ apiVersion, kind: name }), path)
  expect(short(type)).toBe(applied)
  expect([type?.patch?.strategies.join(","), type?.patch?.mergeKey].filter(Boolean).join(" ")).toBe(strategic)
})

test("key fields have their defaults", () => {
  const ports = at(topologyOf({ apiVersion: "v1", kind: "Service" }), ".spec.ports")
  expect(ports?.list?.keyDefaults.get("protocol")).toBe("TCP")
})

test("a kind has one topology, an unknown kind has none", () => {
  expect(topologyOf({ apiVersion: "v1", kind: "Pod" })).toBe(topologyOf({ apiVersion: "v1", kind: "Pod" }))
  expect(topologyOf({ apiVersion: "v1", kind: "Nope" })).toBeUndefined()
  expect(topologyOf({ apiVersion: "constructor", kind: "__proto__" })).toBeUndefined()
  expect(knownKinds().length).toBeGreaterThan(100)
})

test("every known kind can be read, and its lists by key have their keys", () => {
  const seen = new Set<Topology>()
  const visit = (type: Topology | undefined): void => {
    if (!type || seen.has(type)) return
    seen.add(type)
    if (type.list?.kind === "map") {
      for (const key of type.list.keys) expect(type.list.item.map?.fields.has(key)).toBe(true)
    }
    visit(type.list?.item)
    visit(type.map?.rest)
    for (const field of type.map?.fields.values() ?? []) visit(field)
  }
  for (const kind of knownKinds()) visit(topologyOf(kind))
  expect(seen.size).toBeGreaterThan(1000)
})

test("an empty object has the structs that Go always writes", () => {
  expect(emptyObjectOf(topologyOf({ apiVersion: "apps/v1", kind: "Deployment" })!)).toMatchObject({
    metadata: {},
    spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
    status: {},
  })
})

describe("custom resources", () => {
  const text: JsonSchema = { type: "string" }
  const schema: JsonSchema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
          list: { type: "array", items: text },
          either: { "x-kubernetes-int-or-string": true },
          open: {
            type: "object",
            "x-kubernetes-preserve-unknown-fields": true,
            properties: { known: { type: "object", properties: { a: text } } },
          },
          closed: { type: "object", properties: { a: text } },
          free: { type: "object" },
          embedded: {
            type: "object",
            "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true,
          },
        },
      },
    },
  }
  const topology = topologyOfSchema(schema)

  test.each([
    [".metadata.finalizers", "set list"],
    [".kind", "string"],
    [".spec.set", "set list"],
    [".spec.list", "atomic list"],
    [".spec.either", "any"],
    [".spec.open.known.a", "string"],
    [".spec.open.known.unknown", "any"],
    [".spec.open.unknown", "any"],
    [".spec.closed.unknown", "nothing"],
    [".spec.free.unknown", "any"],
    [".spec.embedded.metadata.ownerReferences", "map(uid)"],
    [".spec.unknown", "nothing"],
  ])("%s is %s", (path, type) => {
    expect(short(at(topology, path))).toBe(type)
  })

  test("preserveUnknownFields opens all of it", () => {
    expect(short(at(topologyOfSchema(schema, { preserveUnknownFields: true }), ".spec.closed.unknown"))).toBe("any")
  })

  test("without a schema everything is guessed", () => {
    expect(short(topologyOfSchema(undefined))).toBe("any")
  })

  test("hostile schemas: depth is bounded, names stay names", () => {
    let deep: JsonSchema = text
    for (let i = 0; i < 500; i++) deep = { type: "object", properties: { a: deep } }
    expect(() => topologyOfSchema(deep)).toThrow("[TooDeep]")
    const named = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JsonSchema
    expect(topologyOfSchema(named).map?.fields.has("__proto__")).toBe(true)
    expect(topologyOfSchema(named).map?.fields.has("constructor")).toBe(false)
  })
})

test("a reference that leads nowhere is refused", () => {
  const types = createTopologies(() => undefined)
  expect(() => types.inline({ $ref: "#/components/schemas/nope" })).toThrow("[InvalidObject]")
  expect(types.named("nope")).toBeUndefined()
})
