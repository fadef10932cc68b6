import type { KubeObject } from "@gitops-toolkit/kube"
import { ControllerError } from "../error.ts"
import type { EventBody } from "../event.ts"
import { attempt, type AttemptResult } from "./attempt.ts"
import { lookForDrift } from "./drift.ts"
import { ownerFor, refFor, type Running, type RunnerState } from "./state.ts"

/** How much a `requeueAfterMs` may be exceeded, so that many objects do not fall into step. */
const intervalJitter = 0.05

/** What is known of one attempt while it runs. */
interface Turn {
  readonly key: string
  readonly object: KubeObject
  readonly phase: "reconcile" | "finalize"
  readonly attempt: number
  readonly startedAt: number
  readonly active: Running
  readonly publish: (event: EventBody) => void
}

/** Takes keys from the queue, one at a time, until it is closed. Never rejects. */
export async function work(self: RunnerState): Promise<void> {
  const { queue, store } = self
  for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
    const object = store.get(refFor(self, key))
    if (object !== undefined) await takeTurn(self, key, object)
    queue.done(key)
  }
}

async function takeTurn(self: RunnerState, key: string, object: KubeObject): Promise<void> {
  const { running, clock, controller, queue, live, store } = self
  const turn = openTurn(self, key, object)
  const { active, publish, phase } = turn
  const done = new AbortController()
  running.set(key, active)
  const late = new ControllerError("ReconcileTimedOut", `not done within ${controller.timeoutMs} ms`, {
    retryable: true,
  })
  clock.sleep(controller.timeoutMs, { signal: done.signal }).then(
    () => active.stop.abort(late),
    () => undefined,
  )
  publish({
    type: `${phase}.started`,
    generation: object.metadata.generation,
    attempt: turn.attempt,
    queue: queue.figures,
  })
  const result = await attempt(object, {
    ...self,
    hardStop: self.hardStop.signal,
    signal: active.stop.signal,
    onObject: (newest) => void store.put(newest),
    onRefs: (refs) => live.track(ownerFor(self, key), refs),
    onEvent: publish,
  })
  done.abort()
  running.delete(key)
  settle(self, turn, result)
  if (result.type !== "finished") return
  for (const ref of active.moved.values()) lookForDrift(self, key, ref)
}

function openTurn(self: RunnerState, key: string, object: KubeObject): Turn {
  const { store, publisher, controller, random, clock, queue } = self
  const digits = Math.floor(random() * 2 ** 48).toString(16)
  const origin = { controller: controller.name, reconcileId: digits.padStart(12, "0") }
  return {
    key,
    object,
    phase: object.metadata.deletionTimestamp === undefined ? "reconcile" : "finalize",
    attempt: queue.failures(key) + 1,
    startedAt: clock.now(),
    active: { object, stop: new AbortController(), moved: new Map() },
    publish: (event) => publisher.publish(event, store.get(refFor(self, key)) ?? object, origin),
  }
}

function settle(self: RunnerState, turn: Turn, result: AttemptResult): void {
  const { phase, publish } = turn
  const durationMs = self.clock.now() - turn.startedAt
  switch (result.type) {
    case "finished":
      return finish(self, turn, { result, durationMs })
    case "failed":
      return fail(self, turn, { result, durationMs })
    case "cancelled":
      return publish({ type: `${phase}.cancelled`, reason: result.reason, durationMs })
    case "idle":
      self.queue.forget(turn.key)
      if (result.why === "suspended") publish({ type: "reconcile.suspended" })
  }
}

interface Ended<Type extends AttemptResult["type"]> {
  readonly result: Extract<AttemptResult, { readonly type: Type }>
  readonly durationMs: number
}

function finish(self: RunnerState, { key, phase, publish }: Turn, { result, durationMs }: Ended<"finished">): void {
  const { queue, intervals, random } = self
  const { outcome, message, statusWritten, revision } = result
  const { requeueAfterMs } = outcome
  queue.forget(key)
  if (requeueAfterMs === undefined) intervals.delete(key)
  else {
    intervals.set(key, requeueAfterMs)
    queue.addAfter(key, Math.max(1, requeueAfterMs) * (1 + intervalJitter * random()))
  }
  const known = {
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
    ...(revision === undefined ? {} : { revision }),
  }
  publish({ type: `${phase}.finished`, reason: "Succeeded", message, durationMs, statusWritten, ...known })
}

function fail(self: RunnerState, turn: Turn, { result, durationMs }: Ended<"failed">): void {
  const { queue, intervals, controller } = self
  const { key, phase, publish, attempt: attemptNumber } = turn
  const { code: reason, message, retryable, retryAfterMs } = result.failure
  // A stalled object is looked at again too: what it depends on (a branch, a registry) may change without a word.
  const interval = intervals.get(key) ?? controller.resyncMs
  let retryInMs: number | undefined
  if (retryable) retryInMs = queue.retry(key, retryAfterMs)
  else {
    queue.forget(key)
    if (reason !== "InvalidSpec" || phase === "finalize") queue.addAfter(key, (retryInMs = interval))
  }
  const retry = retryInMs === undefined ? {} : { retryInMs }
  publish({
    type: `${phase}.failed`,
    severity: "error",
    reason,
    message,
    retryable,
    attempt: attemptNumber,
    durationMs,
    ...retry,
  })
}
