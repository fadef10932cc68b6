import { checkText, checkUrl, createHttpChannel, type Channel, type HttpChannelOptions } from "../channel.ts"
import { describeObject, type Notification } from "../notification.ts"

/** Options of `incidentIoChannel`. */
export interface IncidentIoChannelOptions extends HttpChannelOptions {
  /** The alert source: `https://api.incident.io/v2/alert_events/http/…`. */
  readonly url: string
  readonly token: string
}

/**
 * Fires and resolves incident.io alerts, one for each object by its uid. Progress is not told. Throws `NotifyError`
 * `InvalidConfig` for what is no URL, and for an empty token.
 *
 * @example
 * const token = process.env["INCIDENT_IO_TOKEN"]!
 * const incidents = incidentIoChannel({ url: "https://api.incident.io/v2/alert_events/http/01HW2", token })
 */
export function incidentIoChannel(options: IncidentIoChannelOptions): Channel {
  const { url } = options
  checkUrl("incidentio", url)
  const headers = { authorization: `Bearer ${checkText(options.token, "incident.io API token")}` }
  return createHttpChannel(
    {
      name: "incidentio",
      requestsFor: (told) => (told.reason === "Progressing" ? [] : [{ url, headers, body: alertOf(told) }]),
    },
    options,
  )
}

function alertOf(notification: Notification): object {
  const { severity, reason, message, reportingController, metadata } = notification
  return {
    title: `${describeObject(notification)}: ${reason}`,
    status: severity === "error" ? "firing" : "resolved",
    deduplication_key: notification.involvedObject.uid ?? "",
    ...(message === "" ? {} : { description: message }),
    metadata: { ...metadata, severity, reason, ...(reportingController === "" ? {} : { reportingController }) },
  }
}
