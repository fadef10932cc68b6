import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, type Notification } from "../notification.ts"

/** Options of `slackChannel`, `discordChannel` and `rocketChannel`. */
export interface SlackChannelOptions extends HttpChannelOptions {
  /** The incoming webhook, or `https://slack.com/api/chat.postMessage` together with a `token`. */
  readonly url: string
  /** A bot's token. */
  readonly token?: string
  readonly channel?: string
  /** The name shown; Slack and Discord default to the reporting controller. */
  readonly username?: string
}

/**
 * Tells a Slack channel: one attachment, green or red, with the metadata as fields.
 *
 * @example
 * const slack = slackChannel({ url: process.env["SLACK_URL"]! })
 */
export function slackChannel(options: SlackChannelOptions): Channel {
  const { url, token, channel = "", username = "" } = options
  checkUrl("slack", url)
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const api = url === "https://slack.com/api/chat.postMessage"
  return createHttpChannel(
    {
      name: "slack",
      requestsFor(notification) {
        const fallback = `${describeObject(notification)}: ${notification.message.split("\n")[0]}`
        const shown = { channel, username: username || notification.reportingController }
        return [{ url, headers, body: slackBody(notification, shown, { good: "good", bad: "danger", fallback }) }]
      },
      ...(api ? { refusalIn: slackRefusal } : {}),
    },
    options,
  )
}

/**
 * Tells a Discord channel, through the Slack form of its webhooks.
 *
 * @example
 * const discord = discordChannel({ url: "https://discord.com/api/webhooks/1/x" })
 */
export function discordChannel(options: SlackChannelOptions): Channel {
  const hook = checkUrl("discord", options.url)
  if (!options.url.endsWith("/slack")) hook.pathname = `${hook.pathname.replace(/\/+$/, "")}/slack`
  const url = hook.href
  return createHttpChannel(
    {
      name: "discord",
      requestsFor(notification) {
        const shown = { channel: "", username: options.username || notification.reportingController }
        return [{ url, body: slackBody(notification, shown, { good: "good", bad: "danger", fallback: "" }) }]
      },
    },
    options,
  )
}

/**
 * Tells a Rocket.Chat channel: one attachment, blue or red; `token` is not used. Throws `NotifyError` `InvalidConfig` for
 * what is no URL.
 *
 * @example
 * const rocket = rocketChannel({ url: "https://chat.acme.example/hooks/1/x", channel: "#deployments", username: "fleet" })
 */
export function rocketChannel(options: SlackChannelOptions): Channel {
  const { url, channel = "", username = "" } = options
  checkUrl("rocket", url)
  return createHttpChannel(
    {
      name: "rocket",
      requestsFor: (notification) => [
        {
          url,
          body: slackBody(notification, { channel, username }, { good: "#0076D7", bad: "#FF0000", fallback: "" }),
        },
      ],
    },
    options,
  )
}

interface Shown {
  readonly channel: string
  readonly username: string
}

interface Look {
  readonly good: string
  readonly bad: string
  readonly fallback: string
}

// Empty texts are sent, as Flux does.
function slackBody(notification: Notification, { channel, username }: Shown, { good, bad, fallback }: Look): object {
  const attachment = {
    fallback,
    color: notification.severity === "error" ? bad : good,
    author_name: describeObject(notification),
    text: notification.message,
    mrkdwn_in: ["text"],
    fields: metadataEntries(notification).map(([title, value]) => ({ title, value, short: false })),
  }
  return { channel, username, icon_url: "", icon_emoji: "", attachments: [attachment] }
}

/** Slack's API answers 200 to what it refuses. */
function slackRefusal(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as { readonly ok?: unknown; readonly error?: unknown } | null
    return answer?.ok === true ? undefined : `Slack responded with error: ${String(answer?.error)}`
  } catch {
    return "Slack's answer is not JSON"
  }
}
