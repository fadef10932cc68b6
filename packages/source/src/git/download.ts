import { SourceError } from "../error.ts"
import type { GitLimits } from "./limits.ts"
import type { Mirror } from "./mirror.ts"
import type { GitObject } from "./oid.ts"
import { parseCommit } from "./pack/object.ts"
import { readPack } from "./pack/read.ts"
import type { FetchRequest } from "./protocol/fetch.ts"
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

/** Objects that were received, and how many bytes the pack had. */
export interface Received {
  readonly objects: Map<string, GitObject>
  readonly bytes: number
}

/** The objects that answer `request`; `base` gives those that deltas may build on. */
export async function fetchObjects(
  remote: Remote,
  request: FetchRequest,
  { limits, signal, base }: Pick<DownloadOptions, "limits" | "signal"> & { readonly base?: ObjectSource },
): Promise<Received> {
  const { format } = await remote.features()
  let bytes = 0
  const objects = await remote.fetch(request, (pack) => {
    const counted = (async function* () {
      for await (const chunk of pack) {
        bytes += chunk.length
        yield chunk
      }
    })()
    return readPack(counted, { format, limits, signal, ...(base ? { base } : {}) })
  })
  return { objects, bytes }
}

interface Whole extends DownloadOptions {
  readonly selection: Selection
  readonly base: Snapshot | undefined
}

async function downloadAll(remote: Remote, commit: string, options: Whole): Promise<Download> {
  const { limits, signal, selection, base } = options
  const { format } = await remote.features()
  const old: ObjectSource = (oid) => base?.objects.get(oid)
  const request = { wants: [commit], have: base?.commit }
  const { objects, bytes } = await fetchObjects(remote, request, { limits, signal, base: old })
  const source: ObjectSource = (oid) => objects.get(oid) ?? old(oid)
  const { takes } = selection
  checkCommit(source, commit)
  const snapshot = buildSnapshot(commit, source, { format, limits, ...(takes ? { takes } : {}) })
  return { snapshot, receivedBytes: bytes, incremental: base !== undefined }
}

async function downloadPart(
  remote: Remote,
  commit: string,
  { mirror, limits, signal, selection }: DownloadOptions & { readonly selection: Selection },
): Promise<Download> {
  const { format } = await remote.features()
  const takes = selection.takes!
  const known = [...mirror.refs.values()].map(({ snapshot }) => snapshot.objects)
  const { objects, bytes } = await fetchObjects(remote, { wants: [commit], filter: "blob:none" }, { limits, signal })
  const source: ObjectSource = (oid) => {
    const object = objects.get(oid)
    if (object) return object
    for (const older of known) if (older.has(oid)) return older.get(oid)
    return undefined
  }
  checkCommit(source, commit)
  const missing = missingBlobs(commit, source, { format, limits, takes })
  let receivedBytes = bytes
  if (missing.length > 0) {
    const request = { wants: missing, filter: "blob:none" }
    const blobs = await fetchObjects(remote, request, { limits, signal, base: source })
    receivedBytes += blobs.bytes
    for (const [oid, object] of blobs.objects) objects.set(oid, object)
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
    const { filter } = await remote.features()
    const { objects } = await fetchObjects(remote, { wants, filter: filter ? "tree:0" : undefined }, { limits, signal })
    if (mirror.times.size > 10_000) mirror.times.clear()
    for (const oid of wants) {
      const { data } = requireObject((id) => objects.get(id), oid, "commit")
      mirror.times.set(oid, parseCommit(data).time)
    }
  }
  return ties.reduce((best, next) => (mirror.times.get(next.commit)! >= mirror.times.get(best.commit)! ? next : best))
}
