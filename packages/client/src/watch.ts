import {
  ClusterError,
  isClusterError,
  isKubeObject,
  retryDelay,
  type Clock,
  type KindInfo,
  type KindRef,
  type KubeObject,
  type WatchEvent,
  type WatchOptions,
} from "@gitops-toolkit/kube"
import { errorOfFailure, errorOfStatus, parseAnswer, parseStatus, recordOf, textOf } from "./error.ts"
import { splitLines } from "./lines.ts"
import { listPages } from "./list.ts"
import { selectRequest } from "./request.ts"
import type { Wire } from "./wire.ts"

/** What a watch needs from its client. */
export interface WatchContext {
  readonly wire: Wire
  readonly clock: Clock
  readonly random: () => number
  resolve(kind: KindRef, options: { readonly signal: AbortSignal | undefined }): Promise<KindInfo>
}

/** client-go's numbers: 0.8 s to 30 s, all of it random, forgotten after two healthy minutes. */
const backoff = { baseMs: 800, maxMs: 30_000, jitter: 1 }
const healthyMs = 120_000
/** A stream that ends sooner than this without an event counts as a failure. */
const shortestMs = 1000

/** Where a watch stands. */
interface Position {
  /** Undefined: everything is to be listed anew. */
  resourceVersion: string | undefined
}

/**
 * The state and every later change of a kind, for ever. Every failure is retried and told as `interrupted`; lost
 * history (410) begins with a new `listed`. Ends only when the signal aborts or the reader leaves.
 */
export async function* watchForever(
  context: WatchContext,
  kind: KindRef,
  options: WatchOptions,
): AsyncGenerator<WatchEvent, void, void> {
  const { clock, random } = context
  const { signal } = options
  const position: Position = { resourceVersion: options.resourceVersion }
  let failures = 0
  while (!signal?.aborted) {
    const startedAtMs = clock.now()
    try {
      yield* watchOnce(context, kind, { options, position })
      failures = 0
    } catch (error) {
      if (signal?.aborted) return
      if (isClusterError(error, "Gone", "KindNotFound", "NotFound")) position.resourceVersion = undefined
      if (clock.now() - startedAtMs >= healthyMs) failures = 0
      failures++
      const first = failures === 1 && isClusterError(error, "Gone")
      const retryInMs = first ? 0 : Math.max(delay(failures, random()), askedMs(error))
      yield { type: "interrupted", error, retryInMs }
      if (!(await slept(clock, retryInMs, signal))) return
    }
  }
}

function delay(failures: number, random: number): number {
  // `random` takes away; a delay of nothing would be a hot loop.
  return Math.max(50, retryDelay(failures, random, backoff))
}

function askedMs(error: unknown): number {
  return isClusterError(error) ? Math.min(error.retryAfterMs ?? 0, 60_000) : 0
}

async function slept(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    if (ms > 0) await clock.sleep(ms, { signal })
    return !signal?.aborted
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}

interface Run {
  readonly options: WatchOptions
  readonly position: Position
}

/** One list (when needed) and one stream to its regular end. Moves `position` with every event. */
async function* watchOnce(context: WatchContext, kind: KindRef, run: Run): AsyncGenerator<WatchEvent, void, void> {
  const { wire, clock } = context
  const { options, position } = run
  const info = await context.resolve(kind, { signal: options.signal })
  if (position.resourceVersion === undefined) {
    const page = await listAll(wire, info, options)
    position.resourceVersion = page.resourceVersion
    yield { type: "listed", ...page }
  }
  const startedAtMs = clock.now()
  let events = 0
  for await (const event of readStream(context, info, run)) {
    events++
    position.resourceVersion = event.type === "bookmark" ? event.resourceVersion : versionOf(event.object, position)
    yield event
  }
  if (events === 0 && clock.now() - startedAtMs < shortestMs) {
    throw new ClusterError("Unreachable", `${kind.kind}: the watch ended at once`, { retryable: true })
  }
}

type StreamEvent = Extract<WatchEvent, { readonly type: "added" | "modified" | "deleted" | "bookmark" }>

function versionOf(object: KubeObject, position: Position): string | undefined {
  return object.metadata.resourceVersion ?? position.resourceVersion
}

async function listAll(
  wire: Wire,
  kind: KindInfo,
  options: WatchOptions,
): Promise<{ readonly objects: readonly KubeObject[]; readonly resourceVersion: string }> {
  const { resourceVersion: _, ...select } = options
  const pages = listPages(wire, kind, select)
  for (;;) {
    const step = await pages.next()
    if (step.done) return step.value
  }
}

/**
 * The events of one request. The server is asked to end it after a random time between 290 and 590 seconds; when it
 * has not five seconds later, the connection is dead and cut.
 */
async function* readStream(context: WatchContext, kind: KindInfo, run: Run): AsyncGenerator<StreamEvent, void, void> {
  const { wire, clock, random } = context
  const { options, position } = run
  const seconds = 290 + Math.floor(random() * 301)
  const parameters = {
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: position.resourceVersion,
    timeoutSeconds: String(seconds),
  }
  const life = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, life.signal]) : life.signal
  const expired = clock.sleep((seconds + 5) * 1000, { signal }).then(
    () => life.abort(new ClusterError("TimedOut", `${kind.kind}: the watch went silent`, { retryable: true })),
    () => undefined,
  )
  try {
    const { timeoutMs } = options
    const response = await wire.open(selectRequest(kind, options, parameters), { subject: kind, signal, timeoutMs })
    for await (const line of splitLines(response.body)) {
      const event = parseEvent(line, kind)
      if (event) yield event
    }
  } catch (error) {
    throw isClusterError(error) ? error : errorOfFailure(error, kind)
  } finally {
    life.abort(new ClusterError("Unreachable", `${kind.kind}: the watch was left`))
    await expired
  }
}

const types = { ADDED: "added", MODIFIED: "modified", DELETED: "deleted" } as const

/** Undefined for event types that nobody knows yet. Throws what an `ERROR` event tells. */
function parseEvent(line: string, kind: KindInfo): StreamEvent | undefined {
  const event = recordOf(parseAnswer(line, kind))
  const type = textOf(event?.["type"])
  const object = event?.["object"]
  if (type === "ERROR") throw errorOfStatus(parseStatus(object), { subject: kind })
  if (type === "BOOKMARK") {
    const resourceVersion = textOf(recordOf(recordOf(object)?.["metadata"])?.["resourceVersion"])
    return resourceVersion === "" ? undefined : { type: "bookmark", resourceVersion }
  }
  if (!Object.hasOwn(types, type)) return undefined
  if (!isKubeObject(object)) throw new ClusterError("InternalError", `${kind.kind}: a watch event without an object`)
  return { type: types[type as keyof typeof types], object }
}
