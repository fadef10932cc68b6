import { systemClock, type Clock } from "./clock.ts"
import { ToolkitError } from "./error.ts"

/** How long to wait between tries. */
export interface Backoff {
  /** Milliseconds after the first failure; default 1,000. */
  readonly baseMs?: number
  /** What each further failure multiplies it by; default 2. */
  readonly factor?: number
  /** No delay is longer; default 60,000. */
  readonly maxMs?: number
  /** The share of the delay that is random: 0 none, 1 all of it ("full jitter"); default 0.2. */
  readonly jitter?: number
}

/**
 * The milliseconds to wait after the `failures`-th failure in a row (counted from 1). `random` is a number from 0 to
 * below 1 and takes away up to `jitter` of the delay, so that the delay never exceeds `maxMs`. Pure.
 *
 * @example
 * retryDelay(3, 0, { baseMs: 100, maxMs: 1000 })   // 400
 */
export function retryDelay(failures: number, random: number, backoff: Backoff = {}): number {
  const { baseMs = 1000, factor = 2, maxMs = 60_000, jitter = 0.2 } = backoff
  const delay = Math.min(maxMs, baseMs * factor ** Math.max(0, failures - 1))
  return Math.round(delay * (1 - jitter * random))
}

/** Options of `retry`. */
export interface RetryOptions extends Backoff {
  /** Tries in all, the first included; default 5. */
  readonly attempts?: number
  /** The longest wait that an error may ask for, in milliseconds; one that asks for more is thrown. Default 300,000. */
  readonly maxAskedMs?: number
  /** Whether to try again after this error; default: the error says that it is `retryable`. */
  readonly isRetryable?: (error: unknown) => boolean
  /** Called before each wait. */
  readonly onRetry?: (failure: { readonly error: unknown; readonly attempt: number; readonly delayMs: number }) => void
  readonly clock?: Clock
  /** Numbers from 0 to below 1; default `Math.random`. */
  readonly random?: () => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `work` until it resolves, at most `attempts` times, and waits between with growing delays. An error that
 * carries `retryAfterMs` (a server's `Retry-After`) is waited for that long instead when that is longer; a wait beyond
 * `maxAskedMs` is not begun.
 * Rejects with the last error, or with the signal's reason when it aborts.
 *
 * @example
 * const artifact = await retry(({ attempt }) => fetchArtifact(attempt), { attempts: 3, signal })
 */
export async function retry<Result>(
  work: (state: { readonly attempt: number }) => Promise<Result>,
  options: RetryOptions = {},
): Promise<Result> {
  const { attempts = 5, isRetryable = saysRetryable, clock = systemClock, random = Math.random, signal } = options
  const { maxAskedMs = 300_000 } = options
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work({ attempt })
    } catch (error) {
      const askedMs = askedDelay(error)
      const useless = attempt >= attempts || askedMs > maxAskedMs || !isRetryable(error)
      if (useless || signal?.aborted) throw error
      const delayMs = Math.max(retryDelay(attempt, random(), options), askedMs)
      options.onRetry?.({ error, attempt, delayMs })
      await clock.sleep(delayMs, { signal })
    }
  }
}

function saysRetryable(error: unknown): boolean {
  return error instanceof ToolkitError && error.retryable
}

function askedDelay(error: unknown): number {
  const asked = (error as { readonly retryAfterMs?: unknown } | null | undefined)?.retryAfterMs
  return typeof asked === "number" && Number.isFinite(asked) ? asked : 0
}
