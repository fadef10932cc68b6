import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { printFieldSet, sameFieldSet, type FieldSet } from "../field-set.ts"
import { deducedTopology, topologyOf, topologyOfSchema } from "../topology.ts"
import { emptyFieldSet } from "../field-set/node.ts"
import { familiarFieldSet } from "./familiar.ts"
import { fieldSetAt } from "./field-set-of.ts"

const text = { type: "string" }
const topology = topologyOfSchema({
  type: "object",
  properties: {
    map: { type: "object", additionalProperties: { type: "object", properties: { a: text, b: text } } },
    atomic: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: text },
    set: { type: "array", "x-kubernetes-list-type": "set", items: text },
    keyed: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["k"],
      items: { type: "object", properties: { k: text, v: text, deep: { type: "object", properties: { a: text } } } },
    },
    list: { type: "array", items: text },
    any: { "x-kubernetes-preserve-unknown-fields": true },
  },
})

/** Few names and values, so that shapes come again. */
const name = fc.constantFrom("a", "b", "__proto__", "constructor")
const struct = fc.option(fc.record({ a: fc.constantFrom("1", "2", null) }, { requiredKeys: [] }), { nil: null })
const item = fc.record({ k: name, v: fc.constantFrom("1", null), deep: struct }, { requiredKeys: ["k"] })
const object = fc.record(
  {
    map: fc.option(fc.dictionary(name, struct, { maxKeys: 2 }), { nil: null }),
    atomic: fc.dictionary(name, fc.constant("1"), { maxKeys: 2 }),
    set: fc.array(name, { maxLength: 3 }),
    keyed: fc.array(item, { maxLength: 3 }),
    list: fc.array(name, { maxLength: 2 }),
    any: fc.oneof(fc.constant("1"), struct, fc.array(struct, { maxLength: 2 })),
  },
  { requiredKeys: [] },
)

const built = (value: unknown): FieldSet => fieldSetAt(topology, value) ?? emptyFieldSet

describe("familiarFieldSet", () => {
  test("is the set that is built anew, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 8 }), (objects) => {
        for (const each of objects) expect(sameFieldSet(familiarFieldSet(topology, each), built(each))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test("is the very same set, and so the same printed form, for objects that set the same fields", () => {
    const deployment = topologyOf({ apiVersion: "apps/v1", kind: "Deployment" })!
    const named = (image: string): FieldSet =>
      familiarFieldSet(deployment, { spec: { template: { spec: { containers: [{ name: "c", image }] } } } })
    expect(named("a:1")).toBe(named("b:2"))
    expect(printFieldSet(named("a:1"))).toBe(printFieldSet(named("b:2")))
  })

  test("keeps the last few sets of a type, and none that is large", () => {
    const setOf = (key: string): FieldSet => familiarFieldSet(deducedTopology, { [key]: 1 })
    const first = setOf("first")
    for (let i = 0; i < 4; i++) setOf(`other ${i}`)
    expect(setOf("first")).not.toBe(first)
    const large = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`n${i}`, 1]))
    expect(familiarFieldSet(deducedTopology, large)).not.toBe(familiarFieldSet(deducedTopology, large))
  })
})
