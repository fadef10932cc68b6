import type { Stats } from "node:fs"
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises"
import { join, sep } from "node:path"
import { SourceError } from "../error.ts"
import type { Entry, Files } from "../files.ts"
import { segmentsOf } from "./path.ts"
import { compareNames } from "./tree.ts"

/** So many members of a folder are looked at together: all of a large one would take its memory several times. */
const atOnce = 256

/**
 * The files of a folder on disk. Links are followed as long as they end below the folder; sockets, devices and pipes
 * are neither listed nor read. Throws `FileNotFound`, and `InvalidPath` for what lies outside.
 *
 * @example
 * const { objects } = await build(directoryFiles("./deploy"), "overlays/prod")
 */
export function directoryFiles(path: string): Files {
  let opening: Promise<string> | undefined
  const root = (): Promise<string> =>
    (opening ??= realpath(path).catch((error: unknown) => Promise.reject(missing(path, error))))
  const locate = async (inner: string): Promise<string> => {
    const base = await root()
    const real = await realpath(join(base, ...segmentsOf(inner))).catch((error: unknown) =>
      Promise.reject(missing(inner, error)),
    )
    if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep)) {
      throw new SourceError("InvalidPath", `'${inner}' leaves the root through a link`)
    }
    return real
  }
  return {
    list: async (inner) => {
      const folder = await locate(inner)
      const names = await readdir(folder).catch((error: unknown) => Promise.reject(missing(inner, error)))
      names.sort(compareNames)
      const entries: Entry[] = []
      for (let start = 0; start < names.length; start += atOnce) {
        const found = await Promise.all(names.slice(start, start + atOnce).map((name) => entryAt(folder, name)))
        entries.push(...found.filter((entry) => entry !== undefined))
      }
      return entries
    },
    entry: async (inner) => {
      const names = segmentsOf(inner)
      const name = names.pop()
      if (name === undefined) return { name: "", type: "directory", mode: 0o755 }
      try {
        return await entryAt(await locate(names.join("/")), name)
      } catch (error) {
        if (isAbsent(error) || isAbsent((error as Error).cause)) return undefined
        throw error instanceof SourceError ? error : missing(inner, error)
      }
    },
    read: async (inner, { signal } = {}) => {
      signal?.throwIfAborted()
      const file = await locate(inner)
      if (!(await lstat(file)).isFile()) throw new SourceError("FileNotFound", `'${inner}' is no file`)
      return readFile(file, signal ? { signal } : {})
    },
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === "ENOENT" || code === "ENOTDIR"
}

function missing(path: string, cause: unknown): SourceError {
  const { code } = cause as NodeJS.ErrnoException
  const why = isAbsent(cause) ? "" : ` (${code ?? "unknown error"})`
  return new SourceError("FileNotFound", `there is no '${path}'${why}`, { cause })
}

async function entryAt(folder: string, name: string): Promise<Entry | undefined> {
  const path = join(folder, name)
  const stats: Stats = await lstat(path)
  if (stats.isDirectory()) return { name, type: "directory", mode: 0o755 }
  if (stats.isSymbolicLink()) return { name, type: "symlink", mode: 0o777, target: await readlink(path) }
  if (!stats.isFile()) return undefined
  return { name, type: "file", mode: stats.mode & 0o111 ? 0o755 : 0o644, size: stats.size }
}
