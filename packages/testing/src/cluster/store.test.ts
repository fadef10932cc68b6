import fc from "fast-check"
import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { Store } from "./store.ts"

const named = (name: string, value = 0): KubeObject => ({ apiVersion: "v1", kind: "Thing", metadata: { name }, value })
const keysOf = (store: Store, prefix: string): string[] => store.list("things", prefix).entries.map(([key]) => key)

/** What is done to a store: `[key, value]` puts, a key alone removes. */
const steps = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom("a/x", "a/y", "b/x", "c"), fc.integer({ min: 0, max: 9 })),
    fc.constantFrom("a/x", "a/y", "b/x", "c"),
  ),
  { maxLength: 40 },
)

function carryOut(store: Store, step: string | readonly [string, number]): void {
  if (typeof step === "string") store.remove("things", step)
  else store.put("things", step[0], named(step[0], step[1]))
}

describe("Store", () => {
  test("lists by prefix in the order of keys", () => {
    const store = new Store(10)
    for (const key of ["b/x", "a/y", "a/x", "ab/x"]) store.put("things", key, named(key))
    expect(keysOf(store, "a/")).toEqual(["a/x", "a/y"])
    expect(keysOf(store, "")).toEqual(["a/x", "a/y", "ab/x", "b/x"])
    expect(store.list("others", "").entries).toEqual([])
  })

  test("law: any remembered revision can be listed again, as it was", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const store = new Store(1000)
        const seen: { readonly revision: number; readonly listing: unknown }[] = []
        for (const step of all) {
          carryOut(store, step)
          seen.push({ revision: store.revision, listing: store.list("things", "a/").entries })
        }
        for (const { revision, listing } of seen) {
          expect(store.listAt("things", "a/", revision)?.entries).toEqual(listing)
        }
      }),
    )
  })

  test("law: the changes since a revision lead from its listing to the present one", () => {
    fc.assert(
      fc.property(steps, fc.nat(40), (all, cut) => {
        const store = new Store(1000)
        for (const step of all.slice(0, cut)) carryOut(store, step)
        const state = new Map(store.list("things", "").entries)
        const { revision } = store
        for (const step of all.slice(cut)) carryOut(store, step)
        for (const { type, key, object } of store.since("things", revision)!) {
          if (type === "DELETED") state.delete(key)
          else state.set(key, object)
        }
        expect([...state].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual(store.list("things", "").entries)
      }),
    )
  })

  test("forgets what is too old, and says so", () => {
    const store = new Store(3)
    const first = store.put("things", "a", named("a"))
    for (let i = 0; i < 20; i++) store.put("things", "a", named("a", i))
    expect(store.since("things", Number(first.metadata.resourceVersion))).toBeUndefined()
    expect(store.listAt("things", "", Number(first.metadata.resourceVersion))).toBeUndefined()
    expect(store.since("things", store.revision - 3)).toHaveLength(3)
  })

  test("goes back to a snapshot; revisions go on", () => {
    const store = new Store(10)
    store.put("things", "a", named("a"))
    const before = store.snapshot()
    const { revision } = store
    store.put("things", "b", named("b"))
    store.put("others", "c", named("c"))
    store.restore(before)
    expect([keysOf(store, ""), store.tables()]).toEqual([["a"], ["things"]])
    expect(store.revision).toBeGreaterThan(revision)
    expect(store.since("things", revision)).toBeUndefined()
    expect(() => store.restore({} as never)).toThrow(/wants what snapshot/)
  })
})
