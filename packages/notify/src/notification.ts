import { groupOf, parseJson, sortedKeys, type KubeObject } from "@gitops-toolkit/kube"
import { NotifyError } from "./error.ts"

/** The object that a notification is about: `corev1.ObjectReference`, as Flux sends it. */
export interface InvolvedObject {
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly apiVersion?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

/** Texts by name. */
export type Metadata = { readonly [key: string]: string }

/**
 * What people are told: Flux's event (`event.toolkit.fluxcd.io/v1beta1`), field by field, so that everything which
 * understands Flux's notifications understands these.
 */
export interface Notification {
  readonly involvedObject: InvolvedObject
  /** Channels treat everything but `error` as good news. */
  readonly severity: "trace" | "info" | "error"
  /** RFC 3339; absent is written as null. */
  readonly timestamp?: string
  readonly message: string
  /** PascalCase: `ReconciliationSucceeded`, `HealthCheckFailed`. */
  readonly reason: string
  /** Values for people, such as `revision`. */
  readonly metadata?: Metadata
  readonly reportingController: string
  readonly reportingInstance?: string
}

const objectFields = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const

/**
 * The bytes of a notification on the wire: compact JSON in Flux's order of fields, metadata sorted, empty optional
 * fields left out, `<`, `>` and `&` escaped as Go does. Signatures and Matrix's transaction ids are over this text.
 *
 * @example
 * printNotification({ involvedObject: { kind: "App" }, severity: "info", message: "v1 > v0", reason: "Upgraded", reportingController: "shop" })
 * // '{"involvedObject":{"kind":"App"},"severity":"info","timestamp":null,"message":"v1 \\u003e v0","reason":"Upgraded","reportingController":"shop"}'
 */
export function printNotification(notification: Notification): string {
  const { involvedObject, metadata, reportingInstance } = notification
  const keys = metadata ? sortedKeys(metadata) : []
  const wire: [string, unknown][] = [
    ["involvedObject", pick(objectFields.map((field) => [field, involvedObject[field]]))],
    ["severity", notification.severity],
    ["timestamp", notification.timestamp ?? null],
    ["message", notification.message],
    ["reason", notification.reason],
    ["metadata", keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, metadata?.[key]]))],
    ["reportingController", notification.reportingController],
    ["reportingInstance", reportingInstance === "" ? undefined : reportingInstance],
  ]
  return escapeAsGo(JSON.stringify(Object.fromEntries(wire)))
}

function pick(entries: readonly (readonly [string, string | undefined])[]): { [field: string]: string } {
  const kept: { [field: string]: string } = {}
  for (const [field, value] of entries) if (value !== undefined && value !== "") kept[field] = value
  return kept
}

/** JSON text with the characters escaped that Go's encoder escapes. */
export function escapeAsGo(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

const maxEventLength = 3 * 1024 * 1024

/**
 * Reads an event that another program posted, a Flux controller for example. Unknown fields are dropped.
 * Throws `NotifyError` `InvalidEvent` for anything that is no event, and for more than 3 MiB.
 *
 * @example
 * parseNotification('{"involvedObject":{"kind":"App","name":"shop"},"severity":"info","message":"v1.4.2 runs","odd":1}')
 * // { involvedObject: { kind: "App", name: "shop" }, severity: "info", message: "v1.4.2 runs", reason: "", reportingController: "" }
 */
export function parseNotification(text: string): Notification {
  if (text.length > maxEventLength) throw new NotifyError("InvalidEvent", "the event is larger than 3 MiB")
  const value = readObject(text)
  const involved = record(value["involvedObject"])
  const severity = value["severity"]
  if (severity !== "info" && severity !== "error" && severity !== "trace") {
    throw new NotifyError("InvalidEvent", "the event has no severity")
  }
  const metadata = value["metadata"] === undefined ? undefined : stringsOf(record(value["metadata"]))
  const { timestamp, reportingInstance } = value
  return {
    involvedObject: pick(objectFields.map((field) => [field, textOf(involved[field])])),
    severity,
    ...(typeof timestamp === "string" ? { timestamp } : {}),
    message: textOf(value["message"]) ?? "",
    reason: textOf(value["reason"]) ?? "",
    ...(metadata === undefined ? {} : { metadata }),
    reportingController: textOf(value["reportingController"]) ?? "",
    ...(typeof reportingInstance === "string" ? { reportingInstance } : {}),
  }
}

type JsonMap = { readonly [key: string]: unknown }

function readObject(text: string): JsonMap {
  try {
    return record(parseJson(text))
  } catch (cause) {
    throw new NotifyError("InvalidEvent", "the event is not JSON", { cause })
  }
}

function record(value: unknown): JsonMap {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonMap
  throw new NotifyError("InvalidEvent", "the event is not a map of maps")
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

function stringsOf(map: JsonMap): Metadata {
  const entries = Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string")
  return Object.fromEntries(entries)
}

/** The shape of a controller's event that `notificationOf` understands; any event with these fields will do. */
export interface ObservedEvent {
  /** Dotted: `reconcile.finished`. */
  readonly type: string
  readonly timestamp?: string
  readonly controller?: string
  readonly severity?: string
  readonly reason?: string
  readonly message?: string
  readonly [field: string]: unknown
}

/**
 * The notification that an observed event deserves, or `undefined` when nobody wants to hear of it: finished and failed
 * reconciles, failed applies and prunes, drift that somebody fights about, and whatever else has the severity `error` are
 * told; what watches say, cancelled reconciles and steps on the way are not.
 * The event's `revision` becomes metadata under the object's API group, as controllers send it; the object's annotations
 * under `event.toolkit.fluxcd.io/` come along. `combineMetadata` cuts the prefixes.
 *
 * @example
 * const app = { apiVersion: "apps.example.com/v1", kind: "App", metadata: { namespace: "prod", name: "shop" } }
 * notificationOf({ type: "reconcile.failed", reason: "BuildFailed", message: "no such file: base/" }, app)?.severity   // "error"
 * notificationOf({ type: "apply.done" }, app)   // undefined
 */
export function notificationOf(event: ObservedEvent, object: KubeObject): Notification | undefined {
  const told = /\.(?:finished|failed|fought|pruned)$/.test(event.type) || event.severity === "error"
  if (!told || event.type.startsWith("watch.")) return undefined
  const { metadata } = object
  const error = event.severity === "error" || event.type.endsWith(".failed")
  const own = groupOf(object.apiVersion) === "" ? eventPrefix : `${groupOf(object.apiVersion)}/`
  const extra = typeof event["revision"] === "string" ? { [`${own}revision`]: event["revision"] } : {}
  return {
    involvedObject: pick([
      ["kind", object.kind],
      ["namespace", metadata.namespace],
      ["name", metadata.name],
      ["uid", metadata.uid],
      ["apiVersion", object.apiVersion],
      ["resourceVersion", metadata.resourceVersion],
    ]),
    severity: error ? "error" : "info",
    ...(event.timestamp === undefined ? {} : { timestamp: event.timestamp.replace(/\.\d+Z$/, "Z") }),
    message: event.message ?? event.type,
    reason: event.reason ?? reasonOf(event.type),
    metadata: { ...annotationsFor(object), ...extra },
    reportingController: event.controller ?? "",
  }
}

function reasonOf(type: string): string {
  return type.replace(/(?:^|\.)(.)/g, (_whole, letter: string) => letter.toUpperCase())
}

const eventPrefix = "event.toolkit.fluxcd.io/"

function annotationsFor({ metadata }: KubeObject): Metadata {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(eventPrefix)))
}

/** What `combineMetadata` gives. */
export interface CombinedMetadata {
  readonly metadata: Metadata | undefined
  /** Keys that several sources gave: each with the sources, weakest first, the last of which won. */
  readonly conflicts: ReadonlyMap<string, readonly string[]>
}

/** What an alert adds to an event's metadata. */
export interface AlertMetadata {
  readonly summary?: string
  readonly eventMetadata?: Metadata
}

/**
 * The metadata that goes out, by Flux's RFC 0008. Strongest first: what the controller put under its own API group, the
 * alert's summary, the alert's metadata, the object's annotations. Prefixes are cut; keys with other prefixes are
 * dropped, unless nothing at all was collected.
 *
 * @example
 * const metadata = '{"apps.example.com/revision":"v1.4.2","event.toolkit.fluxcd.io/team":"web","noise":"x"}'
 * const told = parseNotification(`{"involvedObject":{"apiVersion":"apps.example.com/v1"},"severity":"info","metadata":${metadata}}`)
 * combineMetadata(told, { summary: "production" }).metadata   // { team: "web", summary: "production", revision: "v1.4.2" }
 */
export function combineMetadata(notification: Notification, alert: AlertMetadata = {}): CombinedMetadata {
  const metadata = notification.metadata ?? {}
  const group = groupOf(notification.involvedObject.apiVersion ?? "")
  const cut = (prefix: string): [string, string][] =>
    Object.entries(metadata).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    )
  const sources: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    ["involved object annotations", cut(eventPrefix)],
    ["Alert object .spec.eventMetadata", Object.entries(alert.eventMetadata ?? {})],
    ["Alert object .spec.summary", alert.summary ? [["summary", alert.summary]] : []],
    ["involved object controller metadata", group === "" ? [] : cut(`${group}/`)],
  ]
  const combined = new Map<string, string>()
  const givers = new Map<string, string[]>()
  for (const [source, entries] of sources) {
    for (const [key, value] of entries) {
      combined.set(key, value)
      givers.set(key, [...(givers.get(key) ?? []), source])
    }
  }
  return {
    metadata: combined.size > 0 ? Object.fromEntries(combined) : notification.metadata,
    conflicts: new Map([...givers].filter(([, names]) => names.length > 1)),
  }
}

/**
 * The metadata without what is meant for the machinery only: `token` under the object's API group, which only tells events apart.
 *
 * @example
 * const told = parseNotification(
 *   '{"involvedObject":{"apiVersion":"apps.example.com/v1"},"severity":"info","metadata":{"apps.example.com/token":"7","env":"prod"}}',
 * )
 * withoutInternalMetadata(told)   // { env: "prod" }
 */
export function withoutInternalMetadata(notification: Notification): Metadata | undefined {
  const { metadata, involvedObject } = notification
  if (metadata === undefined) return undefined
  const token = `${groupOf(involvedObject.apiVersion ?? "")}/token`
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== token))
}

/**
 * `kind/name.namespace` in the form that chat channels show: the kind in lower case.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{"kind":"App","name":"shop","namespace":"prod"},"severity":"info"}')
 * describeObject(told)   // "app/shop.prod"
 */
export function describeObject({ involvedObject }: Notification): string {
  const { kind = "", name = "", namespace = "" } = involvedObject
  return `${kind.toLowerCase()}/${name}.${namespace}`
}

/**
 * The metadata as pairs, sorted by key.
 *
 * @example
 * const told = parseNotification('{"involvedObject":{},"severity":"info","metadata":{"revision":"v1.4.2","env":"prod"}}')
 * metadataEntries(told)   // [["env", "prod"], ["revision", "v1.4.2"]]
 */
export function metadataEntries({ metadata = {} }: Notification): readonly (readonly [key: string, value: string])[] {
  return sortedKeys(metadata).map((key) => [key, metadata[key] ?? ""])
}
