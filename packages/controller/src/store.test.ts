import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import { createStore, withoutFieldSets, type StoreChange } from "./store.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const at = (name: string, resourceVersion: string, data: object = {}): KubeObject => ({
  ...kind,
  metadata: { name, namespace: "ns", resourceVersion },
  data,
})
const told = (change: StoreChange | undefined): string | undefined =>
  change &&
  `${change.previous?.metadata.resourceVersion ?? "-"} → ${change.object?.metadata.resourceVersion ?? "-"} ${change.ref.name}`

describe("createStore", () => {
  test("puts, replaces and drops, and says what changed", () => {
    const store = createStore()
    expect(told(store.put(at("a", "9")))).toBe("- → 9 a")
    expect(told(store.put(at("a", "10")))).toBe("9 → 10 a")
    expect(told(store.drop(at("a", "11")))).toBe("10 → - a")
    expect(store.size).toBe(0)
  })

  test("never goes back to an older version", () => {
    const store = createStore()
    store.put(at("a", "10"))
    expect([store.put(at("a", "9")), store.put(at("a", "10")), store.drop(at("a", "9"))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(store.get({ ...kind, namespace: "ns", name: "a" })?.metadata.resourceVersion).toBe("10")
  })

  test("an answer that comes after the deletion does not bring the object back, a new one of its name does", () => {
    const store = createStore()
    store.put(at("a", "10"))
    store.drop(at("a", "12"))
    expect([store.put(at("a", "11")), store.put(at("a", "12"))]).toEqual([undefined, undefined])
    expect(told(store.put(at("a", "13")))).toBe("- → 13 a")
  })

  test("a list replaces everything but what is newer than it", () => {
    const store = createStore()
    for (const object of [at("stays", "1"), at("moves", "2"), at("goes", "3"), at("newer", "30")]) store.put(object)
    const changes = store.replace([at("stays", "1"), at("moves", "19"), at("comes", "20")], "20")
    expect(changes.map(told)).toEqual(["2 → 19 moves", "- → 20 comes", "3 → - goes"])
    expect(store.objects().map(({ metadata }) => metadata.name)).toEqual(["stays", "moves", "newer", "comes"])
    expect([store.synced, store.version]).toEqual([true, "20"])
  })

  test("after a restore of the server the list counts, however old", () => {
    const store = createStore()
    store.replace([at("a", "100"), at("gone", "101")], "105")
    const changes = store.replace([at("a", "40"), at("back", "41")], "50")
    expect(changes.map(told)).toEqual(["- → 40 a", "- → 41 back", "- → - gone"])
    expect(store.version).toBe("50")
    expect(told(store.put(at("a", "51")))).toBe("40 → 51 a")
  })

  test("the version reached never goes back, whatever its size", () => {
    const store = createStore()
    for (const seen of ["9", "18446744073709551617", "10", undefined]) store.reach(seen)
    expect(store.version).toBe("18446744073709551617")
  })

  test("keeps who manages fields, not which", () => {
    const object = at("a", "1")
    const entry = { manager: "kubectl", operation: "Apply" as const, time: "2026-01-01T00:00:00Z" }
    const full = {
      ...object,
      metadata: { ...object.metadata, managedFields: [{ ...entry, fieldsV1: { "f:data": {} } }] },
    }
    expect(withoutFieldSets(full).metadata.managedFields).toEqual([entry])
    expect(withoutFieldSets(object)).toBe(object)
  })
})
