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
