import { redactText, type Clock, type KubeObject } from "@gitops-toolkit/kube"
import type { ControllerEvent, EventBody, Observer } from "../event.ts"

/** Called when an observer threw or rejected, or was too slow and lost events. */
export type OnObserverError = (error: unknown, event: ControllerEvent) => void

/** What `publish` takes beside the event. */
export interface Origin {
  readonly controller: string
  readonly reconcileId?: string
}

/** Hands events to observers. */
export interface Publisher {
  publish(event: EventBody, object: KubeObject, origin: Origin): void
  /** Resolves when every observer has had every event, or when `signal` aborts. */
  drain(signal: AbortSignal): Promise<void>
}

/** A slow observer holds at most this many events back; then the oldest is dropped and reported. */
const maxWaiting = 10_000

/** A publisher for `observers`; none of them can disturb another or a reconcile. */
export function createPublisher(
  observers: readonly Observer[],
  { clock, onObserverError }: { readonly clock: Clock; readonly onObserverError: OnObserverError },
): Publisher {
  const lines = observers.map((observer) => createLine(observer, onObserverError))
  return {
    publish(event, object, origin) {
      if (lines.length === 0) return
      const timestamp = new Date(clock.now()).toISOString()
      const full = { ...(redact(event, 0) as EventBody), timestamp, ...origin }
      for (const line of lines) line.push(full, object)
    },
    async drain(signal) {
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener("abort", () => resolve(), { once: true })
      })
      await Promise.race([Promise.all(lines.map((line) => line.idle())), aborted])
    },
  }
}

interface Line {
  push(event: ControllerEvent, object: KubeObject): void
  idle(): Promise<void>
}

function createLine(observer: Observer, onObserverError: OnObserverError): Line {
  const waiting: (readonly [ControllerEvent, KubeObject])[] = []
  let busy: Promise<void> | undefined
  const report = (error: unknown, event: ControllerEvent): void => {
    try {
      onObserverError(error, event)
    } catch {
      // Whoever is told of failures has failed: there is nobody left to tell, and a reconcile must not suffer.
    }
  }
  const work = async (): Promise<void> => {
    // Not before `busy` holds this promise: the loop below may end without ever waiting.
    await Promise.resolve()
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [event, object] = next
      try {
        await observer(event, object)
      } catch (error) {
        report(error, event)
      }
    }
    busy = undefined
  }
  return {
    push(event, object) {
      waiting.push([event, object])
      if (waiting.length > maxWaiting) {
        const [lost] = waiting.shift()!
        report(new Error(`an observer is too slow: ${lost.type} was dropped`), lost)
      }
      busy ??= work()
    },
    idle: async () => busy,
  }
}

/** The event with every text redacted; what is nested deeper than any event is cut. */
function redact(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return value
  if (depth > 20) return undefined
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, depth + 1)]))
}
