import { ClusterError, ToolkitError } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import type { ResourceStatus } from "./kind.ts"
import { failureOf, isSuspended, judgeStatus, type Verdict } from "./status.ts"

const now = new Date("2026-01-01T00:00:00Z")
const later = new Date("2026-01-01T01:00:00Z")
const judged = (status: ResourceStatus, verdict: Verdict, generation = 1, time = now): ResourceStatus =>
  judgeStatus(status, verdict, { generation, now: time })
const told = (status: ResourceStatus): string =>
  `${status.observedGeneration} ${(status.conditions ?? [])
    .map((c) => `${c.type}=${c.status}/${c.reason}@${c.observedGeneration}`)
    .join(" ")}`

const progressing: Verdict = { type: "progressing", message: "…" }
const ready: Verdict = { type: "ready", message: "fine" }
const retrying: Verdict = { type: "retrying", reason: "FetchFailed", message: "no route" }
const stalled: Verdict = { type: "stalled", reason: "BuildFailed", message: "bad file" }

describe("judgeStatus", () => {
  test.each([
    ["a new object", {}, progressing, "-1 Reconciling=True/Progressing@1 Ready=Unknown/Progressing@1"],
    ["success", judged({}, progressing), ready, "1 Ready=True/Succeeded@1"],
    [
      "a failure that is tried again",
      judged({}, ready),
      retrying,
      "1 Ready=False/FetchFailed@1 Reconciling=True/ProgressingWithRetry@1",
    ],
    ["a failure for good", judged({}, retrying), stalled, "1 Ready=False/BuildFailed@1 Stalled=True/BuildFailed@1"],
    ["recovery", judged({}, stalled), ready, "1 Ready=True/Succeeded@1"],
  ])("%s", (_title, status, verdict, wanted) => expect(told(judged(status, verdict))).toBe(wanted))

  test("a generation that still fails is not observed", () => {
    expect(judged({ ...judged({}, ready) }, retrying, 2).observedGeneration).toBe(1)
  })

  test("the same verdict changes nothing at all", () => {
    for (const verdict of [progressing, ready, retrying, stalled]) {
      const first = judged({ revision: "r" }, verdict)
      expect(judged(first, verdict, 1, later)).toBe(first)
    }
  })

  test("conditions of others stay", () => {
    const foreign = { type: "Audited", status: "True", reason: "X", message: "", lastTransitionTime: "t" } as const
    expect(judged({ conditions: [foreign] }, ready).conditions?.[0]).toBe(foreign)
  })
})

describe("failureOf", () => {
  test.each([
    [
      "a toolkit error",
      new ToolkitError("BuildFailed", "bad"),
      { code: "BuildFailed", message: "bad", retryable: false },
    ],
    [
      "any error",
      new TypeError("x is undefined"),
      { code: "ReconcileFailed", message: "x is undefined", retryable: true },
    ],
    ["anything", "text", { code: "ReconcileFailed", message: "text", retryable: true }],
    [
      "a server that asks to wait",
      new ClusterError("TooManyRequests", "slow down", { retryable: true, retryAfterMs: 3000 }),
      { code: "TooManyRequests", message: "slow down", retryable: true, retryAfterMs: 3000 },
    ],
  ])("%s", (_title, error, wanted) => expect(failureOf(error)).toEqual(wanted))

  test("no secrets, no novels", () => {
    const { message } = failureOf(new Error(`https://user:hunter2@host/ ${"x".repeat(10_000)}`))
    expect(message).not.toContain("hunter2")
    expect(message.length).toBe(4096)
  })
})

test.each([
  [{ suspend: true }, true],
  [{ suspend: "true" }, false],
  [{}, false],
  [undefined, false],
])("isSuspended %j", (spec, wanted) =>
  expect(isSuspended({ apiVersion: "a/v1", kind: "A", metadata: {}, spec })).toBe(wanted),
)
