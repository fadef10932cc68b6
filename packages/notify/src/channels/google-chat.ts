import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `googleChatChannel`. */
export interface GoogleChatChannelOptions extends HttpChannelOptions {
  /** The space's webhook. */
  readonly url: string
}

/**
 * Tells a Google Chat space: a card with the message and the metadata. Throws `NotifyError` `InvalidConfig` for what is no
 * URL.
 *
 * @example
 * const chat = googleChatChannel({ url: process.env["GOOGLE_CHAT_URL"]! })
 */
export function googleChatChannel(options: GoogleChatChannelOptions): Channel {
  const { url } = options
  checkUrl("googlechat", url)
  return createHttpChannel({ name: "googlechat", requestsFor: (told) => [{ url, body: cardOf(told) }] }, options)
}

// Absent members are null, as Flux sends them.
function cardOf(notification: Notification): object {
  const { message, severity, reportingController } = notification
  const text = severity === "error" ? `<font color="#ff0000">${message}</font>` : message
  const header = {
    title: describeObject(notification),
    subtitle: reportingController,
    imageUrl: null,
    imageStyle: null,
  }
  const widgets = metadataEntries(notification).map(([topLabel, content]) => ({
    textParagraph: null,
    keyValue: { topLabel, content, contentMultiline: false, bottomLabel: null, icon: null },
  }))
  const sections = [
    { header: "", widgets: [{ textParagraph: { text }, keyValue: null }] },
    { header: "", widgets },
  ]
  return { cards: [{ header, sections: widgets.length > 0 ? sections : sections.slice(0, 1) }] }
}
