import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { metadataEntries, type Notification } from "../notification.ts"

/** Options of `datadogChannel`. */
export interface DatadogChannelOptions extends HttpChannelOptions {
  /** Default `https://api.datadoghq.com`; the path does not count. */
  readonly url?: string
  /** The API key. */
  readonly token: string
}

/**
 * Writes an event to Datadog. Throws `NotifyError` `InvalidConfig` for what is no URL, and for an empty token.
 *
 * @example
 * const datadog = datadogChannel({ url: "https://api.datadoghq.eu", token: process.env["DATADOG_API_KEY"]! })
 */
export function datadogChannel(options: DatadogChannelOptions): Channel {
  const token = checkText(options.token, "Datadog token")
  const { origin } = checkUrl("datadog", options.url ?? "https://api.datadoghq.com")
  const url = `${origin}/api/v1/events`
  return createHttpChannel(
    { name: "datadog", requestsFor: (told) => [{ url, headers: { "dd-api-key": token }, body: eventOf(told) }] },
    options,
  )
}

function eventOf(notification: Notification): object {
  const { kind = "", name = "", namespace = "" } = notification.involvedObject
  return {
    title: `Events from the ${kind} ${name}/${namespace}`,
    text: notification.message,
    tags: datadogTags(notification),
    source_type_name: "fluxcd",
    date_happened: Math.floor(Date.parse(notification.timestamp ?? "0001-01-01T00:00:00Z") / 1000),
    alert_type: notification.severity === "error" ? "error" : "info",
  }
}

/**
 * The tags of a Datadog event, in lower case.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"App","name":"shop"},"severity":"info","metadata":{"revision":"V1.4.2"}}')
 * datadogTags(told).slice(2)   // ["kube_kind:app", "kube_name:shop", "kube_namespace:", "revision:v1.4.2"]
 */
export function datadogTags(notification: Notification): string[] {
  const { kind = "", name = "", namespace = "" } = notification.involvedObject
  const tags = [
    `flux_reporting_controller:${notification.reportingController}`,
    `flux_reason:${notification.reason}`,
    `kube_kind:${kind}`,
    `kube_name:${name}`,
    `kube_namespace:${namespace}`,
    ...metadataEntries(notification).map(([key, value]) => `${key}:${value}`),
  ]
  return tags.map((tag) => tag.toLowerCase())
}
