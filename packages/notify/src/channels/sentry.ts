import { randomBytes } from "node:crypto"
import { createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { NotifyError } from "../error.ts"
import type { Metadata, Notification } from "../notification.ts"

/** Options of `sentryChannel`. */
export interface SentryChannelOptions extends HttpChannelOptions {
  /** The project's DSN: `https://<key>@sentry.example.com/<project>`. */
  readonly dsn: string
  readonly environment?: string
  /** Hexadecimal ids of `bytes` bytes; default random. */
  readonly idOf?: (bytes: number) => string
}

/**
 * Reports errors to Sentry as events, and everything else as transactions, which alert nobody. Throws `NotifyError`
 * `InvalidConfig` for what is no DSN.
 *
 * @example
 * const sentry = sentryChannel({ dsn: "https://0a1b2c@o1.ingest.sentry.io/42", environment: "production" })
 */
export function sentryChannel(options: SentryChannelOptions): Channel {
  const { idOf = (bytes) => randomBytes(bytes).toString("hex") } = options
  const { url, key } = parseDsn(options.dsn)
  const headers = {
    "content-type": "application/x-sentry-envelope",
    "x-sentry-auth": `Sentry sentry_version=7, sentry_client=gitops-toolkit/0, sentry_key=${key}`,
  }
  const extra = options.environment ? { environment: options.environment } : {}
  return createHttpChannel(
    {
      name: "sentry",
      requestsFor(notification) {
        const id = idOf(16)
        const error = notification.severity === "error"
        const event = error ? sentryEvent(notification) : withTrace(sentryTransaction(notification), idOf)
        const lines = [
          { event_id: id },
          { type: error ? "event" : "transaction" },
          { event_id: id, ...extra, ...event },
        ]
        return [{ url, headers, body: `${lines.map((line) => JSON.stringify(line)).join("\n")}\n` }]
      },
    },
    options,
  )
}

function parseDsn(dsn: string): { readonly url: string; readonly key: string } {
  const parsed = URL.parse(dsn)
  const [, prefix = "", project = ""] = /^(.*)\/(\d+)$/.exec(parsed?.pathname ?? "") ?? []
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username === "" || project === "") {
    throw new NotifyError("InvalidConfig", "sentry needs a DSN: https://<key>@<host>/<project>")
  }
  return { url: `${parsed.origin}${prefix}/api/${project}/envelope/`, key: parsed.username }
}

/** An event as Sentry stores it. */
export interface SentryEvent {
  readonly timestamp: string | undefined
  readonly level: string
  readonly server_name: string
  readonly transaction: string
  readonly contexts: { readonly metadata: Metadata }
  readonly message: string
}

/**
 * A notification as a Sentry event.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"App","name":"shop","namespace":"prod"},"severity":"error"}')
 * sentryEvent(told).transaction   // "App: prod/shop"
 * sentryEvent(told).level   // "error"
 */
export function sentryEvent(notification: Notification): SentryEvent {
  return {
    timestamp: notification.timestamp,
    level: notification.severity,
    server_name: notification.reportingController,
    transaction: summaryOf(notification),
    contexts: { metadata: notification.metadata ?? {} },
    message: notification.message,
  }
}

/** A transaction as Sentry stores it. */
export interface SentryTransaction {
  readonly type: "transaction"
  readonly transaction: string
  readonly timestamp: string | undefined
  readonly start_timestamp: string | undefined
  readonly message: string
  readonly tags: Metadata
}

/**
 * A notification as a Sentry transaction that takes no time.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"App","name":"shop"},"severity":"info","metadata":{"revision":"v1.4.2"}}')
 * sentryTransaction(told).tags["flux_involved_object_name"]   // "shop"
 * sentryTransaction(told).tags["revision"]   // "v1.4.2"
 */
export function sentryTransaction(notification: Notification): SentryTransaction {
  const { kind = "", namespace = "", name = "" } = notification.involvedObject
  return {
    type: "transaction",
    transaction: summaryOf(notification),
    timestamp: notification.timestamp,
    start_timestamp: notification.timestamp,
    message: notification.message,
    tags: {
      flux_involved_object_kind: kind,
      flux_involved_object_namespace: namespace,
      flux_involved_object_name: name,
      flux_reporting_controller: notification.reportingController,
      flux_reporting_instance: notification.reportingInstance ?? "",
      flux_reason: notification.reason ?? "",
      ...notification.metadata,
    },
  }
}

function withTrace(transaction: SentryTransaction, idOf: (bytes: number) => string): object {
  return { ...transaction, contexts: { trace: { trace_id: idOf(16), span_id: idOf(8), op: "event" } } }
}

function summaryOf({ involvedObject }: Notification): string {
  const { kind = "", namespace = "", name = "" } = involvedObject
  return `${kind}: ${namespace}/${name}`
}
