import { printManifests } from "@gitops-toolkit/kube/manifest"
import { directoryFiles, memoryFiles } from "@gitops-toolkit/source"
import fc from "fast-check"
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { KustomizeError, build, createBuilder, printBuild } from "./index.ts"
import type { BuildOptions, Files } from "./index.ts"

const configMap = (name: string, data = "a: b"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`

async function render(
  record: { readonly [path: string]: string },
  path = "",
  options: BuildOptions = {},
): Promise<string> {
  return printBuild(await build(memoryFiles(record), path, options))
}

async function failure(
  record: { readonly [path: string]: string },
  path = "",
  options: BuildOptions = {},
): Promise<KustomizeError> {
  try {
    await render(record, path, options)
  } catch (error) {
    if (error instanceof KustomizeError) return error
    throw error
  }
  throw new Error("it was built")
}

describe("build", () => {
  test("renders an overlay: prefix, namespace, labels, images, replicas, a patch, a generator with its hash", async () => {
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: main
        image: nginx
        envFrom:
        - configMapRef:
            name: settings
`
    const output = await render(
      {
        "base/kustomization.yaml":
          "resources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [LEVEL=info]\n",
        "base/web.yaml": deployment,
        "prod/kustomization.yaml": `resources: [../base]
namePrefix: prod-
namespace: prod
labels:
- pairs: { env: prod }
images:
- name: nginx
  newTag: "1.27"
replicas:
- name: web
  count: 3
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web }
    spec: { template: { spec: { containers: [{ name: main, args: [-v] }] } } }
`,
      },
      "prod",
    )
    expect(output).toMatchInlineSnapshot(`
      "apiVersion: v1
      data:
        LEVEL: info
      kind: ConfigMap
      metadata:
        labels:
          env: prod
        name: prod-settings-2748f727mg
        namespace: prod
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        labels:
          env: prod
        name: prod-web
        namespace: prod
      spec:
        replicas: 3
        template:
          spec:
            containers:
            - args:
              - -v
              envFrom:
              - configMapRef:
                  name: prod-settings-2748f727mg
              image: nginx:1.27
              name: main
      "
    `)
  })

  test("tells where every object comes from", async () => {
    const files = memoryFiles({
      "kustomization.yaml": "resources: [two.yaml]\nsecretGenerator:\n- name: s\n  literals: [a=b]\n",
      "two.yaml": `${configMap("one")}---\n${configMap("two")}`,
    })
    const { objects, origins } = await build(files, "")
    expect(objects.map(({ kind }, i) => [kind, origins[i]?.path, origins[i]?.line])).toEqual([
      ["ConfigMap", "two.yaml", 1],
      ["ConfigMap", "two.yaml", 8],
      ["Secret", "kustomization.yaml", 3],
    ])
  })

  test("warns of deprecated fields and of vars that nobody uses", async () => {
    const { warnings } = await build(
      memoryFiles({
        "kustomization.yaml":
          "resources: [a.yaml]\ncommonLabels: { a: b }\nvars:\n- { name: V, objref: { apiVersion: v1, kind: ConfigMap, name: a } }\n",
        "a.yaml": configMap("a"),
      }),
      "",
    )
    expect(
      warnings.map((warning) => /'(\w+)' is deprecated|never replaced: (\w+)/.exec(warning)?.slice(1).find(Boolean)),
    ).toEqual(["commonLabels", "vars", "V"])
  })

  test("builds a folder without a kustomization as Flux does", async () => {
    const record = {
      "b.yaml": configMap("b"),
      "team/a.yml": configMap("a"),
      "team/notes.txt": "no yaml",
      "web/kustomization.yaml": "namePrefix: web-\nresources: [c.yaml]\n",
      "web/c.yaml": configMap("c"),
    }
    const { objects } = await build(memoryFiles(record), "", { plainFolders: true, order: "none" })
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(["b", "a", "web-c"])
    expect((await failure(record)).code).toBe("FileNotFound")
  })

  test("lays an overlay over the kustomization", async () => {
    const output = await render(
      {
        "kustomization.yaml": "resources: [a.yaml]\n",
        "a.yaml": configMap("a"),
        "extra/kustomization.yaml":
          "kind: Component\nconfigMapGenerator: [{ name: x, literals: [k=v], options: { disableNameSuffixHash: true } }]\n",
      },
      "",
      {
        overlay: {
          namespace: "prod",
          components: ["extra", "missing"],
          ignoreMissingComponents: true,
          patches: [{ patch: "- { op: add, path: /data/p, value: q }", target: { name: "a" } }],
          commonMetadata: { labels: { team: "t" } },
        },
      },
    )
    expect(output).toMatchInlineSnapshot(`
      "apiVersion: v1
      data:
        a: b
        p: q
      kind: ConfigMap
      metadata:
        labels:
          team: t
        name: a
        namespace: prod
      ---
      apiVersion: v1
      data:
        k: v
      kind: ConfigMap
      metadata:
        labels:
          team: t
        name: x
        namespace: prod
      "
    `)
  })
})

describe("functions of the caller", () => {
  const record = {
    "kustomization.yaml": "resources: [a.yaml]\ngenerators: [gen.yaml]\ntransformers: [mark.yaml]\n",
    "a.yaml": configMap("a"),
    "gen.yaml": "apiVersion: example.com/v1\nkind: Make\nmetadata: { name: m }\nspec: { names: [x, y] }\n",
    "mark.yaml": "apiVersion: example.com/v1\nkind: Mark\nmetadata: { name: m }\n",
  }

  test("make and change objects", async () => {
    const options: BuildOptions = {
      generators: {
        Make: (config) =>
          (config.spec as { names: string[] }).names.map((name) => ({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name },
          })),
      },
      transformers: {
        "example.com/v1/Mark": async (_config, objects) =>
          objects.map((object) => ({ ...object, metadata: { ...object.metadata, labels: { marked: "yes" } } })),
      },
    }
    const { objects } = await build(memoryFiles(record), "", options)
    expect(objects.map(({ metadata }) => [metadata.name, metadata.labels?.["marked"]])).toEqual([
      ["a", "yes"],
      ["x", "yes"],
      ["y", "yes"],
    ])
  })

  test("are needed: nothing is run by itself", async () => {
    expect((await failure(record)).code).toBe("NotSupported")
  })

  test("supply remote bases", async () => {
    const record = { "kustomization.yaml": "resources: [https://example.com/org/repo//deploy?ref=v1]\n" }
    expect((await failure(record)).code).toBe("NotSupported")
    const remote = memoryFiles({
      "deploy/kustomization.yaml": "resources: [c.yaml]\n",
      "deploy/c.yaml": configMap("c"),
    })
    const asked: string[] = []
    const output = await render(record, "", {
      resolve: async (url) => {
        asked.push(url)
        return { files: remote, path: "deploy" }
      },
    })
    expect(asked).toEqual(["https://example.com/org/repo//deploy?ref=v1"])
    expect(output).toBe(configMap("c").replace(/(apiVersion: v1\n)([^]*)(data:\n {2}a: b\n)/, "$1$3$2"))
  })
})

describe("errors", () => {
  test.each<[what: string, record: { readonly [path: string]: string }, code: string, at: string]>([
    [
      "an unknown field",
      { "kustomization.yaml": "resources: []\nnamprefix: a\n" },
      "InvalidKustomization",
      "kustomization.yaml:2:1",
    ],
    [
      "a wrong type",
      { "kustomization.yaml": "namespace: yes\nresources: []\n" },
      "InvalidKustomization",
      "kustomization.yaml:1:1",
    ],
    ["a missing file", { "kustomization.yaml": "resources:\n- no.yaml\n" }, "FileNotFound", "kustomization.yaml:2:3"],
    ["a cycle", { "kustomization.yaml": "resources:\n- ../\n" }, "FileNotFound", "kustomization.yaml:2:3"],
    [
      "malformed YAML",
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": "a: b\n c: d\n" },
      "InvalidYaml",
      "a.yaml:1:4",
    ],
    [
      "an empty kustomization",
      { "kustomization.yaml": "kind: Kustomization\n" },
      "InvalidKustomization",
      "kustomization.yaml",
    ],
    [
      "a patch that fits nothing",
      { "kustomization.yaml": "resources: []\npatches:\n- path: p.yaml\n", "p.yaml": configMap("x") },
      "PatchFailed",
      "p.yaml",
    ],
    ["Helm", { "kustomization.yaml": "helmCharts:\n- name: x\n" }, "NotSupported", "kustomization.yaml:1:1"],
  ])("%s", async (_what, record, code, at) => {
    const error = await failure(record)
    expect([error.code, [error.at?.path, error.at?.line, error.at?.column].filter(Boolean).join(":")]).toEqual([
      code,
      at,
    ])
  })

  test("show the lines with a caret, and no secret", async () => {
    const error = await failure({
      "kustomization.yaml": "secretGenerator:\n- name: s\n  literals:\n  - password=hunter2\n  bogus: 1\n",
    })
    expect(error.frame).toBe(
      "  3 |   literals:\n  4 |   - password=…\n> 5 |   bogus: …\n    |   ^".replace(/^ {2}3/, "  3"),
    )
    const missing = await failure({ "kustomization.yaml": "secretGenerator:\n- name: s\n  literals: [hunter2]\n" })
    expect(missing.message + (missing.frame ?? "")).not.toContain("hunter2")
  })

  test("two objects of one id name both places", async () => {
    const error = await failure({
      "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
      "a.yaml": configMap("same"),
      "b.yaml": `${configMap("other")}---\n${configMap("same")}`,
    })
    expect([error.code, error.message.includes("b.yaml:8"), error.message.includes("a.yaml:1")]).toEqual([
      "DuplicateObject",
      true,
      true,
    ])
  })

  test("a folder that includes itself", async () => {
    const error = await failure(
      {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
      },
      "a",
    )
    expect(error.code).toBe("CycleDetected")
  })
})

describe("what is hostile", () => {
  const deep = (levels: number): string =>
    `${Array.from({ length: levels }, (_, i) => `${" ".repeat(i % 500)}a:`).join("\n")}\n`

  test.each<[what: string, record: { readonly [path: string]: string }, options: BuildOptions]>([
    [
      "an alias bomb",
      {
        "kustomization.yaml": "resources: [a.yaml]\n",
        "a.yaml": `${configMap("a")}x: &a [1,1,1,1,1,1,1,1,1]\n${"bcdefgh"
          .split("")
          .map((c, i) => `${c}: &${c} [${`*${"abcdefg"[i]},`.repeat(9)}]\n`)
          .join("")}`,
      },
      {},
    ],
    [
      "brackets in brackets",
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": `a: ${"[".repeat(100_000)}` },
      {},
    ],
    ["deep flow in a kustomization", { "kustomization.yaml": `resources: ${"[".repeat(100_000)}` }, {}],
    [
      "a large file",
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": `#${"x".repeat(2_000_000)}` },
      { limits: { fileBytes: 1_000_000 } },
    ],
    [
      "many bytes",
      {
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
        "a.yaml": `${configMap("a")}#${"x".repeat(1000)}`,
        "b.yaml": `${configMap("b")}#${"x".repeat(1000)}`,
      },
      { limits: { bytes: 1500 } },
    ],
    [
      "many files",
      { "kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": configMap("a"), "b.yaml": configMap("b") },
      { limits: { files: 2 } },
    ],
    [
      "many objects",
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": `${configMap("a")}---\n${configMap("b")}` },
      { limits: { objects: 1 } },
    ],
    [
      "many layers",
      {
        "kustomization.yaml": "resources: [a]\n",
        "a/kustomization.yaml": "resources: [b]\n",
        "a/b/kustomization.yaml": "resources: [c]\n",
        "a/b/c/kustomization.yaml": "resources: []\n",
      },
      { limits: { depth: 3 } },
    ],
    ["indents", { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": deep(2000) }, {}],
  ])("%s ends in a typed error", async (_what, record, options) => {
    expect(["LimitExceeded", "InvalidYaml"]).toContain((await failure(record, "", options)).code)
  })

  test("names of prototypes are names", async () => {
    const data = "__proto__: a\n  constructor: b\n  toString: c"
    const output = await render({
      "kustomization.yaml": "resources: [a.yaml]\ncommonAnnotations: { __proto__: x, constructor: z }\n",
      "a.yaml": configMap("a", data),
    })
    expect(output).toContain("  __proto__: a\n  constructor: b\n  toString: c\n")
    expect(output).toContain("    __proto__: x\n    constructor: z\n")
    expect(({} as { x?: string }).x).toBeUndefined()
  })

  test.each([
    ["../secret.yaml", "by a path"],
    ["link.yaml", "by a link"],
    ["/etc/hostname", "by an absolute path"],
  ])("a build never reads outside of its root: %s, %s", async (path) => {
    const root = mkdtempSync(join(tmpdir(), "kustomize-"))
    try {
      mkdirSync(join(root, "in"))
      writeFileSync(join(root, "secret.yaml"), configMap("secret"))
      writeFileSync(join(root, "in/kustomization.yaml"), `resources: [${path}]\n`)
      symlinkSync("../secret.yaml", join(root, "in/link.yaml"))
      await expect(build(directoryFiles(root), "in")).rejects.toMatchObject({ code: "OutsideRoot" })
      await expect(build(directoryFiles(join(root, "in")), "")).rejects.toThrow(KustomizeError)
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })

  test("stops when the signal aborts", async () => {
    const signal = AbortSignal.abort(new Error("enough"))
    await expect(
      render({ "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": configMap("a") }, "", { signal }),
    ).rejects.toThrow("enough")
  })
})

const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const values = fc.oneof(fc.string(), fc.stringMatching(/^[ a-z:#'"\n-]{0,20}$/), names)
const trees = fc.record({
  base: fc.uniqueArray(fc.record({ name: names, data: fc.dictionary(fc.stringMatching(/^[a-zA-Z_]{6,9}$/), values) }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 5,
  }),
  prefix: fc.option(names, { nil: "" }),
  namespace: fc.option(names, { nil: "" }),
  labels: fc.dictionary(fc.stringMatching(/^[a-z]{6,8}$/), names),
})

type Tree = typeof trees extends fc.Arbitrary<infer Value> ? Value : never

function filesOf({ base, prefix, namespace, labels }: Tree): Files {
  const objects = base.map(({ name, data }) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }))
  const overlay = { resources: ["../base"], namePrefix: prefix, namespace, labels: [{ pairs: labels }] }
  return memoryFiles({
    "base/kustomization.yaml": "resources: [all.yaml]\n",
    "base/all.yaml": printManifests(objects),
    "overlay/kustomization.yaml": JSON.stringify(overlay),
  })
}

describe("laws", () => {
  test("the same files give the same bytes, alone, at once and with a memory", async () => {
    const builder = createBuilder()
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const files = filesOf(tree)
        const first = printBuild(await build(files, "overlay"))
        const others = await Promise.all([
          build(files, "overlay"),
          builder.build(files, "overlay"),
          builder.build(files, "overlay"),
        ])
        for (const other of others) expect(printBuild(other)).toBe(first)
      }),
      { numRuns: 60 },
    )
  })

  test("data passes through unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const { objects } = await build(filesOf(tree), "overlay", { order: "none" })
        const clean = (data: object): object =>
          JSON.parse(JSON.stringify(data).replace(/[\uD800-\uDFFF]/g, "")) as object
        for (const [i, { name, data }] of tree.base.entries()) {
          expect(objects[i]?.metadata.name).toBe(tree.prefix + name)
          if (!/[^\n -~]/.test(JSON.stringify(data)) && !/\\[^n"\\]/.test(JSON.stringify(data)))
            expect(objects[i]?.["data"]).toEqual(clean(data))
        }
      }),
      { numRuns: 60 },
    )
  })

  test("a memory sees every change: of a file, of what is there, of a base's base", async () => {
    const builder = createBuilder()
    const record: { [path: string]: string } = {
      "top/kustomization.yaml": "resources: [../middle]\n",
      "middle/kustomization.yaml": "resources: [../base]\nnamePrefix: m-\n",
      "base/kustomization.yaml": "resources: [a.yaml]\n",
      "base/a.yaml": configMap("a"),
    }
    const check = async (): Promise<string> => {
      const files = memoryFiles(record)
      const fresh = printBuild(await build(files, "top"))
      expect(printBuild(await builder.build(files, "top"))).toBe(fresh)
      return fresh
    }
    const seen = [await check()]
    record["base/a.yaml"] = configMap("b")
    seen.push(await check())
    record["base/kustomization.yaml"] = "resources: [a.yaml]\nnameSuffix: -s\n"
    seen.push(await check())
    record["middle/kustomization.yaml"] = "resources: [../base]\nnamePrefix: n-\n"
    seen.push(await check())
    expect(new Set(seen).size).toBe(4)
    record["base/kustomization.yml"] = "resources: [a.yaml]\n"
    await expect(builder.build(memoryFiles(record), "top")).rejects.toThrow("multiple kustomization files")
  })

  test("what a builder hands out cannot be changed: it may be what it remembers", async () => {
    const builder = createBuilder()
    const files = memoryFiles({
      "a/kustomization.yaml": "resources: [../b]\n",
      "b/kustomization.yaml": "resources: [c.yaml]\n",
      "b/c.yaml": configMap("c"),
    })
    for (let round = 0; round < 2; round++) {
      const { objects } = await builder.build(files, "a")
      expect(() => ((objects[0]!.metadata as { name: string }).name = "changed")).toThrow(TypeError)
      expect(objects[0]?.metadata.name).toBe("c")
    }
  })
})

test("a label that was added to several places at once stays one: with kustomize, changing it in one changes it in all", async () => {
  const files = {
    "base/kustomization.yaml": "resources: [a.yaml]\nlabels:\n- pairs: { l: one }\n  includeSelectors: true\n",
    "base/a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n",
    "labels/kustomization.yaml": "resources: [../base]\nlabels:\n- pairs: { l: two }\n",
    "patch/kustomization.yaml":
      "resources: [../base]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: { name: a, labels: { l: two } }\n",
  }
  for (const folder of ["labels", "patch"]) {
    const expected = (await render(files, "base")).replaceAll("l: one", "l: two")
    expect(await render(files, folder)).toBe(expected)
    const builder = createBuilder()
    for (const path of ["base", folder, folder])
      expect(printBuild(await builder.build(memoryFiles(files), path))).toBe(await render(files, path))
  }
})
