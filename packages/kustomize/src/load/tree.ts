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
  const folders = new Map<string, Promise<ReadonlyMap<string, FileEntry>>>()
  const list = (path: string): Promise<ReadonlyMap<string, FileEntry>> => {
    let entries = folders.get(path)
    if (entries === undefined) {
      entries = files.list(path).then((members) => new Map(members.map((entry) => [entry.name, entry])))
      folders.set(path, entries)
    }
    return entries
  }
  return {
    locate: (path) => locate(path, list),
    async read(path) {
      signal?.throwIfAborted()
      const bytes = await files.read(path, { signal })
      spendFile(budget, bytes.byteLength, path)
      return bytes
    },
  }
}

type List = (path: string) => Promise<ReadonlyMap<string, FileEntry>>

async function locate(path: string, list: List): Promise<Located | undefined> {
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
    const entry = (await list(done.join("/"))).get(part)
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
