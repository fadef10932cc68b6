import type { Files } from "../files.ts"
import { directoryOf, type DirectoryNode, type TreeNode } from "../files/tree.ts"
import type { StoreOptions } from "../store.ts"

/** The complete tree of `files`, read into memory. */
export async function treeOfFiles(files: Files, options: StoreOptions = {}): Promise<DirectoryNode> {
  const visit = async (folder: string): Promise<DirectoryNode> => {
    const nodes: [string, TreeNode][] = []
    for (const { name, type, mode, target = "" } of await files.list(folder)) {
      options.signal?.throwIfAborted()
      const path = folder === "" ? name : `${folder}/${name}`
      if (type === "directory") {
        const inner = await visit(path)
        if (inner.entries.size > 0) nodes.push([name, inner]) // archives keep no empty folders
      } else if (type === "symlink") nodes.push([name, { type, target }])
      else nodes.push([name, { type, mode: mode & 0o100 ? 0o755 : 0o644, bytes: await files.read(path, options) }])
    }
    return directoryOf(nodes)
  }
  return visit("")
}
