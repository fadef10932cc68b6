import { formatRef, refOf, type KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseGroupKinds, sortForApply, stages } from "./stages.ts"

const object = (text: string): KubeObject => {
  const [apiVersion = "", kind = "", name = "x"] = text.split(" ")
  return { apiVersion, kind, metadata: { name } }
}
const all = [
  "v1 Pod",
  "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
  "apps/v1 Deployment",
  "x.io/v1 Thing",
  "v1 Secret",
  "storage.k8s.io/v1 StorageClass",
  "rbac.authorization.k8s.io/v1 ClusterRole",
  "v1 Namespace",
  "apiextensions.k8s.io/v1 CustomResourceDefinition",
  "apps/v1 Deployment a",
].map(object)

describe("stages", () => {
  const wanted = [
    ["CustomResourceDefinition/x", "Namespace/x", "ClusterRole/x"],
    ["StorageClass/x"],
    ["Secret/x", "Deployment/a", "Deployment/x", "Pod/x", "Thing/x", "ValidatingWebhookConfiguration/x"],
  ]
  const told = (list: readonly KubeObject[][]): string[][] =>
    list.map((stage) => stage.map((one) => formatRef(refOf(one))))

  test("are the same for every permutation", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(told(stages(shuffled))).toEqual(wanted)
      }),
    )
  })

  test("give custom kinds one of their own", () => {
    const custom = parseGroupKinds("Secret, x.io/Thing")
    expect(told(stages(all, { custom }))[2]).toEqual(["Secret/x", "Thing/x"])
  })

  test("put everything somewhere once", () => {
    expect(stages(all).flat()).toHaveLength(all.length)
    expect(sortForApply(all)).toHaveLength(all.length)
    expect(stages([])).toEqual([])
  })
})
