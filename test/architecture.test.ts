import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join, posix } from "node:path"
import { describe, expect, test } from "vitest"
import { readSources, readTable, root, type SourceFile } from "./source-files.ts"

const architecture = readFileSync(join(root, "ARCHITECTURE.md"), "utf8")
const list = (cell: string): string[] => (cell === "–" ? [] : cell.split(", "))
const json = (path: string): any => JSON.parse(readFileSync(join(root, path), "utf8"))

interface Rule {
  readonly name: string
  readonly ours: readonly string[]
  readonly npm: readonly string[]
}

const rules: Rule[] = readTable(architecture, ["package", "imports from us", "imports from npm"])
  .map(([name, ours, npm]) => ({ name: name!, ours: list(ours!), npm: list(npm!) }))
  .filter(({ name }) => existsSync(join(root, "packages", name, "package.json")))
const doors = readTable(architecture, ["package", "dependency", "door"])
const sources = readSources()
const scope = "@gitops-toolkit/"
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
const outside = (file: SourceFile): string[] =>
  file.imports.map((i) => i.from).filter((from) => !from.startsWith(".") && !from.startsWith("node:"))

describe("packages", () => {
  test("ARCHITECTURE.md lists every package", () => {
    const there = globSync("packages/*/package.json", { cwd: root }).map((path) => path.split("/")[1]!)
    expect(rules.map((rule) => rule.name).toSorted()).toEqual(there.toSorted())
  })

  test.each(rules)("$name: package.json agrees with the import table", ({ name, ours, npm }) => {
    const { dependencies = {}, peerDependencies = {} } = json(`packages/${name}/package.json`)
    const declared = Object.keys({ ...dependencies, ...peerDependencies })
    expect(declared.filter((dep) => dep.startsWith(scope)).toSorted()).toEqual(
      ours.map((dep) => scope + dep).toSorted(),
    )
    expect(declared.filter((dep) => !dep.startsWith(scope)).toSorted()).toEqual(npm.toSorted())
  })

  test.each(rules)("$name: tsconfig.json agrees with the import table", ({ name, ours }) => {
    const references = (json(`packages/${name}/tsconfig.json`).references ?? []) as { path: string }[]
    expect(references.map(({ path }) => path.replace("../", "")).toSorted()).toEqual(ours.toSorted())
  })

  test.each(rules)("$name: .oxlintrc.json agrees with the import table", ({ name, ours }) => {
    const { overrides } = json(".oxlintrc.json")
    const own = overrides.find((o: any) => o.files.includes(`packages/${name}/src/**/*.ts`))
    const banned = (own?.rules["no-restricted-imports"]?.[1].patterns[0].group ?? []) as string[]
    const others = rules.map((rule) => rule.name).filter((other) => other !== name && !ours.includes(other))
    expect(banned.filter((b) => !b.endsWith("/*")).toSorted()).toEqual(others.map((other) => scope + other).toSorted())
  })

  test.each(rules)("$name: its sources import what the table allows and nothing else", ({ name, ours, npm }) => {
    const allowed = new Set([...ours.map((dep) => scope + dep), ...npm])
    const strays = sources
      .filter((file) => file.package === name)
      .flatMap((file) =>
        outside(file)
          .filter((from) => !allowed.has(packageOf(from)))
          .map((from) => `${file.path} → ${from}`),
      )
    expect(strays).toEqual([])
  })

  test.each(doors)("%s: %s enters only through %s", (name, dependency, door) => {
    const strays = sources
      .filter((file) => file.package === name && !file.path.startsWith(`packages/${name}/${door}`))
      .filter((file) => outside(file).some((from) => packageOf(from) === dependency))
    expect(strays.map((file) => file.path)).toEqual([])
  })
})

describe("limits", () => {
  const functions = sources.flatMap((file) => file.functions.map((f) => ({ ...f, path: file.path })))

  test("no function has more than 60 lines", () => {
    expect(functions.filter((f) => f.lines > 60).map((f) => `${f.path}:${f.line} ${f.name} ${f.lines}`)).toEqual([])
  })

  test("no file has more than 400 lines", () => {
    expect(sources.filter((file) => file.lines > 400).map((file) => `${file.path} ${file.lines}`)).toEqual([])
  })

  test("no folder has more than 16 entries, but for tables of one file a kind", () => {
    const tables = /\/(rules|channels|transformers|steps|defaults|validation|tables|receiver|functions)$/
    const folders = new Map<string, Set<string>>()
    for (const { path } of sources) {
      for (let at = path; dirname(at) !== "packages"; at = dirname(at)) {
        const folder = dirname(at)
        folders.set(folder, (folders.get(folder) ?? new Set()).add(at))
      }
    }
    const isTopLevel = (folder: string): boolean => /^packages\/[^/]+\/src$/.test(folder)
    const large = [...folders].filter(
      ([folder, entries]) => entries.size > (isTopLevel(folder) ? 28 : 16) && !tables.test(folder),
    )
    expect(large.map(([folder, entries]) => `${folder} ${entries.size}`)).toEqual([])
  })

  test("prints the figures", () => {
    const figures = (values: number[]): string => {
      const sorted = values.toSorted((a, b) => a - b)
      const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
      return `${sorted.length}, lines: median ${at(0.5)}, p90 ${at(0.9)}, max ${at(1)}`
    }
    console.log(`functions: ${figures(functions.map((f) => f.lines))}`)
    console.log(`files: ${figures(sources.map((file) => file.lines))}`)
    expect(sources.length).toBeGreaterThan(20)
  })
})

describe("shape", () => {
  test("no import cycles between files", () => {
    const edges = new Map(
      sources.map((file) => [
        file.path,
        file.imports.filter((i) => i.from.startsWith(".")).map((i) => posix.join(dirname(file.path), i.from)),
      ]),
    )
    const cycles: string[] = []
    const state = new Map<string, "open" | "done">()
    const visit = (path: string, trail: string[]): void => {
      if (state.get(path) === "done") return
      if (state.get(path) === "open") return void cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "))
      state.set(path, "open")
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
      state.set(path, "done")
    }
    for (const path of edges.keys()) visit(path, [])
    expect(cycles).toEqual([])
  })

  test("every export is documented", () => {
    expect(sources.flatMap((file) => file.undocumented.map((name) => `${file.path} ${name}`))).toEqual([])
  })

  test("classes only where identity lives: errors, queues, stores", () => {
    const odd = sources.flatMap((file) =>
      file.classes.filter((name) => !/(Error|Queue|Store)$/.test(name)).map((name) => `${file.path} ${name}`),
    )
    expect(odd).toEqual([])
  })

  test("names avoid the words that say nothing", () => {
    const empty = /(^|-)(manager|helper|helpers|util|utils|impl|misc|common|shared)(-|\.|$)/
    expect(sources.map((file) => file.path).filter((path) => empty.test(path.split("/").at(-1)!))).toEqual([])
  })
})
