import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

function modulesLoadedBy(script: string): string[] {
  const probe = `
    import { registerHooks } from "node:module"
    const seen = []
    registerHooks({ load(url, context, next) { seen.push(url); return next(url, context) } })
    ${script}
    console.log(JSON.stringify(seen.filter((url) => url.includes("node_modules"))))`
  const options = { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" } as const
  const flags = ["--conditions=@gitops-toolkit/source", "--input-type=module", "-e", probe]
  return JSON.parse(execFileSync(process.execPath, flags, options)) as string[]
}

const root = new URL("index.ts", import.meta.url).href
const manifest = new URL("manifest/index.ts", import.meta.url).href

test("the root loads no dependency", () => {
  expect(modulesLoadedBy(`await import(${JSON.stringify(root)})`)).toEqual([])
})

test("reading and printing plain manifests loads no dependency either", () => {
  const script = `const { parseManifests, printManifests } = await import(${JSON.stringify(manifest)})
    printManifests(parseManifests("apiVersion: v1\\nkind: Namespace\\nmetadata: {name: a}\\n"))`
  expect(modulesLoadedBy(script)).toEqual([])
})

test("the slow lane loads the library", () => {
  const script = `const { parseYamlDocuments } = await import(${JSON.stringify(manifest)}); parseYamlDocuments("a: &x 1\\nb: *x")`
  expect(modulesLoadedBy(script).some((url) => url.includes("/yaml/"))).toBe(true)
})
