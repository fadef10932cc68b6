import type { KubeObject } from "@gitops-toolkit/kube"
import { failureStatus, invalid, plainError } from "../answer.ts"
import { type Call, flag, parameter } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import type { StoredEvent } from "../store.ts"
import { type ByteStream, createStream } from "../wire/stream.ts"
import { bytesOf, wireJson } from "../wire/write.ts"
import { prefixOf, selectorOf } from "./list.ts"
import type { Selector } from "./selectors.ts"
import { goParseUint, refuseFuture } from "./versions.ts"
import { viewOf } from "./view.ts"

/** How a watch writes the objects of its events. */
export interface EventForm {
  /** Tells forms apart: events of equal forms share their bytes. */
  readonly key: string
  /** `first` is true for the first event of the stream. */
  readonly shape: (object: KubeObject, first: boolean) => unknown
  /** True when the first event differs from all others. */
  readonly firstDiffers: boolean
}

/** What a watch is about. */
export interface WatchRequest {
  readonly resource: Resource
  readonly namespace: string
  readonly form: EventForm
}

/** How often an idle watch with bookmarks gets one. */
const bookmarkIntervalMs = 60_000

interface Watching extends WatchRequest {
  readonly prefix: string
  readonly selector: Selector | undefined
  readonly stream: ByteStream
  sent: number
}

/** Checks the options that only a watch has: 422 like the server's. */
function checkOptions(call: Call): void {
  const initial = parameter(call, "sendInitialEvents")
  const match = parameter(call, "resourceVersionMatch")
  const causes = []
  const from = parameter(call, "resourceVersion")
  const isLegacy = initial === undefined && !match && (!from || from === "0")
  if (initial === undefined && match) {
    causes.push({
      reason: "FieldValueForbidden",
      message: "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      field: "resourceVersionMatch",
    })
  }
  if (initial !== undefined && match !== "NotOlderThan") {
    causes.push({
      reason: "FieldValueForbidden",
      message: "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      field: "resourceVersionMatch",
    })
  }
  if (match && match !== "NotOlderThan") {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`
    causes.push({ reason: "FieldValueNotSupported", message, field: "resourceVersionMatch" })
  }
  // Without a version to begin at, a watch asks for the initial events as if it said so.
  if ((match || isLegacy) && parameter(call, "continue")) {
    const message = "Forbidden: resourceVersionMatch is forbidden when continue is provided"
    causes.push({ reason: "FieldValueForbidden", message, field: "resourceVersionMatch" })
  }
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", causes)
}

/** Opens a watch: the stream of its events, one JSON value a line. */
export function openWatch(state: ServerState, call: Call, request: WatchRequest): ByteStream {
  const { resource, namespace } = request
  const selector = selectorOf(call, resource, checkOptions)
  const stop = new AbortController()
  let unsubscribe: () => void = () => undefined
  const stream = createStream(() => {
    unsubscribe()
    stop.abort()
  })
  const watching: Watching = { ...request, prefix: prefixOf(resource, namespace), selector, stream, sent: 0 }
  if (begin(state, call, watching)) {
    const ends = [
      state.store.subscribe(resource.table, (event) => send(watching, event)),
      state.store.onRestore(() => expire(state, watching, state.store.revision)),
    ]
    unsubscribe = () => ends.forEach((end) => end())
    schedule(state, call, { watching, signal: stop.signal })
    const signal = call.signal()
    if (signal.aborted) stream.end()
    else signal.addEventListener("abort", () => stream.end(), { once: true, signal: stop.signal })
  }
  return stream
}

/** Sends what comes before live events; false when the watch is over with that. */
function begin(state: ServerState, call: Call, watching: Watching): boolean {
  const text = parameter(call, "resourceVersion")
  if (text && !/^\d+$/.test(text)) {
    throw plainError(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${goParseUint(text)}`)
  }
  const from = text === undefined || text === "" ? undefined : Number(text)
  const initial = parameter(call, "sendInitialEvents")
  if (from !== undefined && from > 0) refuseFuture(state, from)
  if (initial === undefined ? from === undefined || from === 0 : flag(call, "sendInitialEvents")) {
    const { revision, entries } = state.store.list(watching.resource.table, watching.prefix)
    for (const [, object] of entries) sendObject(watching, "ADDED", object)
    if (initial !== undefined && flag(call, "allowWatchBookmarks")) {
      sendBookmark(watching, revision, { "k8s.io/initial-events-end": "true" })
    }
    return true
  }
  if (from === undefined || from === 0) return true
  const events = state.store.since(watching.resource.table, from)
  if (!events) {
    expire(state, watching, from)
    return false
  }
  for (const event of events) send(watching, event)
  return true
}

/** Ends a watch whose history is lost: the client must list again. */
function expire({ store }: ServerState, watching: Watching, from: number): void {
  const message = `too old resource version: ${from} (${store.revision})`
  sendRaw(watching, "ERROR", failureStatus({ code: 410, reason: "Expired", message }))
  watching.stream.end()
}

function timeoutOf(call: Call): number | undefined {
  const seconds = Number(parameter(call, "timeoutSeconds") ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1000 : undefined
}

/** Ends the watch in time, and sends bookmarks until then. */
function schedule(
  state: ServerState,
  call: Call,
  { watching, signal }: { readonly watching: Watching; readonly signal: AbortSignal },
): void {
  const timeoutMs = timeoutOf(call)
  const bookmarks = flag(call, "allowWatchBookmarks")
  const quietly = (work: Promise<void>): void => void work.catch(() => undefined)
  if (timeoutMs !== undefined) {
    quietly(
      state.clock.sleep(timeoutMs, { signal }).then(() => {
        watching.stream.end()
      }),
    )
  }
  if (!bookmarks) return
  const beat = async (): Promise<void> => {
    // Shortly before the end, as the server does, so that the next watch begins where this one ended.
    const last = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - Math.min(2000, timeoutMs / 2))
    const started = state.clock.now()
    for (;;) {
      const elapsed = state.clock.now() - started
      const untilLast = last === undefined || elapsed >= last ? Number.POSITIVE_INFINITY : last - elapsed
      await state.clock.sleep(Math.min(bookmarkIntervalMs, untilLast), { signal })
      sendBookmark(watching, state.store.revision)
    }
  }
  quietly(beat())
}

function send(watching: Watching, event: StoredEvent): void {
  const { prefix, selector, resource } = watching
  if (prefix !== "" && !event.key.startsWith(prefix)) return
  if (!selector) return sendEvent(watching, event, event.type)
  const was = event.previous !== undefined && selector(viewOf(event.previous, resource))
  const is = event.type !== "DELETED" && selector(viewOf(event.object, resource))
  if (is) sendEvent(watching, event, was ? "MODIFIED" : "ADDED")
  else if (was && event.type === "DELETED") sendEvent(watching, event, "DELETED")
  else if (was) {
    const { resourceVersion } = event.object.metadata
    const metadata = { ...event.previous!.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
    sendObject(watching, "DELETED", { ...event.previous!, metadata })
  }
}

function sendEvent(watching: Watching, event: StoredEvent, type: string): void {
  const { form, resource, stream } = watching
  if (form.firstDiffers && watching.sent === 0) return sendObject(watching, type, event.object)
  const key = `${type} ${resource.apiVersion} ${form.key}`
  const known = (event.wire ??= new Map())
  let bytes = known.get(key)
  if (!bytes) {
    bytes = lineOf(type, form.shape(viewOf(event.object, resource), false))
    known.set(key, bytes)
  }
  watching.sent++
  stream.push(bytes)
}

function sendObject(watching: Watching, type: string, object: KubeObject): void {
  const shaped = watching.form.shape(viewOf(object, watching.resource), watching.sent === 0)
  sendRaw(watching, type, shaped)
}

function sendRaw(watching: Watching, type: string, object: unknown): void {
  watching.sent++
  watching.stream.push(lineOf(type, object))
}

function sendBookmark(watching: Watching, revision: number, annotations?: { readonly [name: string]: string }): void {
  const { resource } = watching
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) }
  const { kind, apiVersion } = resource
  const bookmark = { kind, apiVersion, metadata } as KubeObject
  sendRaw(
    watching,
    "BOOKMARK",
    watching.form.key.startsWith("partial") ? watching.form.shape(bookmark, false) : bookmark,
  )
}

function lineOf(type: string, object: unknown): Uint8Array {
  return bytesOf(`${wireJson({ type, object })}\n`)
}
