import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { main } from "./index.ts"

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

/** Runs a command line in a new folder with these files. */
async function run(
  files: { readonly [path: string]: string },
  args: readonly string[],
  colors = false,
): Promise<{ code: number; out: string; err: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "gitops-cli-"))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const result = { code: 0, out: "", err: "", folder }
  result.code = await main(args, {
    out: (text) => (result.out += text),
    err: (text) => (result.err += text),
    colors,
    folder,
  })
  return result
}

const tree = {
  "base/kustomization.yaml": "resources: [a.yaml]\n",
  "base/a.yaml": configMap("a"),
  "prod/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\n",
}

describe("gitops build", () => {
  test("prints what the folder renders", async () => {
    expect(await run(tree, ["build", "prod"])).toMatchObject({ code: 0, out: configMap("prod-a"), err: "" })
  })

  test("--origins prints where every object comes from", async () => {
    const { out } = await run(tree, ["build", "prod", "--origins"])
    expect(out.trim().split(/\s{2,}/)).toEqual([expect.stringContaining("prod-a"), "base/a.yaml:1"])
  })

  test("-o writes a file, or one file per object to a folder", async () => {
    const file = await run(tree, ["build", "prod", "-o", "out.yaml"])
    expect([file.out, readFileSync(join(file.folder, "out.yaml"), "utf8")]).toEqual(["", configMap("prod-a")])
    const folder = await run({ ...tree, "out/.keep": "" }, ["build", "prod", "--output=out"])
    expect(readdirSync(join(folder.folder, "out"))).toEqual([".keep", "v1_configmap_prod-a.yaml"])
  })

  test("a name of an object never leads out of the folder of -o", async () => {
    const { folder } = await run(
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": configMap("../../x"), "out/.keep": "" },
      ["build", "-o", "out"],
    )
    expect(readdirSync(join(folder, "out"))).toHaveLength(2)
  })

  test("a build that fails exits with 1 and points at the place", async () => {
    const { code, out, err } = await run({ "kustomization.yaml": "resources:\n- gone.yaml\n" }, ["build"])
    expect([code, out]).toEqual([1, ""])
    expect(err).toContain("error[FileNotFound]")
    expect(err).toContain("--> kustomization.yaml:2:3")
    expect(err).toContain("> 2 | - gone.yaml\n    |   ^")
    expect(err).not.toContain("\u001B")
  })

  test("colours only where they are on", async () => {
    expect((await run({}, ["build"], true)).err).toContain("\u001B[31m")
  })

  test("a file outside of the folder needs --load-restrictor", async () => {
    const files = { "a.yaml": configMap("a"), "in/kustomization.yaml": "resources: [../a.yaml]\n" }
    expect(await run(files, ["build", "in"])).toMatchObject({ code: 1 })
    const allowed = await run(files, ["build", "in", "--load-restrictor", "LoadRestrictionsNone"])
    expect(allowed).toMatchObject({ code: 0, out: configMap("a") })
  })

  test.each([[["build", "a", "b"]], [["build", "--bogus"]], [["build", "--reorder", "x"]], [["bogus"]]])(
    "%j exits with 2",
    async (args) => {
      const { code, out, err } = await run(tree, args)
      expect([code, out, err.length > 0]).toEqual([2, "", true])
    },
  )

  test.each([[[]], [["--help"]], [["build", "--help"]], [["--version"]]])("%j exits with 0", async (args) => {
    const { code, out, err } = await run({}, args)
    expect([code, out.length > 0, err]).toEqual([0, true, ""])
  })
})
