import { basicAuthorization, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `grafanaChannel`. */
export interface GrafanaChannelOptions extends HttpChannelOptions {
  /** The API: `https://grafana.example.com/api/annotations/graphite`. */
  readonly url: string
  /** Wins over user name and password. */
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

/**
 * Marks the moment in Grafana's graphs. Throws `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const token = process.env["GRAFANA_TOKEN"]!
 * const graphs = grafanaChannel({ url: "https://grafana.acme.example/api/annotations/graphite", token })
 */
export function grafanaChannel(options: GrafanaChannelOptions): Channel {
  const { url, token, username, password } = options
  checkUrl("grafana", url)
  const authorization = token ? `Bearer ${token}` : username && password ? basicAuthorization(username, password) : ""
  const headers: { readonly [name: string]: string } = authorization ? { authorization } : {}
  return createHttpChannel(
    { name: "grafana", requestsFor: (told) => [{ url, headers, body: annotationOf(told) }] },
    options,
  )
}

function annotationOf(notification: Notification): object {
  const { kind = "", name = "", namespace = "" } = notification.involvedObject
  const fields = metadataEntries(notification).map(
    ([key, value]) => `${key.replaceAll(":", "|")}: ${value.replaceAll(":", "|")}`,
  )
  const object = [`kind: ${kind}`, `name: ${name}`, `namespace: ${namespace}`]
  const when = Math.floor(Date.parse(notification.timestamp ?? "0001-01-01T00:00:00Z") / 1000)
  return {
    when,
    text: describeObject(notification),
    tags: ["flux", notification.reportingController, ...fields, ...object],
  }
}
