import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeInventory, encodeInventory } from "./inventory.ts"
import type { ObjectRef } from "./ref.ts"

const rows: readonly [string, ObjectRef, object][] = [
  [
    "namespaced",
    { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" },
    { id: "prod_web_apps_Deployment", v: "v1" },
  ],
  ["cluster-scoped core", { apiVersion: "v1", kind: "Namespace", name: "prod" }, { id: "_prod__Namespace", v: "v1" }],
  [
    "a colon",
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "system:view" },
    { id: "_system__view_rbac.authorization.k8s.io_ClusterRole", v: "v1" },
  ],
  [
    "an underscore",
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "a_b" },
    { id: "_a_b_rbac.authorization.k8s.io_ClusterRole", v: "v1" },
  ],
  [
    "two underscores",
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "a__b" },
    { id: "_a__b_rbac.authorization.k8s.io_ClusterRole", v: "v1", n: "a__b" },
  ],
]

describe("the inventory's stored form", () => {
  test.each(rows)("%s", (_title, ref, entry) => {
    expect(encodeInventory([ref])).toEqual([entry])
    expect(decodeInventory([entry])).toEqual([ref])
  })

  const name = fc.string({ unit: fc.constantFrom("a", "Z", "0", ".", "-", "_", ":"), minLength: 1, maxLength: 20 })

  test("every name that RBAC allows comes back", () => {
    fc.assert(
      fc.property(
        name,
        fc.constantFrom("", "ns-1"),
        fc.constantFrom("v1", "g.io/v1beta1"),
        (text, namespace, version) => {
          const ref = { apiVersion: version, kind: "ClusterRole", ...(namespace ? { namespace } : {}), name: text }
          expect(decodeInventory(encodeInventory([ref]))).toEqual([ref])
        },
      ),
    )
  })

  test("nothing stored is the empty list", () => {
    expect([decodeInventory(undefined), decodeInventory(null), decodeInventory([])]).toEqual([[], [], []])
  })

  test.each([
    ["no list", {}],
    ["no map", [null]],
    ["no id", [{ v: "v1" }]],
    ["no version", [{ id: "a_b_c_D" }]],
    ["too few parts", [{ id: "a_b_C", v: "v1" }]],
    ["no kind", [{ id: "a_b_c_", v: "v1" }]],
    ["a name that contradicts the id", [{ id: "a_b_c_D", v: "v1", n: "x" }]],
  ])("refuses what it cannot read: %s", (_title, entries) => {
    expect(() => decodeInventory(entries)).toThrow("[InvalidInventory]")
  })
})
