import {
  digestOf,
  formatTime,
  isClusterError,
  systemClock,
  type Clock,
  type Cluster,
  type KubeObject,
} from "@gitops-toolkit/kube"
import type { ControllerEvent, Observer } from "../event.ts"

/** Options of `createEventRecorder`. */
export interface EventRecorderOptions {
  /** `reportingComponent` of the Events; default: the controller's name. */
  readonly component?: string
  readonly clock?: Clock
}

/** How often a repeated Event is written at most; the count goes on meanwhile. */
const repeatMs = 60_000
/** After this long without a repetition a new Event begins. */
const forgetMs = 600_000
/** At most this many Events of one object at once, then one in five minutes: client-go's limits. */
const burst = 25
const refillMs = 300_000
/** Objects and Events that are remembered. */
const maxRemembered = 4096

interface Recorded {
  readonly name: string
  readonly namespace: string
  count: number
  lastAt: number
  writtenAt: number
}

/**
 * An observer that writes Kubernetes Events about the reconciled objects: each failure, each success that changed the
 * status, drift that was found. Repetitions are counted on one Event instead of making more, and no object gets more
 * than 25 at once; so it stays bounded whatever happens. Failures of the writes are the observer's (`onObserverError`).
 *
 * @example
 * await run({ cluster, controllers, observers: [createEventRecorder(cluster)], signal })
 */
export function createEventRecorder(cluster: Cluster, options: EventRecorderOptions = {}): Observer {
  const { clock = systemClock } = options
  const recorded = new Map<string, Recorded>()
  const allowed = createLimiter()
  return async (event, object) => {
    const note = noteOf(event)
    const { uid } = object.metadata
    if (note === undefined || uid === undefined) return
    const key = digestOf([uid, note])
    const now = clock.now()
    const known = recorded.get(key)
    if (known !== undefined && now - known.lastAt < forgetMs) {
      known.count++
      known.lastAt = now
      if (now - known.writtenAt < repeatMs) return
      if (await repeat(cluster, known, now)) return
    }
    if (!allowed(uid, now)) return
    const component = options.component ?? event.controller
    const body = eventObject(note, object, { now, component })
    const { name = "", namespace = "" } = body.metadata
    remember(recorded, key, { name, namespace, count: 1, lastAt: now, writtenAt: now })
    await cluster.create(body)
  }
}

interface Note {
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: string
}

function noteOf(event: ControllerEvent): Note | undefined {
  const message = String(event["message"] ?? "")
  const reason = String(event["reason"] ?? "")
  if (event.type === "reconcile.failed" || event.type === "finalize.failed") return { type: "Warning", reason, message }
  if (event.type === "reconcile.finished" && event["statusWritten"] === true) return { type: "Normal", reason, message }
  if (event.type !== "drift.seen") return undefined
  const ref = (event["ref"] ?? {}) as { readonly [field: string]: unknown }
  const place = [ref["kind"], ref["namespace"], ref["name"]].filter((part) => part !== undefined).join("/")
  return { type: "Warning", reason: "DriftDetected", message: `${place} was ${String(event["change"])}` }
}

function eventObject(
  { type, reason, message }: Note,
  { apiVersion, kind, metadata }: KubeObject,
  { now, component }: { readonly now: number; readonly component: string },
): KubeObject {
  const { name = "", namespace, uid, resourceVersion } = metadata
  const time = formatTime(new Date(now))
  // Names of Events are made like client-go's: the object's, a dot, a time in hexadecimal digits.
  const suffix = Math.floor(now * 1000 + Math.random() * 1000).toString(16)
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? "default" },
    involvedObject: { apiVersion, kind, name, ...(namespace ? { namespace } : {}), uid, resourceVersion },
    type,
    reason: reason.slice(0, 128),
    message: message.slice(0, 1024),
    source: { component },
    reportingComponent: component,
    reportingInstance: component,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}

async function repeat(cluster: Cluster, known: Recorded, now: number): Promise<boolean> {
  const ref = { apiVersion: "v1", kind: "Event", namespace: known.namespace, name: known.name }
  const patch = { count: known.count, lastTimestamp: formatTime(new Date(now)) }
  known.writtenAt = now
  try {
    await cluster.patch(ref, { type: "merge", patch })
    return true
  } catch (error) {
    // Events live for an hour: a new one takes its place.
    if (isClusterError(error, "NotFound")) return false
    throw error
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > maxRemembered) map.delete(map.keys().next().value!)
}

function createLimiter(): (uid: string, now: number) => boolean {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>()
  return (uid, now) => {
    const { tokens, at } = buckets.get(uid) ?? { tokens: burst, at: now }
    const left = Math.min(burst, tokens + (now - at) / refillMs)
    remember(buckets, uid, { tokens: left >= 1 ? left - 1 : left, at: now })
    return left >= 1
  }
}
