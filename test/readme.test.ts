// Every ```ts block of every README runs as a module of its own; a ```text block right below it is its exact output.
import { spawn } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readTable, root } from "./source-files.ts"

interface Block {
  readonly name: string
  readonly code: string
  readonly output: string | undefined
}

const folder = join(root, "test", ".readme-blocks", String(process.pid))
const readmes = [
  "README.md",
  ...globSync("{packages,examples,docs}/**/README.md", { cwd: root, exclude: ["**/node_modules/**"] }),
]

function blocksOf(path: string): Block[] {
  const text = readFileSync(join(root, path), "utf8")
  const fences = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  return fences.flatMap((fence, i) => {
    if (fence[1] !== "ts") return []
    const next = fences[i + 1]
    const between = next ? text.slice(fence.index + fence[0].length, next.index).trim() : "none"
    const output = next?.[1] === "text" && between === "" ? next[2] : undefined
    const line = text.slice(0, fence.index).split("\n").length
    return [{ name: `${path}:${line}`, code: fence[2]!, output }]
  })
}

function run(file: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ["--conditions=@gitops-toolkit/source", "--disable-warning=ExperimentalWarning", file],
      { cwd: root, timeout: 20_000 },
    )
    const out = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk) => (out.stdout += chunk))
    child.stderr.on("data", (chunk) => (out.stderr += chunk))
    child.on("close", (code) => resolve({ code, ...out }))
  })
}

beforeAll(() => mkdirSync(folder, { recursive: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocks = readmes.flatMap(blocksOf)

describe("README blocks", () => {
  test("there are some", () => expect(blocks.length).toBeGreaterThan(0))

  test.concurrent.each(blocks)("$name", async ({ name, code, output }) => {
    const file = join(folder, `${name.replaceAll(/[^\w]+/g, "-")}.ts`)
    writeFileSync(file, code)
    const result = await run(file)
    expect(result).toMatchObject({ code: 0 })
    if (output !== undefined) expect(result.stdout).toBe(output)
  })
})

describe("README contract", () => {
  const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")
  const packages = readTable(architecture, ["package", "imports from us", "imports from npm"])
    .map(([name]) => name!)
    .filter((name) => globSync(`packages/${name}/package.json`, { cwd: root }).length > 0)
  const headings = ["What is this", "When should I use this", "Install", "Use", "API", "Errors", "Compatibility"]

  test.each(packages)("%s has the seven headings in order", (name) => {
    const text = readFileSync(join(root, "packages", name, "README.md"), "utf8")
    const found = [...text.matchAll(/^## (.+?)\??$/gm)].map((m) => m[1]!)
    expect(found.filter((heading) => headings.includes(heading))).toEqual(headings)
  })

  test.each(packages)("%s: its README names every value it exports", async (name) => {
    const text = readFileSync(join(root, "packages", name, "README.md"), "utf8")
    const exports = Object.keys((await import(`@gitops-toolkit/${name}`)) as object)
    expect(exports.filter((word) => !new RegExp(`\\b${word}\\b`).test(text))).toEqual([])
  })
})
