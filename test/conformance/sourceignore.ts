// Which files go into an artifact. `git-conformance` is compared with git's answer, the other files with Flux's.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  createIgnore,
  defaultPatterns,
  findIgnoreFiles,
  matchPattern,
  memoryFiles,
  parseIgnore,
  vcsPatterns,
  type IgnorePattern,
} from "@gitops-toolkit/source"
import type { CaseResult, Conformance } from "./case.ts"

interface IgnoreCase {
  readonly name: string
  readonly op: "matcher" | "load" | "readFile" | "pattern"
  readonly ignore?: readonly string[]
  readonly pattern?: string
  readonly domain?: readonly string[]
  readonly defaults?: boolean
  readonly path?: string | readonly string[]
  readonly isDir?: boolean
  readonly files?: Record<string, string>
  readonly content?: string | null
  readonly expected: unknown
}

const shown = (patterns: readonly IgnorePattern[]): unknown =>
  patterns.map(({ pattern, folder }) => ({ pattern, domain: folder === "" ? [] : folder.split("/") }))

async function answer(test: IgnoreCase): Promise<unknown> {
  const folder = (test.domain ?? []).join("/")
  const path = typeof test.path === "string" ? test.path : (test.path ?? []).join("/")
  switch (test.op) {
    case "load":
      return shown(await findIgnoreFiles(memoryFiles(test.files ?? {})))
    case "readFile":
      return shown(parseIgnore(test.content ?? "", { folder }))
    case "pattern": {
      const verdict = matchPattern({ pattern: test.pattern ?? "", folder }, path, test.isDir ?? false)
      return { exclude: "Exclude", include: "Include", none: "NoMatch" }[verdict]
    }
    case "matcher": {
      const own = (test.ignore ?? []).map((pattern) => ({ pattern, folder }))
      const shared = test.defaults ? [...vcsPatterns, ...defaultPatterns] : []
      const defaults = shared.map(({ pattern }) => ({ pattern, folder }))
      return createIgnore([...defaults, ...own]).ignores(path, test.isDir ?? false)
    }
  }
}

const suite: Conformance = async function* (corpus) {
  for (const file of ["patterns.jsonl", "matcher.jsonl", "git-conformance.jsonl"]) {
    if (!existsSync(join(corpus, file))) continue
    for (const line of readFileSync(join(corpus, file), "utf8").split("\n")) {
      if (line.trim() === "") continue
      const test = JSON.parse(line) as IgnoreCase
      const ours = JSON.stringify(await answer(test))
      const expected = JSON.stringify(test.expected)
      const result: CaseResult = { name: test.name, group: file, passed: ours === expected }
      yield result.passed ? result : { ...result, difference: `expected ${expected}, got ${ours}` }
    }
  }
}

export default suite
