import { SourceError } from "../../error.ts"
import { nameFault } from "../../files/path.ts"
import { isOid, oidBytes, type ObjectFormat } from "../oid.ts"

/** What an entry of a tree is. */
export type TreeEntryKind = "file" | "executable" | "symlink" | "directory" | "submodule"

/** One entry of a tree object. */
export interface TreeEntry {
  readonly name: string
  readonly kind: TreeEntryKind
  readonly oid: string
}

const kinds: ReadonlyMap<string, TreeEntryKind> = new Map([
  ["100644", "file"],
  ["100664", "file"],
  ["100755", "executable"],
  ["120000", "symlink"],
  ["40000", "directory"],
  ["040000", "directory"],
  ["160000", "submodule"],
])

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const invalid = (what: string): SourceError => new SourceError("InvalidPack", `a tree ${what}`)

/**
 * The entries of a tree object. Throws `InvalidPack` for damaged bytes and for what git's own checks refuse: unknown
 * modes, names that are empty, `.`, `..`, hold a separator, stand for `.git`, are not UTF-8 or come twice. Throws
 * `LimitExceeded` for more than `maxEntries`.
 */
export function parseTree(
  data: Buffer,
  format: ObjectFormat,
  maxEntries: number = Number.POSITIVE_INFINITY,
): TreeEntry[] {
  const width = oidBytes(format)
  const entries: TreeEntry[] = []
  const names = new Set<string>()
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at)
    const end = data.indexOf(0, at)
    if (space < 0 || end < space || end + 1 + width > data.length) throw invalid("is cut off")
    const kind = kinds.get(data.toString("latin1", at, Math.min(space, at + 7)))
    const name = nameAt(data, space + 1, end)
    if (kind === undefined) throw invalid(`gives '${name}' an unknown mode`)
    const fault = nameFault(name)
    if (fault) throw invalid(`has an entry ${JSON.stringify(name)} that ${fault}`)
    if (names.has(name)) throw invalid(`has '${name}' twice`)
    if (entries.length >= maxEntries) {
      throw new SourceError("LimitExceeded", `a folder holds more than ${maxEntries} files and folders`)
    }
    names.add(name)
    entries.push({ name, kind, oid: data.toString("hex", end + 1, end + 1 + width) })
    at = end + 1 + width
  }
  return entries
}

function nameAt(data: Buffer, from: number, to: number): string {
  try {
    return decoder.decode(data.subarray(from, to))
  } catch {
    throw invalid("has a name that is not UTF-8")
  }
}

/** What this package needs to know of a commit. */
export interface Commit {
  readonly tree: string
  readonly parents: readonly string[]
  /** The committer's time, in seconds since the epoch. */
  readonly time: number
  /** The first line of the message. */
  readonly subject: string
}

/** Far more than signatures and merged tags need. */
const maxHeaderBytes = 1024 * 1024

/** Where the header of a commit or tag ends. Throws `LimitExceeded` for one that no honest object has. */
function headerEnd(data: Buffer): number {
  const found = data.indexOf("\n\n")
  const end = found < 0 ? data.length : found
  if (end > maxHeaderBytes) {
    throw new SourceError("LimitExceeded", `the header of a commit or tag is larger than ${maxHeaderBytes} bytes`)
  }
  return end
}

/** Reads a commit object. Throws `InvalidPack` when it names no tree. */
export function parseCommit(data: Buffer): Commit {
  const end = headerEnd(data)
  const lines = data.toString("utf8", 0, end).split("\n")
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const tree = values("tree")[0] ?? ""
  if (!isOid(tree)) throw new SourceError("InvalidPack", "a commit names no tree")
  const committer = values("committer")[0] ?? ""
  const time = Number(/> (\d{1,15}) [+-]\d{4}$/.exec(committer)?.[1] ?? 0)
  const message = data.toString("utf8", end + 2, Math.min(data.length, end + 2 + 4096))
  return { tree, parents: values("parent").filter(isOid), time, subject: message.split("\n", 1)[0] ?? "" }
}

/** What this package needs to know of an annotated tag. */
export interface Tag {
  /** The id of what it points to. */
  readonly object: string
  readonly type: string
  readonly name: string
}

/** Reads a tag object. Throws `InvalidPack` when it names no object. */
export function parseTag(data: Buffer): Tag {
  const lines = data.toString("utf8", 0, headerEnd(data)).split("\n")
  const value = (name: string): string =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ""
  const object = value("object")
  if (!isOid(object)) throw new SourceError("InvalidPack", "a tag names no object")
  return { object, type: value("type"), name: value("tag") }
}
