import type { KubeObject } from "@gitops-toolkit/kube"
import { ControllerError } from "../error.ts"
import type { EventBody } from "../event.ts"
import { failureOf, type Failure } from "../status.ts"
import { attempt, type AttemptOptions, type AttemptResult } from "./attempt.ts"
import { checkDependencies, waitForView } from "./dependencies.ts"
import { lookForDrift } from "./drift.ts"
import { notePrimary } from "./primary.ts"
import { ownerFor, refFor, tell, type Running, type RunnerState } from "./state.ts"
import { traced, type SpanSubject } from "./trace.ts"

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

/** How many times `concurrency` may be under way in all, those that lent their place included. */
const lendingFactor = 8

/**
 * Takes keys from the queue until it is closed: one at a time, but it does not wait longer than `lendAfterMs` for any.
 * Resolves when everything it took is done. Never rejects.
 */
export async function work(self: RunnerState): Promise<void> {
  const { queue, running, controller } = self
  const lent = new Set<Promise<void>>()
  for (let key = await queue.next(); key !== undefined; key = await queue.next()) {
    const turn = takeKey(self, key)
    const isLong = await lastsLong(self, turn)
    if (isLong && running.size < controller.concurrency * lendingFactor) {
      lent.add(turn)
      void turn.then(() => lent.delete(turn))
    } else await turn
  }
  await Promise.all(lent)
}

async function takeKey(self: RunnerState, key: string): Promise<void> {
  const object = self.store.get(refFor(self, key))
  try {
    if (object !== undefined && self.owns(ownerFor(self, key))) {
      self.held.add(key)
      await takeTurn(self, key, object)
    }
  } catch (error) {
    // Nothing should come here; but whatever does must cost one object a try, not the controller a worker.
    const { code: reason, message } = failureOf(error)
    const retryInMs = self.queue.retry(key)
    if (object !== undefined)
      tell(self, object, { type: "reconcile.failed", severity: "error", reason, message, retryInMs })
  } finally {
    self.running.delete(key)
    self.queue.done(key)
  }
}

async function lastsLong({ clock, controller }: RunnerState, turn: Promise<void>): Promise<boolean> {
  if (controller.lendAfterMs === Infinity) return false
  const ended = new AbortController()
  const late = clock.sleep(controller.lendAfterMs, { signal: ended.signal }).then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([turn.then(() => false), late])
  } finally {
    ended.abort()
  }
}

async function takeTurn(self: RunnerState, key: string, object: KubeObject): Promise<void> {
  const { running, clock, controller, live, store } = self
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
    queue: figuresOf(self),
  })
  await waitForView(self, ownerFor(self, key), active.stop.signal)
  const result = await traced(phase, subjectOf(self, turn), () => attempt(object, attemptOptions(self, turn)))
  done.abort()
  running.delete(key)
  settle(self, turn, result)
  // It went meanwhile: whatever its reconcile said last, it owns nothing any more.
  if (store.get(refFor(self, key)) === undefined) live.track(ownerFor(self, key), [])
  if (result.type === "finished") for (const ref of active.moved.values()) lookForDrift(self, key, ref)
}

function subjectOf({ controller }: RunnerState, { object, attempt: attemptNumber }: Turn): SpanSubject {
  const { namespace, name = "" } = object.metadata
  return { controller: controller.name, namespace, name, attempt: attemptNumber }
}

function attemptOptions(self: RunnerState, { key, active, publish }: Turn): AttemptOptions {
  return {
    ...self,
    hardStop: self.hardStop.signal,
    signal: active.stop.signal,
    onObject: (newest) => {
      const change = self.store.put(newest)
      if (change !== undefined) notePrimary(self, change)
    },
    onResource: (resource) => checkDependencies(self, key, { resource, signal: active.stop.signal }),
    onRefs: (refs) => self.live.track(ownerFor(self, key), refs),
    onEvent: publish,
  }
}

/** The queue's figures for an event; `ended` when the worker is as good as free. */
function figuresOf({ queue, controller }: RunnerState, ended: 0 | 1 = 0): object {
  const figures = queue.figures
  return { ...figures, active: figures.active - ended, workers: controller.concurrency }
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
  const durationMs = self.clock.now() - turn.startedAt
  const tell = (step: string, fields: object): void =>
    turn.publish({ type: `${turn.phase}.${step}`, ...fields, durationMs, queue: figuresOf(self, 1) })
  switch (result.type) {
    case "finished":
      return tell("finished", finish(self, turn, result))
    case "failed":
      return tell("failed", fail(self, turn, result.failure))
    case "cancelled":
      return tell("cancelled", { reason: result.reason })
    case "idle":
      self.queue.forget(turn.key)
      if (result.why === "suspended") turn.publish({ type: "reconcile.suspended" })
  }
}

/** Plans the next look at an object that was reconciled; returns what to tell. */
function finish(self: RunnerState, { key }: Turn, result: Extract<AttemptResult, { type: "finished" }>): object {
  const { queue, intervals, random } = self
  const { outcome, message, statusWritten, revision } = result
  const requeueAfterMs = Number.isFinite(outcome.requeueAfterMs) ? outcome.requeueAfterMs : undefined
  queue.forget(key)
  if (requeueAfterMs === undefined) intervals.delete(key)
  else {
    intervals.set(key, requeueAfterMs)
    queue.addAfter(key, Math.max(1, requeueAfterMs) * (1 + intervalJitter * random()))
  }
  const interval = requeueAfterMs === undefined ? {} : { requeueAfterMs }
  return { reason: "Succeeded", message, statusWritten, ...interval, ...(revision === undefined ? {} : { revision }) }
}

/** Plans the next try of an object that failed; returns what to tell. */
function fail(self: RunnerState, { key, phase, attempt: attemptNumber }: Turn, failure: Failure): object {
  const { queue, intervals, controller } = self
  const { code: reason, message, retryable, retryAfterMs, frame } = failure
  const shown = frame === undefined ? {} : { frame }
  // Waiting for others is no failure to wake people for.
  const severity = reason === "DependencyNotReady" ? "info" : "error"
  const told = { severity, reason, message, retryable, attempt: attemptNumber, ...shown }
  if (retryable) return { ...told, retryInMs: queue.retry(key, retryAfterMs) }
  queue.forget(key)
  if (reason === "InvalidSpec" && phase === "reconcile") return told
  // A stalled object is looked at again too: what it depends on (a branch, a registry) may change without a word.
  const retryInMs = intervals.get(key) ?? controller.resyncMs
  queue.addAfter(key, retryInMs)
  return { ...told, retryInMs }
}
