import { systemClock, type Clock } from "@gitops-toolkit/kube"
import type { Artifact } from "./artifact.ts"
import { SourceError } from "./error.ts"

/** Options of `follow`. */
export interface FollowOptions {
  /** Time between two looks. */
  readonly intervalMs: number
  /** Share of the interval by which each wait is varied, so that many followers spread; default 0.05. */
  readonly jitter?: number
  /** Called with every error after which a later try may succeed. Absent: such an error ends the loop too. */
  readonly onError?: (error: SourceError) => void
  readonly clock?: Clock
  /** Numbers from 0 to 1; default `Math.random`. */
  readonly random?: () => number
  readonly signal?: AbortSignal | undefined
}

/** Any fetch that returns `previous` itself when nothing changed. */
export type Fetch = (options: {
  readonly previous: Artifact | undefined
  readonly signal: AbortSignal | undefined
}) => PromiseLike<Artifact>

/**
 * The artifact of now, then every later one whose revision differs, until the signal aborts or the loop is left.
 * Aborting ends the loop without an error. Throws what `fetch` throws, but for what `onError` takes.
 *
 * @example
 * for await (const artifact of follow((options) => git.fetch({ url, ...options }), { intervalMs: 60_000, signal })) {
 *   console.log(artifact.revision)
 * }
 */
export async function* follow(fetch: Fetch, options: FollowOptions): AsyncGenerator<Artifact, void, void> {
  const { intervalMs, jitter = 0.05, onError, clock = systemClock, random = Math.random, signal } = options
  let previous: Artifact | undefined
  while (!signal?.aborted) {
    try {
      const artifact = await fetch({ previous, signal })
      const changed = artifact.revision !== previous?.revision
      previous = artifact
      if (changed) yield artifact
      await clock.sleep(intervalMs * (1 + jitter * (2 * random() - 1)), { signal })
    } catch (error) {
      if (signal?.aborted) return
      if (!(error instanceof SourceError) || !error.retryable || !onError) throw error
      onError(error)
      await clock.sleep(intervalMs, { signal }).catch(() => undefined) // an abort ends the loop
    }
  }
}
