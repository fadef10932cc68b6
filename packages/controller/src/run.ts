import { messageOf, systemClock, type Clock, type Cluster } from "@gitops-toolkit/kube"
import type { AnyController } from "./define.ts"
import { ControllerError } from "./error.ts"
import type { Observer } from "./event.ts"
import type { LeaseOptions } from "./lease.ts"
import { createLiveView, type LiveCaches, type LiveNotice, type LiveViewOptions } from "./live.ts"
import { createProbes } from "./probes.ts"
import { takePlace, type Place } from "./running/place.ts"
import { createPublisher, type OnObserverError, type Publisher } from "./running/publish.ts"
import { startRunner, type Runner } from "./running/runner.ts"
import type { ShardOptions } from "./shard.ts"
import { listen, type Listening } from "./running/serve.ts"

/** Options of `run`. */
export interface RunOptions {
  readonly cluster: Cluster
  readonly controllers: readonly AnyController[]
  readonly observers?: readonly Observer[]
  /** Called when an observer fails; default: one line on stderr. An observer's failure never reaches a reconcile. */
  readonly onObserverError?: OnObserverError
  /** Restricts and reduces what the live view keeps. */
  readonly live?: Pick<LiveViewOptions, "labelSelector" | "transform">
  readonly clock?: Clock
  /** Numbers from 0 to below 1; default `Math.random`. */
  readonly random?: () => number
  /** How long running reconciles may go on after `signal` aborted; default 20 000. */
  readonly drainMs?: number
  /**
   * Milliseconds over which the first reconciles of `count` objects are spread, in the order of a hash of their names;
   * default 0 up to 50 objects, then 10 an object, at most a minute.
   */
  readonly startupSpreadMs?: (count: number) => number
  /**
   * Runs only while this Lease is held, so that of several replicas one works and the others stand by. When it is lost
   * everything is aborted at once and `run` rejects with `LeaseLost`: end the process then.
   */
  readonly lease?: LeaseOptions
  /** Shares the work with other replicas: see `joinShards`. Excludes `lease`. */
  readonly shards?: ShardOptions
  /** Answers `/healthz`, `/livez`, `/readyz` and, if given, `/metrics` on this port; default: no server. */
  readonly serve?: ServeOptions
  /** Ends the run. Without it `run` never resolves. */
  readonly signal?: AbortSignal | undefined
}

/** Where `run` serves its probes. */
export interface ServeOptions {
  readonly port: number
  /** Default all interfaces, since kubelet asks from outside of the pod. */
  readonly host?: string
  /** The text of `/metrics`: `createMetrics().text`. */
  readonly metrics?: () => string
}

/** How long reconciles that ignore their signal are waited for. */
const abandonMs = 5000

/**
 * Runs controllers until `signal` aborts: watches their objects, reconciles each after every change, failure or
 * interval, never one object twice at a time, keeps statuses and finalizers, and notices drift. Resolves after an
 * orderly end: no new work, running reconciles finish (or are aborted after `drainMs`), watches are closed, observers
 * have had their events. Nothing that a reconcile or an observer throws ends it. The kinds must be installed
 * (`crdOf`); one that is not is waited for.
 *
 * Throws `ControllerError` `InvalidOptions` for two controllers of one name, and `LeaseLost`.
 *
 * @example
 * await run({ cluster: await connect(), controllers: [apps], signal: shutdownSignal() })
 */
export async function run(options: RunOptions): Promise<void> {
  const { cluster, controllers, observers = [], clock = systemClock, random = Math.random, signal } = options
  refuseDoubles(controllers)
  const publisher = createPublisher(observers, { clock, onObserverError: options.onObserverError ?? printFailure })
  const onNotice = (notice: LiveNotice): void => publishNotice(publisher, notice)
  const live = createLiveView(cluster, { ...options.live, clock, random, onNotice })
  const spreadMs = options.startupSpreadMs ?? defaultSpread
  const broken = new AbortController()
  const onBroken = (error: unknown): void => broken.abort(error)
  const runners: Runner[] = []
  // A replica that stands by is ready for that.
  // Before anything runs: a port that is taken must not leave controllers running behind a rejected promise.
  const server = await serveProbes(options.serve, () => runners.every((runner) => runner.synced))
  const place = await takePlace({ ...options, clock, random }, publisher)
  if (place !== undefined && signal?.aborted !== true) {
    const shared = { cluster, live, clock, random, publisher, spreadMs, onBroken, owns: place.owns }
    runners.push(...controllers.map((controller) => startRunner(controller, shared)))
    place.subscribe(() => runners.forEach((runner) => runner.rebalance()))
    await aborted(signal, place.lost, broken.signal)
  }
  const isLost = place?.lost?.aborted === true
  await shutDown({ runners, live, publisher, clock, drainMs: isLost ? 0 : (options.drainMs ?? 20_000), place })
  await server?.close()
  if (isLost) throw place.lost?.reason
  broken.signal.throwIfAborted()
}

async function serveProbes(serve: ServeOptions | undefined, isReady: () => boolean): Promise<Listening | undefined> {
  if (serve === undefined) return undefined
  const { port, host, metrics } = serve
  const probes = createProbes({ isReady, ...(metrics === undefined ? {} : { metrics }) })
  return listen(probes, { port, ...(host === undefined ? {} : { host }) })
}

function refuseDoubles(controllers: readonly AnyController[]): void {
  const names = controllers.map(({ name }) => name)
  const double = names.find((name, index) => names.indexOf(name) !== index)
  if (double === undefined) return
  throw new ControllerError("InvalidOptions", `two controllers are named ${JSON.stringify(double)}`)
}

function defaultSpread(count: number): number {
  return count <= 50 ? 0 : Math.min(60_000, count * 10)
}

function printFailure(error: unknown, { type }: { readonly type: string }): void {
  console.error(`gitops-toolkit: an observer failed on ${type}: ${messageOf(error)}`)
}

function publishNotice(publisher: Publisher, notice: LiveNotice): void {
  const { type, kind } = notice
  const { retryInMs, error } = notice.type === "watch.interrupted" ? notice : {}
  const failure = retryInMs === undefined ? {} : { message: messageOf(error), retryInMs, severity: "error" }
  const found = notice.type === "watch.synced" ? { objects: notice.objects } : {}
  publisher.publish({ type, ...kind, ...found, ...failure }, { ...kind, metadata: {} }, { controller: "" })
}

function aborted(...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal?.aborted) resolve()
      signal?.addEventListener("abort", () => resolve(), { once: true })
    }
  })
}

interface ShutDown {
  readonly runners: readonly Runner[]
  readonly live: LiveCaches
  readonly publisher: Publisher
  readonly clock: Clock
  readonly drainMs: number
  readonly place: Place | undefined
}

async function shutDown({ runners, live, publisher, clock, drainMs, place }: ShutDown): Promise<void> {
  const reason = new ControllerError("Shutdown", "the program ends", { retryable: true })
  const idle = Promise.all(runners.map((runner) => runner.idle()))
  for (const runner of runners) runner.stopIntake()
  if (!(await within(idle, drainMs, clock))) {
    for (const runner of runners) runner.abort(reason)
    await within(idle, abandonMs, clock)
  }
  for (const runner of runners) runner.abort(reason)
  await Promise.all([...runners.map((runner) => runner.close()), live.close()])
  // Last: whoever is next must find nobody at work.
  await place?.release()
  const late = new AbortController()
  if (!(await within(publisher.drain(late.signal), abandonMs, clock))) late.abort()
}

/** Whether `work` ended within `ms`. */
async function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const late = clock.sleep(ms, { signal: stop.signal }).then(
    () => false,
    () => true,
  )
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    stop.abort()
  }
}
