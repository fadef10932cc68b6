import type { Work } from "../define.ts"
import type { EventBody } from "../event.ts"
import { isStatusEvent, type StatusPatch } from "../status.ts"

/** What `drive` does with what the work yields. */
export interface DriveOptions {
  readonly signal: AbortSignal
  readonly onEvent: (event: EventBody) => void
  /** Stores a status patch; the work goes on when it is stored. */
  readonly onStatus: (patch: StatusPatch) => Promise<void>
}

/**
 * Runs the work of a reconcile to its end and resolves with what it returned. A generator that yields although the
 * signal has aborted is ended there: its `finally` blocks run, and the signal's reason is thrown.
 */
export async function drive<Result>(work: Work<unknown, Result>, options: DriveOptions): Promise<Result> {
  if (!isGenerator(work)) return work
  let step = await work.next()
  while (!step.done) {
    if (options.signal.aborted) {
      await work.return(undefined as Result)
      throw options.signal.reason
    }
    step = await take(work, step.value, options)
  }
  return step.value
}

async function take<Result>(
  work: AsyncGenerator<unknown, Result, void>,
  event: unknown,
  { onEvent, onStatus }: DriveOptions,
): Promise<IteratorResult<unknown, Result>> {
  if (isStatusEvent(event)) {
    try {
      await onStatus(event.patch)
    } catch (error) {
      return work.throw(error)
    }
  } else if (isEvent(event)) onEvent(event)
  return work.next()
}

function isGenerator<Result>(work: Work<unknown, Result>): work is AsyncGenerator<unknown, Result, void> {
  return typeof (work as Partial<AsyncGenerator>)[Symbol.asyncIterator] === "function"
}

function isEvent(event: unknown): event is EventBody {
  return typeof event === "object" && event !== null && typeof (event as { type?: unknown }).type === "string"
}
