import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `larkChannel`. */
export interface LarkChannelOptions extends HttpChannelOptions {
  /** The bot's webhook. */
  readonly url: string
}

/**
 * Tells a Lark (Feishu) group. Throws `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const lark = larkChannel({ url: "https://open.larksuite.com/open-apis/bot/v2/hook/x" })
 */
export function larkChannel(options: LarkChannelOptions): Channel {
  const { url } = options
  checkUrl("lark", url)
  return createHttpChannel({ name: "lark", requestsFor: (told) => [{ url, body: cardOf(told) }] }, options)
}

function cardOf(notification: Notification): object {
  const [sign, template] = notification.severity === "error" ? ["🚨", "red"] : ["💫", "turquoise"]
  const lines = metadataEntries(notification).map(([key, value]) => `${key}: ${value}\n`)
  const text = { tag: "lark_md", content: `**${notification.message}**\n\n${lines.join("")}` }
  return {
    msg_type: "interactive",
    card: {
      config: { wide_screen_mode: true },
      header: { title: { tag: "plain_text", content: `${sign} ${describeObject(notification)}` }, template },
      elements: [{ tag: "div", text }],
    },
  }
}
