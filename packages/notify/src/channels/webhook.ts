import { createHmac } from "node:crypto"
import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { printNotification } from "../notification.ts"

/** Options of `webhookChannel`. */
export interface WebhookChannelOptions extends HttpChannelOptions {
  readonly url: string
  /** Signs the body: `X-Signature: sha256=<hex HMAC>`, as Flux's `generic-hmac` does. An empty secret is an error. */
  readonly secret?: string
  /** Sent too; they win over the channel's own, but for the signature. */
  readonly headers?: { readonly [name: string]: string }
}

/**
 * Posts the notification itself as JSON, in Flux's wire form. With a `secret` the receiver can prove who sent it.
 *
 * @example
 * const hook = webhookChannel({ url: "https://example.com/hook", secret: process.env["HOOK_SECRET"]! })
 */
export function webhookChannel(options: WebhookChannelOptions): Channel {
  const { url, secret, headers = {} } = options
  checkUrl("webhook", url)
  if (secret !== undefined) checkText(secret, "HMAC key")
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return createHttpChannel(
    {
      name: "webhook",
      requestsFor(notification) {
        const body = printNotification(notification)
        const signature: { readonly [name: string]: string } =
          secret === undefined
            ? {}
            : { "x-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` }
        const own = { "content-type": "application/json", "gotk-component": notification.reportingController }
        return [{ url, headers: { ...own, ...given, ...signature }, body }]
      },
    },
    options,
  )
}
