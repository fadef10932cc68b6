import type { FileEntry, Files } from "../files.ts"
import { checkFile, spendFile } from "../limits.ts"
import type { Budget } from "../limits.ts"

/** A path without `.`, `..` and empty parts; absent when it leaves the root. */
export function cleanPath(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join("/")
}

/** What a path leads to once links are followed. */
export interface Located {
  /** The path without links. */
  readonly path: string
  readonly type: "file" | "directory"
}

/** The files of one build: every folder is listed once, links are followed here, and what is read is accounted for. */
export interface FileTree {
  /** The files, if they never change. */
  readonly immutable: Files | undefined
  /** What is at a path; absent when there is nothing or when it leaves the root. */
  locate(path: string): Promise<Located | undefined>
  /** The bytes of a file; the path must be free of links. */
  read(path: string): Promise<Uint8Array>
}

const maxLinks = 40

/** Reads from `files`; stops when `signal` aborts. */
export function createFileTree(files: Files, budget: Budget, signal?: AbortSignal): FileTree {
  const find = createFinder(files)
  return {
    immutable: files.immutable === true ? files : undefined,
    locate: (path) => locate(path, find),
    async read(path) {
      signal?.throwIfAborted()
      const slash = path.lastIndexOf("/")
      const found = find(path.slice(0, Math.max(0, slash)), path.slice(slash + 1))
      const entry = found instanceof Promise ? await found : found
      // What is too large is not read at all.
      checkFile(budget, entry?.size ?? 0, path)
      const bytes = await files.read(path, { signal })
      spendFile(budget, bytes.byteLength, path)
      return bytes
    },
  }
}

/** Answers at once where it can: waiting for each of many files would take most of a rebuild. */
type Find = (folder: string, name: string) => Promise<FileEntry | undefined> | FileEntry | undefined

/** So many names of a folder are asked for one by one; for more it is cheaper to list it. */
const mostNames = 8

/** Finds members of folders; each folder, or each of the first few names in it, is asked for once. */
function createFinder(files: Files): Find {
  type Members = ReadonlyMap<string, FileEntry>
  const folders = new Map<string, Promise<Members> | Members>()
  const entries = new Map<string, Promise<FileEntry | undefined>>()
  const counts = new Map<string, number>()
  const list = async (folder: string): Promise<Members> => {
    const members = new Map((await files.list(folder)).map((entry) => [entry.name, entry]))
    folders.set(folder, members)
    return members
  }
  const ask = (folder: string, name: string): Promise<FileEntry | undefined> | undefined => {
    const path = folder === "" ? name : `${folder}/${name}`
    const known = entries.get(path)
    const count = counts.get(folder) ?? 0
    if (known !== undefined || count === mostNames) return known
    counts.set(folder, count + 1)
    const entry = files.entry!(path)
    entries.set(path, entry)
    return entry
  }
  return (folder, name) => {
    let members = folders.get(folder)
    if (members === undefined && files.entry !== undefined) {
      const entry = ask(folder, name)
      if (entry !== undefined) return entry
    }
    if (members === undefined) {
      members = list(folder)
      folders.set(folder, members)
    }
    return members instanceof Map ? members.get(name) : (members as Promise<Members>).then((known) => known.get(name))
  }
}

/** The names in a path, the first one last: a stack. */
function namesOf(path: string): string[] {
  const names = path.split("/")
  return names.length === 1 ? names : names.reverse()
}

async function locate(path: string, find: Find): Promise<Located | undefined> {
  const names = namesOf(path)
  let place = ""
  let type: Located["type"] = "directory"
  let links = 0
  while (names.length > 0) {
    const name = names.pop()!
    if (name === "" || name === ".") continue
    // What is no folder has nothing in it, not even `..`.
    if (type === "file") return undefined
    if (name === "..") {
      if (place === "") return undefined
      place = place.slice(0, Math.max(0, place.lastIndexOf("/")))
      continue
    }
    const found = find(place, name)
    const entry = found instanceof Promise ? await found : found
    if (entry === undefined) return undefined
    if (entry.type === "symlink") {
      const { target } = entry
      if (target === undefined || target.startsWith("/") || ++links > maxLinks) return undefined
      for (const step of namesOf(target)) names.push(step)
      continue
    }
    place = place === "" ? name : `${place}/${name}`
    type = entry.type
  }
  return { path: place, type }
}
