import { formatTime, type KubeObject } from "@gitops-toolkit/kube"
import { answerOf } from "../answer.ts"
import { storeKey } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { createObject } from "../write/create.ts"
import { decodeValue } from "../write/decode.ts"
import type { Notice } from "./step.ts"

/** How many different messages of one kind about one object are told one by one within `similarMs`. */
const maxSimilar = 10
const similarMs = 600_000
/** How many events one controller tells of one object at once, and how long it takes to earn one more. */
const burst = 25
const refillMs = 300_000
const maxKeys = 4096

interface Similar {
  readonly messages: Set<string>
  lastMs: number
}

interface Allowance {
  left: number
  atMs: number
}

/** Where events are kept. */
export interface EventSink {
  readonly nowMs: () => number
  create(event: KubeObject): void
  /** Counts an event up; false when it is gone. */
  repeat(event: KubeObject, message: string): boolean
}

/**
 * Writes down what controllers tell, as client-go's recorder does: the same thing told again counts up, many similar
 * things are combined, and who tells too much of one object is not heard for a while.
 */
export function createRecorder(sink: EventSink): (notice: Notice) => void {
  const similar = new Map<string, Similar>()
  const allowances = new Map<string, Allowance>()
  const written = new Map<string, KubeObject>()
  let turns = 0
  return (notice) => {
    const nowMs = sink.nowMs()
    const subject = subjectOf(notice)
    if (!isHeard(allowances, subject, nowMs)) return
    const group = `${subject} ${notice.reason}`
    const known = recall(similar, group, () => ({ messages: new Set<string>(), lastMs: nowMs }))
    if (nowMs - known.lastMs > similarMs) known.messages.clear()
    known.lastMs = nowMs
    const isCombined = known.messages.size >= maxSimilar - 1 && !known.messages.has(notice.message)
    if (!isCombined) known.messages.add(notice.message)
    const message = isCombined ? `(combined from similar events): ${notice.message}` : notice.message
    const key = isCombined ? group : `${group} ${notice.container ?? ""} ${notice.message}`
    const before = notice.action === undefined ? written.get(key) : undefined
    if (before && sink.repeat(before, message)) return
    // In the order in which they are told, as the clock's nanoseconds would have it.
    const turn = turns++ % 1_000_000
    const event = eventOf({ ...notice, message }, { nowMs, turn })
    remember(written, key, event)
    sink.create(event)
  }
}

function subjectOf({ by, about, isWarning = false }: Notice): string {
  return `${by} ${about.kind} ${about.metadata.uid} ${isWarning}`
}

function recall<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key) ?? make()
  remember(map, key, found)
  return found
}

/** Keeps the youngest keys only. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > maxKeys) map.delete(map.keys().next().value!)
}

function isHeard(allowances: Map<string, Allowance>, subject: string, nowMs: number): boolean {
  const allowance = recall(allowances, subject, () => ({ left: burst, atMs: nowMs }))
  allowance.left = Math.min(burst, allowance.left + (nowMs - allowance.atMs) / refillMs)
  allowance.atMs = nowMs
  if (allowance.left < 1) return false
  allowance.left--
  return true
}

function eventOf(notice: Notice, { nowMs, turn }: { readonly nowMs: number; readonly turn: number }): KubeObject {
  const { by, about, reason, message, isWarning = false, container, action } = notice
  const { name = "", namespace, uid, resourceVersion } = about.metadata
  const ms = Math.floor(nowMs)
  const at = formatTime(new Date(ms))
  const host = by === "kubelet" ? (about.spec as { readonly nodeName?: string } | undefined)?.nodeName : undefined
  const stamp = (BigInt(ms) * 1_000_000n + BigInt(turn)).toString(16)
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${stamp}`, namespace: namespace ?? "default" },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
    },
    reason,
    message,
    type: isWarning ? "Warning" : "Normal",
    reportingComponent: by,
    ...(action === undefined
      ? {
          source: { component: by, ...(host === undefined ? {} : { host }) },
          firstTimestamp: at,
          lastTimestamp: at,
          count: 1,
          reportingInstance: host ?? "",
        }
      : { eventTime: new Date(ms).toISOString().replace("Z", "000Z"), action, reportingInstance: `${by}-0` }),
  }
}

/** Keeps events among the objects of the embedded server. */
export function eventsIn(state: ServerState): EventSink {
  const resource = state.registry.ofKind("v1", "Event")!
  const keyOf = ({ metadata }: KubeObject): string => storeKey(resource, metadata.namespace!, metadata.name!)
  return {
    nowMs: () => state.clock.now(),
    create(event) {
      const { name = "", namespace = "" } = event.metadata
      const place = { resource, namespace, name }
      const object = decodeValue(event as unknown as Record<string, unknown>, resource).object
      const manager = (event as unknown as { readonly reportingComponent: string }).reportingComponent
      try {
        createObject(state, object, { place, manager, dryRun: false })
      } catch (error) {
        // A namespace that ends takes no events.
        if (!answerOf(error)) throw error
      }
    },
    repeat(event, message) {
      const live = state.store.get(resource.table, keyOf(event)) as
        | (KubeObject & { readonly count?: number })
        | undefined
      if (!live) return false
      const next = { ...live, count: (live.count ?? 1) + 1, message, lastTimestamp: state.timestamp() }
      state.store.put(resource.table, keyOf(event), next as KubeObject)
      return true
    },
  }
}
