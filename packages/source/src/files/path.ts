import { SourceError } from "../error.ts"

/** The longest path that is accepted, in names. */
const maxDepth = 256

/** The names of a path; `.` and empty ones fall away. Throws `InvalidPath` when it is absolute, or `..` leaves the root. */
export function segmentsOf(path: string): string[] {
  if (path.startsWith("/") || path.includes("\0"))
    throw new SourceError("InvalidPath", `'${path}' is not a relative path`)
  const names: string[] = []
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue
    if (name !== "..") names.push(name)
    else if (names.pop() === undefined) throw new SourceError("InvalidPath", `'${path}' leaves the root`)
  }
  if (names.length > maxDepth) throw new SourceError("LimitExceeded", `a path is deeper than ${maxDepth} folders`)
  return names
}

const hfsIgnored = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/**
 * Why `name` may not be the name of a file, or undefined when it may: empty, `.`, `..`, a separator, NUL, and `.git`
 * in every spelling that a file system reads as it (the rules of git's `verify_path` for HFS+ and NTFS).
 */
export function nameFault(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "is no file name"
  if (name.includes("/") || name.includes("\0")) return "holds a separator"
  const start = name.charCodeAt(0)
  if (start < 0x80 && start !== 0x2e && start !== 0x47 && start !== 0x67) return undefined // neither `.`, `G` nor `g`
  const first = (name.split(/[\\:]/, 1)[0] ?? "")
    .replace(hfsIgnored, "")
    .toLowerCase()
    .replace(/[. ]+$/, "")
  return first === ".git" || first === "git~1" ? "stands for git's own folder" : undefined
}
