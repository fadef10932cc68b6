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

test("a plain folder with more files or folders than allowed", async () => {
  const files = memoryFiles({ "a.yaml": "", "b/c.yaml": "", "b/d.yaml": "", "e/f/g.txt": "" })
  const buildPlain = (limits: object): Promise<unknown> => build(files, "", { plainFolders: true, limits })
  await expect(buildPlain({ files: 2 })).rejects.toThrow("lists more than 2 files")
  await expect(buildPlain({ folders: 3 })).rejects.toThrow("has more than 3 folders")
  await expect(buildPlain({ files: 3, folders: 4 })).resolves.toMatchObject({ objects: [] })
})

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("")

const generators: readonly (readonly [string, (count: number) => { readonly [path: string]: string }])[] = [
  [
    "keys of one generator",
    (count) => ({
      "kustomization.yaml": `configMapGenerator:\n- name: a\n  envs: [e]\n  literals:\n${lines(count, (i) => `  - l${i}=${i}\n`)}  files:\n${lines(count, (i) => `  - f${i}\n`)}`,
      e: lines(count, (i) => `E${i}=${i}\n`),
      ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, "x"])),
    }),
  ],
  [
    "generators, and generators that merge",
    (count) => ({
      "kustomization.yaml": `resources: [base]\nconfigMapGenerator:\n${lines(count, (i) => `- { name: m${i}, behavior: merge, literals: [b=2] }\n- { name: n${i} }\n`)}`,
      "base/kustomization.yaml": `configMapGenerator:\n${lines(count, (i) => `- { name: m${i}, literals: [a=1] }\n`)}`,
    }),
  ],
]

/** The processor time of a build, in microseconds: the least of three. */
async function time(files: { readonly [path: string]: string }): Promise<number> {
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

test.each(generators)("many %s cost the same each", async (_, filesOf) => {
  await time(filesOf(200))
  // Eight times as many: what is quadratic would take 64 times as long.
  expect((await time(filesOf(4000))) / (await time(filesOf(500)))).toBeLessThan(32)
})
