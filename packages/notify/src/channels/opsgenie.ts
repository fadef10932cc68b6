import { createHash } from "node:crypto"
import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import type { Notification } from "../notification.ts"

/** Options of `opsgenieChannel`. */
export interface OpsgenieChannelOptions extends HttpChannelOptions {
  /** Default `https://api.opsgenie.com/v2/alerts`. */
  readonly url?: string
  /** The API key. */
  readonly token: string
  /** Keeps the alerts of several senders apart; default empty. */
  readonly senderId?: string
}

/**
 * Raises an alert in Opsgenie: one for each object and reason. Throws `NotifyError` `InvalidConfig` for what is no URL, and
 * for an empty token.
 *
 * @example
 * const opsgenie = opsgenieChannel({ url: "https://api.eu.opsgenie.com/v2/alerts", token: process.env["OPSGENIE_KEY"]! })
 */
export function opsgenieChannel(options: OpsgenieChannelOptions): Channel {
  const { url = "https://api.opsgenie.com/v2/alerts", senderId = "" } = options
  checkUrl("opsgenie", url)
  const headers = { authorization: `GenieKey ${checkText(options.token, "Opsgenie apikey/token")}` }
  return createHttpChannel(
    { name: "opsgenie", requestsFor: (told) => [{ url, headers, body: alertOf(told, senderId) }] },
    options,
  )
}

function alertOf(notification: Notification, senderId: string): object {
  const { involvedObject, reason, severity, metadata } = notification
  const { kind = "", name = "", namespace = "" } = involvedObject
  const alias = createHash("sha256").update([senderId, kind, namespace, name, reason].join("/")).digest("hex")
  return { message: `${kind}/${name}`, alias, description: notification.message, details: { ...metadata, severity } }
}
