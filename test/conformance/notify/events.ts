import { parseManifests } from "@gitops-toolkit/kube/manifest"
import { combineMetadata, compileRule, defaultCommitStatus, withoutInternalMetadata } from "@gitops-toolkit/notify"
import type { EventSource, Notification } from "@gitops-toolkit/notify"
import type { AlertSpec, NotifyCase } from "./case.ts"

/** What our code makes of a case of corpus/notify/events. */
export async function runEventCase(input: NotifyCase): Promise<unknown> {
  const event = { severity: "info", message: "", reason: "", reportingController: "", ...input.event } as Notification
  const namespace = String(input["alertNamespace"] ?? "")
  switch (input.op) {
    case "eventMatchesSource": {
      const severity = (input["alertSeverity"] ?? "info") as "info" | "error"
      const rule = compileRule({ severity, namespace, sources: [input["eventSource"] as EventSource] })
      const object = input["clusterObject"] ? parseManifests(String(input["clusterObject"]))[0] : undefined
      const { name, namespace: at } = object?.metadata ?? {}
      const found = name === event.involvedObject.name && at === event.involvedObject.namespace
      return rule(event, found ? { labels: object?.metadata.labels ?? {} } : {})
    }
    case "filterAlerts": {
      const alerts = input["alertSpecs"] as readonly AlertSpec[]
      const passing = alerts.filter((alert) => !alert.suspend && alertPasses(alert, event, namespace))
      return { matching: passing.length }
    }
    case "combineMetadata": {
      const alert =
        (input["alert"] as { spec?: { summary?: string; eventMetadata?: { [key: string]: string } } }).spec ?? {}
      const { metadata, conflicts } = combineMetadata(event, alert)
      return { metadata: metadata ?? null, conflict: warningOf(conflicts) }
    }
    case "excludeInternalMetadata":
      return { metadata: withoutInternalMetadata(event) ?? null }
    case "defaultCommitStatus":
      return defaultCommitStatus(event, String(input["providerUID"]))
    default:
      throw new Error(`${input.op} needs CEL, which is not there yet`)
  }
}

function alertPasses(alert: AlertSpec, event: Notification, namespace: string): boolean {
  const { eventSources: sources, eventSeverity, inclusionList: include = [], exclusionList: exclude = [] } = alert
  const severity = eventSeverity === undefined ? {} : { severity: eventSeverity }
  return compileRule({ sources, namespace, include, exclude, ...severity }, { broken: "ignore" })(event)
}

/** Flux's text for the warning event on the alert. */
function warningOf(conflicts: ReadonlyMap<string, readonly string[]>): string {
  if (conflicts.size === 0) return ""
  const listed = [...conflicts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sources]) => `${key}:${sources.join(", ")}`)
  const text =
    "metadata key conflicts detected (please refer to the Alert API docs and Flux RFC 0008 for more information)"
  return `Warning MetadataAppendFailed ${text} map[${listed.join(" ")}]`
}
