import type { JsonPatchOperation, KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, test } from "vitest"
import {
  applyJsonPatch,
  applyManaged,
  applyMergePatch,
  applyStrategicMerge,
  compareObjects,
  createJsonPatch,
  createMergePatch,
  createStrategicMerge,
  createThreeWayMergePatch,
  createThreeWayStrategicMerge,
  deducedTopology,
  extract,
  fieldSetOf,
  isPatchError,
  lastAppliedAnnotation,
  mergeApply,
  mergeObjects,
  mergeUpdate,
  parseFieldSet,
  parsePathElement,
  topologyOf,
  topologyOfSchema,
  updateManaged,
  validateObject,
  type JsonSchema,
} from "./index.ts"

// What strangers send: any JSON where a certain shape is expected. It works or it is refused with a PatchError; it
// never fails in another way, and never changes what it was given or any prototype.

const name = fc.constantFrom(
  ...[
    "metadata",
    "spec",
    "containers",
    "name",
    "ports",
    "port",
    "finalizers",
    "labels",
    "data",
    "a",
    "__proto__",
    "constructor",
  ],
  ...[
    "$patch",
    "$retainKeys",
    "$setElementOrder/containers",
    "$deleteFromPrimitiveList/finalizers",
    "toString",
    "length",
  ],
)
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2n ** 64n, "", "a", "delete", "replace", "80"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie("any")), { maxLength: 4 }).map((members) => {
      const map: { [name: string]: unknown } = {}
      for (const [key, value] of members)
        Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      return map
    }),
  ),
})).any

const pod = topologyOf({ apiVersion: "v1", kind: "Pod" })!
const service = topologyOf({ apiVersion: "v1", kind: "Service" })!
const types = fc.constantFrom(pod, service, deducedTopology)

const snapshot = (value: unknown): string =>
  JSON.stringify(value, (_name, each: unknown) => (typeof each === "bigint" ? `${each}n` : each)) ?? "undefined"

/** Runs `work` on arbitrary values and holds it to the promise above. */
function survives(work: (a: unknown, b: unknown, type: typeof pod) => unknown): void {
  const prototype = Object.getOwnPropertyNames(Object.prototype).join()
  fc.assert(
    fc.property(json, json, types, (a, b, type) => {
      const before = snapshot([a, b])
      try {
        work(a, b, type)
      } catch (error) {
        if (!isPatchError(error)) throw error
      }
      return snapshot([a, b]) === before && Object.getOwnPropertyNames(Object.prototype).join() === prototype
    }),
    { numRuns: 400 },
  )
}

describe("any JSON", () => {
  test("as JSON patch", () => {
    survives((a, b) => applyJsonPatch(a, b as JsonPatchOperation[]))
    survives((a, b) =>
      applyJsonPatch(a, [
        { op: "add", path: "/a/0", value: b },
        { op: "copy", from: "/a", path: "/b" },
      ]),
    )
    survives((a, b) =>
      applyJsonPatch(a, [b] as JsonPatchOperation[], { dialect: "evanphx", ensurePathExistsOnAdd: true }),
    )
    survives((a, b) => createJsonPatch(a, b))
  })
  test("as merge patch", () => {
    survives((a, b) => applyMergePatch(a, b))
    survives((a, b) => createMergePatch(a, b))
    survives((a, b) => createThreeWayMergePatch({ original: a, modified: b, current: a }))
  })
  test("as strategic merge patch", () => {
    survives((a, b, type) => applyStrategicMerge(a, b, type))
    survives((a, b, type) => createStrategicMerge(a, b, type))
    survives((a, b, type) =>
      createThreeWayStrategicMerge({ original: a, modified: b, current: a, overwrite: false }, type),
    )
  })
  test("as objects", () => {
    survives((a, b, type) => mergeObjects(a, b, type))
    survives((a, b, type) => compareObjects(a, b, type))
    survives((a, _b, type) => validateObject(a, type))
    survives((a, b, type) => extract(b, fieldSetOf(a, type)))
    survives((a, b, type) => extract(b, fieldSetOf(a, type), { topology: type }))
    const common = { managers: new Map(), manager: "m", apiVersion: "v1" }
    survives((a, b, type) => mergeApply({ ...common, live: a, desired: b, topology: type, force: true }))
    survives((a, b, type) => mergeUpdate({ ...common, live: a, object: b, topology: type }))
  })
  test("as objects with managedFields", () => {
    const kind = { apiVersion: "v1", kind: "Pod" }
    const writer = { manager: "m", apiVersion: "v1", topology: pod, now: new Date(0) }
    const object = (spec: unknown, managedFields: unknown): KubeObject =>
      ({ ...kind, metadata: { name: "a", uid: "u", managedFields }, spec }) as unknown as KubeObject
    const wanted = (spec: unknown): KubeObject => ({ ...kind, metadata: { name: "a" }, spec })
    survives((a, b) => applyManaged({ ...writer, live: object(a, b), desired: wanted(b) }))
    survives((a, b) =>
      applyManaged({
        ...writer,
        live: object(a, [{ operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: b }]),
        desired: wanted(a),
      }),
    )
    survives((a, b) => updateManaged({ ...writer, live: object(a, undefined), object: object(b, a) }))
    const annotated = (spec: unknown, text: unknown): KubeObject =>
      ({
        ...object(spec, undefined),
        metadata: { name: "a", uid: "u", annotations: { [lastAppliedAnnotation]: text } },
      }) as unknown as KubeObject
    const lastApplied = (spec: unknown): string => snapshot({ ...kind, metadata: { name: "a" }, spec })
    survives((a, b) => applyManaged({ ...writer, manager: "kubectl", live: annotated(a, b), desired: wanted(b) }))
    survives((a, b) =>
      applyManaged({ ...writer, manager: "kubectl", live: annotated(a, lastApplied(b)), desired: wanted(b) }),
    )
    survives((a, b) =>
      applyManaged({
        ...writer,
        manager: "kubectl",
        live: undefined,
        desired: { ...kind, metadata: a, spec: b } as never,
      }),
    )
  })
  test("as field set, path element and schema", () => {
    survives((a) => parseFieldSet(a))
    fc.assert(
      fc.property(fc.string(), (text) => survivesText(text)),
      { numRuns: 500 },
    )
    survives((a, b) => mergeObjects(b, b, topologyOfSchema(a as JsonSchema)))
  })
})

function survivesText(text: string): void {
  for (const read of [
    parseFieldSet,
    parsePathElement,
    (each: string) => parsePathElement(`k:${each}`),
    (each: string) => parsePathElement(`v:${each}`),
  ]) {
    try {
      read(text)
    } catch (error) {
      if (!isPatchError(error)) throw error
    }
  }
}
