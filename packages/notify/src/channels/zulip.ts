import { basicAuthorization, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { NotifyError } from "../error.ts"
import { metadataEntries, type Notification } from "../notification.ts"

/** Options of `zulipChannel`. */
export interface ZulipChannelOptions extends HttpChannelOptions {
  /** The server; its path does not count. */
  readonly url: string
  /** `stream/topic`. */
  readonly channel: string
  /** The bot's e-mail address and key. */
  readonly username: string
  readonly password: string
}

/**
 * Tells a topic of a Zulip stream. Throws `NotifyError` `InvalidConfig` for what is no URL, and for a channel without topic.
 *
 * @example
 * const bot = { username: "fleet-bot@zulip.acme.example", password: process.env["ZULIP_KEY"]! }
 * const zulip = zulipChannel({ url: "https://zulip.acme.example", channel: "ops/deployments", ...bot })
 */
export function zulipChannel(options: ZulipChannelOptions): Channel {
  const { username, password } = options
  const endpoint = checkUrl("zulip", options.url)
  endpoint.pathname = "/api/v1/messages"
  const slash = options.channel.indexOf("/")
  const [to, topic] = [options.channel.slice(0, Math.max(slash, 0)), options.channel.slice(slash + 1)]
  if (to === "" || topic === "") {
    throw new NotifyError(
      "InvalidConfig",
      `invalid Zulip channel format, expected <channel>/<topic>, got '${options.channel}'`,
    )
  }
  const headers = {
    authorization: basicAuthorization(username, password),
    "content-type": "application/x-www-form-urlencoded",
  }
  return createHttpChannel(
    {
      name: "zulip",
      requestsFor(notification) {
        const form = new URLSearchParams({ content: printMarkdown(notification), to, topic, type: "stream" })
        return [{ url: endpoint.href, headers, body: form.toString() }]
      },
    },
    options,
  )
}

/**
 * A notification in Markdown, as Flux writes it to Zulip and to change requests.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"App","name":"shop","namespace":"prod"},"severity":"info","message":"v1.4.2 runs"}')
 * printMarkdown(told).split("\n\n")[1]   // "ℹ️ App/prod/shop"
 */
export function printMarkdown(notification: Notification): string {
  const { kind = "", name = "", namespace = "" } = notification.involvedObject
  const sign = notification.severity === "error" ? "⚠️" : "ℹ️"
  const lines = metadataEntries(notification)
    .filter(([key]) => key !== "change_request")
    .map(([key, value]) => `* \`${key}\`: ${value}\n`)
  return `## Flux Status\n\n${sign} ${kind}/${namespace}/${name}\n\n${notification.message}\n\nMetadata:\n${lines.join("")}`
}
