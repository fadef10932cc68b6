import { SourceError } from "../error.ts"
import { segmentsOf } from "../files/path.ts"
import { findNode, type DirectoryNode } from "../files/tree.ts"
import { ignoreInTree } from "../ignore/find.ts"

/** Which part of a revision becomes the artifact. */
export interface Selection {
  /** Equal for selections that download the same. */
  readonly part: string
  /** Equal for selections that give the same artifact. */
  readonly key: string
  /** What to download; absent: everything. */
  readonly takes?: (path: string, isDirectory: boolean) => boolean
  /** Throws `FileNotFound` when a folder that was asked for is not in `root`. */
  check(root: DirectoryNode): void
  /** `root` without what is ignored. */
  filter(root: DirectoryNode): DirectoryNode
}

/** What `createSelection` reads of a fetch's options. */
export interface SelectionOptions {
  readonly include?: readonly string[] | undefined
  readonly ignore?: string | false | undefined
}

/** The folders (or files) `include` with all that leads to them, without what `ignore` drops. Throws `InvalidPath`. */
export function createSelection({ include = [], ignore }: SelectionOptions): Selection {
  const paths = [...new Set(include.map((path) => segmentsOf(path).join("/")))].toSorted()
  const whole = paths.length === 0 || paths.includes("")
  const part = whole ? "" : JSON.stringify(paths)
  const leadsTo = (path: string, isDirectory: boolean): boolean =>
    paths.some((to) => path === to || path.startsWith(`${to}/`) || (isDirectory && to.startsWith(`${path}/`)))
  // Rules above a folder hold in it too, so the ignore files on the way to it are needed.
  const takes = (path: string, isDirectory: boolean): boolean =>
    leadsTo(path, isDirectory) || isIgnoreFileAbove(path, paths)
  return {
    part,
    key: JSON.stringify([part, ignore ?? null]),
    ...(whole ? {} : { takes }),
    check: (root) => {
      for (const path of whole ? [] : paths) checkPath(root, path)
    },
    filter: (root) => (ignore === false ? root : ignoreInTree(root, ignore)),
  }
}

function isIgnoreFileAbove(path: string, paths: readonly string[]): boolean {
  if (path === ".sourceignore") return true
  return path.endsWith("/.sourceignore") && paths.some((to) => to.startsWith(path.slice(0, -".sourceignore".length)))
}

function checkPath(root: DirectoryNode, path: string): void {
  try {
    findNode(root, path)
  } catch (cause) {
    throw new SourceError("FileNotFound", `the revision has no '${path}', which include asks for`, { cause })
  }
}
