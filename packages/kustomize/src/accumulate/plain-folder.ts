import type { Files } from "../files.ts"
import { checkListing, createBudget } from "../limits.ts"
import type { Budget, Limits } from "../limits.ts"

const kustomizationNames = new Set(["kustomization.yaml", "kustomization.yml", "Kustomization"])
const maxDepth = 64

/**
 * What a kustomization for a folder without one lists, as Flux generates it: every `.yaml` and `.yml` file below the
 * folder in order of names, and every folder that has a kustomization of its own as one entry. Links are left out.
 *
 * Throws `LimitExceeded` for more `files` or `folders` than `limits` allow.
 *
 * @example
 * await listResources(files, "apps")   // ["a.yaml", "team/b.yaml", "web"]
 */
export async function listResources(
  files: Files,
  path: string,
  limits: Pick<Limits, "files" | "folders"> = {},
): Promise<string[]> {
  const found: string[] = []
  await collect(files, path, { prefix: "", depth: 0, found, walked: { folders: 0 }, budget: createBudget(limits) })
  return found
}

interface Walk {
  /** The way from the first folder, with a slash at its end. */
  readonly prefix: string
  readonly depth: number
  readonly found: string[]
  readonly walked: { folders: number }
  readonly budget: Budget
}

async function collect(files: Files, path: string, walk: Walk): Promise<void> {
  const { prefix, depth, found, walked, budget } = walk
  walked.folders++
  checkListing(budget, { files: found.length, folders: walked.folders })
  const entries = (await files.list(path)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (depth > 0 && entries.some(({ name, type }) => type !== "directory" && kustomizationNames.has(name))) {
    found.push(prefix.slice(0, -1))
    return
  }
  for (const { name, type } of entries) {
    const below = path === "" ? name : `${path}/${name}`
    if (type === "directory" && depth < maxDepth) {
      await collect(files, below, { ...walk, prefix: `${prefix}${name}/`, depth: depth + 1 })
    } else if (type === "file" && /\.ya?ml$/.test(name)) found.push(prefix + name)
  }
  checkListing(budget, { files: found.length, folders: walked.folders })
}
