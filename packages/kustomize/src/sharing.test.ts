import { memoryFiles } from "@gitops-toolkit/source"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { KustomizeError, build, createBuilder, printBuild } from "./index.ts"
import type { Files } from "./index.ts"

// Builds share what a builder remembers. Whatever an overlay does to its base, the base and every other overlay must
// come out as if they were built alone.

const base = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: { mode: "0o644", note: "yes" }
spec:
  replicas: 0x2
  strategy: {}
  template:
    spec:
      nodeName: 2001-01-01
      serviceAccountName: robot
      containers:
      - name: main
        image: nginx:1
        args: [--level=$(LEVEL)]
        env: [{ name: A, value: "1" }, { name: B, value: ~ }]
        ports: [{ containerPort: 80, name: http }]
        envFrom: [{ configMapRef: { name: settings } }]
      initContainers: [{ name: init, image: busybox }]
      volumes: [{ name: v, configMap: { name: settings } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, labels: { tier: low } }
data: { level: info, list: '{"a": [1, {"b": 2}]}' }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { tier: low }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: robot }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: may }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: may }
subjects: [{ kind: ServiceAccount, name: robot }, { kind: ServiceAccount, name: default }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: may }
rules: [{ apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get] }]
`

const strategic = (spec: object): object => ({
  patch: JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, ...spec }),
})
const container = (fields: object): object => ({
  spec: { template: { spec: { containers: [{ name: "main", ...fields }] } } },
})
const json = (kind: string, ...operations: object[]): object => ({
  patch: JSON.stringify(operations),
  target: { kind },
})
const replacement = (fieldPath: string, options: object = {}): object => ({
  source: { kind: "ConfigMap", name: "settings", fieldPath: "data.level" },
  targets: [{ select: { kind: "Deployment" }, fieldPaths: [fieldPath], options }],
})

/** What an overlay may do, each with the field of the kustomization that does it. */
const changes: readonly { readonly [field: string]: unknown }[] = [
  { namePrefix: "a-" },
  { nameSuffix: "-z" },
  { namespace: "team" },
  { labels: [{ pairs: { tier: "high" } }] },
  { labels: [{ pairs: { tier: "top", added: "x" }, includeSelectors: true }] },
  { labels: [{ pairs: { made: "later" }, includeTemplates: true }] },
  { commonAnnotations: { note: "no", extra: "e" } },
  { images: [{ name: "nginx", newTag: "2" }] },
  { images: [{ name: "busybox", newName: "mirror/busybox", digest: "sha256:aa" }] },
  { replicas: [{ name: "web", count: 5 }] },
  { patches: [strategic(container({ env: [{ name: "A", value: "2" }, { name: "C" }] }))] },
  { patches: [strategic(container({ ports: [{ $patch: "delete", containerPort: 80 }] }))] },
  { patches: [strategic({ metadata: { name: "web", labels: { tier: "patched" }, annotations: { mode: null } } })] },
  { patches: [strategic({ spec: { strategy: { type: "Recreate" }, replicas: null } })] },
  { patches: [strategic({ $patch: "delete" })] },
  { patches: [json("Deployment", { op: "add", path: "/spec/template/spec/containers/0/tty", value: true })] },
  { patches: [json("Service", { op: "replace", path: "/metadata/name", value: "other" })] },
  { patches: [json("ConfigMap", { op: "remove", path: "/data/level" })] },
  { patches: [{ patch: "kind: any\nmetadata: { name: any, annotations: { all: them } }", target: { name: ".*" } }] },
  { replacements: [replacement("spec.template.spec.containers.[name=main].image", { delimiter: ":", index: 1 })] },
  { replacements: [replacement("spec.strategy.rollingUpdate.max", { create: true })] },
  { replacements: [replacement("spec.template.spec.containers.*.env.[name=A].value")] },
  { replacements: [replacement("metadata.labels.tier")] },
  { configMapGenerator: [{ name: "settings", behavior: "merge", literals: ["level=debug"] }] },
  { configMapGenerator: [{ name: "settings", behavior: "replace", literals: ["level=none"] }] },
  { secretGenerator: [{ name: "key", literals: ["k=v"] }] },
  { vars: [{ name: "LEVEL", objref: { apiVersion: "v1", kind: "ConfigMap", name: "settings" } }] },
  {
    transformers: [
      JSON.stringify({
        apiVersion: "builtin",
        kind: "ValueAddTransformer",
        metadata: { name: "t" },
        value: "added",
        targets: [{ selector: { kind: "Service" }, fieldPath: "spec/clusterIP" }],
      }),
    ],
  },
  {
    validators: [
      JSON.stringify({
        apiVersion: "builtin",
        kind: "LabelTransformer",
        metadata: { name: "v" },
        labels: { "validated-by": "v" },
        fieldSpecs: [{ path: "metadata/labels", create: true }],
      }),
    ],
  },
  { buildMetadata: ["originAnnotations", "transformerAnnotations"] },
  { sortOptions: { order: "fifo" } },
]

/** A kustomization that makes several of the changes; lists of the same field are joined. */
function overlayOf(resources: readonly string[], chosen: readonly number[]): string {
  const fields: { [field: string]: unknown } = { resources }
  for (const index of chosen)
    for (const [field, value] of Object.entries(changes[index]!))
      fields[field] = Array.isArray(value) ? [...((fields[field] as unknown[] | undefined) ?? []), ...value] : value
  return JSON.stringify(fields)
}

const someChanges = fc.uniqueArray(fc.nat(changes.length - 1), { maxLength: 5 })
const overlays = fc.record({
  base: someChanges,
  middle: someChanges,
  tops: fc.array(fc.record({ over: fc.constantFrom("base", "middle"), changes: someChanges }), { maxLength: 4 }),
  order: fc.array(fc.nat(5), { minLength: 3, maxLength: 10 }),
})
type Overlays = typeof overlays extends fc.Arbitrary<infer Value> ? Value : never

function filesOf({ base: ofBase, middle, tops }: Overlays): Files {
  const labels = [{ pairs: { tier: "base" }, includeSelectors: true }]
  const record: { [path: string]: string } = {
    "base/all.yaml": base,
    "base/kustomization.yaml": overlayOf(["all.yaml"], ofBase).replace(
      /^\{/,
      `{"commonLabels":${JSON.stringify(labels[0]!.pairs)},`,
    ),
    "middle/kustomization.yaml": overlayOf(["../base"], middle),
  }
  for (const [i, top] of tops.entries())
    record[`top-${i}/kustomization.yaml`] = overlayOf([`../${top.over}`], top.changes)
  return memoryFiles(record)
}

/** What a build prints, or why it is refused. Anything but a refusal is a fault. */
async function outcome(run: typeof build, files: Files, folder: string): Promise<string> {
  try {
    return printBuild(await run(files, folder))
  } catch (error) {
    if (error instanceof KustomizeError) return error.message
    throw error
  }
}

describe("what overlays share", () => {
  test("no overlay changes what its base or another overlay comes out as", async () => {
    await fc.assert(
      fc.asyncProperty(overlays, async (tree) => {
        const files = filesOf(tree)
        const folders = ["base", "middle", ...tree.tops.map((_, i) => `top-${i}`)]
        const alone = new Map<string, string>()
        for (const folder of folders) alone.set(folder, await outcome(build, files, folder))
        const builder = createBuilder()
        for (const index of [...tree.order, ...folders.keys()]) {
          const folder = folders[index % folders.length]!
          expect(await outcome(builder.build, files, folder)).toBe(alone.get(folder))
        }
      }),
      { numRuns: 60 },
    )
  }, 30_000)

  test("most of the changes can be made on their own, or the law above says little", async () => {
    const verdicts: string[] = []
    for (const index of changes.keys()) {
      const files = filesOf({ base: [], middle: [index], tops: [], order: [] })
      verdicts.push(await outcome(build, files, "middle"))
    }
    expect(verdicts.filter((text) => text.startsWith("["))).toEqual([])
    expect(new Set(verdicts).size).toBeGreaterThan(changes.length - 4)
  })

  test("files that never change are read once, others for every build", async () => {
    const files = memoryFiles({
      "base/kustomization.yaml": "resources: [all.yaml]\n",
      "base/all.yaml": base,
      "a/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n",
      "b/kustomization.yaml": "resources: [../base]\nnamePrefix: b-\n",
    })
    for (const immutable of [true, undefined] as const) {
      const reads: string[] = []
      const watched: Files = {
        ...(immutable === undefined ? {} : { immutable }),
        list: files.list,
        read: (path) => {
          reads.push(path)
          return files.read(path)
        },
      }
      const builder = createBuilder()
      for (const folder of ["a", "b", "a"]) await builder.build(watched, folder)
      expect(reads.filter((path) => path === "base/all.yaml").length).toBe(immutable === true ? 1 : 3)
    }
  })

  test("a base that was taken without a look is looked at again in other files, below other bases too", async () => {
    const record = {
      "base/kustomization.yaml": "resources: [all.yaml]\n",
      "base/all.yaml": "kind: ConfigMap\nmetadata: { name: one }\n",
      "other/kustomization.yaml": "resources: [../base]\n",
      "middle/kustomization.yaml": "resources: [../base]\nnamePrefix: m-\n",
      "top/kustomization.yaml": "resources: [../middle]\n",
    }
    const builder = createBuilder()
    const first = memoryFiles(record)
    for (const folder of ["other", "other", "top"]) await builder.build(first, folder)
    const second = memoryFiles({ ...record, "base/all.yaml": "kind: ConfigMap\nmetadata: { name: two }\n" })
    expect((await builder.build(second, "top")).objects[0]?.metadata.name).toBe("m-two")
    expect((await builder.build(first, "top")).objects[0]?.metadata.name).toBe("m-one")
  })

  test("what an overlay leaves alone is the very same object in all of them", async () => {
    const builder = createBuilder()
    const files = filesOf({ base: [], middle: [9], tops: [{ over: "base", changes: [9] }], order: [] })
    const [one, two] = [await builder.build(files, "middle"), await builder.build(files, "top-0")]
    const shared = one.objects.filter((object) => two.objects.includes(object))
    expect(shared.length).toBe(one.objects.length - 1)
    expect(printBuild(one)).toBe(printBuild(two))
  })
})
