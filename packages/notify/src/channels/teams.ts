import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `teamsChannel`. */
export interface TeamsChannelOptions extends HttpChannelOptions {
  /** The webhook of a workflow, or an old connector (`….webhook.office.com`). */
  readonly url: string
  /** The form of the card; default: found by the URL, see `teamsSchemaOf`. */
  readonly schema?: TeamsSchema
}

/** The two forms of message that Microsoft Teams takes. */
export type TeamsSchema = "adaptiveCard" | "deprecatedConnector"

/**
 * The form that a webhook takes: hosts below `webhook.office.com` are old connectors, all others take Adaptive Cards.
 *
 * @example
 * teamsSchemaOf("https://acme.webhook.office.com/webhookb2/x")   // "deprecatedConnector"
 * teamsSchemaOf("https://prod-1.logic.azure.com/workflows/x")   // "adaptiveCard"
 */
export function teamsSchemaOf(url: string): TeamsSchema {
  const host = URL.parse(url)?.hostname ?? ""
  return host.endsWith(".webhook.office.com") ? "deprecatedConnector" : "adaptiveCard"
}

/**
 * Tells a Microsoft Teams channel.
 *
 * @example
 * const teams = teamsChannel({ url: "https://prod-1.logic.azure.com/workflows/x" })
 */
export function teamsChannel(options: TeamsChannelOptions): Channel {
  const { url, schema = teamsSchemaOf(url) } = options
  checkUrl("msteams", url)
  const bodyOf = schema === "adaptiveCard" ? adaptiveCard : messageCard
  return createHttpChannel({ name: "msteams", requestsFor: (told) => [{ url, body: bodyOf(told) }] }, options)
}

function messageCard(notification: Notification): object {
  const object = describeObject(notification)
  const facts = metadataEntries(notification).map(([name, value]) => ({ name, value }))
  return {
    "@type": "MessageCard",
    "@context": "http://schema.org/extensions",
    themeColor: notification.severity === "error" ? "FF0000" : "0076D7",
    summary: object,
    sections: [{ activityTitle: notification.message, activitySubtitle: object, facts }],
  }
}

function adaptiveCard(notification: Notification): object {
  const message = { type: "TextBlock", text: notification.message, wrap: true }
  const title = { type: "TextBlock", text: describeObject(notification), size: "large", weight: "bolder", wrap: true }
  const entries = metadataEntries(notification)
  const ordered = [...entries.filter(([key]) => key === "summary"), ...entries.filter(([key]) => key !== "summary")]
  const facts = ordered.map(([key, value]) => ({ title: key, value }))
  const items = [
    title,
    notification.severity === "error" ? { ...message, color: "attention" } : message,
    { type: "FactSet", facts },
  ]
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    body: [{ type: "Container", items }],
  }
  return { type: "message", attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content }] }
}
