import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { applyStrategicMerge, createStrategicMerge, createThreeWayStrategicMerge } from "./strategic-merge.ts"
import { topologyOf } from "./topology.ts"

const deployment = topologyOf({ apiVersion: "apps/v1", kind: "Deployment" })!
const pod = topologyOf({ apiVersion: "v1", kind: "Pod" })!
const service = topologyOf({ apiVersion: "v1", kind: "Service" })!
const configMap = topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!
const types = { deployment, pod, service, configMap }

describe("directives", () => {
  // what · type · live · patch · result
  test.each<[string, keyof typeof types, string, string, string]>([
    ["null deletes", "configMap", "data: {a: '1', b: '2'}", "data: {a: null}", "data: {b: '2'}"],
    [
      "an item is merged by its key",
      "pod",
      "spec: {containers: [{name: a, image: x}, {name: b, image: x}]}",
      "spec: {containers: [{name: b, image: y}]}",
      "spec: {containers: [{name: a, image: x}, {name: b, image: y}]}",
    ],
    [
      "a new item of the patch comes first",
      "pod",
      "spec: {containers: [{name: a}]}",
      "spec: {containers: [{name: b}]}",
      "spec: {containers: [{name: b}, {name: a}]}",
    ],
    [
      "$patch: delete takes an item away",
      "pod",
      "spec: {containers: [{name: a}, {name: b}]}",
      "spec: {containers: [{name: a, $patch: delete}]}",
      "spec: {containers: [{name: b}]}",
    ],
    [
      "$patch: replace replaces a list",
      "pod",
      "spec: {containers: [{name: a}, {name: b}]}",
      "spec: {containers: [{$patch: replace}, {name: c}]}",
      "spec: {containers: [{name: c}]}",
    ],
    [
      "$patch: replace replaces a map",
      "configMap",
      "data: {a: '1'}",
      "data: {$patch: replace, b: '2'}",
      "data: {b: '2'}",
    ],
    ["$patch: delete empties a map", "configMap", "data: {a: '1'}", "data: {$patch: delete}", "data: {}"],
    [
      "scalars of a set are united",
      "configMap",
      "metadata: {finalizers: [a, b]}",
      "metadata: {finalizers: [b, c]}",
      "metadata: {finalizers: [a, b, c]}",
    ],
    [
      "$deleteFromPrimitiveList deletes scalars",
      "configMap",
      "metadata: {finalizers: [a, b, c]}",
      "metadata: {$deleteFromPrimitiveList/finalizers: [a, c]}",
      "metadata: {finalizers: [b]}",
    ],
    [
      "$setElementOrder orders",
      "pod",
      "spec: {containers: [{name: a}, {name: b}, {name: live}]}",
      "spec: {$setElementOrder/containers: [{name: b}, {name: a}]}",
      "spec: {containers: [{name: b}, {name: a}, {name: live}]}",
    ],
    [
      "$retainKeys drops the rest",
      "deployment",
      "spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}",
      "spec: {strategy: {$retainKeys: [type], type: Recreate}}",
      "spec: {strategy: {type: Recreate}}",
    ],
    [
      "atomic lists are replaced",
      "pod",
      "spec: {tolerations: [{key: a}]}",
      "spec: {tolerations: [{key: b}]}",
      "spec: {tolerations: [{key: b}]}",
    ],
    [
      "Service ports go by port alone",
      "service",
      "spec: {ports: [{port: 80, protocol: TCP}]}",
      "spec: {ports: [{port: 80, name: http}]}",
      "spec: {ports: [{port: 80, protocol: TCP, name: http}]}",
    ],
  ])("%s", (_what, type, live, patch, result) => {
    expect(applyStrategicMerge(parse(live), parse(patch), types[type])).toEqual(parse(result))
  })

  // what · type · live · patch · message
  test.each<[string, keyof typeof types, string, string, string]>([
    [
      "no merge key",
      "pod",
      "spec: {containers: [{name: a}]}",
      "spec: {containers: [{image: x}]}",
      "map: map[image:x] does not contain declared merge key: name",
    ],
    [
      "unknown directive",
      "pod",
      "spec: {containers: [{name: a}]}",
      "spec: {containers: [{name: a, $patch: nope}]}",
      "unknown patch type: nope in map: map[$patch:nope name:a]",
    ],
    [
      "unknown map directive",
      "configMap",
      "data: {a: '1'}",
      "data: {$patch: nope}",
      "unknown patch type: nope in map: map[$patch:nope]",
    ],
    [
      "order that does not fit",
      "pod",
      "spec: {containers: [{name: a}]}",
      "spec: {$setElementOrder/containers: [{name: b}], containers: [{name: c}]}",
      "The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
    [
      "keys that are not retained",
      "deployment",
      "spec: {strategy: {type: Recreate}}",
      "spec: {strategy: {$retainKeys: [type], rollingUpdate: {}}}",
      "invalid patch format of retainKeys",
    ],
    [
      "field that does not exist",
      "pod",
      "spec: {nope: {a: 1}}",
      "spec: {nope: {b: 1}}",
      'unable to find api field in struct PodSpec for the json field "nope"',
    ],
  ])("%s is refused", (_what, type, live, patch, message) => {
    expect(() => applyStrategicMerge(parse(live), parse(patch), types[type])).toThrow(message)
  })
})

test("neither argument is changed, hostile names stay names", () => {
  const live = Object.freeze({ data: Object.freeze({ a: "1" }) })
  const patch: unknown = JSON.parse('{"data":{"__proto__":"x","constructor":null,"b":"2"}}')
  const before = JSON.stringify(patch)
  const result = applyStrategicMerge(live, patch, configMap) as { data: object }
  expect(Object.keys(result.data)).toEqual(["a", "__proto__", "b"])
  expect(JSON.stringify(patch)).toBe(before)
})

test("three ways: foreign changes stay, contradictions are told unless overwritten", () => {
  const original = { spec: { replicas: 1, paused: true } }
  const modified = { spec: { replicas: 2 } }
  const current = { spec: { replicas: 3, paused: true, minReadySeconds: 5 } }
  expect(createThreeWayStrategicMerge({ original, modified, current }, deployment)).toEqual({
    spec: { replicas: 2, paused: null },
  })
  expect(() => createThreeWayStrategicMerge({ original, modified, current, overwrite: false }, deployment)).toThrow(
    "[PatchConflict]",
  )
})

const container = fc.record(
  {
    name: fc.constantFrom("a", "b", "c"),
    image: fc.constantFrom("x", "y"),
    command: fc.array(fc.constantFrom("r", "s")),
  },
  { requiredKeys: ["name"] },
)
const template = fc.record(
  {
    containers: fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1 }),
    nodeSelector: fc.dictionary(fc.constantFrom("k", "l"), fc.constantFrom("1", "2"), { minKeys: 1 }),
    tolerations: fc.array(fc.record({ key: fc.constantFrom("t", "u") }), { minLength: 1 }),
  },
  { requiredKeys: ["containers"] },
)
const object = fc.record({
  metadata: fc.record({ finalizers: fc.uniqueArray(fc.constantFrom("f", "g", "h"), { minLength: 1 }) }),
  spec: template,
})

test("law: a created patch gives what it was created for, order included", () => {
  fc.assert(
    fc.property(object, object, (before, after) => {
      expect(applyStrategicMerge(before, createStrategicMerge(before, after, pod), pod)).toEqual(after)
    }),
  )
})
