import { existsSync, readFileSync, readdirSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const corpus = join(dirname(fileURLToPath(import.meta.url)), "../../../../shared/corpus/kustomize/real-world")

/** A tree of a real repository. */
export interface RealTree {
  readonly name: string
  /** The folder to build. */
  readonly folder: string
}

/** The largest trees of the corpus by what they render, of those that need no flags; none where there is no corpus. */
export function largestTrees(count: number): RealTree[] {
  if (!existsSync(corpus)) return []
  const trees = readdirSync(corpus).flatMap((name) => {
    const expected = join(corpus, name, "expected.yaml")
    if (!existsSync(expected)) return []
    const { dir, options } = JSON.parse(readFileSync(join(corpus, name, "case.json"), "utf8")) as {
      readonly dir: string
      readonly options?: object
    }
    if (Object.keys(options ?? {}).length > 0) return []
    return [{ name, folder: join(corpus, name, "input", dir), size: statSync(expected).size }]
  })
  return trees.toSorted((a, b) => b.size - a.size).slice(0, count)
}
