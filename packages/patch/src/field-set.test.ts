import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  difference,
  emptyFieldSet,
  extract,
  fieldSetOf,
  fieldSetOfPaths,
  formatPath,
  has,
  intersection,
  isEmptyFieldSet,
  isSubsetOf,
  leaves,
  parseFieldSet,
  parsePathElement,
  pathsOf,
  printFieldSet,
  printPathElement,
  recursiveDifference,
  sameFieldSet,
  union,
  type FieldSet,
  type Path,
  type PathElement,
} from "./field-set.ts"
import { topologyOf, topologyOfSchema } from "./topology.ts"

const element: fc.Arbitrary<PathElement> = fc.oneof(
  fc.constantFrom("a", "b", "__proto__", "ü", "x/y").map((name) => ({ type: "field", name }) as const),
  fc
    .dictionary(fc.constantFrom("id", "name"), fc.oneof(fc.constantFrom("c", 'q"<&>'), fc.integer(), fc.boolean()), {
      minKeys: 1,
    })
    .map((keys) => ({ type: "key", fields: Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1)) }) as const),
  fc
    .oneof(fc.string(), fc.integer(), fc.bigInt({ min: 2n ** 60n }))
    .map((value) => ({ type: "value", value }) as const),
  fc.nat({ max: 3 }).map((index) => ({ type: "index", index }) as const),
)
const path: fc.Arbitrary<Path> = fc.array(element, { minLength: 1, maxLength: 3 })
const set: fc.Arbitrary<FieldSet> = fc.array(path, { maxLength: 6 }).map(fieldSetOfPaths)

const texts = (fields: FieldSet): string[] => [...pathsOf(fields)].map((each) => each.map(printPathElement).join(" "))

describe("laws", () => {
  const holds = (predicate: (a: FieldSet, b: FieldSet) => boolean): void => fc.assert(fc.property(set, set, predicate))
  test("parse(print(set)) is the set", () => {
    fc.assert(fc.property(set, (a) => sameFieldSet(parseFieldSet(JSON.stringify(printFieldSet(a))), a)))
  })
  test("print(parse(text)) of a printed text is the text", () => {
    fc.assert(
      fc.property(set, (a) => {
        const text = JSON.stringify(printFieldSet(a))
        expect(JSON.stringify(printFieldSet(parseFieldSet(text)))).toBe(text)
      }),
    )
  })
  test("a set is the set of its paths", () => {
    fc.assert(fc.property(set, (a) => sameFieldSet(fieldSetOfPaths(pathsOf(a)), a)))
  })
  test("union commutes, and holds both", () => {
    holds((a, b) => {
      const both = union(a, b)
      return sameFieldSet(both, union(b, a)) && isSubsetOf(a, both) && isSubsetOf(b, both)
    })
  })
  test("difference and intersection share a set out", () => {
    holds((a, b) => sameFieldSet(union(difference(a, b), intersection(a, b)), a))
  })
  test("nothing of the difference is in the other set", () => {
    holds((a, b) => isEmptyFieldSet(intersection(difference(a, b), b)))
  })
  test("a recursive difference is part of the difference", () => {
    holds((a, b) => isSubsetOf(recursiveDifference(a, b), difference(a, b)))
  })
  test("membership agrees with the list of paths", () => {
    holds((a, b) => [...pathsOf(b)].every((each) => has(union(a, b), each)))
  })
  test("leaves have nothing below them", () => {
    fc.assert(
      fc.property(set, (a) => {
        const below = [...pathsOf(a)]
        return [...pathsOf(leaves(a))].every(
          (leaf) =>
            !below.some(
              (each) =>
                each.length > leaf.length &&
                leaf.every((step, i) => printPathElement(step) === printPathElement(each[i]!)),
            ),
        )
      }),
    )
  })
})

// fieldsV1 · paths
test.each<[unknown, string[]]>([
  [{ "f:a": {} }, ["f:a"]],
  [{ "f:a": { "f:b": {} } }, ["f:a f:b"]],
  [{ "f:a": { ".": {}, "f:b": {} } }, ["f:a", "f:a f:b"]],
  [{ "f:a": { "x:unknown": {} } }, ["f:a"]],
  [{ "f:a": null }, ["f:a"]],
  [{ 'k:{"b":1,"a":"x"}': {} }, ['k:{"a":"x","b":1}']],
  [{ "v: 3": {} }, ["v:3"]],
  [null, []],
  [{}, []],
])("%j holds %j", (fields, paths) => {
  expect(texts(parseFieldSet(fields))).toEqual(paths)
})

test.each([
  "[]",
  '{"f:a":[]}',
  '{"a":{}}',
  '{"nocolon":{}}',
  '{"i:x":{}}',
  '{"k:[]":{}}',
  '{"v:":{}}',
  "{} {}",
  "1",
  "{",
])("%s is refused", (text) => {
  expect(() => parseFieldSet(text)).toThrow("[InvalidFieldSet]")
})

test("a hostile depth is refused, not followed", () => {
  const deep = `${'{"f:a":'.repeat(2000)}{}${"}".repeat(2000)}`
  expect(() => parseFieldSet(deep)).toThrow("[TooDeep]")
})

test("what is printed is frozen and the same for the same set", () => {
  const fields = parseFieldSet({ "f:a": { "f:b": {} } })
  expect(printFieldSet(fields)).toBe(printFieldSet(fields))
  expect(Object.isFrozen(printFieldSet(fields)["f:a"])).toBe(true)
  expect(parseFieldSet(printFieldSet(fields))).toBe(fields)
})

test.each<[string[], string]>([
  [["f:spec", 'k:{"name":"c"}', "f:image"], '.spec[name="c"].image'],
  [["f:ports", 'k:{"port":80,"protocol":"TCP"}'], '.ports[port=80,protocol="TCP"]'],
  [["f:tags", 'v:"a\\u003cb"', "i:3"], '.tags[="a<b"][3]'],
  [["v:1000000"], "[=1e+06]"],
  [["v:999999"], "[=999999]"],
  [["v:0.00001"], "[=1e-05]"],
  [["v:true"], "[=true]"],
  [['v:"a\\u0007\\u00e9"'], '[="a\\aé"]'],
])("%j is printed as %s", (elements, printed) => {
  expect(formatPath(elements.map((each) => parsePathElement(each)!))).toBe(printed)
})

describe("fields of an object", () => {
  const pod = topologyOf({ apiVersion: "v1", kind: "Pod" })!
  const object = {
    metadata: { labels: { app: "a" }, finalizers: ["f"] },
    spec: {
      containers: [{ name: "c", image: "i", command: ["x"], ports: [{ containerPort: 80 }], resources: {} }],
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "k" }],
    },
  }

  test("structs, maps, keyed lists, sets and atomic parts", () => {
    expect(printFieldSet(fieldSetOf(object, pod))).toEqual({
      "f:metadata": { "f:finalizers": { 'v:"f"': {} }, "f:labels": { "f:app": {} } },
      "f:spec": {
        "f:containers": {
          'k:{"name":"c"}': {
            ".": {},
            "f:command": {},
            "f:image": {},
            "f:name": {},
            "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
            "f:resources": {},
          },
        },
        "f:nodeSelector": {},
        "f:tolerations": {},
      },
    })
  })

  test("extracting all fields gives the object back", () => {
    expect(extract(object, fieldSetOf(object, pod), { topology: pod })).toEqual(object)
  })

  test("without a topology the keys of the set are looked for", () => {
    const fields = parseFieldSet({ "f:spec": { "f:containers": { 'k:{"name":"c"}': { "f:image": {} } } } })
    expect(extract(object, fields)).toEqual({ spec: { containers: [{ name: "c", image: "i" }] } })
    expect(extract(object, parseFieldSet({ "f:status": {} }))).toBeUndefined()
    expect(extract(object, emptyFieldSet)).toBeUndefined()
  })
})

describe("the names of list items", () => {
  const listed = topologyOfSchema({
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["b", "a"],
    items: { type: "object", properties: { a: { type: "string", default: "d" }, b: {}, c: {} } },
  })
  test.for<readonly [item: string, name: string]>([
    ['{"a":"x","b":1}', 'k:{"a":"x","b":1}'],
    ['{"b":1}', 'k:{"a":"d","b":1}'],
    ['{"c":1}', 'k:{"a":"d"}'],
    ['{"a":null,"b":-0.0}', 'k:{"a":null,"b":0}'],
    ['{"a":"<é\\n\\"","b":true}', 'k:{"a":"\\u003cé\\n\\"","b":true}'],
    ['{"b":1e21}', 'k:{"a":"d","b":1e+21}'],
  ])("%s is %s", ([item, name]) => {
    expect(Object.keys(printFieldSet(fieldSetOf([JSON.parse(item)], listed)))).toEqual([name])
  })
})
