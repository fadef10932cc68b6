import { SourceError } from "../error.ts"
import { segmentsOf } from "../files/path.ts"
import { findNode, type DirectoryNode } from "../files/tree.ts"

/** Which part of a revision becomes the artifact. */
export interface Selection {
  /** Equal for equal selections. */
  readonly key: string
  /** Absent: everything. */
  readonly takes?: (path: string, isDirectory: boolean) => boolean
  /** Throws `FileNotFound` when a folder that was asked for is not in `root`. */
  check(root: DirectoryNode): void
}

/** The folders (or files) `include` and all that leads to them. Throws `InvalidPath`. */
export function selectPaths(include: readonly string[] | undefined): Selection {
  const paths = [...new Set((include ?? []).map((path) => segmentsOf(path).join("/")))].toSorted()
  if (paths.length === 0 || paths.includes("")) return { key: "", check: () => undefined }
  return {
    key: JSON.stringify(paths),
    takes: (path, isDirectory) =>
      paths.some(
        (wanted) => path === wanted || path.startsWith(`${wanted}/`) || (isDirectory && wanted.startsWith(`${path}/`)),
      ),
    check: (root) => {
      for (const path of paths) {
        try {
          findNode(root, path)
        } catch (cause) {
          throw new SourceError("FileNotFound", `the revision has no '${path}', which include asks for`, { cause })
        }
      }
    },
  }
}
