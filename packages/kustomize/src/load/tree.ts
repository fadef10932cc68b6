import type { FileEntry, Files } from "../files.ts"
import { spendFile } from "../limits.ts"
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
    locate: (path) => locate(path, find),
    async read(path) {
      signal?.throwIfAborted()
      const bytes = await files.read(path, { signal })
      spendFile(budget, bytes.byteLength, path)
      return bytes
    },
  }
}

type Find = (folder: readonly string[], name: string) => Promise<FileEntry | undefined>

/** Finds members of folders, each asked for once. */
function createFinder(files: Files): Find {
  if (files.entry !== undefined) {
    const entries = new Map<string, Promise<FileEntry | undefined>>()
    return (folder, name) => {
      const path = folder.length === 0 ? name : `${folder.join("/")}/${name}`
      let entry = entries.get(path)
      if (entry === undefined) {
        entry = files.entry!(path)
        entries.set(path, entry)
      }
      return entry
    }
  }
  const folders = new Map<string, Promise<ReadonlyMap<string, FileEntry>>>()
  return async (folder, name) => {
    const path = folder.join("/")
    let members = folders.get(path)
    if (members === undefined) {
      members = files.list(path).then((list) => new Map(list.map((entry) => [entry.name, entry])))
      folders.set(path, members)
    }
    return (await members).get(name)
  }
}

async function locate(path: string, find: Find): Promise<Located | undefined> {
  let rest = path.split("/").filter((part) => part !== "" && part !== ".")
  const done: string[] = []
  let type: Located["type"] = "directory"
  let links = 0
  while (rest.length > 0) {
    const [part, ...after] = rest as [string, ...string[]]
    rest = after
    if (part === "..") {
      if (done.pop() === undefined) return undefined
      continue
    }
    const entry = await find(done, part)
    if (entry === undefined) return undefined
    if (entry.type === "symlink") {
      const { target } = entry
      if (target === undefined || target.startsWith("/") || ++links > maxLinks) return undefined
      rest = [...target.split("/").filter((name) => name !== "" && name !== "."), ...rest]
      continue
    }
    if (entry.type === "file" && rest.length > 0) return undefined
    done.push(part)
    type = entry.type
  }
  return { path: done.join("/"), type: done.length === 0 ? "directory" : type }
}
