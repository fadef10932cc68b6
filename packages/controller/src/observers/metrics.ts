import type { KubeObject } from "@gitops-toolkit/kube"
import type { ControllerEvent, Observer } from "../event.ts"
import type { QueueFigures } from "../queue.ts"
import { createMetricSet, type MetricInfo, type Metrics } from "./exposition.ts"

/** Counts events, and prints what it counted. */
export interface MetricsObserver {
  readonly observer: Observer
  /** Prometheus' text exposition format, version 0.0.4. */
  text(): string
}

// controller-runtime's buckets of reconcile times.
const buckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]

const counter = (help: string): MetricInfo => ({ type: "counter", help })
const gauge = (help: string): MetricInfo => ({ type: "gauge", help })

// The runtime's names and labels are controller-runtime's, so that its dashboards work; our own begin with gitops_toolkit.
const infos = {
  controller_runtime_reconcile_total: counter("Total number of reconciliations per controller and result"),
  controller_runtime_reconcile_errors_total: counter("Total number of reconciliation errors per controller"),
  controller_runtime_terminal_reconcile_errors_total: counter("Total number of terminal errors per controller"),
  controller_runtime_reconcile_time_seconds: {
    type: "histogram",
    help: "Length of time per reconciliation per controller",
    buckets,
  },
  controller_runtime_max_concurrent_reconciles: gauge("Maximum number of concurrent reconciles per controller"),
  controller_runtime_active_workers: gauge("Number of currently used workers per controller"),
  workqueue_depth: gauge("Current depth of workqueue"),
  workqueue_adds_total: counter("Total number of adds handled by workqueue"),
  workqueue_retries_total: counter("Total number of retries handled by workqueue"),
  leader_election_master_status: gauge("Whether this process holds the Lease"),
  gitops_toolkit_drift_total: counter("Deviations of owned objects that were seen, by kind and change"),
  gitops_toolkit_watch_interruptions_total: counter("Watches that broke and were begun again, by kind"),
} satisfies { readonly [name: string]: MetricInfo }

/**
 * An observer that counts, and the text for a `/metrics` page. Made of the events alone.
 *
 * @example
 * const metrics = createMetrics()
 * await run({ cluster, controllers, observers: [metrics.observer], serve: { port: 8080, metrics: metrics.text }, signal })
 */
export function createMetrics(): MetricsObserver {
  const metrics = createMetricSet(infos)
  return { observer: (event, object) => note(metrics, event, object), text: metrics.text }
}

function note(metrics: Metrics, event: ControllerEvent, { kind, metadata }: KubeObject): void {
  const { type, controller } = event
  const { name = "" } = metadata
  noteQueue(metrics, event)
  const [phase, step] = type.split(".")
  if (type === "drift.seen") {
    const ref = event["ref"] as { readonly kind?: string } | undefined
    metrics.count("gitops_toolkit_drift_total", { controller, kind: ref?.kind ?? "", change: String(event["change"]) })
  } else if (type === "lease.acquired" || type === "lease.lost") {
    metrics.set("leader_election_master_status", { name }, type === "lease.acquired" ? 1 : 0)
  } else if (type === "watch.interrupted") metrics.count("gitops_toolkit_watch_interruptions_total", { kind })
  else if (phase === "reconcile" || phase === "finalize") noteReconcile(metrics, event, step ?? "")
}

function noteReconcile(metrics: Metrics, event: ControllerEvent, step: string): void {
  const labels = { controller: event.controller }
  const total = (result: string): void => metrics.count("controller_runtime_reconcile_total", { ...labels, result })
  if (typeof event["durationMs"] === "number") {
    metrics.observe("controller_runtime_reconcile_time_seconds", labels, event["durationMs"] / 1000)
  }
  if (step === "finished") total(event["requeueAfterMs"] === undefined ? "success" : "requeue_after")
  if (step === "cancelled") total("requeue")
  if (step !== "failed") return
  total("error")
  metrics.count("controller_runtime_reconcile_errors_total", labels)
  if (event["retryable"] === false) metrics.count("controller_runtime_terminal_reconcile_errors_total", labels)
}

function noteQueue(metrics: Metrics, event: ControllerEvent): void {
  const queue = event["queue"] as (QueueFigures & { readonly workers?: number }) | undefined
  if (queue === undefined) return
  const labels = { controller: event.controller }
  const named = { ...labels, name: event.controller }
  metrics.set("workqueue_depth", named, queue.depth)
  metrics.set("workqueue_adds_total", named, queue.adds)
  metrics.set("workqueue_retries_total", named, queue.retries)
  metrics.set("controller_runtime_active_workers", labels, queue.active)
  metrics.set("controller_runtime_max_concurrent_reconciles", labels, queue.workers ?? 0)
}
