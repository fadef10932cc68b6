import { formatTime } from "@gitops-toolkit/kube"

/** What became of one desired state, over all runs with the same outcome. JSON for a status. */
export interface HistoryEntry {
  /** Digest of the desired state (`digestOf` of the built objects). */
  readonly digest: string
  /** The reason of the outcome: `ReconciliationSucceeded`, `HealthCheckFailed`, … */
  readonly lastReconciledStatus: string
  /** RFC 3339. */
  readonly firstReconciled: string
  /** RFC 3339. */
  readonly lastReconciled: string
  /** Milliseconds. */
  readonly lastReconciledDurationMs: number
  readonly totalReconciliations: number
  /** For people: `{ revision: "main@sha1:…" }`. */
  readonly metadata?: { readonly [name: string]: string }
}

/** One run that is over. */
export interface HistoryRun {
  readonly digest: string
  /** The reason of its outcome. */
  readonly status: string
  readonly durationMs: number
  readonly metadata?: { readonly [name: string]: string }
}

/** How a history is kept. */
export interface HistoryOptions {
  /** So many entries are kept; default 5. */
  readonly limit?: number
  /**
   * False (default): a run that ends as the newest entry says changes nothing, so that a status need not be written.
   * True: it is counted there.
   */
  readonly count?: boolean
}

/**
 * The history with `run` in it, the newest first. Runs of the same desired state with the same outcome share an entry
 * (as in Flux). Returns `history` itself when nothing changes. Pure.
 *
 * @example
 * const run = { digest: "sha256:8a3f", status: "HealthCheckFailed", durationMs: 900 }
 * const [newest] = recordRun([], run, { now: new Date(0) })
 * newest?.totalReconciliations   // 1
 * newest?.lastReconciled   // "1970-01-01T00:00:00Z"
 */
export function recordRun(
  history: readonly HistoryEntry[],
  run: HistoryRun,
  options: HistoryOptions & { readonly now: Date },
): readonly HistoryEntry[] {
  const { limit = 5, count = false, now } = options
  const isSame = (entry: HistoryEntry): boolean =>
    entry.digest === run.digest && entry.lastReconciledStatus === run.status
  const known = history.find(isSame)
  if (known !== undefined && known === history[0] && !count) return history
  const time = formatTime(now)
  const entry: HistoryEntry = {
    digest: run.digest,
    lastReconciledStatus: run.status,
    firstReconciled: known?.firstReconciled ?? time,
    lastReconciled: time,
    lastReconciledDurationMs: Math.round(run.durationMs),
    totalReconciliations: (known?.totalReconciliations ?? 0) + 1,
    ...(run.metadata ? { metadata: run.metadata } : {}),
  }
  return [entry, ...history.filter((one) => one !== known)].slice(0, limit)
}

/**
 * The newest entry with the outcome `status` that is not of the desired state `before`: what to go back to. Undefined when
 * there is none. Pure.
 *
 * @example
 * const good = { digest: "sha256:8a3f", status: "ReconciliationSucceeded", durationMs: 900, metadata: { revision: "v1.4.2" } }
 * const bad = { digest: "sha256:77b0", status: "HealthCheckFailed", durationMs: 900 }
 * const history = recordRun(recordRun([], good, { now: new Date(0) }), bad, { now: new Date(60_000) })
 * lastGood(history, { status: "ReconciliationSucceeded", before: bad.digest })?.metadata   // { revision: "v1.4.2" }
 */
export function lastGood(
  history: readonly HistoryEntry[],
  { status, before }: { readonly status: string; readonly before?: string },
): HistoryEntry | undefined {
  return history.find((entry) => entry.lastReconciledStatus === status && entry.digest !== before)
}
