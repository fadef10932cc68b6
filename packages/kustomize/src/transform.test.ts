import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import {
  addAnnotations,
  addLabels,
  applyPatch,
  applyReplacements,
  parseKustomization,
  renameObjects,
  setImages,
  setNamespace,
  setReplicas,
} from "./index.ts"

const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "nginx:1.25", envFrom: [{ configMapRef: { name: "settings" } }] }] },
    },
  },
}
const settings: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { host: "db" },
}
const role: KubeObject = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "all" } }
const objects = [deployment, settings, role]

describe("the transformers on their own", () => {
  test("leave their input alone", async () => {
    const before = structuredClone(objects)
    renameObjects(objects, { prefix: "a-" })
    addLabels(objects, { team: "a" }, { includeSelectors: true })
    await setImages(objects, [{ name: "nginx", newTag: "2" }])
    await applyPatch(objects, { patch: "- { op: remove, path: /spec/replicas }", target: { kind: "Deployment" } })
    expect(objects).toEqual(before)
  })

  test("renameObjects: references follow", () => {
    const [web, map] = renameObjects(objects, { prefix: "dev-", suffix: "-2" })
    expect([web?.metadata.name, map?.metadata.name]).toEqual(["dev-web-2", "dev-settings-2"])
    expect(web).toMatchObject({
      spec: { template: { spec: { containers: [{ envFrom: [{ configMapRef: { name: "dev-settings-2" } }] }] } } },
    })
  })

  test("setNamespace: not for what is cluster-scoped", () => {
    expect(setNamespace(objects, "prod").map(({ metadata }) => metadata.namespace)).toEqual(["prod", "prod", undefined])
  })

  test("setNamespace: two objects that become one are an error", () => {
    const other = { ...settings, metadata: { name: "settings", namespace: "other" } }
    expect(() => setNamespace([settings, other], "prod")).toThrow(expect.objectContaining({ code: "DuplicateObject" }))
  })

  test.each([
    [{}, [{ app: "web" }, { app: "web" }]],
    [{ includeTemplates: true }, [{ app: "web" }, { app: "web", team: "a" }]],
    [
      { includeSelectors: true },
      [
        { app: "web", team: "a" },
        { app: "web", team: "a" },
      ],
    ],
  ])("addLabels %o", (options, [selector, template]) => {
    const [web, map] = addLabels(objects, { team: "a" }, options)
    expect(map?.metadata.labels).toEqual({ team: "a" })
    expect(web).toMatchObject({
      spec: { selector: { matchLabels: selector }, template: { metadata: { labels: template } } },
    })
  })

  test("addAnnotations", () => {
    expect(addAnnotations([settings], { "example.com/a": "1" })[0]?.metadata.annotations).toEqual({
      "example.com/a": "1",
    })
  })

  test("setReplicas", () => {
    expect(setReplicas(objects, { name: "web", count: 3 })[0]).toMatchObject({ spec: { replicas: 3 } })
    expect(() => setReplicas(objects, { name: "nobody", count: 3 })).toThrow("nobody")
  })

  test("setImages: names are regular expressions; a bad one matches nothing", async () => {
    const imageOf = async (name: string): Promise<unknown> => {
      const [web] = await setImages(objects, [{ name, newName: "mirror/nginx", newTag: "2" }])
      return (web as unknown as { spec: { template: { spec: { containers: { image: string }[] } } } }).spec.template
        .spec.containers[0]?.image
    }
    expect(await Promise.all(["nginx", "ng.*", "ng", "ng(", "nginx:1"].map(imageOf))).toEqual([
      "mirror/nginx:2",
      "mirror/nginx:2",
      "nginx:1.25",
      "nginx:1.25",
      "nginx:1.25",
    ])
  })

  test("applyPatch: a strategic patch finds its object and merges lists by key", async () => {
    const patch = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: main
        image: nginx:2
      - name: side
        image: side
`
    const [web] = await applyPatch(objects, { patch })
    expect(web).toMatchObject({
      spec: { replicas: 1, template: { spec: { containers: [{ name: "main", image: "nginx:2" }, { name: "side" }] } } },
    })
    await expect(applyPatch([settings], { patch })).rejects.toMatchObject({ code: "PatchFailed" })
  })

  test("applyPatch: deletes", async () => {
    const patch = "$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n"
    expect((await applyPatch(objects, { patch })).map(({ kind }) => kind)).toEqual(["Deployment", "ClusterRole"])
  })

  test("applyReplacements", async () => {
    const { replacements } = parseKustomization(`replacements:
- source: { kind: ConfigMap, fieldPath: data.host }
  targets:
  - select: { kind: Deployment }
    fieldPaths: ["spec.template.spec.containers.[name=main].image"]
    options: { delimiter: ":", index: 1 }
`)
    const [web] = await applyReplacements(objects, replacements)
    expect(web).toMatchObject({ spec: { template: { spec: { containers: [{ image: "nginx:db" }] } } } })
  })
})
