import { randomUUID } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import { packArchive, unpackArchive, type ArchiveLimits, type UnpackOptions } from "../archive.ts"
import { SourceError } from "../error.ts"
import { digestOfNode, type TreeFiles } from "../files/tree.ts"
import type { ArtifactStore, StoredFiles, StoreOptions } from "../store.ts"
import { treeOfFiles } from "./tree-of-files.ts"

/** Options of `directoryStore`. */
export interface DirectoryStoreOptions {
  /** How many artifacts to keep; the least recently used go first. Default 1000. */
  readonly maxArtifacts?: number
  /** Bounds on what is unpacked. */
  readonly limits?: Partial<ArchiveLimits>
}

const digestText = /^sha256:[0-9a-f]{64}$/
const suffix = ".tar.gz"

/**
 * A store in a folder: one `<digest>.tar.gz` for each artifact, written aside and renamed into place, so that several
 * processes may share it and a crash leaves nothing half. The folder is made at the first `put`.
 *
 * @example
 * const store = directoryStore("/var/cache/artifacts")
 * await store.put(artifact)
 * const files = await store.get(artifact.digest)
 */
export function directoryStore(path: string, options: DirectoryStoreOptions = {}): ArtifactStore {
  const fileOf = (digest: string): string => {
    if (!digestText.test(digest)) throw new SourceError("InvalidPath", "a digest is sha256: and 64 hexadecimal digits")
    return join(path, digest.replace(":", "-") + suffix)
  }
  const list = async (): Promise<string[]> => {
    const found: { digest: string; usedMs: number }[] = []
    for (const name of await orAbsent(readdir(path), [])) {
      const digest = name.slice(0, -suffix.length).replace("-", ":")
      if (!name.endsWith(suffix) || !digestText.test(digest)) continue
      const usedMs = (await orAbsent(stat(join(path, name)), undefined))?.mtimeMs
      if (usedMs !== undefined) found.push({ digest, usedMs })
    }
    return found.toSorted((a, b) => b.usedMs - a.usedMs || (a.digest < b.digest ? -1 : 1)).map(({ digest }) => digest)
  }
  const remove = async (digest: string): Promise<void> => rm(fileOf(digest), { force: true })
  return {
    put: async (artifact, given = {}) => {
      const file = fileOf(artifact.digest)
      if (await touch(file)) return
      await checkDigest(artifact, given)
      await mkdir(path, { recursive: true })
      await writeAside(file, artifact, given)
      for (const digest of (await list()).slice(options.maxArtifacts ?? 1000)) await remove(digest)
    },
    get: async (digest, { signal } = {}) => {
      const file = fileOf(digest)
      if (!(await touch(file))) return undefined
      const files = await readStored(file, { signal, limits: options.limits ?? {} })
      if (files && files.digestOf("") === digest) return files
      await remove(digest) // damaged: as if it had never been there
      return undefined
    },
    list,
    delete: remove,
  }
}

/** The files of an archive; undefined when it is damaged, or was deleted meanwhile. */
async function readStored(file: string, options: UnpackOptions): Promise<TreeFiles | undefined> {
  try {
    return await orAbsent(unpackArchive(createReadStream(file), options), undefined)
  } catch (error) {
    if (error instanceof SourceError && error.code === "InvalidArchive") return undefined
    throw error
  }
}

/** Marks a file as used. False when it is not there. */
async function touch(file: string): Promise<boolean> {
  const now = new Date()
  return orAbsent(
    utimes(file, now, now).then(() => true),
    false,
  )
}

async function orAbsent<T>(work: Promise<T>, absent: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return absent
    throw error
  }
}

async function checkDigest({ digest, files }: StoredFiles, options: StoreOptions): Promise<void> {
  const root = await treeOfFiles(files, options)
  if (`sha256:${digestOfNode(root)}` !== digest) {
    throw new SourceError("InvalidArchive", `the files are not those of ${digest}`)
  }
}

async function writeAside(file: string, { files }: StoredFiles, { signal }: StoreOptions): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    const handle = await open(aside, "wx", 0o600)
    try {
      await handle.writeFile(packArchive(files, { signal }))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(aside, file)
  } finally {
    await rm(aside, { force: true })
  }
}
