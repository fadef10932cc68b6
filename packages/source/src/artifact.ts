import { digestOfNode, findNode, treeFiles, type DirectoryNode } from "./files/tree.ts"
import type { Files } from "./files.ts"

/** Files of one revision of a source: complete, checked, in memory, and never changing. */
export interface Artifact {
  /** The source, without credentials. */
  readonly url: string
  /** `main@sha1:…`, `v1.1.0@sha1:…`, `sha1:…`. */
  readonly revision: string
  /** `sha256:…` over names, permissions and bytes of all files: equal content has an equal digest, whatever its source. */
  readonly digest: string
  readonly files: Files
  /** The same for one file or folder, to see whether a part changed. Throws `FileNotFound`. */
  digestOf(path: string): string
}

/** An artifact over a tree in memory. */
export function createArtifact(url: string, revision: string, root: DirectoryNode): Artifact {
  const files = treeFiles(root)
  return {
    url,
    revision,
    digest: `sha256:${digestOfNode(root)}`,
    files: { immutable: true, list: files.list, entry: files.entry, read: files.read },
    digestOf: (path) => `sha256:${digestOfNode(findNode(root, path))}`,
  }
}
