import { SourceError } from "../error.ts"
import { directoryOf, type DirectoryNode, type TreeNode } from "../files/tree.ts"
import type { GitLimits } from "./limits.ts"
import type { GitObject, ObjectFormat, ObjectType } from "./oid.ts"
import { parseCommit, parseTree, type TreeEntry } from "./pack/object.ts"

/** Objects by id. */
export type ObjectSource = (oid: string) => GitObject | undefined

/** Everything that one commit holds. */
export interface Snapshot {
  readonly commit: string
  /** The committer's time, in seconds since the epoch. */
  readonly time: number
  readonly subject: string
  /** The commit with its trees and blobs, nothing else. */
  readonly objects: ReadonlyMap<string, GitObject>
  /** The files, or those that were asked for. */
  readonly root: DirectoryNode
  /** Paths of submodules, whose content belongs to other repositories. */
  readonly submodules: readonly string[]
  /** Bytes of all objects. */
  readonly bytes: number
  /** Whether all blobs are there: only then the server may build on them. */
  readonly complete: boolean
}

/** Options of `buildSnapshot`. */
export interface SnapshotOptions {
  readonly format: ObjectFormat
  readonly limits: GitLimits
  /** Which folders and files to take; absent: all. A folder that is refused is not looked into. */
  readonly takes?: (path: string, isDirectory: boolean) => boolean
}

/** The object with this id. Throws `InvalidPack` when the server did not send it, or it is of another kind. */
export function requireObject(source: ObjectSource, oid: string, type: ObjectType): GitObject {
  const object = source(oid)
  if (!object) throw new SourceError("InvalidPack", `the pack lacks the ${type} ${oid}`)
  if (object.type !== type) throw new SourceError("InvalidPack", `${oid} is a ${object.type}, not a ${type}`)
  return object
}

interface Walk {
  readonly source: ObjectSource
  readonly options: SnapshotOptions
  readonly objects: Map<string, GitObject>
  readonly submodules: string[]
  entries: number
  bytes: number
}

/**
 * The tree of a commit. Throws `InvalidPack` when objects are missing or hostile, `LimitExceeded` for too many entries
 * or too deep folders.
 */
export function buildSnapshot(commit: string, source: ObjectSource, options: SnapshotOptions): Snapshot {
  const object = requireObject(source, commit, "commit")
  const { tree, time, subject } = parseCommit(object.data)
  const walk: Walk = {
    source,
    options,
    objects: new Map([[commit, object]]),
    submodules: [],
    entries: 0,
    bytes: object.data.length,
  }
  const root = walkTree(walk, tree, { path: "", depth: 0 })
  const { objects, submodules, bytes } = walk
  return { commit, time, subject, objects, root, submodules, bytes, complete: options.takes === undefined }
}

function keep(walk: Walk, oid: string, type: ObjectType): Buffer {
  const known = walk.objects.get(oid)
  const object = known?.type === type ? known : requireObject(walk.source, oid, type)
  if (!known) {
    walk.objects.set(oid, object)
    walk.bytes += object.data.length
  }
  return object.data
}

/**
 * What was made of the bytes of a tree. Bytes are shared between the snapshots of a repository, and a tree's id covers all
 * below it: so an unchanged folder is neither parsed nor built again, and keeps its digest.
 */
const parsed = new WeakMap<Buffer, readonly TreeEntry[]>()
const built = new WeakMap<Buffer, DirectoryNode>()

function entriesOf(data: Buffer, { format, limits }: SnapshotOptions): readonly TreeEntry[] {
  const known = parsed.get(data)
  if (known) return known
  const entries = parseTree(data, format, limits.entries)
  parsed.set(data, entries)
  return entries
}

interface Place {
  readonly path: string
  readonly depth: number
}

function walkTree(walk: Walk, oid: string, { path, depth }: Place): DirectoryNode {
  const { limits, takes } = walk.options
  if (depth > limits.treeDepth) {
    throw new SourceError("LimitExceeded", `folders are nested deeper than ${limits.treeDepth}`)
  }
  const nodes: [string, TreeNode][] = []
  const data = keep(walk, oid, "tree")
  for (const entry of entriesOf(data, walk.options)) {
    if (++walk.entries > limits.entries) {
      throw new SourceError("LimitExceeded", `the repository holds more than ${limits.entries} files and folders`)
    }
    const inner = path === "" ? entry.name : `${path}/${entry.name}`
    if (takes?.(inner, entry.kind === "directory") === false) continue
    const node = nodeOf(walk, entry, { path: inner, depth: depth + 1 })
    if (node) nodes.push([entry.name, node])
  }
  if (takes) return directoryOf(nodes)
  const node = built.get(data) ?? directoryOf(nodes)
  built.set(data, node)
  return node
}

function nodeOf(walk: Walk, { kind, oid }: TreeEntry, place: Place): TreeNode | undefined {
  switch (kind) {
    case "directory": {
      const folder = walkTree(walk, oid, place)
      return folder.entries.size > 0 ? folder : undefined // git has no empty folders
    }
    case "submodule":
      walk.submodules.push(place.path)
      return undefined
    case "symlink":
      return { type: "symlink", target: keep(walk, oid, "blob").toString("utf8") }
    default:
      return { type: "file", mode: kind === "executable" ? 0o755 : 0o644, bytes: keep(walk, oid, "blob") }
  }
}

/** The ids of all blobs that `takes` lets in and `source` does not have. */
export function missingBlobs(commit: string, source: ObjectSource, options: SnapshotOptions): string[] {
  const missing = new Set<string>()
  const seen = new Set<string>()
  const visit = (oid: string, { path, depth }: Place): void => {
    if (depth > options.limits.treeDepth)
      throw new SourceError("LimitExceeded", `folders are nested deeper than ${options.limits.treeDepth}`)
    for (const { name, kind, oid: inner } of entriesOf(requireObject(source, oid, "tree").data, options)) {
      const at = path === "" ? name : `${path}/${name}`
      if (seen.size > options.limits.entries)
        throw new SourceError(
          "LimitExceeded",
          `the repository holds more than ${options.limits.entries} files and folders`,
        )
      seen.add(at)
      if (kind === "submodule" || options.takes?.(at, kind === "directory") === false) continue
      if (kind === "directory") visit(inner, { path: at, depth: depth + 1 })
      else if (!source(inner)) missing.add(inner)
    }
  }
  visit(parseCommit(requireObject(source, commit, "commit").data).tree, { path: "", depth: 0 })
  return [...missing]
}
