import type { Artifact } from "../artifact.ts"
import type { GitUrl } from "./auth.ts"
import type { RemoteMemory } from "./remote.ts"
import type { Snapshot } from "./snapshot.ts"

/** What is kept of one ref of a repository: its last commit, and the artifacts made of it. */
export interface Kept {
  readonly snapshot: Snapshot
  /** By revision and by what was taken of the commit. */
  readonly artifacts: Map<string, Artifact>
}

/** What is kept of one repository as one identity sees it. */
export interface Mirror {
  readonly memory: RemoteMemory
  /** Where the server redirected to. */
  base?: GitUrl | undefined
  /** By ref and selection; the newest last. */
  readonly refs: Map<string, Kept>
  /** Committer's times of commits that share a version. */
  readonly times: Map<string, number>
  /** Settles when the download before ours is done. */
  turn: Promise<void>
}

/** Mirrors in memory, least recently used first, within a bound of bytes. */
export interface MirrorCache {
  /** The mirror with this key, made when absent; now the most recently used. */
  open(key: string): Mirror
  /** Puts a ref's commit in a mirror and drops others until the bound holds. */
  keep(mirror: Mirror, ref: string, kept: Kept): void
  /** Bytes of all objects that are kept. Objects that several refs share count for each. */
  readonly bytes: number
  clear(): void
}

const maxMirrors = 10_000

/** An empty cache of at most `maxBytes`. */
export function createMirrorCache(maxBytes: number): MirrorCache {
  const mirrors = new Map<string, Mirror>()
  // Of a mirror that was dropped while it was in use nothing is kept.
  const dropped = new WeakSet<Mirror>()
  let bytes = 0
  const drop = (mirror: Mirror, ref: string): void => {
    bytes -= mirror.refs.get(ref)?.snapshot.bytes ?? 0
    mirror.refs.delete(ref)
  }
  const shrink = (): void => {
    for (const [key, mirror] of mirrors) {
      if (bytes <= maxBytes && mirrors.size <= maxMirrors) return
      for (const ref of mirror.refs.keys()) {
        if (bytes > maxBytes || mirrors.size > maxMirrors) drop(mirror, ref)
      }
      if (mirrors.size <= maxMirrors) continue
      mirrors.delete(key)
      dropped.add(mirror)
    }
  }
  return {
    open: (key) => {
      const found = mirrors.get(key)
      const mirror = found ?? { memory: {}, refs: new Map(), times: new Map(), turn: Promise.resolve() }
      mirrors.delete(key)
      mirrors.set(key, mirror)
      // Repositories that nothing is ever kept of count too.
      shrink()
      return mirror
    },
    keep: (mirror, ref, kept) => {
      if (dropped.has(mirror)) return
      drop(mirror, ref)
      mirror.refs.set(ref, kept)
      bytes += kept.snapshot.bytes
      shrink()
    },
    get bytes() {
      return bytes
    },
    clear: () => {
      for (const mirror of mirrors.values()) dropped.add(mirror)
      mirrors.clear()
      bytes = 0
    },
  }
}

/** Runs `work` when all earlier work on this mirror is done. Rejects with the signal's reason while it waits. */
export async function inTurn<T>(mirror: Mirror, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = mirror.turn
  let done = (): void => undefined
  mirror.turn = new Promise<void>((resolve) => (done = resolve)).then(() => before)
  try {
    await waitFor(before, signal)
    return await work()
  } finally {
    done()
  }
}

function waitFor(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = (): void => reject(signal.reason as Error)
    signal.addEventListener("abort", stop, { once: true })
    void promise.then(() => {
      signal.removeEventListener("abort", stop)
      resolve()
    })
  })
}
