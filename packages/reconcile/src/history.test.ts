import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { lastGood, recordRun, type HistoryEntry } from "./history.ts"

const good = "ReconciliationSucceeded"
const at = (seconds: number): { now: Date } => ({ now: new Date(seconds * 1000) })
const run = (digest: string, status = good): { digest: string; status: string; durationMs: number } => ({
  digest,
  status,
  durationMs: 1.4,
})
const told = (history: readonly HistoryEntry[]): string[] =>
  history.map(
    ({ digest, lastReconciledStatus, totalReconciliations }) =>
      `${digest} ${lastReconciledStatus} ${totalReconciliations}`,
  )

describe("a history", () => {
  test("has the newest first, and one entry for each state and outcome", () => {
    let history: readonly HistoryEntry[] = []
    for (const [index, one] of [run("a"), run("b", "HealthCheckFailed"), run("b"), run("a")].entries()) {
      history = recordRun(history, one, at(index))
    }
    expect(told(history)).toEqual([`a ${good} 2`, `b ${good} 1`, "b HealthCheckFailed 1"])
    expect(history[0]).toMatchObject({
      firstReconciled: "1970-01-01T00:00:00Z",
      lastReconciled: "1970-01-01T00:00:03Z",
      lastReconciledDurationMs: 1,
    })
  })

  test("does not change for a run like the last, unless it is to be counted", () => {
    const history = recordRun([], run("a"), at(0))
    expect(recordRun(history, run("a"), at(1))).toBe(history)
    expect(told(recordRun(history, run("a"), { ...at(1), count: true }))).toEqual([`a ${good} 2`])
  })

  test("is bounded", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 7 }), (digests, limit) => {
        const history = digests.reduce<readonly HistoryEntry[]>(
          (all, digest) => recordRun(all, run(digest), { ...at(0), limit }),
          [],
        )
        expect(history.length).toBeLessThanOrEqual(limit)
        expect(new Set(history.map(({ digest }) => digest)).size).toBe(history.length)
      }),
    )
  })

  test("knows what to go back to", () => {
    const runs = [run("a"), run("b"), run("c", "HealthCheckFailed")]
    const history = runs.reduce<readonly HistoryEntry[]>((all, one) => recordRun(all, one, at(0)), [])
    expect(lastGood(history, { status: good, before: "c" })?.digest).toBe("b")
    expect(lastGood(history, { status: good, before: "b" })?.digest).toBe("a")
    expect(lastGood([], { status: good })).toBeUndefined()
  })
})
