import type { KubeObject } from "@gitops-toolkit/kube"
import { expect, test } from "vitest"
import { diffBuilds } from "./index.ts"

const map = (name: string, data: object): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
})

test("tells what was added, removed and changed, field by field", () => {
  const before = {
    objects: [map("gone", {}), map("same", { a: "1" }), map("web", { a: "1", "b/c~": "2", list: [1, 2] })],
  }
  const after = { objects: [map("new", {}), map("web", { a: "2", d: "3", list: [1] }), map("same", { a: "1" })] }
  const differences = diffBuilds(before, after)
  expect(differences.map(({ ref, change }) => `${change} ${ref.name}`)).toEqual([
    "added new",
    "changed web",
    "removed gone",
  ])
  expect(differences[1]?.fields).toEqual([
    { path: "/data/a", before: "1", after: "2" },
    { path: "/data/b~1c~0", before: "2" },
    { path: "/data/list/1", before: 2 },
    { path: "/data/d", after: "3" },
  ])
})

test("shows no value of a Secret", () => {
  const secret = (password: string, label: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "s",
      labels: { label },
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"data":"${password}"}` },
    },
    data: { password },
    stringData: { other: password },
  })
  const differences = diffBuilds({ objects: [secret("hunter1", "a")] }, { objects: [secret("hunter2", "b")] })
  expect(JSON.stringify(differences)).not.toContain("hunter")
  expect(differences[0]?.fields).toContainEqual({ path: "/metadata/labels/label", before: "a", after: "b" })
  expect(differences[0]?.fields).toContainEqual({ path: "/data/password", before: "(hidden)", after: "(hidden)" })
})

test("a Secret that gains or loses all of its data shows none of it", () => {
  const bare: KubeObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }
  const full: KubeObject = { ...bare, data: { password: "hunter2" } }
  const both = [
    diffBuilds({ objects: [bare] }, { objects: [full] }),
    diffBuilds({ objects: [full] }, { objects: [bare] }),
  ]
  expect(JSON.stringify(both)).not.toContain("hunter2")
})
