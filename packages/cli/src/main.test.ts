import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, test } from "vitest"
import { main } from "./index.ts"
import { createWriter } from "./terminal.ts"

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
  return runIn(folder, args, colors)
}

async function runIn(
  folder: string,
  args: readonly string[],
  colors = false,
): Promise<{ code: number; out: string; err: string; folder: string }> {
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

  test("--origins=fields prints the objects with a comment on every field", async () => {
    const files = {
      ...tree,
      "base/a.yaml": `${configMap("a")}data:\n  text: |\n    two\n    lines\n  long: "${"word ".repeat(30)}"\n  list: []\n  gone: x\n`,
      "prod/kustomization.yaml": `resources: [../base]
namePrefix: prod-
patches:
- target: { kind: ConfigMap }
  patch: |
    - { op: remove, path: /data/gone }
`,
    }
    const { out, err } = await run(files, ["build", "prod", "--origins=fields"])
    expect(err).toBe("")
    expect(out).toBe(`apiVersion: v1   # base/a.yaml:1
data:
  list: []       # base/a.yaml:10
  long: 'word word word word word word word word word word word word word word word
    word word word word word word word word word word word word word word word '  # base/a.yaml:9
  text: |        # base/a.yaml:6
    two
    lines
kind: ConfigMap  # base/a.yaml:2
metadata:
  name: prod-a   # prod/kustomization.yaml:2 namePrefix
# without /data/gone: prod/kustomization.yaml:6 patches
`)
  })

  test("--origins=fields with a long key, and a text of several lines behind it", async () => {
    const key = "x".repeat(140)
    const files = {
      "kustomization.yaml": "resources: [a.yaml]\n",
      "a.yaml": `${configMap("a")}data:\n  ? ${key}\n  : |\n    a\n    b\n`,
    }
    const { out } = await run(files, ["build", "--origins=fields"])
    expect(out).toContain(`\n  ? ${key}\n  : |            # a.yaml:6\n    a\n    b\n`)
  })

  test("a build of many objects is printed as one of few", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `a${1000 + index}`)
    const { out } = await run(
      { "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": names.map(configMap).join("---\n") },
      ["build"],
    )
    expect(out).toBe(names.map(configMap).join("---\n"))
  })

  test("--watch builds again after a change, until it is interrupted", async () => {
    const { folder } = await run(tree, ["build", "prod"])
    const outputs: string[] = []
    let report: (text: string) => void = () => undefined
    const reported = (): Promise<string> => new Promise((resolve) => (report = resolve))
    const terminal = {
      out: (text: string) => outputs.push(text),
      err: (text: string) => report(text),
      colors: false,
      folder,
    }
    const first = reported()
    const ended = main(["build", "prod", "--watch"], terminal)
    expect(await first).toMatch(/^watch: built in \d+ ms\n$/)
    const second = reported()
    writeFileSync(join(folder, "base/a.yaml"), configMap("b"))
    expect(await second).toMatch(/^watch: built/)
    const third = reported()
    writeFileSync(join(folder, "base/a.yaml"), "kind: [")
    expect(await third).toMatch(/^error\[InvalidYaml\]/)
    process.emit("SIGINT")
    expect(await ended).toBe(1)
    expect(outputs).toEqual([configMap("prod-a"), configMap("prod-b")])
  })

  test("links that lead in circles lead nowhere", async () => {
    const { folder } = await run({ "kustomization.yaml": "resources: [one]\n" }, ["build"])
    symlinkSync("two", join(folder, "one"))
    symlinkSync("one", join(folder, "two"))
    const built = await runIn(folder, ["build"])
    expect([built.code, built.err]).toEqual([1, expect.stringContaining("'one' does not exist")])
  })

  test("pipes and devices are not read", async () => {
    const { folder } = await run({ "kustomization.yaml": "resources: [pipe]\n" }, ["build"])
    execFileSync("mkfifo", [join(folder, "pipe")])
    symlinkSync("/dev/zero", join(folder, "zero"))
    for (const name of ["pipe", "zero"]) {
      writeFileSync(join(folder, "kustomization.yaml"), `resources: [${name}]\n`)
      const built = await runIn(folder, ["build", "--load-restrictor=LoadRestrictionsNone"])
      expect([built.code, built.err]).toEqual([1, expect.stringContaining(`'${name}' does not exist`)])
    }
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

  test.each([
    [["build", "a", "b"]],
    [["build", "--bogus"]],
    [["build", "--reorder", "x"]],
    [["build", "--origins=x"]],
    [["bogus"]],
  ])("%j exits with 2", async (args) => {
    const { code, out, err } = await run(tree, args)
    expect([code, out, err.length > 0]).toEqual([2, "", true])
  })

  test.each([[[]], [["--help"]], [["build", "--help"]], [["--version"]]])("%j exits with 0", async (args) => {
    const { code, out, err } = await run({}, args)
    expect([code, out.length > 0, err]).toEqual([0, true, ""])
  })
})

// The program prints the flags that it gives to V8 when `setFlagsFromString` does.
const spy = `import v8 from "node:v8"; v8.setFlagsFromString = (flag) => console.log(flag)`
const late = process.versions.v8.startsWith("13.") ? ["--no-opt"] : []

test.each([
  ["builds once", ["build", "--help"], late],
  ["watches", ["build", "--watch", "--help"], []],
])("a program that %s gives V8 the right flags", (_, args, expected) => {
  const program = fileURLToPath(new URL("../bin/gitops.mjs", import.meta.url))
  const { stdout } = spawnSync(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(spy)}`,
    program,
    ...args,
  ])
  const flags = stdout
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("--"))
  expect(flags.filter((flag) => flag === "--no-opt")).toEqual(expected)
})

test("what a full pipe cannot take is left to the stream, and all that follows", () => {
  const written: string[] = []
  let room = 5
  const out = createWriter(
    (bytes) => {
      const taken = Buffer.from(bytes).subarray(0, room).toString()
      room -= taken.length
      if (taken === "") throw Object.assign(new Error("full"), { code: room === 0 ? "EAGAIN" : "EIO" })
      written.push(`now ${taken}`)
      return taken.length
    },
    () => ({ write: (bytes) => written.push(`later ${Buffer.from(bytes).toString()}`) }),
  )
  for (const text of ["one", "two"]) out(text)
  room = 5
  for (const text of ["", "three"]) out(text)
  expect(written).toEqual(["now one", "now tw", "later o", "later three"])
})

test.each([
  ["nobody reads any more", "EPIPE", false],
  ["the disk is full", "ENOSPC", true],
])("writing where %s", (_, code, isThrown) => {
  const out = createWriter(
    () => {
      throw Object.assign(new Error(code), { code })
    },
    () => expect.unreachable(),
  )
  if (isThrown) expect(() => out("x")).toThrow(code)
  else expect(() => out("x")).not.toThrow()
})
