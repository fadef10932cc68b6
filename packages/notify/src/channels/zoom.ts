import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `zoomChannel`. */
export interface ZoomChannelOptions extends HttpChannelOptions {
  /** The incoming webhook; `format=full` is added unless it names a format. */
  readonly url: string
  /** The verification token. */
  readonly token: string
}

/**
 * Tells a Zoom chat. Throws `NotifyError` `InvalidConfig` for what is no URL, and for an empty token.
 *
 * @example
 * const zoom = zoomChannel({ url: "https://integrations.zoom.us/chat/webhooks/incomingwebhook/x", token: process.env["ZOOM_TOKEN"]! })
 */
export function zoomChannel(options: ZoomChannelOptions): Channel {
  const hook = checkUrl("zoom", options.url)
  const token = checkText(options.token, "Zoom verification token")
  if (!hook.searchParams.get("format")) hook.searchParams.set("format", "full")
  const headers = { authorization: token }
  return createHttpChannel(
    { name: "zoom", requestsFor: (told) => [{ url: hook.href, headers, body: contentOf(told) }] },
    options,
  )
}

function contentOf(notification: Notification): object {
  const items = metadataEntries(notification).map(([key, value]) => ({ key, value }))
  const head = { text: describeObject(notification), sub_head: { text: notification.severity } }
  const message = { type: "message", text: notification.message }
  return { content: { head, body: items.length > 0 ? [message, { type: "fields", items }] : [message] } }
}
