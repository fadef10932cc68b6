import { SourceError } from "../error.ts"
import type { Files } from "../files.ts"
import { directoryOf, type DirectoryNode, type TreeNode } from "../files/tree.ts"
import { createIgnore, defaultPatterns, parseIgnore, vcsPatterns, type IgnorePattern } from "../ignore.ts"

const ignoreFile = ".sourceignore"
const maxIgnoreBytes = 1024 * 1024

/** Options of `findIgnoreFiles`. */
export interface FindIgnoreOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * The patterns of all `.sourceignore` files, from the root down, folders in bytewise order. Only files of that name are
 * read, never `.gitignore`. Throws `LimitExceeded` for one of more than a mebibyte.
 *
 * @example
 * const files = memoryFiles({ ".sourceignore": "*.md", "deploy/.sourceignore": "/drafts" })
 * await findIgnoreFiles(files)   // [{ pattern: "*.md", folder: "" }, { pattern: "/drafts", folder: "deploy" }]
 */
export async function findIgnoreFiles(files: Files, { signal }: FindIgnoreOptions = {}): Promise<IgnorePattern[]> {
  const patterns: IgnorePattern[] = []
  const visit = async (folder: string): Promise<void> => {
    const entries = await files.list(folder)
    const prefix = folder === "" ? "" : `${folder}/`
    if (entries.some(({ name, type }) => name === ignoreFile && type === "file")) {
      patterns.push(...parseFile(await files.read(prefix + ignoreFile, { signal }), folder))
    }
    for (const { name, type } of entries) if (type === "directory") await visit(prefix + name)
  }
  await visit("")
  return patterns
}

function parseFile(bytes: Uint8Array, folder: string): IgnorePattern[] {
  if (bytes.length > maxIgnoreBytes) {
    throw new SourceError("LimitExceeded", `'${folder}/${ignoreFile}' is larger than ${maxIgnoreBytes} bytes`)
  }
  return parseIgnore(Buffer.from(bytes).toString("utf8"), { folder })
}

/**
 * A tree without what its `.sourceignore` files and then `extra` ignore; where there is neither, without the default
 * patterns; in any case without git's own files. Folders that become empty go too.
 */
export function ignoreInTree(root: DirectoryNode, extra: string | undefined): DirectoryNode {
  const own = [...collect(root, ""), ...parseIgnore(extra ?? "")]
  const matcher = createIgnore([...vcsPatterns, ...(own.length > 0 ? own : defaultPatterns)])
  const prune = (folder: DirectoryNode, path: string): DirectoryNode => {
    const entries: [string, TreeNode][] = []
    let changed = false
    for (const [name, node] of folder.entries) {
      const inner = path === "" ? name : `${path}/${name}`
      const kept = pruneNode(node, inner)
      if (kept) entries.push([name, kept])
      changed ||= kept !== node
    }
    return changed ? directoryOf(entries) : folder
  }
  const pruneNode = (node: TreeNode, path: string): TreeNode | undefined => {
    if (node.type !== "directory") return matcher.ignoresEntry(path, false) ? undefined : node
    if (matcher.ignoresEntry(path, true)) return undefined
    const folder = prune(node, path)
    return folder.entries.size > 0 ? folder : undefined
  }
  return prune(root, "")
}

function collect(folder: DirectoryNode, path: string): IgnorePattern[] {
  const own = folder.entries.get(ignoreFile)
  const patterns = own?.type === "file" ? parseFile(own.bytes, path) : []
  for (const [name, node] of folder.entries) {
    if (node.type === "directory") patterns.push(...collect(node, path === "" ? name : `${path}/${name}`))
  }
  return patterns
}
