import { formatRef, keyOf, kindKeyOf, type ObjectRef } from "@gitops-toolkit/kube"
import { findCycle, isReadyResource } from "../dependencies.ts"
import { ControllerError } from "../error.ts"
import type { Resource } from "../kind.ts"
import type { StoreChange } from "../store.ts"
import { keyFor, type Dependencies, type RunnerState } from "./state.ts"

/** Nobody depends on anybody. */
export function noDependencies(): Dependencies {
  return { edges: new Map(), waiting: new Map(), waitedFor: new Map() }
}

/** No message names more dependencies. */
const maxNamed = 5

function trackerFor({ controller }: RunnerState, key: string): string {
  return `${controller.name}>${key}`
}

/** Throws `DependencyNotReady` or `DependencyCycle` when the object must not be reconciled yet; it is then woken in time. */
export async function checkDependencies(
  self: RunnerState,
  key: string,
  { resource, signal }: { readonly resource: Resource; readonly signal: AbortSignal },
): Promise<void> {
  const { controller, live, dependencies } = self
  const rule = controller.dependsOn
  if (rule === undefined) return
  const refs = rule.refs(resource as never)
  const [own, foreign] = [refs.filter((ref) => isOwn(self, ref)), refs.filter((ref) => !isOwn(self, ref))]
  dependencies.edges.set(key, own.map(keyFor))
  stopWaiting(self, key)
  live.track(trackerFor(self, key), foreign)
  // Before anybody looks: what becomes ready from here on wakes us.
  waitFor(self, key, refs.map(keyOf))
  const cycle = findCycle(key, dependencies.edges)
  if (cycle !== undefined) {
    const message = `the dependencies go in a circle: ${cycle.map((node) => node.replace(/^\//, "")).join(" → ")}`
    throw new ControllerError("DependencyCycle", message)
  }
  await waitForView(self, trackerFor(self, key), signal)
  const missing = refs.filter((ref) => {
    const dependency = isOwn(self, ref) ? self.store.get(ref) : live.get(ref)
    if (dependency === undefined) return true
    if (rule.isReady !== undefined) return !rule.isReady(dependency, resource as never)
    // One of ours without a status was not reconciled yet.
    return !isReadyResource(dependency) || (isOwn(self, ref) && dependency.status === undefined)
  })
  if (missing.length === 0) return stopWaiting(self, key)
  const named = missing.slice(0, maxNamed).map(formatRef).join(", ")
  const rest = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : ""
  throw new ControllerError("DependencyNotReady", `not ready yet: ${named}${rest}`, { retryable: true })
}

function isOwn({ controller }: RunnerState, ref: ObjectRef): boolean {
  return kindKeyOf(ref) === kindKeyOf(controller.kind)
}

function waitFor({ dependencies }: RunnerState, key: string, refs: readonly string[]): void {
  const { waiting, waitedFor } = dependencies
  waiting.set(key, refs)
  for (const ref of refs) waitedFor.set(ref, (waitedFor.get(ref) ?? new Set()).add(key))
}

function stopWaiting({ dependencies }: RunnerState, key: string): void {
  const { waiting, waitedFor } = dependencies
  for (const ref of waiting.get(key) ?? []) {
    const keys = waitedFor.get(ref)
    keys?.delete(key)
    if (keys?.size === 0) waitedFor.delete(ref)
  }
  waiting.delete(key)
}

/** Wakes those who wait for the object that changed. */
export function wakeDependents({ dependencies, queue }: RunnerState, { ref }: StoreChange): void {
  for (const key of dependencies.waitedFor.get(keyOf(ref)) ?? []) {
    queue.forget(key)
    queue.add(key)
  }
}

/** Forgets an object that is gone. */
export function forgetDependencies(self: RunnerState, key: string): void {
  self.dependencies.edges.delete(key)
  stopWaiting(self, key)
  self.live.track(trackerFor(self, key), [])
}

/** How long a reconcile waits for the watches of what it owns or depends on. */
const viewWaitMs = 5000

/**
 * Waits until the view shows all kinds that `owner` tracks: the first plan after a start then needs fewer requests. A
 * kind that cannot be watched is not waited for.
 */
export async function waitForView(self: RunnerState, owner: string, signal: AbortSignal): Promise<void> {
  const ended = new AbortController()
  const ready = self.live.ready(owner, { signal: AbortSignal.any([signal, ended.signal]) })
  const late = self.clock.sleep(viewWaitMs, { signal: ended.signal }).catch(() => undefined)
  await Promise.race([ready, late])
  ended.abort()
}
