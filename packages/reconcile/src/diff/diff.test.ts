import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { applyJsonPatch } from "@gitops-toolkit/patch"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compareValues, type FieldChange } from "./compare.ts"
import { diff } from "./diff.ts"
import { normalize, repairMetrics } from "./normalize.ts"
import { removePointers } from "./pointer.ts"
import { removeFields } from "./remove-fields.ts"
import { compileLabelSelector, compileSelector } from "./selector.ts"

const thing = (rest: object, metadata: object = {}): KubeObject => ({
  apiVersion: "x.io/v1",
  kind: "Thing",
  metadata: { name: "a", ...metadata },
  ...rest,
})
const told = (changes: readonly FieldChange[]): string[] =>
  changes.map(({ op, path, before, after }) => `${op} ${path} ${JSON.stringify(before)} ${JSON.stringify(after)}`)

describe("diff", () => {
  test.each<[string, object, object, string[]]>([
    ["a changed value", { spec: { n: 1 } }, { spec: { n: 2 } }, ["replace /spec/n 1 2"]],
    ["an integer is a bigint", { spec: { n: 1 } }, { spec: { n: 1n } }, []],
    ["a status", { status: { n: 1 } }, { status: { n: 2 } }, []],
    ["a name with a slash", { spec: {} }, { spec: { "a/b~c": 1 } }, ["add /spec/a~1b~0c undefined 1"]],
    ["a list that grows", { spec: [1] }, { spec: [1, 2] }, ["add /spec/- undefined 2"]],
    [
      "a list that shrinks",
      { spec: [1, 2, 3] },
      { spec: [9] },
      ["remove /spec/1 2 undefined", "remove /spec/1 3 undefined", "replace /spec/0 1 9"],
    ],
    ["a map in a list's place", { spec: [1] }, { spec: { a: 1 } }, ['replace /spec [1] {"a":1}']],
  ])("%s", (_name, before, after, wanted) => expect(told(diff(thing(before), thing(after)))).toEqual(wanted))

  test("leaves out what only the server writes, and tells labels and annotations first", () => {
    const before = thing(
      { spec: 1 },
      { uid: "1", resourceVersion: "1", managedFields: [], labels: { a: "1" }, generation: 1 },
    )
    const after = thing(
      { spec: 2 },
      { uid: "2", resourceVersion: "2", labels: { a: "2" }, annotations: { b: "1" }, finalizers: ["f"] },
    )
    expect(told(diff(before, after))).toEqual([
      'add /metadata/annotations undefined {"b":"1"}',
      'replace /metadata/labels/a "1" "2"',
      'add /metadata/finalizers undefined ["f"]',
      "replace /spec 1 2",
    ])
  })

  test("does not know kubectl's last-applied annotation, nor empty marks", () => {
    const kubectl = { "kubectl.kubernetes.io/last-applied-configuration": "{}" }
    expect(diff(thing({}, { annotations: kubectl, labels: {} }), thing({}))).toEqual([])
  })

  test("leaves ignored pointers out on both sides", () => {
    expect(told(diff(thing({ spec: { a: 1, b: 1 } }), thing({ spec: { a: 2, b: 2 } }), ["/spec/a"]))).toEqual([
      "replace /spec/b 1 2",
    ])
  })

  test("never shows a Secret's values", () => {
    const values = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.stringMatching(/^[A-Z]{8}$/))
    const make = (data: object): KubeObject => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data })
    fc.assert(
      fc.property(values, values, (before, after) => {
        expect(JSON.stringify(diff(make(before), make(after)))).not.toMatch(/[A-Z]{8}/)
      }),
    )
  })
})

describe("compareValues", () => {
  test.each([false, true])("carried out as a JSON patch it leads from one to the other (join: %s)", (join) => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.integer({ min: 0, max: 3 }),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("a", "b", "/", "~"), tie("any"), { maxKeys: 4 }),
      ),
    })).any
    fc.assert(
      fc.property(value, value, (before, after) => {
        const operations = compareValues({ v: before }, { v: after }, { path: "", join }).map(
          ({ op, path, after: next }) => (op === "remove" ? { op, path } : { op, path, value: next }),
        )
        expect(equalJson(applyJsonPatch({ v: before }, operations), { v: after })).toBe(true)
      }),
    )
  })
})

describe("normalize", () => {
  test("folds a Secret's stringData and drops what only the server writes", () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", uid: "x", managedFields: [] },
      data: { a: "eA==" },
      stringData: { a: "y", b: "ü" },
      status: {},
    }
    expect(normalize(secret)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { a: "eQ==", b: "w7w=" },
    })
  })

  test("twice is once", () => {
    const json = fc.jsonValue() as fc.Arbitrary<never>
    const kind = fc.constantFrom("Secret", "Service", "Pod", "ConfigMap")
    fc.assert(
      fc.property(kind, json, json, (of, spec, stringData) => {
        const object = { apiVersion: "v1", kind: of, metadata: { name: "a" }, spec, stringData }
        expect(normalize(normalize(object))).toEqual(normalize(object))
      }),
    )
  })

  test("repairs metrics that an old server doubled", () => {
    const metric = { type: "Resource", resource: { name: "cpu" } }
    const scaler = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: {},
      spec: { metrics: [metric, { ...metric }] },
    }
    expect(repairMetrics(scaler).spec).toEqual({ metrics: [metric] })
  })
})

test.each<[object, string[], object]>([
  [{ a: { b: 1, c: 2 } }, ["/a/b"], { a: { c: 2 } }],
  [{ a: [1, 2, 3] }, ["/a/1"], { a: [1, 3] }],
  [{ a: 1 }, ["/b/c", "/a/b", "/0"], { a: 1 }],
  [{ a: [1] }, ["/a/-1", "/a/7", "/a/x"], { a: [1] }],
  [{ "x/y": 1 }, ["/x~1y"], {}],
])("%j without %j", (value, pointers, wanted) => {
  expect(removePointers(value as KubeObject, pointers)).toEqual(wanted)
})

test.each<[string, object, object, object, object]>([
  ["a field", { a: 1, b: 2 }, { "f:a": {} }, {}, { b: 2 }],
  [
    "a map, but for what others own in it",
    { a: { b: 1, c: 2 } },
    { "f:a": {} },
    { "f:a": { "f:c": {} } },
    { a: { c: 2 } },
  ],
  [
    "an item by its key",
    { l: [{ name: "x" }, { name: "y" }] },
    { "f:l": { 'k:{"name":"x"}': {} } },
    {},
    { l: [{ name: "y" }] },
  ],
  [
    "an item that others use",
    { l: [{ name: "x", v: 1, w: 2 }] },
    { "f:l": { 'k:{"name":"x"}': { ".": {}, "f:v": {} } } },
    { "f:l": { 'k:{"name":"x"}': { "f:w": {} } } },
    { l: [{ name: "x", w: 2 }] },
  ],
  ["a member of a set", { l: ["x", "y"] }, { "f:l": { 'v:"x"': {} } }, {}, { l: ["y"] }],
])("removing %s", (_name, value, freed, kept, wanted) => {
  expect(removeFields(value, { freed, kept } as never)).toEqual(wanted)
})

describe("selectors", () => {
  test.each([
    ["", {}, true],
    ["a=b", { a: "b" }, true],
    ["a==b,c", { a: "b" }, false],
    ["a!=b", {}, true],
    ["a in (b, c)", { a: "c" }, true],
    ["a notin (b,c)", {}, true],
    ["!a", { a: "" }, false],
    ["a", { a: "" }, true],
    ["a>3", { a: "10" }, true],
    ["a<3", { a: "x" }, false],
    ["constructor", {}, false],
  ])("'%s' on %j: %s", (text, labels, wanted) => expect(compileLabelSelector(text)(labels as never)).toBe(wanted))

  test.each(["a=(b)", "a in b", "=b", "a b", "a=b=c", "(", "a,,b"])("'%s' cannot be read", (text) => {
    expect(() => compileLabelSelector(text)).toThrow("InvalidPattern")
  })

  test("match whole texts", () => {
    expect(compileSelector({ kind: "Thing", name: "a|b" })(thing({}))).toBe(true)
    expect(compileSelector({ name: "[b-z]" })(thing({}))).toBe(false)
    expect(compileSelector({ kind: "Thin" })(thing({}))).toBe(false)
  })
})
