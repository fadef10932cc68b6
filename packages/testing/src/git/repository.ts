import type { Clock } from "@gitops-toolkit/kube"
import { oidOf, parseCommit, parseTag, parseTree, treeOf, type GitObject, type GitTreeEntry } from "./object.ts"

/** The content of a file of a test repository; `null` in a commit deletes it. */
export type GitFile =
  | string
  | Uint8Array
  | { readonly executable: string | Uint8Array }
  | { readonly symlink: string }
  | { readonly submodule: string }

/** Files by path: `{ "deploy/cm.yaml": "…" }`. */
export type GitFiles = { readonly [path: string]: GitFile }

/** Options of `GitRepository.commit`. */
export interface GitCommitOptions {
  /** The branch that moves; default `main`. */
  readonly branch?: string
  /** Default `Change N paths`. */
  readonly message?: string
  /** `Name <email>`; default `Test <test@example.com>`. */
  readonly author?: string
  /** When true the commit holds exactly the given files, else they are laid over the branch's. Default false. */
  readonly replace?: boolean
}

/** Options of `GitRepository.tag`. */
export interface GitTagOptions {
  /** The object to tag; default: the tip of `main`. */
  readonly target?: string
  /** The message of an annotated tag; absent: a lightweight tag. */
  readonly message?: string
}

/** A git repository in memory. Every method is synchronous; ids are deterministic when the clock is. */
export interface GitRepository {
  readonly name: string
  /** Commits changes to a branch, creating it when absent. Returns the commit's id. */
  commit(changes: { readonly [path: string]: GitFile | null }, options?: GitCommitOptions): string
  /** Creates or moves a tag. Returns the id that the ref holds (the tag object's for an annotated tag). */
  tag(name: string, options?: GitTagOptions): string
  /** Creates or moves a branch; default target: the tip of `main`. */
  branch(name: string, target?: string): string
  /** Sets any ref (`refs/pull/1/head`); undefined deletes it. */
  setRef(ref: string, oid: string | undefined): void
  /** All refs in bytewise order, without `HEAD`. */
  refs(): ReadonlyMap<string, string>
  /** The branch that `HEAD` names. */
  head: string
  /** Text files at a commit, tag or branch; default the tip of `main`. */
  files(at?: string): Record<string, string>
  /** One object, for tests that look closer. */
  object(oid: string): GitObject | undefined
  /** Stores an object as it is, well-formed or not. Returns its id. */
  store(object: GitObject): string
}

/** An empty repository. */
export function createRepository(name: string, clock: Pick<Clock, "now">): GitRepository {
  const objects = new Map<string, GitObject>()
  const refs = new Map<string, string>()
  const store = (object: GitObject): string => {
    const oid = oidOf(object)
    objects.set(oid, object)
    return oid
  }
  const stamp = (author: string): string => `${author} ${Math.floor(clock.now() / 1000)} +0000`
  const resolve = (at: string): string | undefined =>
    refs.get(`refs/heads/${at}`) ?? refs.get(`refs/tags/${at}`) ?? refs.get(at) ?? (objects.has(at) ? at : undefined)
  const self: GitRepository = {
    name,
    head: "refs/heads/main",
    object: (oid) => objects.get(oid),
    store,
    setRef: (ref, oid) => void (oid === undefined ? refs.delete(ref) : refs.set(ref, oid)),
    refs: () => new Map([...refs].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),
    branch: (branch, target = requireOid(resolve("main"), "main")) => {
      refs.set(`refs/heads/${branch}`, target)
      return target
    },
    tag: (tag, { target = requireOid(resolve("main"), "main"), message } = {}) => {
      const type = objects.get(target)?.type ?? "commit"
      const tagger = stamp("Test <test@example.com>")
      const text = `object ${target}\ntype ${type}\ntag ${tag}\ntagger ${tagger}\n\n${message}\n`
      const oid = message === undefined ? target : store({ type: "tag", data: Buffer.from(text) })
      refs.set(`refs/tags/${tag}`, oid)
      return oid
    },
    commit: (changes, { branch = "main", message, author = "Test <test@example.com>", replace = false } = {}) => {
      const parent = refs.get(`refs/heads/${branch}`)
      const before = parent && !replace ? flatten(objects, parseCommit(objects.get(parent)!.data).tree) : new Map()
      for (const [path, file] of Object.entries(changes)) {
        if (file === null) before.delete(path)
        else before.set(path, entryOf(file, store))
      }
      const lines = [
        `tree ${nest(before, store)}`,
        ...(parent ? [`parent ${parent}`] : []),
        `author ${stamp(author)}`,
        `committer ${stamp(author)}`,
        "",
        `${message ?? `Change ${Object.keys(changes).length} paths`}\n`,
      ]
      const oid = store({ type: "commit", data: Buffer.from(lines.join("\n")) })
      refs.set(`refs/heads/${branch}`, oid)
      return oid
    },
    files: (at = "main") => {
      const commit = peel(objects, requireOid(resolve(at), at))
      const tree = flatten(objects, parseCommit(objects.get(commit)!.data).tree)
      return Object.fromEntries([...tree].map(([path, { oid }]) => [path, objects.get(oid)?.data.toString() ?? ""]))
    },
  }
  return self
}

type Leaf = Pick<GitTreeEntry, "mode" | "oid">

function requireOid(oid: string | undefined, name: string): string {
  if (oid === undefined) throw new Error(`the test repository has no '${name}'`)
  return oid
}

function entryOf(file: GitFile, store: (object: GitObject) => string): Leaf {
  const blob = (content: string | Uint8Array): string => store({ type: "blob", data: Buffer.from(content as string) })
  if (typeof file === "string" || file instanceof Uint8Array) return { mode: "100644", oid: blob(file) }
  if ("executable" in file) return { mode: "100755", oid: blob(file.executable) }
  if ("submodule" in file) return { mode: "160000", oid: file.submodule }
  return { mode: "120000", oid: blob(file.symlink) }
}

function flatten(objects: ReadonlyMap<string, GitObject>, tree: string, prefix = ""): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  for (const { mode, name, oid } of parseTree(objects.get(tree)!.data)) {
    if (mode !== "40000") leaves.set(prefix + name, { mode, oid })
    else for (const [path, leaf] of flatten(objects, oid, `${prefix}${name}/`)) leaves.set(path, leaf)
  }
  return leaves
}

function nest(leaves: ReadonlyMap<string, Leaf>, store: (object: GitObject) => string): string {
  const entries: GitTreeEntry[] = []
  const folders = new Map<string, Map<string, Leaf>>()
  for (const [path, leaf] of leaves) {
    const slash = path.indexOf("/")
    if (slash < 0) {
      entries.push({ ...leaf, name: path })
      continue
    }
    const name = path.slice(0, slash)
    const inner = folders.get(name) ?? new Map<string, Leaf>()
    folders.set(name, inner.set(path.slice(slash + 1), leaf))
  }
  for (const [name, inner] of folders) entries.push({ mode: "40000", name, oid: nest(inner, store) })
  return store(treeOf(entries))
}

/** The object behind annotated tags; `oid` itself when it is no tag. */
export function peel(objects: { get(oid: string): GitObject | undefined }, oid: string): string {
  let current = oid
  for (let object = objects.get(current); object?.type === "tag"; object = objects.get(current)) {
    current = parseTag(object.data)
  }
  return current
}
