import { createHash } from "node:crypto"
import { checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, metadataEntries, printNotification, type Notification } from "../notification.ts"

/** Options of `matrixChannel`. */
export interface MatrixChannelOptions extends HttpChannelOptions {
  /** The home server. */
  readonly url: string
  readonly token: string
  /** `!room:server`. */
  readonly room: string
}

/**
 * Tells a Matrix room. The transaction id is made of the notification, so a repeated delivery is shown once. Throws
 * `NotifyError` `InvalidConfig` for what is no URL.
 *
 * @example
 * const token = process.env["MATRIX_TOKEN"]!
 * const matrix = matrixChannel({ url: "https://matrix.acme.example", room: "!ops:acme.example", token })
 */
export function matrixChannel(options: MatrixChannelOptions): Channel {
  const { url, token, room } = options
  checkUrl("matrix", url)
  return createHttpChannel(
    {
      name: "matrix",
      requestsFor: (notification) => [
        {
          method: "PUT",
          url: `${url.replace(/\/+$/, "")}/_matrix/client/r0/rooms/${room}/send/m.room.message/${transactionIdOf(notification)}`,
          headers: { authorization: `Bearer ${token}` },
          body: { body: textOf(notification), msgtype: "m.text" },
        },
      ],
    },
    options,
  )
}

/**
 * The SHA-1 of the notification's wire form, in hexadecimal.
 *
 * @example
 * transactionIdOf({ involvedObject: {}, severity: "info", message: "hello", reason: "Hello", reportingController: "shop" })
 * // "ddb875f24a79ae191c2444b7da88347f1b81bb29"
 */
export function transactionIdOf(notification: Notification): string {
  return createHash("sha1").update(printNotification(notification)).digest("hex")
}

function textOf(notification: Notification): string {
  const sign = notification.severity === "error" ? "🚨" : "💫"
  const lines = metadataEntries(notification).map(([key, value]) => `- ${key}: ${value}\n`)
  return `${sign} ${describeObject(notification)}\n${notification.message}\n${lines.join("")}`
}
