import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { metadataEntries, type Notification } from "../notification.ts"

/** Options of `telegramChannel`. */
export interface TelegramChannelOptions extends HttpChannelOptions {
  /** The bot's token. */
  readonly token: string
  /** The chat's id, or `chat:thread`. */
  readonly chat: string
  /** Where the bot lives; default `https://api.telegram.org/bot<token>`. */
  readonly url?: string
}

/**
 * Tells a Telegram chat, or one thread of it. Throws `NotifyError` `InvalidConfig` for an empty chat or token, and for what
 * is no URL.
 *
 * @example
 * const telegram = telegramChannel({ token: process.env["TELEGRAM_TOKEN"]!, chat: "-1001234567890:42" })
 */
export function telegramChannel(options: TelegramChannelOptions): Channel {
  const chat = checkText(options.chat, "Telegram channel")
  const token = checkText(options.token, "Telegram token")
  const base = options.url ?? `https://api.telegram.org/bot${token}`
  checkUrl("telegram", base)
  const [chatId = "", ...thread] = chat.split(":")
  const target = thread.length > 0 ? { chat_id: chatId, message_thread_id: thread.join(":") } : { chat_id: chatId }
  return createHttpChannel(
    {
      name: "telegram",
      requestsFor: (notification) => [
        {
          url: `${base.replace(/\/+$/, "")}/sendMessage`,
          body: { ...target, text: textOf(notification), parse_mode: "MarkdownV2" },
        },
      ],
    },
    options,
  )
}

function textOf(notification: Notification): string {
  const { kind = "", name = "", namespace = "" } = notification.involvedObject
  const sign = notification.severity === "error" ? "🚨" : "💫"
  const heading = escapeMarkdown(`${sign} ${kind.toLowerCase()}/${name}/${namespace}`)
  const lines = metadataEntries(notification).map(
    ([key, value]) => `\\- *${escapeMarkdown(key)}*: ${escapeMarkdown(value)}\n`,
  )
  return `*${heading}*\n${escapeMarkdown(notification.message)}\n${lines.join("")}`
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\.\-_[\]()~>`#+=|{}!*]/g, "\\$&")
}
