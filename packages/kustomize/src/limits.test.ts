import { memoryFiles } from "@gitops-toolkit/source"
import { expect, test } from "vitest"
import { build } from "./index.ts"
import type { Files } from "./index.ts"

test("bases that double at every level end in an error after 10,000 of them", async () => {
  const files: { [path: string]: string } = {
    "l0/kustomization.yaml": "resources: [a.yaml]\n",
    "l0/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n",
  }
  for (let level = 1; level <= 18; level++) {
    files[`l${level}/kustomization.yaml`] = "resources: [a, b]\n"
    for (const side of ["a", "b"])
      files[`l${level}/${side}/kustomization.yaml`] = `resources: [../../l${level - 1}]\nnamePrefix: ${side}-\n`
  }
  await expect(build(memoryFiles(files), "l18")).rejects.toThrow(
    "[LimitExceeded] the build is larger than allowed: it has more than 10000",
  )
  await expect(build(memoryFiles(files), "l2", { limits: { folders: 11 } })).rejects.toThrow("LimitExceeded")
  expect((await build(memoryFiles(files), "l2", { limits: { folders: 12 } })).objects).toHaveLength(4)
})

test.each([
  ["one file", { fileBytes: 99 }],
  ["all files", { bytes: 120 }],
])("what is larger than the limit of %s is not read at all", async (_, limits) => {
  const inner = memoryFiles({ "kustomization.yaml": "resources: [large.yaml]\n", "large.yaml": "#".repeat(100) })
  const read: string[] = []
  const files: Files = {
    list: inner.list,
    read: (path, options) => {
      read.push(path)
      return inner.read(path, options)
    },
  }
  await expect(build(files, "", { limits })).rejects.toThrow("LimitExceeded")
  expect(read).toEqual(["kustomization.yaml"])
})

test("more files than allowed", async () => {
  const files = memoryFiles({ "kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": "", "b.yaml": "" })
  await expect(build(files, "", { limits: { files: 2 } })).rejects.toThrow("more than 2 files")
})

test("the entries of a generator cost the same each", async () => {
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("")
  const time = async (count: number): Promise<number> => {
    const files: { [path: string]: string } = {
      "kustomization.yaml": `configMapGenerator:\n- name: a\n  envs: [e]\n  literals:\n${lines(count, (i) => `  - l${i}=${i}\n`)}  files:\n${lines(count, (i) => `  - f${i}\n`)}`,
      e: lines(count, (i) => `E${i}=${i}\n`),
    }
    for (let i = 0; i < count; i++) files[`f${i}`] = "x"
    const tree = memoryFiles(files)
    const times: number[] = []
    for (let run = 0; run < 3; run++) {
      const before = process.cpuUsage()
      await build(tree, "")
      const { user, system } = process.cpuUsage(before)
      times.push(user + system)
    }
    return Math.min(...times)
  }
  await time(200)
  // Eight times the entries: quadratic work would take 64 times as long.
  expect((await time(4000)) / (await time(500))).toBeLessThan(32)
})
