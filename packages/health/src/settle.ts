import {
  formatRef,
  keyOf,
  steps,
  systemClock,
  type Clock,
  type Cluster,
  type LiveView,
  type Steps,
} from "@gitops-toolkit/kube"
import { HealthError } from "./error.ts"
import type { HealthStatus } from "./health.ts"
import type { HealthEvent, HealthReport, SettleTarget } from "./report.ts"
import type { Rule } from "./rule.ts"
import { completedJob } from "./rules/job.ts"
import { createJudge, type Judge } from "./settle/judge.ts"
import { pollSource } from "./settle/poll.ts"
import { watchSource } from "./settle/watch.ts"

/** Options of `settle`. */
export interface SettleOptions {
  /** Listen to these watch caches instead of asking the server again and again. */
  readonly live?: LiveView | undefined
  /** How long to wait in all, in milliseconds; default 300,000. */
  readonly timeoutMs?: number
  /** Rules before the built-in ones; default `[completedJob]`. Yours replace that: add it where you want it. */
  readonly rules?: readonly Rule[]
  /** `none` (default): a failed object or a timeout throws. `failed`: the report is returned in any case. */
  readonly allow?: "none" | "failed"
  /** True (default): the first `Failed` object ends the wait. False: wait until each is `Current` or `Failed`. */
  readonly failEarly?: boolean
  /** Without `live`: milliseconds between two rounds of requests; default 2,000. */
  readonly intervalMs?: number
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

const defaultRules: readonly Rule[] = [completedJob]

/**
 * Waits until every object of `refs` is `Current`. With `live` it listens to the caches and sends no request; an answer
 * older than our own last write (`live.confirmed`) is not believed. Without, it asks the server every `intervalMs`,
 * and again only for those that are not ready yet. An absent object is waited for; requests that fail for a passing
 * reason are repeated.
 * Returns the report. Throws `HealthError` `NotHealthy` with the report as soon as an object is `Failed` (see
 * `failEarly`) or when the time is up; rejects with the signal's reason when it aborts.
 *
 * @example
 * const report = await settle(cluster, [{ apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "web" }])
 */
export function settle(
  cluster: Cluster,
  refs: readonly SettleTarget[],
  options: SettleOptions = {},
): Steps<HealthEvent, HealthReport> {
  return steps(() => waitForAll(cluster, refs, options))
}

async function* waitForAll(
  cluster: Cluster,
  refs: readonly SettleTarget[],
  options: SettleOptions,
): AsyncGenerator<HealthEvent, HealthReport, void> {
  const { clock = systemClock, live, timeoutMs = 300_000, rules = defaultRules, signal } = options
  signal?.throwIfAborted()
  const targets = [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()]
  const judge = createJudge(targets, { rules, live, clock })
  const start = clock.now()
  const deadline = start + timeoutMs
  if (targets.length > 0) {
    const source = live
      ? watchSource(live, targets, { clock, deadline, signal })
      : pollSource(cluster, judge, { clock, deadline, signal, intervalMs: options.intervalMs ?? 2000 })
    for await (const seen of source) {
      for (const item of seen) {
        const event = judge.see(item)
        if (event) yield event
      }
      if (isOver(judge, options.failEarly ?? true)) break
    }
  }
  signal?.throwIfAborted()
  const report: HealthReport = { ...judge.report(), elapsedMs: clock.now() - start }
  if (report.status === "Current") {
    yield { type: "health.passed", objects: targets.length, elapsedMs: report.elapsedMs }
  } else if (options.allow !== "failed") {
    throw notHealthy(report, isOver(judge, options.failEarly ?? true))
  }
  return report
}

function isOver(judge: Judge, failEarly: boolean): boolean {
  const { failed, pending } = judge.counts()
  return failEarly && failed > 0 ? true : pending === 0
}

/** So many objects are named in a message; the report has them all. */
const namedObjects = 10

function notHealthy(report: HealthReport, early: boolean): HealthError {
  const wanted: readonly HealthStatus[] = early
    ? ["Failed"]
    : ["Failed", "InProgress", "NotFound", "Unknown", "Terminating"]
  const culprits = report.objects.filter(({ health }) => wanted.includes(health.status))
  const named = culprits.slice(0, namedObjects).map(({ ref, health }) => {
    const detail = health.message === "" ? "" : `: ${health.message}`
    return `${formatRef(ref)} status: '${health.status}'${detail}`
  })
  if (culprits.length > namedObjects) named.push(`and ${culprits.length - namedObjects} more`)
  const what = early ? "failed early due to stalled resources" : "timeout waiting for"
  const ref = culprits.length === 1 ? culprits[0]?.ref : undefined
  const message = `${what}: [${named.join(", ")}]`
  return new HealthError("NotHealthy", message, { retryable: true, report, ...(ref ? { ref } : {}) })
}
