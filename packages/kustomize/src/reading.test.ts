import { expect, test } from "vitest"
import { build, printBuild } from "./index.ts"
import type { Files } from "./index.ts"

// Each row was seen with kustomize 5.8.2: what it makes of the files, and what it refuses.

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"

const memoryFiles = (files: { readonly [path: string]: string }): Files => ({
  list: async (path) => (path === "" ? Object.keys(files).map((name) => ({ name, type: "file" as const })) : []),
  read: async (path) => Buffer.from(files[path] ?? ""),
})

async function render(files: { readonly [path: string]: string }): Promise<string> {
  return printBuild(await build(memoryFiles(files), ""))
}

const deepLines = "data:\n  a: >\n    one\n\n    \ttwo\n"

const deeper = "data:\n  a: >-\n    one\n      two\n    three\n"
const copy = (from: string, to: string): string =>
  `replacements: [{source: {kind: ConfigMap, fieldPath: data.${from}}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.${to}]}]}]`
const replaceSpec = 'replacements: [{sourceValue: "", targets: [{select: {kind: ConfigMap}, fieldPaths: [spec]}]}]'
const replicas = "transformers: [t.yaml]"
const vars = "vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: x}}]\nconfigurations: [c.yaml]"

test.each([
  [
    "a repeated key of a patch: the first counts",
    "patches: [{path: p.yaml}]",
    "data: {a: b}\n",
    "data:\n  c: '1'\n  c: '2'\n",
    '  c: "1"',
  ],
  ["a number over a quoted one", "patches: [{path: p.yaml}]", "data: {a: '80'}\n", "data: {a: 90}\n", '  a: "90"'],
  ["a number over a block", "patches: [{path: p.yaml}]", "data:\n  a: |\n    x\n", "data: {a: 90}\n", '  a: "90"'],
  ["a number over a word in quotes", "patches: [{path: p.yaml}]", "data: {a: 'x'}\n", "data: {a: 90}\n", '  a: "90"'],
  [
    "a number over a word in quotes, in a text with a tag",
    "patches: [{path: p.yaml}]",
    "data:\n  t: !!str x\n  a: 'x'\n",
    "data: {a: 90}\n",
    '  a: "90"',
  ],
  [
    "a number over a block of one line",
    "patches: [{path: p.yaml}]",
    "data:\n  a: >-\n    x\n",
    "data: {a: 90}\n",
    '  a: "90"',
  ],
  ["replicas over quoted ones", replicas, "spec: {replicas: '3'}\n", "", '  replicas: "2"'],
  ["a field in several spellings", "nameprefix: b-\nnamePrefix: a-\nNAMEPREFIX: c-", "", "", "  name: b-x"],
  [
    "a quantity in quotes that a patch makes a number",
    "patches: [{path: p.yaml}]",
    'spec: {limits: {cpu: "500m", memory: 1Gi}}\n',
    "spec: {limits: {cpu: 2, memory: 2}}\n",
    '    cpu: "2"\n    memory: 2',
  ],
  ["nothing where an object is replaced", replaceSpec, "spec: {a: b}\n", "", "spec: null"],
  ["equal keys of annotations: the last", "", "  annotations: {a: b, a: c}\n", "", "    a: c\n"],
  [
    "annotations that stand twice: all, of equal keys the first",
    "",
    "  annotations: {a: b}\n  annotations: {a: d, c: d}\n",
    "",
    "    a: b\n    c: d\n",
  ],
  [
    "annotations that stand twice, first as null",
    "namePrefix: a-",
    "  annotations:\n  annotations: {a: b}\n",
    "",
    "    a: b\n",
  ],
  [
    "a repeated key that stands first as null, under a patch",
    "patches: [{path: p.yaml}]",
    "data:\ndata: {a: b}\n",
    "spec: {c: d}\n",
    "  a: b\n",
  ],
  [
    "a number in quotes as name, under a patch of any name",
    "patches: [{path: p.yaml, target: {name: .1.}}]",
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: '010'}\n",
    "data: {a: b}\n",
    '  name: "010"',
  ],
  [
    "a var with a number that begins with 0",
    vars.replace("name: x}", "name: x}, fieldref: {fieldpath: spec}"),
    "spec: 010\ndata: {a: $(V)}\n",
    "",
    "  a: 10\n",
  ],
  ["a number with the tag !", "", "data: {a: ! 12}\n", "", "  a: 12"],
  ["a text with the tag !", "", "data: {a: ! '12'}\n", "", '  a: "12"'],
  ["a time", "", "data:\n  a: 2001-12-14 21:59:43.10\n", "", '  a: "2001-12-14T21:59:43.1Z"'],
  ["a time in brackets", "", "data: {a: 2001-12-14 21:59:43.10}\n", "", '  a: "2001-12-14 21:59:43.10"'],
  [
    "a text that is nearly a time",
    copy("a", "c"),
    "data: {a: 2001-12-14 21:59:43 -5, c: x}\n",
    "",
    "  c: 2001-12-14 21:59:43 -5",
  ],
  ["a date in brackets", "", "data: {a: 2001-12-14}\n", "", '  a: "2001-12-14T00:00:00Z"'],
  [
    "a folded block over a word",
    "patches: [{path: p.yaml}]",
    "data:\n  a: x\n",
    deeper,
    "  a: |-\n    one\n      two\n    three\n",
  ],
  [
    "a folded block over a folded one",
    "patches: [{path: p.yaml}]",
    "data:\n  a: >-\n    x\n",
    deeper,
    "  a: |-\n    one\n\n      two\n    three\n",
  ],
  [
    "a folded block that a patch adds",
    "patches: [{path: p.yaml}]",
    "data:\n  b: x\n",
    deeper,
    "  a: |-\n    one\n\n      two\n    three\n",
  ],
  ["a folded block that a replacement fills", copy("b", "a"), `${deeper}  b: x\n`, "", "  a: x\n"],
  [
    "a folded block that is copied to a word",
    copy("a", "b"),
    `${deeper}  b: x\n`,
    "",
    "  b: |-\n    one\n      two\n    three\n",
  ],
  ["a folded block that may hold vars", vars, `${deeper}  b: x\n`, "", "  a: |-\n    one\n      two\n    three\n"],
  [
    "a name that a patch finds to be a number",
    "patches: [{path: p.yaml, target: {kind: .*}}]",
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1.5e3}\n",
    "",
    "  name: 1500",
  ],
  ["a boolean over a text", "patches: [{path: p.yaml}]", "data: {a: b}\n", "data: {a: true}\n", "  a: true"],
  [
    "a repeated key that a patch takes away",
    "patches: [{path: p.yaml}]",
    "data: {a: b, a: c}\n",
    "$patch: delete\n",
    "",
  ],
  ["an infinity that a patch replaces", "patches: [{path: p.yaml}]", "data: {a: .inf}\n", "data: {a: b}\n", "  a: b"],
  ["a folded block with deeper lines that begin with a tab", "", deepLines, "", 'a: "one\\n\\n\\n\\ttwo\\n"'],
])("reads %s", async (_, kustomization, resource, patch, expected) => {
  const files = {
    "kustomization.yaml": `resources: [r.yaml]\n${kustomization}\n`,
    "r.yaml": configMap + resource,
    "p.yaml": configMap + patch,
    "c.yaml": "varReference: [{kind: ConfigMap, path: data}]\n",
    "t.yaml": `apiVersion: builtin\nkind: ReplicaCountTransformer\nmetadata: {name: t}\nreplica: {name: x, count: 2}\nfieldSpecs: [{path: spec/replicas, kind: ConfigMap}]\n`,
  }
  const output = await render(files)
  if (expected === "") expect(output).toBe("")
  else expect(output).toContain(expected)
})

test.each([
  ["a repeated key", "", "data: {a: b, a: c}\n"],
  ["a repeated key that a patch adds", "patches: [{path: p.yaml}]", "data: {a: b}\n"],
  ["a tab where the indent of a block is looked for", "", "data:\n  a: |\n    \tx\n"],
  ["an infinity", "", "data: {a: .inf}\n"],
  ["a text in the place of null", copy("a", "b"), "data: {a: x, b: null}\n"],
  ["a number with a point in the place of a whole one", copy("a", "b"), "data: {a: 1.0, b: 1}\n"],
  [
    "a var with a number to another base",
    vars.replace("name: x}", "name: x}, fieldref: {fieldpath: spec}"),
    "spec: 0x1F\n",
  ],
  [
    "a null kind where names are followed",
    "patches: [{target: {}, patch: '[{op: add, path: /apiVersion, value: null}]'}]",
    "",
  ],
  ["a label of a generator whose key is a number", 'configMapGenerator: [{name: g, options: {labels: {"10": a}}}]', ""],
  ["a number as kind in configurations", "configurations: [c.yaml]", ""],
  ["a repeated key in configurations", "configurations: [d.yaml]", ""],
  ["an empty first document", "---\n---\n", ""],
])("refuses %s", async (_, kustomization, resource) => {
  const first = kustomization.startsWith("---")
  const files = {
    "kustomization.yaml": first ? `${kustomization}resources: [r.yaml]\n` : `resources: [r.yaml]\n${kustomization}\n`,
    "r.yaml": configMap + resource,
    "p.yaml": `${configMap}new:\n  c: '1'\n  c: '2'\n`,
    "d.yaml": "commonLabels: []\ncommonLabels: []\n",
    "c.yaml": "commonLabels: [{path: a, kind: 5}]\n",
  }
  await expect(render(files)).rejects.toMatchObject({ name: "KustomizeError" })
})
