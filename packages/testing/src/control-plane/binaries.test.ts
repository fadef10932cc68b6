import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { findBinaries, findBinary, missingBinaries } from "./binaries.ts"

let root: string
const at = (...parts: readonly string[]): string => join(root, ...parts)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "gitops-toolkit-binaries-"))
  const cache = join("cache", "gitops-toolkit", "control-plane", "k8s-1.36.3")
  for (const folder of ["assets", "given", cache]) {
    await mkdir(at(folder), { recursive: true })
    await writeFile(at(folder, "etcd"), "#!/bin/sh\n", { mode: 0o755 })
  }
  await writeFile(at("mine"), "#!/bin/sh\n", { mode: 0o755 })
  await writeFile(at("assets", "kube-apiserver"), "not to be run")
  await chmod(at("assets", "kube-apiserver"), 0o644)
})
afterAll(() => rm(root, { recursive: true }))

test.each([
  ["TEST_ASSET_ETCD first", { TEST_ASSET_ETCD: "mine", KUBEBUILDER_ASSETS: "assets" }, "given", ["mine"]],
  ["even when it is not there", { TEST_ASSET_ETCD: "nope", KUBEBUILDER_ASSETS: "assets" }, "given", undefined],
  ["then KUBEBUILDER_ASSETS", { KUBEBUILDER_ASSETS: "assets", XDG_CACHE_HOME: "cache" }, "given", ["assets", "etcd"]],
  ["then the given folder", { KUBEBUILDER_ASSETS: "nope", XDG_CACHE_HOME: "cache" }, "given", ["given", "etcd"]],
  [
    "then the cache",
    { XDG_CACHE_HOME: "cache" },
    undefined,
    ["cache", "gitops-toolkit", "control-plane", "k8s-1.36.3", "etcd"],
  ],
])("%s", (_, variables, directory, found) => {
  const env = { HOME: root, ...Object.fromEntries(Object.entries(variables).map(([name, path]) => [name, at(path)])) }
  const options = { env, ...(directory !== undefined && { directory: at(directory) }) }
  expect(findBinary("etcd", options)).toBe(found && at(...found))
})

test("what may not be run is missing, and the error says what to do", () => {
  const env = { HOME: root, KUBEBUILDER_ASSETS: at("assets") }
  expect(missingBinaries({ env })).toEqual(["kube-apiserver"])
  expect(missingBinaries({ env, controllers: true })).toEqual(["kube-apiserver", "kube-controller-manager"])
  const text = String(
    (() => {
      try {
        return findBinaries({ env })
      } catch (error) {
        return error
      }
    })(),
  )
  expect(text).toMatch(
    /BinaryMissing.*kube-apiserver not found.*KUBEBUILDER_ASSETS.*TEST_ASSET_KUBE_APISERVER.*USE_EXISTING_CLUSTER/,
  )
  expect(text).toContain(at("assets"))
})

test("an existing cluster needs none", () => {
  expect(missingBinaries({ env: { HOME: root, USE_EXISTING_CLUSTER: "true" } })).toEqual([])
})
