import type { KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isOurs, markObject, markOf, otherOwnerOf, ownerLabels, ownershipOf, type Owner } from "./ownership.ts"

const object: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", labels: { app: "x" } } }
const owner: Owner = { apiVersion: "apps.example.com/v1", kind: "App", namespace: "team", name: "web", uid: "u1" }
const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/)

describe("marks", () => {
  test("are labels to find by, and an annotation that proves", () => {
    expect(markObject(object, ownershipOf(owner)).metadata).toEqual({
      name: "a",
      labels: { app: "x", "gitops-toolkit.dev/name": "web", "gitops-toolkit.dev/namespace": "team" },
      annotations: { "gitops-toolkit.dev/owner": "App.apps.example.com/team/web/u1" },
    })
  })

  test("say whose the object is, for every owner", () => {
    fc.assert(
      fc.property(name, fc.option(name, { nil: undefined }), fc.uuid(), (text, namespace, uid) => {
        const ownership = ownershipOf({ ...owner, name: text, uid, ...(namespace ? { namespace } : {}) })
        const marked = markObject(object, ownership)
        expect(isOurs(marked, ownership)).toBe(true)
        expect(markOf(marked)).toMatchObject({ name: text, uid })
        for (const value of Object.values(ownerLabels(ownership))) {
          expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
        }
        expect(isOurs(marked, { ...ownership, owner: { ...ownership.owner, uid: "other" } })).toBe(false)
      }),
    )
  })

  test("of long names differ, though they are cut", () => {
    const labels = ["a", "b"].map((end) => ownerLabels(ownershipOf({ ...owner, name: "x".repeat(80) + end })))
    expect(labels[0]).not.toEqual(labels[1])
  })

  test.each<[string, KubeObject]>([
    ["no marks", object],
    ["labels alone", { ...object, metadata: { name: "a", labels: { ...ownerLabels(ownershipOf(owner)) } } }],
    [
      "the annotation alone",
      {
        ...object,
        metadata: { name: "a", annotations: { "gitops-toolkit.dev/owner": "App.apps.example.com/team/web/u1" } },
      },
    ],
  ])("%s is no evidence", (_name, live) => expect(isOurs(live, ownershipOf(owner))).toBe(false))

  test.each([
    { name: "", uid: "x" },
    { name: "x", uid: "" },
    { name: "x", uid: "a/b" },
    { apiVersion: "v1", kind: "A", metadata: { name: "x" } },
  ])("%j cannot own anything", (poor) => expect(() => ownershipOf(poor as Owner)).toThrow("InvalidOwner"))
})

describe("another owner", () => {
  const ownership = ownershipOf(owner)
  const marked = (other: Partial<Owner>): KubeObject => markObject(object, ownershipOf({ ...owner, ...other }))
  test.each<[string, KubeObject, string | undefined]>([
    ["nobody", object, undefined],
    ["we", marked({}), undefined],
    ["an earlier incarnation", marked({ uid: "u0" }), undefined],
    ["another name", marked({ name: "api", uid: "u2" }), "App.apps.example.com team/api"],
    ["another kind of the same name", marked({ kind: "Site", uid: "u2" }), "Site.apps.example.com team/web"],
    ["labels of another", { ...object, metadata: { labels: { "gitops-toolkit.dev/name": "api" } } }, "api"],
    ["labels of ours without the proof", { ...object, metadata: { labels: { ...ownerLabels(ownership) } } }, undefined],
  ])("%s", (_name, live, wanted) => expect(otherOwnerOf(live, object, ownership)).toBe(wanted))
})
