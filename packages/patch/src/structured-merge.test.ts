import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { formatPath, parseFieldSet, printFieldSet } from "./field-set.ts"
import {
  assertValid,
  compareObjects,
  isApplyConflict,
  mergeApply,
  mergeObjects,
  mergeUpdate,
  printFaults,
  validateObject,
  type Managers,
} from "./structured-merge.ts"
import { deducedTopology, topologyOf, topologyOfSchema, type Topology } from "./topology.ts"

const topology = topologyOfSchema({
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        replicas: { type: "integer" },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        steps: { type: "array", items: { type: "string" } },
        whole: { type: "object", additionalProperties: { type: "string" }, "x-kubernetes-map-type": "atomic" },
        free: { type: "object", additionalProperties: { type: "string" } },
        items: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            properties: { name: { type: "string" }, value: { type: "string" }, image: { type: "string" } },
          },
        },
      },
    },
  },
})

interface State {
  readonly live: unknown
  readonly managers: Managers
}

const nothing: State = { live: undefined, managers: new Map() }

/** One line of a story: `apply a: {…}`, `force b: {…}`, `update c: {…}`; what it conflicts with, or the new state. */
function tell(state: State, line: string, type: Topology = topology): State | string[] {
  const [, verb, manager, text] = /^(apply|force|update) (\w+): ([^]*)$/.exec(line)!
  const common = { ...state, manager: manager!, apiVersion: "v1", topology: type }
  const object: unknown = parse(text!)
  if (verb === "update") {
    const merged = mergeUpdate({ ...common, object })
    return { live: merged.object, managers: merged.managers }
  }
  const result = mergeApply({ ...common, desired: object, force: verb === "force" })
  if (!isApplyConflict(result)) return { live: result.object, managers: result.managers }
  return result.conflicts.map(({ manager: other, path }) => `${other} ${formatPath(path)}`)
}

function story(lines: readonly string[], type: Topology = topology): State {
  let state = nothing
  for (const line of lines) {
    const next = tell(state, line, type)
    if (Array.isArray(next)) throw new Error(`${line}: ${next.join(", ")}`)
    state = next
  }
  return state
}

const owners = ({ managers }: State): unknown =>
  Object.fromEntries([...managers].map(([manager, { fields }]) => [manager, printFieldSet(fields)]))

test("the golden story: shared, foreign, dropped and taken fields", () => {
  const begin = ["apply a: {spec: {replicas: 1, items: [{name: c, image: x}, {name: d, image: x}]}}"]
  const scaled = [...begin, "update hpa: {spec: {replicas: 5, items: [{name: c, image: x}, {name: d, image: x}]}}"]
  expect(tell(story(scaled), "apply a: {spec: {replicas: 1, items: [{name: c, image: x}]}}")).toEqual([
    "hpa .spec.replicas",
  ])
  const dropped = [...scaled, "apply a: {spec: {items: [{name: c, image: x}]}}"]
  expect(story(dropped).live).toEqual({ spec: { replicas: 5, items: [{ name: "c", image: "x" }] } })
  expect(tell(story(dropped), "apply b: {spec: {items: [{name: c, image: y}]}}")).toEqual([
    'a .spec.items[name="c"].image',
  ])
  const taken = story([...dropped, "force b: {spec: {items: [{name: c, image: y}]}}"])
  expect(taken.live).toEqual({ spec: { replicas: 5, items: [{ name: "c", image: "y" }] } })
  expect(owners(taken)).toEqual({
    hpa: { "f:spec": { "f:replicas": {} } },
    a: { "f:spec": { "f:items": { 'k:{"name":"c"}': { ".": {}, "f:name": {} } } } },
    b: { "f:spec": { "f:items": { 'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:name": {} } } } },
  })
})

describe("rules", () => {
  // rule · story · object
  test.each<[string, string[], string]>([
    [
      "an equal value is shared",
      ["apply a: {spec: {replicas: 1}}", "apply b: {spec: {replicas: 1}}", "apply a: {spec: {}}"],
      "{spec: {replicas: 1}}",
    ],
    [
      "items of a set are owned one by one",
      ["apply a: {spec: {tags: [x, y]}}", "apply b: {spec: {tags: [z]}}", "apply a: {spec: {tags: [y]}}"],
      "{spec: {tags: [y, z]}}",
    ],
    [
      "an applied order wins, foreign items keep their neighbours",
      ["apply a: {spec: {tags: [x, y]}}", "apply b: {spec: {tags: [z]}}", "apply a: {spec: {tags: [y, x]}}"],
      "{spec: {tags: [y, z, x]}}",
    ],
    [
      "an atomic list is one value",
      ["apply a: {spec: {steps: [x]}}", "force b: {spec: {steps: [y]}}"],
      "{spec: {steps: [y]}}",
    ],
    [
      "an atomic map is one value",
      ["apply a: {spec: {whole: {k: v}}}", "force b: {spec: {whole: {l: w}}}"],
      "{spec: {whole: {l: w}}}",
    ],
    [
      "a map is owned key by key",
      ["apply a: {spec: {free: {k: v}}}", "apply b: {spec: {free: {l: w}}}", "apply a: {spec: {free: {m: v}}}"],
      "{spec: {free: {m: v, l: w}}}",
    ],
    [
      "what nobody owned stays",
      ["update u: {spec: {replicas: 1, steps: [x]}}", "apply a: {spec: {free: {k: v}}}", "apply a: {spec: {free: {}}}"],
      "{spec: {replicas: 1, steps: [x], free: null}}",
    ],
    [
      "the last owner takes the item along",
      [
        "apply a: {spec: {items: [{name: p, value: '1'}]}}",
        "apply b: {spec: {items: [{name: p, image: i}]}}",
        "apply a: {spec: {}}",
        "apply b: {spec: {replicas: 1}}",
      ],
      "{spec: {replicas: 1}}",
    ],
    [
      "null does not delete what has members",
      ["apply a: {spec: {free: {k: v}}}", "apply b: {spec: {free: null}}"],
      "{spec: {free: {k: v}}}",
    ],
  ])("%s", (_rule, lines, object) => {
    expect(story(lines).live).toEqual(parse(object))
  })

  test("without a schema maps are granular and lists atomic", () => {
    const told = tell(
      story(["apply a: {x: {y: 1}, l: [1]}"], deducedTopology),
      "apply b: {x: {z: 2}, l: [2]}",
      deducedTopology,
    )
    expect(told).toEqual(["a .l"])
  })

  test("managers of a version that is gone are forgotten", () => {
    const managers: Managers = new Map([
      ["old", { apiVersion: "v0", applied: true, fields: parseFieldSet({ "f:spec": { "f:replicas": {} } }) }],
    ])
    const result = mergeApply({
      live: { spec: { replicas: 1 } },
      managers,
      manager: "a",
      desired: { spec: { replicas: 2 } },
      apiVersion: "v1",
      topology,
    })
    expect(isApplyConflict(result) ? [] : [...result.managers.keys()]).toEqual(["a"])
  })

  test("managers of another version are compared in their own", () => {
    const managers: Managers = new Map([
      ["old", { apiVersion: "v0", applied: true, fields: parseFieldSet({ "f:count": {} }) }],
    ])
    const versions = {
      topologyOf: () => deducedTopology,
      convert: (object: unknown) => ({ count: (object as { spec: { replicas: number } }).spec.replicas }),
    }
    const options = { live: { spec: { replicas: 1 } }, managers, manager: "a", apiVersion: "v1", topology, versions }
    const result = mergeApply({ ...options, desired: { spec: { replicas: 2 } } })
    expect(isApplyConflict(result) && formatPath(result.conflicts[0]!.path)).toBe(".count")
  })
})

describe("laws", () => {
  const name = fc.constantFrom("p", "q", "r")
  const word = fc.constantFrom("1", "2")
  const spec = fc.record(
    {
      replicas: fc.integer({ min: 1, max: 2 }),
      tags: fc.uniqueArray(name, { minLength: 1 }),
      steps: fc.array(name, { minLength: 1, maxLength: 2 }),
      whole: fc.dictionary(name, word, { minKeys: 1 }),
      free: fc.dictionary(name, word, { minKeys: 1 }),
      items: fc.uniqueArray(fc.record({ name, value: word, image: word }, { requiredKeys: ["name"] }), {
        selector: (item) => item.name,
        minLength: 1,
      }),
    },
    { requiredKeys: [] },
  )
  const desired = fc.record({ spec }, { requiredKeys: ["spec"] })
  const write = fc.record({
    manager: fc.constantFrom("a", "b", "c"),
    verb: fc.constantFrom("force", "update"),
    object: desired,
  })
  const afterwards = fc.array(write, { maxLength: 5 }).map((writes) => {
    let state = nothing
    for (const { manager, verb, object } of writes)
      state = tell(state, `${verb} ${manager}: ${JSON.stringify(object)}`) as State
    return state
  })

  test("applying the same again changes nothing and gives the live object itself", () => {
    fc.assert(
      fc.property(afterwards, desired, (state, object) => {
        const once = tell(state, `force a: ${JSON.stringify(object)}`) as State
        const again = tell(once, `apply a: ${JSON.stringify(object)}`) as State
        expect(again.live).toBe(once.live)
        expect(owners(again)).toEqual(owners(once))
      }),
    )
  })
  test("a forced apply sets every field it asks for, and owns them", () => {
    fc.assert(
      fc.property(afterwards, desired, (state, object) => {
        const after = tell(state, `force a: ${JSON.stringify(object)}`) as State
        expect(compareObjects(after.live, mergeObjects(after.live, object, topology), topology).modified).toEqual(
          parseFieldSet({}),
        )
        expect(tell(after, `apply a: ${JSON.stringify(object)}`)).not.toBeInstanceOf(Array)
      }),
    )
  })
  test("a conflict changes nothing, and force resolves it", () => {
    fc.assert(
      fc.property(afterwards, desired, (state, object) => {
        const before = JSON.stringify(state.live)
        const told = tell(state, `apply a: ${JSON.stringify(object)}`)
        expect(JSON.stringify(state.live)).toBe(before)
        if (Array.isArray(told)) expect(tell(state, `force a: ${JSON.stringify(object)}`)).not.toBeInstanceOf(Array)
      }),
    )
  })
  test("comparing a merge with its left side finds nothing removed", () => {
    fc.assert(
      fc.property(desired, desired, (left, right) => {
        const merged = mergeObjects(left, right, topology)
        expect(compareObjects(left, merged, topology).removed).toEqual(parseFieldSet({}))
      }),
    )
  })
})

describe("validation in the server's words", () => {
  const pod = topologyOf({ apiVersion: "v1", kind: "Pod" })!
  test.each<[string, string]>([
    ["{spec: {nope: 1}}", ".spec.nope: field not declared in schema"],
    ["{spec: {containers: x}}", ".spec.containers: expected list, got &{x}"],
    [
      "{spec: {containers: [{name: 1}]}}",
      ".spec.containers[name=1].name: expected string, got &value.valueUnstructured{Value:1}",
    ],
    ["{spec: {hostNetwork: x}}", ".spec.hostNetwork: expected boolean, got &{x}"],
    ["{spec: {activeDeadlineSeconds: x}}", ".spec.activeDeadlineSeconds: expected numeric (int or float), got string"],
    ["{metadata: {labels: [a]}}", ".metadata.labels: expected map, got &{[a]}"],
    ["{spec: {containers: [{name: a}, {name: a}]}}", '.spec.containers: duplicate entries for key [name="a"]'],
    [
      "{spec: {containers: [null]}}",
      ".spec.containers: element 0: associative list with keys may not have a null element",
    ],
    [
      "{metadata: {finalizers: [[a]]}}",
      ".metadata.finalizers: element 0: not supported: associative list with lists as elements",
    ],
    [
      "{spec: {nope: 1}, status: {nope: 1}}",
      "errors:\n  .spec.nope: field not declared in schema\n  .status.nope: field not declared in schema",
    ],
  ])("%s", (object, message) => {
    expect(printFaults(validateObject(parse(object), pod))).toBe(message)
    expect(() => assertValid(parse(object), pod)).toThrow(message)
  })

  test("live objects may hold an item twice", () => {
    const object = { spec: { containers: [{ name: "a" }, { name: "a" }] } }
    expect(validateObject(object, pod, { allowDuplicates: true })).toEqual([])
  })

  test("hostile names and depths", () => {
    const named: unknown = JSON.parse('{"spec":{"__proto__":{"x":1},"constructor":1}}')
    expect(validateObject(named, pod).length).toBe(1)
    expect(JSON.stringify(mergeObjects({}, named, deducedTopology))).toBe(JSON.stringify(named))
    expect(({} as { x?: number }).x).toBeUndefined()
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`)
    const options = { live: {}, managers: new Map(), manager: "a", apiVersion: "v1", topology: deducedTopology }
    expect(() => mergeApply({ ...options, desired: deep })).toThrow("[TooDeep]")
    expect(() => validateObject(deep, deducedTopology)).toThrow("[TooDeep]")
    expect(() => compareObjects({}, deep, deducedTopology)).toThrow("[TooDeep]")
  })
})
