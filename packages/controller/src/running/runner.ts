import { messageOf, type KindRef, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import type { AnyController, Watch } from "../define.ts"
import { createQueue, type Queue } from "../queue.ts"
import { reflect, type ReflectEvent } from "../reflect.ts"
import { createStore, type StoreChange } from "../store.ts"
import { noDependencies, wakeDependents } from "./dependencies.ts"
import { noticeMove } from "./drift.ts"
import { shareOf } from "./predicates.ts"
import { notePrimary, rebalance, track } from "./primary.ts"
import { keyFor, tell, type RunnerOptions, type RunnerState } from "./state.ts"
import { work } from "./work.ts"

/** One controller at work. */
export interface Runner {
  readonly controller: AnyController
  readonly synced: boolean
  readonly queue: Queue
  /** Looks again at which objects are this replica's. */
  rebalance(): void
  /** Takes no more work; what runs goes on. */
  stopIntake(): void
  /** Aborts what runs. */
  abort(reason: Error): void
  /** Resolves when nothing runs any more. Call `stopIntake` first. */
  idle(): Promise<void>
  /** Ends the watches. */
  close(): Promise<void>
}

/** Begins to watch and, as soon as everything is known, to reconcile. */
export function startRunner(controller: AnyController, options: RunnerOptions): Runner {
  const { clock, random, live } = options
  const queue = createQueue({ clock, random, backoff: controller.backoff })
  const store = createStore()
  const watching = new AbortController()
  const hardStop = new AbortController()
  const self: RunnerState = {
    ...options,
    controller,
    queue,
    store,
    running: new Map(),
    intervals: new Map(),
    corrections: new Map(),
    held: new Set(),
    dependencies: noDependencies(),
    hardStop,
  }

  const unsubscribe = live.subscribe((change) => {
    wakeDependents(self, change)
    noticeMove(self, change.ref)
  })
  const feeds = [
    feedPrimary(self, watching.signal),
    ...controller.watches.map((watch) => feedWatch(self, watch, watching.signal)),
  ].map((feed) => feed.catch(options.onBroken))
  const workers = Array.from({ length: controller.concurrency }, () => work(self))
  return {
    controller,
    queue,
    get synced() {
      return store.synced
    },
    rebalance: () => rebalance(self),
    stopIntake: () => queue.close(),
    abort(reason) {
      hardStop.abort(reason)
      for (const { stop } of self.running.values()) stop.abort(reason)
    },
    idle: async () => void (await Promise.all(workers)),
    async close() {
      unsubscribe()
      watching.abort()
      await Promise.all(feeds)
    },
  }
}

async function feedPrimary(self: RunnerState, signal: AbortSignal): Promise<void> {
  const { cluster, controller, store, clock, random, queue } = self
  for await (const event of reflect(cluster, controller.kind, { store, clock, random, signal })) {
    if (event.type === "watch.changed") notePrimary(self, event.change)
    if (event.type === "watch.synced") {
      const spread = self.spreadMs(event.changes.length)
      for (const change of event.changes) {
        if (change.object !== undefined && change.previous === undefined) {
          track(self, change.object)
          const key = keyFor(change.ref)
          if (spread > 0) queue.addAfter(key, spread * shareOf(key))
          else queue.add(key, "low")
        } else notePrimary(self, change)
      }
    }
    tellOfWatch(self, controller.kind, event)
  }
}

async function feedWatch(self: RunnerState, watch: Watch, signal: AbortSignal): Promise<void> {
  const { cluster, clock, random, queue, store } = self
  const { kind, labelSelector } = watch
  const select = labelSelector === undefined ? {} : { labelSelector }
  const note = ({ object, previous }: StoreChange): void => {
    const seen = object ?? previous
    if (seen === undefined) return
    for (const ref of mapped(self, watch, seen)) if (store.get(ref) !== undefined) queue.add(keyFor(ref))
  }
  for await (const event of reflect(cluster, kind, { clock, random, signal, store: createStore(), ...select })) {
    if (event.type === "watch.changed") note(event.change)
    if (event.type === "watch.synced") event.changes.forEach(note)
    tellOfWatch(self, kind, event)
  }
}

function mapped(self: RunnerState, watch: Watch, object: KubeObject): readonly ObjectRef[] {
  const { apiVersion, kind } = self.controller.kind
  if (watch.to !== undefined) {
    try {
      return watch.to(object, self.store.objects())
    } catch (error) {
      tell(self, object, { type: "watch.unmapped", message: messageOf(error), severity: "error" })
      return []
    }
  }
  const namespace = object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }
  return (object.metadata.ownerReferences ?? [])
    .filter((owner) => owner.kind === kind && owner.apiVersion.split("/")[0] === self.controller.kind.group)
    .map(({ name }) => ({ apiVersion, kind, name, ...(self.controller.kind.scope === "Namespaced" ? namespace : {}) }))
}

function tellOfWatch(self: RunnerState, { apiVersion, kind }: KindRef, event: ReflectEvent): void {
  const object: KubeObject = { apiVersion, kind, metadata: {} }
  if (event.type === "watch.synced") tell(self, object, { type: event.type, apiVersion, kind })
  if (event.type === "watch.interrupted") {
    const { retryInMs, error } = event
    tell(self, object, { type: event.type, apiVersion, kind, message: messageOf(error), retryInMs, severity: "error" })
  }
}
