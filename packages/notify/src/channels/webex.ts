import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries } from "../notification.ts"

/** Options of `webexChannel`. */
export interface WebexChannelOptions extends HttpChannelOptions {
  /** Default `https://webexapis.com/v1/messages`. */
  readonly url?: string
  /** The bot's token. */
  readonly token: string
  /** The room's id. */
  readonly room: string
}

/**
 * Tells a Webex room. Throws `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const webex = webexChannel({ token: process.env["WEBEX_TOKEN"]!, room: "Y2lzY29zcGFyazovL3VzL1JPT00v" })
 */
export function webexChannel(options: WebexChannelOptions): Channel {
  const { url = "https://webexapis.com/v1/messages", token, room } = options
  checkUrl("webex", url)
  return createHttpChannel(
    {
      name: "webex",
      requestsFor(notification) {
        const sign = notification.severity === "error" ? "💣" : "✅"
        const lines = metadataEntries(notification).map(([key, value]) => `>**${key}**: ${value}\n`)
        const markdown = `${sign} **${describeObject(notification)}**\n${notification.message}\n${lines.join("")}`
        return [{ url, headers: { authorization: `Bearer ${token}` }, body: { roomId: room, markdown } }]
      },
    },
    options,
  )
}
