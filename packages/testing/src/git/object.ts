import { hash } from "node:crypto"

/** The four kinds of git objects. */
export type GitObjectType = "commit" | "tree" | "blob" | "tag"

/** One git object: its kind and its bytes without header. */
export interface GitObject {
  readonly type: GitObjectType
  readonly data: Buffer
}

/** One entry of a tree. */
export interface GitTreeEntry {
  /** Octal text as git writes it: `100644`, `100755`, `120000`, `40000`, `160000`. */
  readonly mode: string
  readonly name: string
  readonly oid: string
}

/** The id of an object: SHA-1 over its header and its bytes. */
export function oidOf({ type, data }: GitObject): string {
  return hash("sha1", Buffer.concat([Buffer.from(`${type} ${data.length}\0`), data]), "hex")
}

/** The entries of a tree object, in its own order. */
export function parseTree(data: Buffer): GitTreeEntry[] {
  const entries: GitTreeEntry[] = []
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at)
    const end = data.indexOf(0, space)
    entries.push({
      mode: data.toString("latin1", at, space),
      name: data.toString("utf8", space + 1, end),
      oid: data.toString("hex", end + 1, end + 21),
    })
    at = end + 21
  }
  return entries
}

/** A tree object of `entries`, sorted as git sorts them (folders as if their name ended in a slash). */
export function treeOf(entries: readonly GitTreeEntry[]): GitObject {
  const key = (entry: GitTreeEntry): Buffer => Buffer.from(entry.mode === "40000" ? `${entry.name}/` : entry.name)
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)))
  const parts = sorted.flatMap((entry) => [Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.oid, "hex")])
  return { type: "tree", data: Buffer.concat(parts) }
}

/** What the server needs to know of a commit. */
export interface GitCommit {
  readonly tree: string
  readonly parents: readonly string[]
}

/** The tree and the parents of a commit object. */
export function parseCommit(data: Buffer): GitCommit {
  const header = data.toString("latin1", 0, data.indexOf("\n\n"))
  const values = (name: string): string[] =>
    header
      .split("\n")
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1))
  return { tree: values("tree")[0] ?? "", parents: values("parent") }
}

/** The object that an annotated tag points to. */
export function parseTag(data: Buffer): string {
  return data.toString("latin1", 7, 47)
}
