import { basicAuthorization, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import type { Notification } from "../notification.ts"

/** Options of `alertmanagerChannel`. */
export interface AlertmanagerChannelOptions extends HttpChannelOptions {
  /** The API: `http://alertmanager:9093/api/v2/alerts/`. */
  readonly url: string
  readonly token?: string
  /** With `password`: basic authorization, which wins over the token. */
  readonly username?: string
  readonly password?: string
}

/**
 * Raises an alert in Prometheus' Alertmanager for every notification, good news too: route by the label `severity`. Nothing
 * is resolved; alerts end by Alertmanager's own timeout. Throws `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const alerts = alertmanagerChannel({ url: "http://alertmanager.monitoring:9093/api/v2/alerts/" })
 */
export function alertmanagerChannel(options: AlertmanagerChannelOptions): Channel {
  const { url, token, username, password } = options
  checkUrl("alertmanager", url)
  const authorization = username && password ? basicAuthorization(username, password) : token ? `Bearer ${token}` : ""
  const headers: { readonly [name: string]: string } = authorization ? { authorization } : {}
  return createHttpChannel(
    { name: "alertmanager", requestsFor: (told) => [{ url, headers, body: [alertOf(told)] }] },
    options,
  )
}

function alertOf(notification: Notification): object {
  const { involvedObject, reason, severity, message, metadata = {}, timestamp } = notification
  const { kind = "", name = "", namespace = "" } = involvedObject
  const { summary, ...labels } = metadata as { readonly [key: string]: string }
  return {
    status: "firing",
    labels: {
      ...labels,
      alertname: `Flux${kind}${titleCase(reason)}`,
      severity,
      reason,
      kind,
      name,
      namespace,
      reportingcontroller: notification.reportingController,
    },
    annotations: summary === undefined ? { message } : { message, summary },
    startsAt: timestamp ?? zeroTime,
    endsAt: zeroTime,
  }
}

// Go's zero time: the alert ends by Alertmanager's own timeout.
const zeroTime = "0001-01-01T00:00:00Z"

function titleCase(text: string): string {
  return text.toLowerCase().replace(/(?<![\p{L}\p{N}'])\p{L}/gu, (letter) => letter.toUpperCase())
}
