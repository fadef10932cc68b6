import { SourceError } from "../error.ts"
import type { GitLimits } from "./limits.ts"
import type { Mirror } from "./mirror.ts"
import type { GitObject } from "./oid.ts"
import { parseCommit } from "./pack/object.ts"
import { readPack } from "./pack/read.ts"
import type { Resolution } from "./ref.ts"
import type { Remote } from "./remote.ts"
import type { Selection } from "./selection.ts"
import { buildSnapshot, missingBlobs, requireObject, type ObjectSource, type Snapshot } from "./snapshot.ts"

/** Options of `downloadCommit` and `newestOf`. */
export interface DownloadOptions {
  readonly mirror: Mirror
  readonly limits: GitLimits
  readonly signal: AbortSignal
}

/** A commit that was downloaded, and what it cost. */
export interface Download {
  readonly snapshot: Snapshot
  readonly receivedBytes: number
  /** Whether only the difference to a known commit was sent. */
  readonly incremental: boolean
}

/**
 * Fetches what `selection` takes of one commit: the difference to a commit that is known completely, else all of it, or
 * only the blobs that are wanted where the server can leave out the others.
 */
export async function downloadCommit(
  remote: Remote,
  commit: string,
  options: DownloadOptions & { readonly selection: Selection },
): Promise<Download> {
  const { filter } = await remote.features()
  if (options.selection.takes && filter) return downloadPart(remote, commit, options)
  const base = [...options.mirror.refs.values()].map(({ snapshot }) => snapshot).findLast(({ complete }) => complete)
  if (base === undefined) return downloadAll(remote, commit, { ...options, base })
  try {
    return await downloadAll(remote, commit, { ...options, base })
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== "InvalidPack") throw error
    return downloadAll(remote, commit, { ...options, base: undefined }) // the server built on more than we have
  }
}

interface Whole extends DownloadOptions {
  readonly selection: Selection
  readonly base: Snapshot | undefined
}

async function downloadAll(remote: Remote, commit: string, options: Whole): Promise<Download> {
  const { limits, signal, selection, base } = options
  const { format } = await remote.features()
  const pack = await remote.fetch({ wants: [commit], have: base?.commit })
  const old: ObjectSource = (oid) => base?.objects.get(oid)
  const objects = await readPack(pack, { format, limits, signal, base: old })
  const source: ObjectSource = (oid) => objects.get(oid) ?? old(oid)
  const { takes } = selection
  checkCommit(source, commit)
  const snapshot = buildSnapshot(commit, source, { format, limits, ...(takes ? { takes } : {}) })
  return { snapshot, receivedBytes: pack.length, incremental: base !== undefined }
}

async function downloadPart(
  remote: Remote,
  commit: string,
  { mirror, limits, signal, selection }: DownloadOptions & { readonly selection: Selection },
): Promise<Download> {
  const { format } = await remote.features()
  const takes = selection.takes!
  const known = [...mirror.refs.values()].map(({ snapshot }) => snapshot.objects)
  const first = await remote.fetch({ wants: [commit], filter: "blob:none" })
  const objects = await readPack(first, { format, limits, signal })
  const source: ObjectSource = (oid) => {
    const object = objects.get(oid)
    if (object) return object
    for (const older of known) if (older.has(oid)) return older.get(oid)
    return undefined
  }
  checkCommit(source, commit)
  const missing = missingBlobs(commit, source, { format, limits, takes })
  let receivedBytes = first.length
  if (missing.length > 0) {
    const second = await remote.fetch({ wants: missing, filter: "blob:none" })
    receivedBytes += second.length
    for (const [oid, object] of await readPack(second, { format, limits, signal, base: source }))
      objects.set(oid, object)
  }
  const snapshot = buildSnapshot(commit, source, { format, limits, takes })
  return { snapshot, receivedBytes, incremental: missing.length === 0 }
}

/** Throws `ReferenceNotFound` when a ref or an id leads to something else than a commit. */
function checkCommit(source: ObjectSource, oid: string): void {
  const type = source(oid)?.type
  if (type && type !== "commit") throw new SourceError("ReferenceNotFound", `${oid} is a ${type}, not a commit`)
}

/**
 * The one of several resolutions whose commit is the newest (by the committer's time, as Flux does); of equal ones the
 * last in the order given. Asks the server for the commits alone where it can leave out the rest.
 */
export async function newestOf(
  remote: Remote,
  ties: readonly Resolution[],
  options: DownloadOptions,
): Promise<Resolution> {
  const { mirror, limits, signal } = options
  const [first] = ties
  if (ties.every(({ commit }) => commit === first!.commit)) return ties.at(-1)!
  const wants = [...new Set(ties.map(({ commit }) => commit))].filter((commit) => !mirror.times.has(commit))
  if (wants.length > 0) {
    const { format, filter } = await remote.features()
    const pack = await remote.fetch({ wants, filter: filter ? "tree:0" : undefined })
    const objects: Map<string, GitObject> = await readPack(pack, { format, limits, signal })
    if (mirror.times.size > 10_000) mirror.times.clear()
    for (const oid of wants) {
      const { data } = requireObject((id) => objects.get(id), oid, "commit")
      mirror.times.set(oid, parseCommit(data).time)
    }
  }
  return ties.reduce((best, next) => (mirror.times.get(next.commit)! >= mirror.times.get(best.commit)! ? next : best))
}
