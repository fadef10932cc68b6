import { memoryFiles } from "@gitops-toolkit/source"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { build, createBuilder, diffBuilds, followOrigins, substitute } from "./index.ts"
import type { Build, BuildOptions, FieldOrigin } from "./index.ts"

const show = (pointer: string, { path, line, transformer }: FieldOrigin): string =>
  [pointer, `${path ?? "-"}:${line ?? "-"}`, transformer].filter((part) => part !== undefined).join(" ")

/** Every field that something has set, and what was removed (`-`), of all objects. */
function changes({ origins }: Pick<Build, "origins">): string[] {
  return origins
    .flatMap(({ fields = {}, removed = {} }) => [
      ...Object.entries(fields).filter(([, { transformer }]) => transformer !== undefined),
      ...Object.entries(removed).map(([pointer, origin]) => [`- ${pointer}`, origin] as const),
    ])
    .map(([pointer, origin]) => show(pointer, origin))
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: side
        image: side:1
      - name: web
        image: nginx:1
        envFrom:
        - configMapRef:
            name: settings
`

const trees: readonly {
  name: string
  files: { readonly [path: string]: string }
  fields: readonly string[]
  options?: BuildOptions
}[] = [
  {
    name: "a file as it is",
    files: { "kustomization.yaml": "resources: [web.yaml]", "web.yaml": deployment },
    fields: [],
  },
  {
    name: "names, namespaces and replicas",
    files: {
      "kustomization.yaml":
        "resources: [web.yaml]\nnamespace: prod\nnamePrefix: my-\nreplicas:\n- name: web\n  count: 3\n",
      "web.yaml": deployment,
    },
    fields: [
      "/metadata/name kustomization.yaml:3 namePrefix",
      "/metadata/namespace kustomization.yaml:2 namespace",
      "/spec/replicas kustomization.yaml:6 replicas",
    ],
  },
  {
    name: "labels and annotations, each at its own line",
    files: {
      "kustomization.yaml":
        "resources: [cm.yaml]\nlabels:\n- pairs:\n    a: x\n    b: z\ncommonAnnotations:\n  note: hi\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    a: old\n",
    },
    fields: [
      "/metadata/labels/a kustomization.yaml:4 labels",
      "/metadata/labels/b kustomization.yaml:5 labels",
      "/metadata/annotations/note kustomization.yaml:7 commonAnnotations",
    ],
  },
  {
    name: "the last of two layers",
    files: {
      "base/kustomization.yaml":
        "resources: [web.yaml]\nimages:\n- name: nginx\n  newTag: '2'\n- name: side\n  newName: other\n",
      "base/web.yaml": deployment,
      "kustomization.yaml": "resources: [base]\nimages:\n- { name: nginx, newTag: '3' }\n",
    },
    fields: [
      "/spec/template/spec/containers/0/image base/kustomization.yaml:6 images",
      "/spec/template/spec/containers/1/image kustomization.yaml:3 images",
    ],
  },
  {
    name: "a strategic patch in a file: what it adds, sets, deletes; the rest moves along",
    files: {
      "kustomization.yaml": "resources: [web.yaml]\npatches:\n- path: patch.yaml\n",
      "web.yaml": deployment,
      "patch.yaml": `kind: Deployment
apiVersion: apps/v1
metadata:
  name: web
spec:
  replicas: null
  template:
    spec:
      containers:
      - name: web
        image: nginx:2
        tty: true
      - name: side
        $patch: delete
`,
    },
    fields: [
      "/spec/template/spec/containers/0/image patch.yaml:11 patches",
      "/spec/template/spec/containers/0/tty patch.yaml:12 patches",
      "- /spec/replicas patch.yaml:6 patches",
    ],
  },
  {
    name: "inline patches of both languages",
    files: {
      "kustomization.yaml": `resources: [web.yaml]
patches:
- patch: |-

    - op: replace
      path: /spec/replicas
      value: 2
    - op: add
      path: /spec/template/spec/containers/-
      value:
        name: third
        image: third:1
    - op: remove
      path: /spec/template/spec/containers/1/envFrom
  target: { kind: Deployment }
- patch: |
    kind: Deployment
    apiVersion: apps/v1
    metadata:
      name: web
      labels:
        by: patch
`,
      "web.yaml": deployment,
    },
    fields: [
      "/metadata/labels/by kustomization.yaml:22 patches",
      "/spec/replicas kustomization.yaml:7 patches",
      "/spec/template/spec/containers/2/name kustomization.yaml:11 patches",
      "/spec/template/spec/containers/2/image kustomization.yaml:12 patches",
      "- /spec/template/spec/containers/1/envFrom kustomization.yaml:13 patches",
    ],
  },
  {
    name: "several patches in one file, and several elements that one patch adds",
    files: {
      "kustomization.yaml":
        "resources: [maps.yaml]\npatches:\n- path: patches.yaml\n- { path: add.yaml, target: { name: b } }\n",
      "maps.yaml": ["a", "b"]
        .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\nlist: [{ v: 0 }]\n`)
        .join("---\n"),
      "patches.yaml": ["a", "b"]
        .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata:\n  x: ${name}\n`)
        .join("---\n"),
      "add.yaml":
        "- { op: add, path: /list/-, value: { v: 1 } }\n- { op: add, path: /list/-, value: { v: 2 } }\n- { op: remove, path: /list/0 }\n",
    },
    fields: [
      "/data/x patches.yaml:5 patches",
      "/data/x patches.yaml:11 patches",
      "/list/0/v add.yaml:1 patches",
      "/list/1/v add.yaml:2 patches",
    ],
  },
  {
    name: "generators: every key where it is written; the hash, and who refers to it, at the generator",
    files: {
      "base/kustomization.yaml":
        "resources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals:\n  - a=1\n  - b=2\n  files: [text.txt]\n  envs: [some.env]\n",
      "base/web.yaml": deployment,
      "base/text.txt": "text",
      "base/some.env": "# comment\nE=1\n",
      "kustomization.yaml":
        "resources: [base]\nconfigMapGenerator:\n- name: settings\n  behavior: merge\n  literals:\n  - b=3\n",
    },
    fields: [
      "/apiVersion kustomization.yaml:3 configMapGenerator",
      "/kind kustomization.yaml:3 configMapGenerator",
      "/metadata/name kustomization.yaml:3 hash",
      "/data/E base/some.env:2 configMapGenerator",
      "/data/a base/kustomization.yaml:5 configMapGenerator",
      "/data/b kustomization.yaml:6 configMapGenerator",
      "/data/text.txt base/text.txt:1 configMapGenerator",
      "/spec/template/spec/containers/1/envFrom/0/configMapRef/name kustomization.yaml:3 nameReference",
    ],
  },
  {
    name: "replacements, each entry of its own, also in a file",
    files: {
      "kustomization.yaml": `resources: [cm.yaml]
replacements:
- sourceValue: x
  targets:
  - select: { kind: ConfigMap }
    fieldPaths: [data.a]
- path: more.yaml
`,
      "more.yaml": "- sourceValue: y\n  targets: [{ select: { kind: ConfigMap }, fieldPaths: [data.b] }]\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: '', b: '' }\n",
    },
    fields: ["/data/a kustomization.yaml:3 replacements", "/data/b more.yaml:1 replacements"],
  },
  {
    name: "a plugin that names a file of replacements",
    files: {
      "kustomization.yaml": "resources: [cm.yaml]\ntransformers: [plugin.yaml]\n",
      "plugin.yaml":
        "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: { name: r }\nreplacements:\n- path: more.yaml\n- sourceValue: z\n  targets: [{ select: { kind: ConfigMap }, fieldPaths: [data.b] }]\n",
      "more.yaml": "# Here.\nsourceValue: y\ntargets: [{ select: { kind: ConfigMap }, fieldPaths: [data.a] }]\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: '', b: '' }\n",
    },
    fields: ["/data/a more.yaml:2 ReplacementTransformer", "/data/b plugin.yaml:6 ReplacementTransformer"],
  },
  {
    name: "a reference to what was renamed, beside what always had that name",
    files: {
      "kustomization.yaml": "resources: [map.yaml, base]\n",
      "map.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: p-settings }\n",
      "base/kustomization.yaml": "resources: [web.yaml, map.yaml]\nnamePrefix: p-\n",
      "base/web.yaml": deployment,
      "base/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n",
    },
    fields: [
      "/metadata/name base/kustomization.yaml:2 namePrefix",
      "/metadata/name base/kustomization.yaml:2 namePrefix",
      "/spec/template/spec/containers/1/envFrom/0/configMapRef/name base/kustomization.yaml:2 nameReference",
    ],
  },
  {
    name: "a component, and a plugin in a file",
    files: {
      "kustomization.yaml": "resources: [cm.yaml]\ncomponents: [part]\ntransformers: [suffix.yaml]\n",
      "part/kustomization.yaml":
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: p-\nnamespace: ns\n",
      "suffix.yaml":
        "apiVersion: builtin\nkind: SuffixTransformer\nmetadata: { name: s }\nsuffix: -s\nfieldSpecs: [{ path: metadata/name }]\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n",
    },
    fields: [
      "/metadata/name suffix.yaml:1 SuffixTransformer",
      "/metadata/namespace part/kustomization.yaml:4 namespace",
    ],
  },
  {
    name: "functions of the caller",
    files: {
      "kustomization.yaml": "resources: [cm.yaml]\ngenerators: [make.yaml]\ntransformers: [mark.yaml]\n",
      "make.yaml": "# Makes.\napiVersion: example.com/v1\nkind: Make\nmetadata: { name: made }\n",
      "mark.yaml": "apiVersion: example.com/v1\nkind: Mark\nmetadata: { name: mark }\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { x: old }\n",
    },
    options: {
      generators: { Make: ({ metadata }) => [{ apiVersion: "v1", kind: "Namespace", metadata }] },
      transformers: {
        Mark: (_, objects) =>
          objects
            .toReversed()
            .map((object) => (object.kind === "ConfigMap" ? { ...object, data: { x: "new" } } : object)),
      },
    },
    fields: [
      "/apiVersion make.yaml:2 Make",
      "/kind make.yaml:3 Make",
      "/metadata/name make.yaml:4 Make",
      "/data/x mark.yaml:1 Mark",
    ],
  },
  {
    name: "vars stay where they are written",
    files: {
      "kustomization.yaml":
        "resources: [pod.yaml]\nvars:\n- name: NAME\n  objref: { apiVersion: v1, kind: Pod, name: a }\n",
      "pod.yaml":
        "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n  - name: c\n    args:\n    - --name=$(NAME)\n",
    },
    fields: ["/spec/containers/0/args/0 pod.yaml:8 vars"],
  },
  {
    name: "what the options of the build set is in no file",
    files: {
      "kustomization.yaml": "resources: [cm.yaml]\nnamespace: ns\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n",
    },
    options: { overlay: { namespace: "m", commonMetadata: { labels: { a: "b" } } }, managedByLabel: true },
    fields: [
      "/metadata/namespace -:- namespace",
      "/metadata/labels/app.kubernetes.io~1managed-by -:- managedByLabel",
      "/metadata/labels/a -:- commonMetadata",
    ],
  },
]

describe("origins of fields", () => {
  test.each(trees)("$name", async ({ files, fields, options }) => {
    const result = await build(memoryFiles(files), "", { ...options, origins: "fields" })
    expect(changes(result).toSorted()).toEqual(fields.toSorted())
    // What a builder remembers has its origins, too.
    const { build: again } = createBuilder()
    for (const _ of [1, 2])
      expect((await again(memoryFiles(files), "", { ...options, origins: "fields" })).origins).toEqual(result.origins)
  })

  test("are not there unless asked for", async () => {
    const { origins } = await build(memoryFiles(trees[0]!.files), "")
    expect(origins).toEqual([{ path: "web.yaml", line: 1 }])
  })

  test("an item of a list has the line of the item", async () => {
    const files = {
      "kustomization.yaml": "resources: [list.yaml]",
      "list.yaml":
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: b\n",
    }
    const { origins } = await build(memoryFiles(files), "", { origins: "fields" })
    expect(origins.map(({ fields }) => fields?.["/metadata/name"]?.line)).toEqual([7, 11])
  })

  test("follow what happens to the objects after the build", async () => {
    const files = {
      "kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: p-\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  a: ${A}\n  b: b\n",
    }
    const built = await build(memoryFiles(files), "", { origins: "fields" })
    const objects = substitute(built.objects, { A: "{ x: 1 }" })
    expect(changes({ origins: followOrigins(built, objects, "substitute") })).toEqual([
      "/data/a/x cm.yaml:5 substitute",
      "/metadata/name kustomization.yaml:2 namePrefix",
    ])
  })

  test("tell which line made a difference between two builds", async () => {
    const at = (kustomization: string): Promise<Build> =>
      build(memoryFiles({ "kustomization.yaml": kustomization, "web.yaml": deployment }), "", { origins: "fields" })
    const before = await at("resources: [web.yaml]\nimages:\n- { name: nginx, newTag: '2' }\n")
    const after = await at(
      "resources: [web.yaml]\nimages:\n- { name: side, newTag: '2' }\n- { name: nginx, newTag: '3' }\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: web }\n    spec:\n      replicas: null\n",
    )
    const lines = diffBuilds(before, after).flatMap(({ fields }) =>
      fields.map(
        ({ path, origins }) =>
          `${path} ${origins?.before?.path}:${origins?.before?.line} ${show("→", origins?.after ?? {})}`,
      ),
    )
    expect(lines.toSorted()).toEqual([
      "/spec/replicas web.yaml:6 → kustomization.yaml:11 patches",
      "/spec/template/spec/containers/0/image web.yaml:11 → kustomization.yaml:3 images",
      "/spec/template/spec/containers/1/image kustomization.yaml:3 → kustomization.yaml:4 images",
    ])
  })
})

test("a difference tells where an object comes from, or came from", async () => {
  const at = (name: string, file: string): Promise<Build> =>
    build(
      memoryFiles({
        "kustomization.yaml": `resources: [${file}]`,
        [file]: `# A comment.\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`,
      }),
      "",
    )
  const differences = diffBuilds(await at("a", "old.yaml"), await at("b", "new.yaml"))
  expect(differences.map(({ change, origin }) => `${change} ${origin?.path}:${origin?.line}`)).toEqual([
    "added new.yaml:2",
    "removed old.yaml:2",
  ])
})

// Any value as block YAML with one leaf a line, so that a leaf's line tells its value.
type Value = string | { readonly [name: string]: Value } | readonly Value[]

function print(value: Value, indent: string): string {
  if (typeof value === "string") return ` ${value}\n`
  const item = (key: string, part: Value): string => `${indent}${key}${print(part, `${indent}  `)}`
  const items = Array.isArray(value)
    ? (value as readonly Value[]).map((part) => item("-", part))
    : Object.entries(value).map(([key, part]) => item(`${key}:`, part))
  return items.length === 0 ? (Array.isArray(value) ? " []\n" : " {}\n") : `\n${items.join("")}`
}

const word = fc.stringMatching(/^[a-z]{3,6}$/)
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word.map((text) => `v${text}`),
    fc.dictionary(word, tie("value"), { maxKeys: 3 }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
}))

function* leavesOf(item: unknown, pointer = ""): Generator<readonly [string, unknown]> {
  const entries = typeof item === "object" && item !== null ? Object.entries(item) : []
  if (entries.length === 0) yield [pointer, item]
  for (const [key, part] of entries) yield* leavesOf(part, `${pointer}/${key.replaceAll("/", "~1")}`)
}

test("every leaf has an origin; one that nothing has touched is what stands on that line", async () => {
  const overlays = fc.record({
    namePrefix: fc.constantFrom("", "p-"),
    namespace: fc.constantFrom("", "ns"),
    label: fc.boolean(),
    patch: fc.option(fc.dictionary(word, value, { maxKeys: 2 }), { nil: undefined }),
  })
  const property = fc.asyncProperty(
    fc.dictionary(word, value, { maxKeys: 4 }),
    fc.array(overlays, { maxLength: 3 }),
    async (spec, layers) => {
      const head = "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: vthing\nspec:"
      const files: { [path: string]: string } = {
        "l0/thing.yaml": `${head}${print(spec, "  ")}`,
        "l0/kustomization.yaml": "resources: [thing.yaml]\n",
      }
      for (const [index, { namePrefix, namespace, label, patch }] of layers.entries()) {
        const lines = [`resources: [../l${index}]`]
        if (namePrefix !== "") lines.push(`namePrefix: ${namePrefix}`)
        if (namespace !== "") lines.push(`namespace: ${namespace}`)
        if (label) lines.push("labels:", "- pairs:", `    at: l${index}`)
        if (patch !== undefined) {
          lines.push("patches: [{ path: patch.yaml, target: { kind: Thing } }]")
          files[`l${index + 1}/patch.yaml`] = `${head}${print(patch, "  ")}`
        }
        files[`l${index + 1}/kustomization.yaml`] = `${lines.join("\n")}\n`
      }
      const result = await build(memoryFiles(files), `l${layers.length}`, { origins: "fields" })
      expect(result.objects).toEqual((await build(memoryFiles(files), `l${layers.length}`)).objects)
      const { fields = {} } = result.origins[0]!
      const leaves = [...leavesOf(result.objects[0])]
      expect(Object.keys(fields).toSorted()).toEqual(leaves.map(([pointer]) => pointer).toSorted())
      for (const [pointer, leaf] of leaves) {
        const { path = "", line = 0, transformer } = fields[pointer]!
        const text = files[path]?.split("\n")[line - 1]
        expect(text, pointer).toBeDefined()
        const isPlain = transformer === undefined || transformer === "patches"
        if (isPlain && typeof leaf === "string") expect(text, pointer).toContain(leaf)
      }
    },
  )
  await fc.assert(property, { numRuns: 150 })
})

test("a patch in a folded block of a plugin's configuration has a line", async () => {
  const files = {
    "kustomization.yaml": "resources: [r.yaml]\ntransformers: [t.yaml]\n",
    "r.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n",
    "t.yaml": `apiVersion: builtin
kind: PatchTransformer
metadata: { name: t }
target: { kind: ConfigMap }
patch: >
  apiVersion: v1

  kind: ConfigMap

  metadata: { name: x }

  data:
    a: b
`,
  }
  const { objects, origins } = await build(memoryFiles(files), "", { origins: "fields" })
  expect(objects[0]).toMatchObject({ data: { a: "b" } })
  expect(origins[0]?.fields?.["/data/a"]).toMatchObject({ path: "t.yaml", transformer: "PatchTransformer" })
  expect(origins[0]?.fields?.["/data/a"]?.line).toBeGreaterThanOrEqual(5)
})
