import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeReason, nameOf } from "../commit-status.ts"
import type { Notification } from "../notification.ts"

/** Options of `pagerDutyChannel`. */
export interface PagerDutyChannelOptions extends HttpChannelOptions {
  /** Default `https://events.pagerduty.com`; the path does not count. */
  readonly url?: string
  /** The integration's key. */
  readonly routingKey: string
}

/**
 * Opens and resolves PagerDuty incidents, one for each object by its uid; good news become change events too. Progress is
 * not told. Throws `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const pager = pagerDutyChannel({ routingKey: process.env["PAGERDUTY_ROUTING_KEY"]! })
 */
export function pagerDutyChannel(options: PagerDutyChannelOptions): Channel {
  const { routingKey } = options
  const { origin } = checkUrl("pagerduty", options.url ?? "https://events.pagerduty.com")
  return createHttpChannel(
    {
      name: "pagerduty",
      requestsFor(notification) {
        if (notification.reason === "Progressing") return []
        const incident = { url: `${origin}/v2/enqueue`, body: incidentOf(notification, routingKey) }
        if (notification.severity !== "info") return [incident]
        const body = { routing_key: routingKey, payload: changeOf(notification) }
        return [incident, { url: `${origin}/v2/change/enqueue`, body }]
      },
    },
    options,
  )
}

function incidentOf(notification: Notification, routingKey: string): object {
  const { involvedObject, severity } = notification
  const key = involvedObject.uid ? { dedup_key: involvedObject.uid } : {}
  if (severity !== "error") return { routing_key: routingKey, event_action: "resolve", ...key }
  const { name = "", kind = "" } = involvedObject
  const payload = { ...changeOf(notification), severity: pagerDutySeverity(severity), component: name, group: kind }
  return { routing_key: routingKey, event_action: "trigger", ...key, payload }
}

/**
 * The severity that PagerDuty is told: traces are info, whatever is unknown is an error.
 *
 * @example
 * pagerDutySeverity("trace")   // "info"
 * pagerDutySeverity("error")   // "error"
 */
export function pagerDutySeverity(severity: string): "info" | "error" {
  return severity === "info" || severity === "trace" ? "info" : "error"
}

function changeOf(notification: Notification): object {
  return {
    summary: `${describeReason(notification.reason)}: ${nameOf(notification)}`,
    source: `Flux ${notification.reportingController}`,
    timestamp: notification.timestamp ?? "0001-01-01T00:00:00Z",
    custom_details: { message: notification.message, metadata: notification.metadata ?? null },
  }
}
