import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { join } from "node:path"
import { build, printBuild } from "@gitops-toolkit/kustomize"
import type { FileEntry, Files } from "@gitops-toolkit/kustomize"
import type { CaseResult, Conformance, ConformanceOptions } from "./case.ts"

interface Case {
  readonly name: string
  readonly dir: string
  readonly expect: "output" | "error"
  readonly options?: {
    readonly loadRestrictor?: string
    readonly reorder?: string
    readonly enableManagedbyLabel?: boolean
  }
  readonly emptyDirs?: readonly string[]
}

/** The files below `input/`, at the depth at which the expectations were made, with the empty folders of the case. */
function inputFiles(input: string, folders: readonly string[]): Files {
  const made = new Map<string, Set<string>>()
  for (const folder of folders) {
    const parts = folder.split("/").filter((part) => part !== "" && part !== ".")
    for (let i = 0; i < parts.length; i++) {
      const parent = parts.slice(0, i).join("/")
      made.set(parent, (made.get(parent) ?? new Set()).add(parts[i]!))
    }
  }
  const list = async (path: string): Promise<FileEntry[]> => {
    const folder = join(input, path)
    const entries = new Map<string, FileEntry>()
    if (existsSync(folder)) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const { name } = entry
        if (entry.isSymbolicLink())
          entries.set(name, { name, type: "symlink", target: readlinkSync(join(folder, name)) })
        else entries.set(name, { name, type: entry.isDirectory() ? "directory" : "file" })
      }
    }
    for (const name of made.get(path) ?? []) if (!entries.has(name)) entries.set(name, { name, type: "directory" })
    return [...entries.values()]
  }
  return { list, read: async (path) => readFileSync(join(input, path)) }
}

/** The same files below `a/b/c/input`, so that paths that leave the case end in nothing, as they did for the oracle. */
function deeper(files: Files, at: readonly string[]): Files {
  const prefix = at.join("/")
  return {
    async list(path) {
      if (path === prefix || path.startsWith(`${prefix}/`)) return files.list(path.slice(prefix.length + 1))
      const parts = path === "" ? [] : path.split("/")
      const next = at[parts.length]
      return next !== undefined && parts.every((part, i) => part === at[i]) ? [{ name: next, type: "directory" }] : []
    },
    read: (path, options) => files.read(path.slice(prefix.length + 1), options),
  }
}

async function runCase(folder: string, test: Case): Promise<CaseResult> {
  const at = ["a", "b", "c", "input"]
  const files = deeper(inputFiles(join(folder, "input"), [...(test.emptyDirs ?? []), test.dir]), at)
  const { loadRestrictor, reorder, enableManagedbyLabel } = test.options ?? {}
  try {
    const result = await build(files, join(...at, test.dir), {
      loadRestrictions: loadRestrictor === "LoadRestrictionsNone" ? "none" : "rootOnly",
      order: reorder === "none" ? "none" : "legacy",
      managedByLabel: enableManagedbyLabel === true,
    })
    const output = printBuild(result)
    if (test.expect === "error")
      return { name: test.name, passed: false, difference: "rendered, an error was expected" }
    const expected = readFileSync(join(folder, "expected.yaml"), "utf8")
    return { name: test.name, passed: output === expected, difference: firstDifference(expected, output) }
  } catch (error) {
    if (test.expect === "error")
      return { name: test.name, passed: !isCrash(error), difference: `crashed: ${String(error)}` }
    return {
      name: test.name,
      passed: false,
      difference:
        error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 6).join("\n     ") : "threw",
    }
  }
}

/** An error that is ours points at the input; anything else is a fault of the program. */
const isCrash = (error: unknown): boolean => !(error instanceof Error) || !("code" in error)

function firstDifference(expected: string, actual: string): string {
  const [a, b] = [expected.split("\n"), actual.split("\n")]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) return `line ${i + 1}: expected ${JSON.stringify(a[i])}, got ${JSON.stringify(b[i])}`
  }
  return "differs"
}

/** Builds every case of the corpus and compares the bytes; for refusals, that we refuse as well. */
const suite: Conformance = async function* (corpus: string, { flags, signal }: ConformanceOptions) {
  const only = flags.get("only")
  for (const group of readdirSync(corpus).toSorted()) {
    const folder = join(corpus, group)
    if (!statSync(folder).isDirectory()) continue
    for (const name of readdirSync(folder).toSorted()) {
      signal?.throwIfAborted()
      const file = join(folder, name, "case.json")
      if (!existsSync(file) || (only !== undefined && !name.includes(only))) continue
      const test = JSON.parse(readFileSync(file, "utf8")) as Case
      yield { ...(await runCase(join(folder, name), { ...test, name })), group }
    }
  }
}

export default suite
