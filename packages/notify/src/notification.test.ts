import type { KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import {
  combineMetadata,
  commitOf,
  compileRule,
  defaultCommitStatus,
  describeReason,
  isDuplicateStatus,
  notificationOf,
  NotifyError,
  parseGitAddress,
  parseNotification,
  parseRevision,
  printNotification,
  withoutInternalMetadata,
  type Notification,
  type Rule,
} from "./index.ts"

const told: Notification = {
  involvedObject: { apiVersion: "apps.example.com/v1", kind: "App", namespace: "prod", name: "web", uid: "u-1" },
  severity: "info",
  timestamp: "2026-01-02T03:04:05Z",
  message: "applied <3 & waiting",
  reason: "ReconciliationSucceeded",
  metadata: { "apps.example.com/revision": "main@sha1:0", b: "2", a: "1" },
  reportingController: "apps",
}

describe("the wire form", () => {
  test("has Flux's order of fields and Go's escapes", () => {
    expect(printNotification(told)).toBe(
      '{"involvedObject":{"kind":"App","namespace":"prod","name":"web","uid":"u-1","apiVersion":"apps.example.com/v1"},' +
        '"severity":"info","timestamp":"2026-01-02T03:04:05Z","message":"applied \\u003c3 \\u0026 waiting",' +
        '"reason":"ReconciliationSucceeded","metadata":{"a":"1","apps.example.com/revision":"main@sha1:0","b":"2"},' +
        '"reportingController":"apps"}',
    )
  })

  test("is read back", () => {
    const { metadata, ...rest } = parseNotification(printNotification(told))
    expect(rest).toEqual(Object.fromEntries(Object.entries(told).filter(([key]) => key !== "metadata")))
    expect(metadata).toEqual(told.metadata)
  })

  test.each([
    "",
    "[]",
    "null",
    '{"involvedObject":{}}',
    '{"involvedObject":[],"severity":"info"}',
    '{"involvedObject":{},"severity":"fatal"}',
    "x".repeat(4 * 1024 * 1024),
  ])("%.40s is no event", (text) => {
    expect(() => parseNotification(text)).toThrow(expect.objectContaining({ code: "InvalidEvent" }))
  })
})

describe("notificationOf", () => {
  const object: KubeObject = {
    apiVersion: "apps.example.com/v1",
    kind: "App",
    metadata: { name: "web", namespace: "prod", annotations: { "event.toolkit.fluxcd.io/env": "live", other: "x" } },
  }

  test.each([
    ["reconcile.started", undefined],
    ["apply.done", undefined],
    ["watch.interrupted", undefined],
    ["reconcile.finished", "info"],
    ["reconcile.failed", "error"],
    ["apply.failed", "error"],
    ["drift.fought", "info"],
  ])("%s: %s", (type, severity) => {
    expect(notificationOf({ type, ...(type.startsWith("watch") ? { severity: "error" } : {}) }, object)?.severity).toBe(
      severity,
    )
  })

  test("takes over reason, message, revision and annotations", () => {
    const event = {
      type: "reconcile.finished",
      controller: "apps",
      timestamp: "2026-01-02T03:04:05.678Z",
      reason: "Succeeded",
      message: "all there",
      revision: "main@sha1:0",
    }
    expect(notificationOf(event, object)).toEqual({
      involvedObject: { kind: "App", namespace: "prod", name: "web", apiVersion: "apps.example.com/v1" },
      severity: "info",
      timestamp: "2026-01-02T03:04:05Z",
      message: "all there",
      reason: "Succeeded",
      metadata: { "event.toolkit.fluxcd.io/env": "live", "apps.example.com/revision": "main@sha1:0" },
      reportingController: "apps",
    })
  })
})

test("metadata: the strongest source wins, others are named", () => {
  const metadata = {
    "apps.example.com/summary": "controller",
    "event.toolkit.fluxcd.io/env": "object",
    foreign: "dropped",
  }
  const { metadata: combined, conflicts } = combineMetadata(
    { ...told, metadata },
    { summary: "alert", eventMetadata: { env: "alert" } },
  )
  expect(combined).toEqual({ summary: "controller", env: "alert" })
  expect(Object.fromEntries(conflicts)).toEqual({
    env: ["involved object annotations", "Alert object .spec.eventMetadata"],
    summary: ["Alert object .spec.summary", "involved object controller metadata"],
  })
  expect(withoutInternalMetadata({ ...told, metadata: { "apps.example.com/token": "t", a: "1" } })).toEqual({ a: "1" })
})

describe("rules", () => {
  const error: Notification = { ...told, severity: "error", message: "boom: socket", reason: "BuildFailed" }
  test.each<[string, Rule, boolean, boolean]>([
    ["nothing asked", {}, true, true],
    ["errors only", { severity: "error" }, false, true],
    ["a source", { sources: [{ kind: "App" }] }, true, true],
    ["another kind", { sources: [{ kind: "Other" }] }, false, false],
    ["another namespace", { sources: [{ kind: "App", namespace: "dev" }] }, false, false],
    ["the rule's namespace", { namespace: "dev", sources: [{ kind: "App", name: "*" }] }, false, false],
    ["labels", { sources: [{ kind: "App", matchLabels: { team: "a" } }] }, true, true],
    ["other labels", { sources: [{ kind: "App", matchLabels: { team: "b" } }] }, false, false],
    ["included", { include: ["^applied", "nothing"] }, true, false],
    ["excluded", { exclude: ["socket$"] }, true, false],
    ["reasons", { reasons: ["BuildFailed"] }, false, true],
  ])("%s", (_name, rule, info, bad) => {
    const passes = compileRule(rule)
    expect([passes(told, { labels: { team: "a" } }), passes(error, { labels: { team: "a" } })]).toEqual([info, bad])
    expect(passes({ ...told, severity: "trace" })).toBe(false)
  })

  test("broken patterns are refused, or ignored as Flux does", () => {
    expect(() => compileRule({ include: ["["] })).toThrow(NotifyError)
    expect(compileRule({ include: ["["] }, { broken: "ignore" })(told)).toBe(false)
    expect(compileRule({ exclude: ["["] }, { broken: "ignore" })(told)).toBe(true)
  })
})

describe("commits", () => {
  const sha = "69b59063470310ebbd88a9156325322a124e55a3"
  test.each([
    [`main@sha1:${sha}`, sha],
    [`sha1:${sha}`, sha],
    [`main/${sha}`, sha],
    [`feature/x/${sha}`, sha],
    [sha, sha],
  ])("%s", (revision, commit) => expect(parseRevision(revision)).toBe(commit))

  test.each(["", "main", "main@sha1:123", `main@sha256:${"0".repeat(64)}`])("%j names none", (revision) => {
    expect(() => parseRevision(revision)).toThrow(expect.objectContaining({ code: "InvalidEvent" }))
  })

  test("are found in metadata, the most precise first", () => {
    const other = "0".repeat(40)
    expect(commitOf({ revision: other, originRevision: `x@sha1:${sha}` })).toBe(sha)
    expect(() => commitOf({})).toThrow("missing revision metadata")
  })

  test.each([
    ["https://github.com/foo/bar.git", "https://github.com", "foo/bar"],
    ["git@gitlab.com:foo/bar/baz.git", "https://gitlab.com", "foo/bar/baz"],
    ["ssh://git@github.com:22/foo/bar", "https://github.com", "foo/bar"],
    ["ssh://git@bitbucket.acme.example:7999/foo/bar.git", "https://bitbucket.acme.example:7999", "foo/bar"],
    ["http://host:3000/foo/bar", "http://host:3000", "foo/bar"],
  ])("repository %s", (address, host, id) => expect(parseGitAddress(address)).toEqual({ host, id }))

  test.each(["", "nothing", "https://"])("%j is no repository", (address) => {
    expect(() => parseGitAddress(address)).toThrow(expect.objectContaining({ code: "InvalidConfig" }))
  })

  test("descriptions and names", () => {
    expect(["ApplySucceeded", "PDFLoader99x", "reason", ""].map(describeReason)).toEqual([
      "apply succeeded",
      "pdf loader 99 x",
      "reason",
      "",
    ])
    expect(defaultCommitStatus(told, "0c9c2e41-d2f9-4f9b")).toBe("app/web/0c9c2e41")
  })

  test("an equal newest status of the same context is a duplicate", () => {
    const status = { state: "success", context: "a", description: "d" }
    const older = { state: "failure", context: "a", description: "d" }
    expect(isDuplicateStatus([{ ...status, context: "b" }, status, older], status)).toBe(true)
    expect(isDuplicateStatus([older, status], status)).toBe(false)
    expect(isDuplicateStatus([], status)).toBe(false)
  })
})
