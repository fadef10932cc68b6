import { hash } from "node:crypto"
import { SourceError } from "../error.ts"
import type { Entry, Files } from "../files.ts"
import { nameFault, segmentsOf } from "./path.ts"

/** A file in a tree of files. */
export interface FileNode {
  readonly type: "file"
  readonly mode: number
  readonly bytes: Uint8Array
}

/** A symbolic link in a tree of files. */
export interface LinkNode {
  readonly type: "symlink"
  readonly target: string
}

/** A folder in a tree of files; its entries are in bytewise order of their names. */
export interface DirectoryNode {
  readonly type: "directory"
  readonly entries: ReadonlyMap<string, TreeNode>
}

/** Anything in a tree of files. Nodes never change once built, so trees may share them. */
export type TreeNode = FileNode | LinkNode | DirectoryNode

/** What a file can be made of: its text or bytes, `executable`, or the target of a link. */
export type TreeContent =
  | string
  | Uint8Array
  | { readonly executable: string | Uint8Array }
  | { readonly symlink: string }

/** Files over a complete tree in memory, with a digest for every path. */
export interface TreeFiles extends Files {
  readonly root: DirectoryNode
  entry(path: string): Promise<Entry | undefined>
  /** `sha256:…` of a file's or folder's content; see `digestOfNode`. Throws `FileNotFound`. */
  digestOf(path: string): string
}

/** Orders names by their bytes. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    const surrogate = x >= 0xd800 && y >= 0xd800
    return surrogate ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : x - y
  }
  return a.length - b.length
}

/** A folder of `entries`, sorted. */
export function directoryOf(entries: Iterable<readonly [string, TreeNode]>): DirectoryNode {
  return { type: "directory", entries: new Map([...entries].toSorted(([a], [b]) => compareNames(a, b))) }
}

/**
 * The tree of a list of paths. Throws `InvalidPath` when a name is impossible or a path is both file and folder, and
 * `LimitExceeded` for more than `maxNodes` files and folders, folders that only paths mention included.
 */
export function plantTree(
  contents: Iterable<readonly [path: string, content: TreeContent]>,
  maxNodes: number = Number.POSITIVE_INFINITY,
): DirectoryNode {
  type Draft = Map<string, TreeNode | Draft>
  const root: Draft = new Map()
  let nodes = 0
  const count = (): void => {
    if (++nodes > maxNodes) throw new SourceError("LimitExceeded", `there are more than ${maxNodes} files and folders`)
  }
  for (const [path, content] of contents) {
    const names = segmentsOf(path)
    const last = names.pop()
    if (last === undefined) throw new SourceError("InvalidPath", `'${path}' names no file`)
    let folder = root
    for (const name of names) {
      checkName(name, path)
      if (!folder.has(name)) count()
      const inner = folder.get(name) ?? new Map<string, TreeNode | Draft>()
      if (!(inner instanceof Map)) throw new SourceError("InvalidPath", `'${path}' lies below a file`)
      folder.set(name, inner)
      folder = inner
    }
    checkName(last, path)
    if (folder.has(last)) throw new SourceError("InvalidPath", `'${path}' is there twice`)
    count()
    folder.set(last, nodeOf(content))
  }
  const finish = (draft: Draft): DirectoryNode =>
    directoryOf([...draft].map(([name, node]): [string, TreeNode] => [name, node instanceof Map ? finish(node) : node]))
  return finish(root)
}

function checkName(name: string, path: string): void {
  const fault = nameFault(name)
  if (fault) throw new SourceError("InvalidPath", `'${path}': '${name}' ${fault}`)
}

function nodeOf(content: TreeContent): TreeNode {
  if (typeof content === "string") return { type: "file", mode: 0o644, bytes: Buffer.from(content) }
  if (content instanceof Uint8Array) return { type: "file", mode: 0o644, bytes: content }
  if ("symlink" in content) return { type: "symlink", target: content.symlink }
  return { type: "file", mode: 0o755, bytes: Buffer.from(content.executable as string) }
}

/** `Files` over a tree in memory. */
export function treeFiles(root: DirectoryNode): TreeFiles {
  return {
    immutable: true,
    root,
    list: async (path) => {
      const node = findNode(root, path)
      if (node.type !== "directory") throw new SourceError("FileNotFound", `'${path}' is not a folder`)
      return [...node.entries].map(([name, entry]) => entryOf(name, entry))
    },
    entry: async (path) => entryAt(root, path),
    read: async (path, { signal } = {}) => {
      signal?.throwIfAborted()
      const node = findNode(root, path)
      if (node.type !== "file") throw new SourceError("FileNotFound", `'${path}' is a folder`)
      return node.bytes
    },
    digestOf: (path) => `sha256:${digestOfNode(findNode(root, path))}`,
  }
}

function entryOf(name: string, node: TreeNode): Entry {
  if (node.type === "file") return { name, type: "file", mode: node.mode, size: node.bytes.length }
  if (node.type === "directory") return { name, type: "directory", mode: 0o755 }
  return { name, type: "symlink", mode: 0o777, target: node.target }
}

function entryAt(root: DirectoryNode, path: string): Entry | undefined {
  const names = segmentsOf(path)
  const last = names.pop()
  if (last === undefined) return entryOf("", root)
  const folder = tryFind(root, names.join("/"))
  const node = folder?.type === "directory" ? folder.entries.get(last) : undefined
  return node && entryOf(last, node)
}

function tryFind(root: DirectoryNode, path: string): FileNode | DirectoryNode | undefined {
  try {
    return findNode(root, path)
  } catch (error) {
    if (error instanceof SourceError && error.code === "FileNotFound") return undefined
    throw error
  }
}

const maxLinks = 40

/** The file or folder at `path`, links followed. Throws `FileNotFound`, or `InvalidPath` for a link that leaves the root. */
export function findNode(root: DirectoryNode, path: string): FileNode | DirectoryNode {
  const pending = segmentsOf(path).toReversed()
  const above: DirectoryNode[] = []
  let folder = root
  let links = 0
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "." || name === "") continue
    if (name === "..") {
      const parent = above.pop()
      if (!parent) throw new SourceError("InvalidPath", `'${path}' leaves the root through a link`)
      folder = parent
      continue
    }
    const node = folder.entries.get(name)
    if (node === undefined) throw new SourceError("FileNotFound", `there is no '${path}'`)
    if (node.type === "symlink") {
      if (node.target.startsWith("/")) throw new SourceError("InvalidPath", `'${path}' is a link to an absolute path`)
      if (++links > maxLinks) throw new SourceError("InvalidPath", `'${path}' is a circle of links`)
      pending.push(...node.target.split("/").toReversed())
    } else if (node.type === "directory") {
      above.push(folder)
      folder = node
    } else if (pending.every((rest) => rest === "" || rest === ".")) return node
    else throw new SourceError("FileNotFound", `there is no '${path}': '${name}' is a file`)
  }
  return folder
}

/** Digests that are known: of a file by its bytes, which snapshots share, of the others by the node itself. */
const digests = new WeakMap<object, string>()

/**
 * SHA-256, in hexadecimal, of the content of a node. Of a file: of its bytes. Of a link: of `link`, a NUL and its
 * target. Of a folder: of one line for each entry, in bytewise order: `<mode in octal> <digest> <name>` and a NUL.
 * So equal digests mean equal names, bytes and permissions, whatever the source was.
 */
export function digestOfNode(node: TreeNode): string {
  const key = node.type === "file" ? node.bytes : node
  const known = digests.get(key)
  if (known !== undefined) return known
  const digest = computeDigest(node)
  digests.set(key, digest)
  return digest
}

function computeDigest(node: TreeNode): string {
  if (node.type === "file") return hash("sha256", node.bytes, "hex")
  if (node.type === "symlink") return hash("sha256", `link\0${node.target}`, "hex")
  let text = ""
  for (const [name, entry] of node.entries) {
    const mode = entry.type === "file" ? entry.mode : entry.type === "directory" ? 0o40000 : 0o120000
    text += `${mode.toString(8)} ${digestOfNode(entry)} ${name}\0`
  }
  return hash("sha256", text, "hex")
}
