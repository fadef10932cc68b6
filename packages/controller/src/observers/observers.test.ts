import { createClock, type TestClock } from "@gitops-toolkit/testing"
import { ClusterError, type Cluster, type KubeObject } from "@gitops-toolkit/kube"
import { describe, expect, test } from "vitest"
import type { ControllerEvent } from "../event.ts"
import { createProbes } from "../probes.ts"
import { createEventRecorder } from "./events.ts"
import { logTo } from "./log.ts"
import { createMetrics } from "./metrics.ts"

const object: KubeObject = {
  apiVersion: "apps.example.com/v1",
  kind: "App",
  metadata: { name: "one", namespace: "prod", uid: "u1", resourceVersion: "7" },
}
const event = (type: string, fields: object = {}): ControllerEvent => ({
  type,
  timestamp: "2026-01-01T00:00:00.000Z",
  controller: "app",
  reconcileId: "00ff",
  ...fields,
})
const failed = (message = "no route"): ControllerEvent =>
  event("reconcile.failed", { reason: "FetchFailed", message, retryable: true, durationMs: 20, severity: "error" })

describe("logTo", () => {
  const linesOf = (level?: "debug" | "info" | "error"): string[] => {
    const lines: string[] = []
    const log = logTo((line) => lines.push(line), level === undefined ? {} : { level })
    for (const type of ["reconcile.started", "apply.done"]) void log(event(type, { big: 9007199254740993n }), object)
    void log(failed(), object)
    return lines
  }

  test("one JSON object a line, integers exact", () => {
    expect(linesOf()).toEqual([
      '{"ts":"2026-01-01T00:00:00.000Z","level":"info","msg":"apply.done","controller":"app","object":"App/prod/one","namespace":"prod","name":"one","reconcileID":"00ff","big":9007199254740993}',
      '{"ts":"2026-01-01T00:00:00.000Z","level":"error","msg":"reconcile.failed","controller":"app","object":"App/prod/one","namespace":"prod","name":"one","reconcileID":"00ff","reason":"FetchFailed","message":"no route","retryable":true,"durationMs":20}',
    ])
  })

  test("levels", () => {
    expect([linesOf("debug").length, linesOf("error").length]).toEqual([3, 1])
  })
})

describe("createMetrics", () => {
  test("prints what it counted, under controller-runtime's names", () => {
    const metrics = createMetrics()
    const queue = { depth: 3, active: 1, delayed: 0, adds: 9, retries: 2, workers: 4 }
    void metrics.observer(event("reconcile.started", { queue }), object)
    void metrics.observer(event("reconcile.finished", { durationMs: 20, requeueAfterMs: 1 }), object)
    void metrics.observer(failed(), object)
    void metrics.observer(event("drift.seen", { ref: { kind: 'Depl"oy\n' }, change: "modified" }), object)
    const lines = metrics.text().split("\n")
    for (const line of [
      'controller_runtime_reconcile_total{controller="app",result="requeue_after"} 1',
      'controller_runtime_reconcile_total{controller="app",result="error"} 1',
      'controller_runtime_reconcile_errors_total{controller="app"} 1',
      'controller_runtime_reconcile_time_seconds_bucket{controller="app",le="0.01"} 0',
      'controller_runtime_reconcile_time_seconds_bucket{controller="app",le="0.025"} 2',
      'controller_runtime_reconcile_time_seconds_bucket{controller="app",le="+Inf"} 2',
      'controller_runtime_reconcile_time_seconds_sum{controller="app"} 0.04',
      'controller_runtime_reconcile_time_seconds_count{controller="app"} 2',
      'controller_runtime_max_concurrent_reconciles{controller="app"} 4',
      'workqueue_depth{controller="app",name="app"} 3',
      "# TYPE workqueue_adds_total counter",
      'gitops_toolkit_drift_total{controller="app",kind="Depl\\"oy\\n",change="modified"} 1',
    ]) {
      expect(lines).toContain(line)
    }
  })

  test("strangers cannot make it grow for ever", () => {
    const metrics = createMetrics()
    for (let kind = 0; kind < 2000; kind++) {
      void metrics.observer(event("drift.seen", { ref: { kind: `K${kind}` }, change: "modified" }), object)
    }
    expect(metrics.text().split("\n").length).toBeLessThan(1100)
  })
})

describe("createEventRecorder", () => {
  interface Written {
    readonly clock: TestClock
    readonly writes: string[]
    readonly record: (event: ControllerEvent, about?: KubeObject) => void | Promise<void>
  }
  const recorder = (patch?: () => Promise<KubeObject>): Written => {
    const clock = createClock()
    const writes: string[] = []
    const cluster = {
      create: async (written: KubeObject) => {
        const { type, reason, message, involvedObject } = written as unknown as { [field: string]: string }
        const about = involvedObject as unknown as { readonly uid: string }
        writes.push(`create ${written.metadata.namespace} ${type} ${reason} ${message} ${about.uid}`)
        return written
      },
      patch: async (_ref: unknown, body: { readonly patch: { readonly count: number } }) => {
        if (patch) return patch()
        writes.push(`count ${body.patch.count}`)
        return object
      },
    } as unknown as Cluster
    const observer = createEventRecorder(cluster, { clock })
    return { clock, writes, record: (told, about = object) => observer(told, about) }
  }

  test("failures, changes of status and drift; nothing else", async () => {
    const { writes, record } = recorder()
    await record(event("reconcile.started"))
    await record(event("reconcile.finished", { statusWritten: false, reason: "Succeeded", message: "fine" }))
    await record(event("reconcile.finished", { statusWritten: true, reason: "Succeeded", message: "fine" }))
    await record(failed())
    await record(
      event("drift.seen", { ref: { kind: "Deployment", namespace: "prod", name: "web" }, change: "deleted" }),
    )
    expect(writes).toEqual([
      "create prod Normal Succeeded fine u1",
      "create prod Warning FetchFailed no route u1",
      "create prod Warning DriftDetected Deployment/prod/web was deleted u1",
    ])
  })

  test("repetitions are counted, at most once a minute", async () => {
    const { writes, record, clock } = recorder()
    for (let second = 0; second < 130; second++) {
      await record(failed())
      await clock.advance(1000)
    }
    expect(writes.slice(1)).toEqual(["count 61", "count 121"])
  })

  test("an Event that is gone is made anew", async () => {
    const { writes, record, clock } = recorder(() => Promise.reject(new ClusterError("NotFound", "gone")))
    await record(failed())
    await clock.advance(61_000)
    await record(failed())
    expect(writes).toHaveLength(2)
  })

  test("no object gets more than its share", async () => {
    const { writes, record } = recorder()
    for (let index = 0; index < 100; index++) await record(failed(`failure ${index}`))
    expect(writes).toHaveLength(25)
    await record(failed("of another"), { ...object, metadata: { ...object.metadata, uid: "u2" } })
    expect(writes).toHaveLength(26)
  })
})

describe("createProbes", () => {
  const ask = (path: string, method = "GET"): Response =>
    createProbes({ isReady: () => false, metrics: () => "m 1\n" })(new Request(`http://x${path}`, { method }))
  test.each([
    ["/healthz", "GET", 200],
    ["/livez", "HEAD", 200],
    ["/readyz", "GET", 503],
    ["/metrics", "GET", 200],
    ["/other", "GET", 404],
    ["/healthz", "POST", 405],
  ])("%s %s → %d", (path, method, status) => expect(ask(path, method).status).toBe(status))

  test("metrics only when there are any", async () => {
    expect(await ask("/metrics").text()).toBe("m 1\n")
    expect(createProbes()(new Request("http://x/metrics")).status).toBe(404)
    expect(createProbes()(new Request("http://x/readyz")).status).toBe(200)
  })
})
