// Every function at a public door has an `@example`. All examples are type-checked; those that need nothing from outside run, and
// must say the values they state.
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { printExample, readExamples, type DocExample, type ExampleModule } from "./doc-examples.ts"
import { root, sourcePaths } from "./source-files.ts"

interface Written extends ExampleModule {
  readonly place: string
  readonly file: string
  readonly free: readonly string[]
}

const folder = join(root, "test", ".doc-examples", String(process.pid))
const sources = sourcePaths().map(readExamples)
const examples = sources.flatMap((source) => source.examples)
const fileOf = ({ place }: DocExample): string => join(folder, `${place.replaceAll(/[^\w]+/g, "-")}.ts`)

type Module = { readonly [name: string]: unknown }

/** The module behind each public door: the main one of a package and its sub-paths. */
async function readDoors(): Promise<Map<string, Module>> {
  const doors = new Map<string, Module>()
  for (const path of globSync("packages/*/package.json", { cwd: root })) {
    const { name, exports } = JSON.parse(readFileSync(join(root, path), "utf8"))
    for (const door of Object.keys(exports ?? {}).filter((key) => !key.endsWith(".json"))) {
      const specifier = name + door.slice(1)
      doors.set(specifier, (await import(specifier)) as Module)
    }
  }
  return doors
}

/** Where an example's names come from: its own file before its own package before the others. */
function homesOf({ path }: DocExample, doors: ReadonlyMap<string, Module>): Map<string, string> {
  const own = `@gitops-toolkit/${path.split("/")[1]}`
  const sorted = [...doors].toSorted(([a], [b]) => Number(a.startsWith(own)) - Number(b.startsWith(own)))
  const homes = new Map(sorted.flatMap(([door, module]) => Object.keys(module).map((name) => [name, door] as const)))
  for (const { name } of sources.flatMap((s) => s.values).filter((v) => v.path === path))
    homes.set(name, join(root, path))
  return homes
}

/** The compiler's complaints, by file name. */
function complaints(): Map<string, string[]> {
  const tsc = join(root, "node_modules", ".bin", "tsc")
  const { stdout } = spawnSync(tsc, ["-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" })
  if (/^error|^tsconfig/m.test(stdout)) throw new Error(stdout.slice(0, 1_000))
  const found = new Map<string, string[]>()
  for (const [, file, message] of stdout.matchAll(/^([\w.-]+\.ts)\(\d+,\d+\): error (.*)$/gm))
    found.set(file!, [...(found.get(file!) ?? []), message!])
  return found
}

const freeIn = (messages: readonly string[] = []): string[] => [
  ...new Set(
    messages.flatMap((text) => /(?:Cannot find name|scope for the shorthand property) '(\w+)'/.exec(text)?.[1] ?? []),
  ),
]

/** The functions whose own docstring has an example; a re-exported one is the same function. */
async function shownFunctions(): Promise<Set<unknown>> {
  const shown = new Set<unknown>()
  for (const { path, name } of sources.flatMap(({ values }) => values).filter(({ hasExample }) => hasExample))
    shown.add(((await import(join(root, path))) as Module)[name])
  return shown
}

const isClass = (value: unknown): boolean => /^class\b/.test(String(value))

/** Compiling twice and importing everything takes 6 s alone, and longer beside other work. */
const patienceMs = 120_000
let doors: Map<string, Module>
let faults: Map<string, string[]>
let written: Written[] = []

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  const compilerOptions = {
    ...{ noEmit: true, composite: false, declarationMap: false, isolatedDeclarations: false, skipLibCheck: true },
    ...{ rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true },
    ...{ noUncheckedIndexedAccess: false, noPropertyAccessFromIndexSignature: false },
  }
  const config = { extends: "../../../tsconfig.base.json", compilerOptions, include: ["*.ts"] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  doors = await readDoors()
  const write = (unknown: ReadonlyMap<string, string[]>): Written[] =>
    examples.map((example) => {
      const file = fileOf(example)
      const free = freeIn(unknown.get(basename(file)))
      const module = printExample(example, { homes: homesOf(example, doors), free })
      writeFileSync(file, module.text)
      return { ...module, place: example.place, file, free }
    })
  write(new Map())
  written = write(complaints())
  faults = complaints()
}, patienceMs)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("docstring examples", () => {
  test.each(examples)("$place compiles", (example) => {
    expect(faults.get(basename(fileOf(example))) ?? []).toEqual([])
  })

  test.each(examples)("$place says what it states", async (example) => {
    const { stated, free, file } = written.find(({ place }) => place === example.place)!
    if (stated === 0 || free.length > 0) return
    const pairs: unknown[][] = []
    const module = (await import(file)) as { example(check: (...pair: unknown[]) => void): AsyncGenerator }
    for await (const _ of module.example((...pair) => pairs.push(pair)));
    expect(pairs).toHaveLength(stated)
    for (const [found, value] of pairs) expect(found).toEqual(value)
  })

  test(
    "every function at a public door has one",
    async () => {
      const shown = await shownFunctions()
      const missing = [...doors].flatMap(([door, module]) =>
        Object.entries(module)
          .filter(([, value]) => typeof value === "function" && !isClass(value) && !shown.has(value))
          .map(([name]) => `${door} ${name}`),
      )
      expect(missing).toEqual([])
    },
    patienceMs,
  )

  test("many of them state values", () => {
    const run = written.filter(({ stated, free }) => stated > 0 && free.length === 0)
    expect(run.length).toBeGreaterThan(150)
  })
})
