import { SourceError } from "../error.ts"
import { nameFault } from "../files/path.ts"
import type { GitLimits } from "../git/limits.ts"
import { oidOf, type GitObject } from "../git/oid.ts"
import { parseTree, type TreeEntry } from "../git/pack/object.ts"
import { requireObject, type ObjectSource } from "../git/snapshot.ts"

/** What is to become of one name in a folder: of the file itself (null: none), and of what lies below it. */
interface Edit {
  file?: Buffer | null
  readonly inner: Map<string, Edit>
  /** Whether anything at or below it is written. */
  writes: boolean
}

/** Changes whose paths were checked. */
export interface CheckedChanges {
  readonly root: Edit
}

/**
 * Checks changes before anything is sent. Throws `InvalidPath` for paths that are not plain (absolute, `.`, `..`, empty
 * names, backslashes, control characters) or have a name that stands for `.git`, `LimitExceeded` for too much.
 */
export function checkChanges(
  changes: { readonly [path: string]: string | Uint8Array | null },
  limits: GitLimits,
): CheckedChanges {
  const root: Edit = { inner: new Map(), writes: false }
  const entries = Object.entries(changes)
  if (entries.length > limits.entries) throw tooMuch(`more than ${limits.entries} changes`)
  let total = 0
  for (const [path, content] of entries) {
    const file = content === null ? null : Buffer.from(content as string)
    total += file?.length ?? 0
    if ((file?.length ?? 0) > limits.objectBytes) throw tooMuch(`a file of more than ${limits.objectBytes} bytes`)
    if (total > limits.packBytes) throw tooMuch(`changes of more than ${limits.packBytes} bytes`)
    let edit = root
    for (const name of namesOf(path, limits.treeDepth)) {
      if (file) edit.writes = true
      const inner = edit.inner.get(name) ?? { inner: new Map<string, Edit>(), writes: false }
      edit.inner.set(name, inner)
      edit = inner
    }
    edit.file = file
    if (file) edit.writes = true
  }
  return { root }
}

const tooMuch = (what: string): SourceError => new SourceError("LimitExceeded", `the commit would hold ${what}`)

function namesOf(path: string, maxDepth: number): string[] {
  const names = path.split("/")
  if (names.length > maxDepth) throw new SourceError("LimitExceeded", `a path is deeper than ${maxDepth} folders`)
  const shown = JSON.stringify(path.slice(0, 200))
  if (!path.isWellFormed() || /[\u0000-\u001f\u007f\\]/.test(path)) {
    throw new SourceError("InvalidPath", `${shown} holds characters that no path of a commit may have`)
  }
  for (const name of names) {
    const fault = nameFault(name)
    if (fault) throw new SourceError("InvalidPath", `${shown} has a name that ${fault}`)
  }
  return names
}

/** The tree that changes lead to. */
export interface ChangedTree {
  /** The root; undefined when no file is left. */
  readonly tree: string | undefined
  /** Trees and blobs that may be new. */
  readonly objects: ReadonlyMap<string, GitObject>
  /** Paths that differ now, in the order of the changes' folders. */
  readonly paths: readonly string[]
}

/** Options of `changeTree`. */
export interface ChangeTreeOptions {
  /** Gives the trees of the commit that is built on. */
  readonly source: ObjectSource
  readonly limits: GitLimits
}

interface Work extends ChangeTreeOptions {
  readonly objects: Map<string, GitObject>
  readonly paths: string[]
}

/**
 * Applies changes to the tree `root` (undefined: none yet). Whatever no change names keeps its mode and content; a file
 * that is written keeps whether it is executable. Throws `InvalidPath` when a change would replace a folder, a link or a
 * submodule, lies below a file, or adds a name that differs from another one only by its case.
 */
export function changeTree(root: string | undefined, changes: CheckedChanges, options: ChangeTreeOptions): ChangedTree {
  const work: Work = { ...options, objects: new Map(), paths: [] }
  const tree = editFolder(work, root, { edit: changes.root, path: "" })
  return { tree, objects: work.objects, paths: work.paths }
}

interface Place {
  readonly edit: Edit
  readonly path: string
}

function editFolder(work: Work, oid: string | undefined, { edit, path }: Place): string | undefined {
  const data = oid === undefined ? undefined : requireObject(work.source, oid, "tree").data
  const entries = new Map<string, TreeEntry>()
  if (data) for (const entry of parseTree(data, "sha1", work.limits.entries)) entries.set(entry.name, entry)
  const added: string[] = []
  let changed = false
  for (const [name, inner] of edit.inner) {
    const before = entries.get(name)
    const after = editEntry(work, before, { edit: inner, path: path === "" ? name : `${path}/${name}` })
    if (after?.oid === before?.oid && after?.kind === before?.kind) continue
    changed = true
    if (!after) entries.delete(name)
    else entries.set(name, { ...after, name })
    if (!before) added.push(name)
  }
  if (!changed) return oid
  checkCases([...entries.keys()], added, path)
  if (entries.size === 0) return undefined // git has no empty folders
  return store(work, { type: "tree", data: printTree(entries.values()) })
}

type Content = Pick<TreeEntry, "kind" | "oid">

function editEntry(work: Work, before: Content | undefined, { edit, path }: Place): Content | undefined {
  let now = before
  if (edit.file === null && now) {
    if (now.kind === "directory" || now.kind === "submodule")
      throw inTheWay(path, `is a ${nouns[now.kind]}, not a file`)
    now = undefined
  }
  if (edit.inner.size > 0 && (now === undefined || now.kind === "directory")) {
    const oid = editFolder(work, now?.oid, { edit, path })
    now = oid === undefined ? undefined : { kind: "directory", oid }
  } else if (edit.inner.size > 0 && edit.writes && now && [...edit.inner.values()].some(({ writes }) => writes)) {
    throw inTheWay(path, `is a ${nouns[now.kind]}; nothing can lie below it`)
  }
  if (edit.file) {
    if (now && now.kind !== "file" && now.kind !== "executable")
      throw inTheWay(path, `is a ${nouns[now.kind]}, not a file`)
    now = { kind: now?.kind ?? "file", oid: store(work, { type: "blob", data: edit.file }) }
  }
  const isMeant = edit.file === null ? before !== undefined : edit.file !== undefined
  if (isMeant && before?.oid !== now?.oid) work.paths.push(path)
  return now
}

const nouns = {
  directory: "folder",
  submodule: "submodule",
  symlink: "symbolic link",
  file: "file",
  executable: "file",
}

const inTheWay = (path: string, what: string): SourceError =>
  new SourceError("InvalidPath", `${JSON.stringify(path)} ${what}`)

/** Two such names are one on the disks of many people, where the one then overwrites the other. */
function checkCases(names: readonly string[], added: readonly string[], path: string): void {
  if (added.length === 0) return
  const fold = (name: string): string => name.normalize("NFC").toLowerCase()
  const counts = new Map<string, number>()
  for (const name of names) counts.set(fold(name), (counts.get(fold(name)) ?? 0) + 1)
  const twice = added.find((name) => (counts.get(fold(name)) ?? 0) > 1)
  if (twice === undefined) return
  throw inTheWay(path === "" ? twice : `${path}/${twice}`, "differs from another name there only by its case")
}

function store(work: Work, object: GitObject): string {
  const oid = oidOf(object.type, object.data, "sha1")
  work.objects.set(oid, object)
  return oid
}

const modes = { file: "100644", executable: "100755", symlink: "120000", directory: "40000", submodule: "160000" }

/** The bytes of a tree, in git's order: by bytes, folders as if their names ended in a slash. */
function printTree(entries: Iterable<TreeEntry>): Buffer {
  const keyed = [...entries].map((entry) => ({
    key: Buffer.from(entry.kind === "directory" ? `${entry.name}/` : entry.name),
    bytes: Buffer.concat([Buffer.from(`${modes[entry.kind]} ${entry.name}\0`), Buffer.from(entry.oid, "hex")]),
  }))
  return Buffer.concat(keyed.toSorted((a, b) => Buffer.compare(a.key, b.key)).map(({ bytes }) => bytes))
}
