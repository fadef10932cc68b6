import { memoryFiles } from "@gitops-toolkit/source"
import { expect, test } from "vitest"
import { createBuilder } from "../index.ts"
import type { Files } from "../index.ts"
import { createMemory } from "./memory.ts"

const bytes = (size: number, fill = "#"): Uint8Array => Buffer.from(fill.repeat(size))

/** A memory, and how often it has read each file. */
function countingMemory(limit: number): {
  readFile(path: string, content: Uint8Array): void
  counts: Map<string, number>
} {
  const { readFile } = createMemory(limit)
  const counts = new Map<string, number>()
  return {
    counts,
    readFile: (path, content) => {
      readFile(path, content, () => {
        counts.set(path, (counts.get(path) ?? 0) + 1)
        return []
      })
    },
  }
}

test("a file is read again only when its bytes have changed", () => {
  const { readFile, counts } = countingMemory(1000)
  readFile("a", bytes(10))
  readFile("a", bytes(10))
  expect(counts.get("a")).toBe(1)
  readFile("a", bytes(10, "x"))
  readFile("b", bytes(10))
  expect([...counts]).toEqual([
    ["a", 2],
    ["b", 1],
  ])
})

test("beyond its limit the oldest files are forgotten, down to half of it", () => {
  const { readFile, counts } = countingMemory(100)
  for (const name of "abcdefghijk") readFile(name, bytes(10))
  for (const name of "kjihg") readFile(name, bytes(10))
  expect([...counts.values()]).toEqual(Array.from({ length: 11 }, () => 1))
  readFile("f", bytes(10))
  expect(counts.get("f")).toBe(2)
})

test("the versions of one file weigh as much as the last of them", () => {
  const { readFile, counts } = countingMemory(100)
  readFile("a", bytes(50))
  for (let version = 0; version < 20; version++) readFile("b", bytes(40, String.fromCharCode(97 + version)))
  readFile("a", bytes(50))
  expect(counts.get("a")).toBe(1)
})

test("a file beyond the limit is not remembered, and pushes out what is older", () => {
  const { readFile, counts } = countingMemory(100)
  readFile("a", bytes(10))
  readFile("large", bytes(200))
  readFile("large", bytes(200))
  readFile("a", bytes(10))
  expect([...counts]).toEqual([
    ["a", 2],
    ["large", 2],
  ])
})

test("a builder whose memory is too small for a base builds the same", async () => {
  const tree = memoryFiles({
    "base/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: p-\n",
    "base/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n",
    "one/kustomization.yaml": "resources: [../base]\nnameSuffix: -x\n",
    "two/kustomization.yaml": "resources: [../base]\nnameSuffix: -y\n",
  })
  const files: Files = { list: tree.list, read: tree.read }
  for (const cacheBytes of [0, 1, 60, 1000]) {
    const builder = createBuilder({ cacheBytes })
    const names: (string | undefined)[] = []
    for (const folder of ["one", "two", "one"])
      names.push(...(await builder.build(files, folder)).objects.map(({ metadata }) => metadata.name))
    expect(names).toEqual(["p-a-x", "p-a-y", "p-a-x"])
  }
})
