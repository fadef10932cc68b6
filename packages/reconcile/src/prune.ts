import {
  keyOf,
  steps,
  systemClock,
  type Clock,
  type Cluster,
  type Inventory,
  type KubeObject,
  type LiveView,
  type ObjectRef,
  type Steps,
} from "@gitops-toolkit/kube"
import { inParallel } from "./applying/concurrent.ts"
import { deleteOurs, remainingOf, type Deletion } from "./deleting/delete.ts"
import { failTogether, type ObjectFailure } from "./error.ts"
import { failureFrom, failureOf } from "./applying/failure.ts"
import { saveWithout } from "./inventory/shrink.ts"
import { ownershipOf, type Owner, type Ownership } from "./ownership.ts"
import type { Plan, SkipReason } from "./entry.ts"
import { compareForApply, rankOf } from "./stages.ts"

/** Options of `prune`. */
export interface PruneOptions {
  /** The inventory that the plan was made with. */
  readonly inventory: Inventory
  /** The watch caches that the plan was made with: records of deleted objects are forgotten. */
  readonly live?: LiveView | undefined
  /** Deletions in flight at once; default 8. */
  readonly concurrency?: number
  readonly signal?: AbortSignal | undefined
}

/** Options of `remove`. */
export interface RemoveOptions extends PruneOptions {
  /** Whose objects: as given to `plan`. */
  readonly owner: Owner | KubeObject
  /** As given to `plan`. */
  readonly prefix?: string
  /** How long to wait in all until the deleted objects are gone; default 60,000 ms. */
  readonly timeoutMs?: number
  readonly clock?: Clock | undefined
}

/** What was deleted and what was not. */
export interface PruneReport {
  readonly deleted: readonly ObjectRef[]
  readonly skipped: readonly { readonly ref: ObjectRef; readonly reason: SkipReason }[]
}

/** What `prune` and `remove` report. */
export type PruneEvent =
  | { readonly type: "prune.done"; readonly ref: ObjectRef }
  | { readonly type: "prune.skipped"; readonly ref: ObjectRef; readonly reason: SkipReason }
  | { readonly type: "prune.failed"; readonly ref: ObjectRef; readonly code: string; readonly message: string }
  | { readonly type: "prune.waiting"; readonly refs: readonly ObjectRef[] }

/**
 * Deletes what the plan found to be no longer desired, in reverse order of application. Call it after `settle`: what
 * the new state replaces stays until that is healthy. Each deletion needs evidence at that very moment: the live copy,
 * read from the server, bears this owner's marks (uid included), nothing on it asks to be kept, and the server deletes
 * exactly that version. Everything else is skipped and reported. A plan without deletions sends nothing.
 *
 * The inventory loses what is deleted, gone, not ours or asked to be kept; what failed stays in it. Does not wait
 * until the objects are gone. Throws `ReconcileError` `PruneFailed` with all failures, after trying every object.
 *
 * @example
 * await prune(cluster, changes, { inventory })
 */
export function prune(cluster: Cluster, plan: Plan, options: PruneOptions): Steps<PruneEvent, PruneReport> {
  return steps(() => prunePlan(cluster, plan, options))
}

async function* prunePlan(
  cluster: Cluster,
  plan: Plan,
  options: PruneOptions,
): AsyncGenerator<PruneEvent, PruneReport, void> {
  const { inventory, signal } = options
  const ownership: Ownership = { owner: plan.owner, prefix: plan.prefix }
  const skips = plan.entries.flatMap(({ ref, digest, reason }) =>
    digest === undefined && reason ? [{ ref, reason }] : [],
  )
  const wanted = plan.entries.flatMap(({ action, ref, live }) => (action === "prune" ? [{ ref, uid: live?.uid }] : []))
  if (skips.length === 0 && wanted.length === 0) return { deleted: [], skipped: [] }
  const gone = skips.filter(({ reason }) => leavesInventory.has(reason)).map(({ ref }) => ref)
  for (const { ref, reason } of skips) yield { type: "prune.skipped", ref, reason }
  const outcome = yield* deleteAll(cluster, wanted, { ...options, ownership })
  await saveWithout(inventory, [...gone, ...outcome.dropped], { signal })
  if (outcome.failures.length > 0) throw failTogether("PruneFailed", outcome.failures)
  return { deleted: outcome.deleted.map(({ ref }) => ref), skipped: [...skips, ...outcome.skipped] }
}

/** What is not there, not ours or handed over to somebody is nothing that we could still have to delete. */
const leavesInventory: ReadonlySet<SkipReason> = new Set<SkipReason>(["Gone", "NotOurs", "KeepRequested", "SameObject"])

interface Target {
  readonly ref: ObjectRef
  readonly uid: string | undefined
}

interface Outcome {
  readonly deleted: readonly { readonly ref: ObjectRef; readonly uid: string }[]
  readonly skipped: readonly { readonly ref: ObjectRef; readonly reason: SkipReason }[]
  readonly failures: readonly ObjectFailure[]
  /** What leaves the inventory. */
  readonly dropped: readonly ObjectRef[]
}

async function* deleteAll(
  cluster: Cluster,
  targets: readonly Target[],
  options: PruneOptions & { readonly ownership: Ownership },
): AsyncGenerator<PruneEvent, Outcome, void> {
  const { concurrency = 8, live } = options
  const deleted: { ref: ObjectRef; uid: string }[] = []
  const skipped: { ref: ObjectRef; reason: SkipReason }[] = []
  const failures: ObjectFailure[] = []
  for (const group of groupForDeletion(targets)) {
    for await (const { ref, result } of inParallel(group, concurrency, (target) => attempt(cluster, target, options))) {
      if ("code" in result) {
        failures.push(result)
        yield { type: "prune.failed", ref, code: result.code, message: result.message }
      } else if (result.verdict === "deleted") {
        deleted.push({ ref, uid: result.uid })
        live?.confirm(ref, undefined)
        yield { type: "prune.done", ref }
      } else {
        skipped.push({ ref, reason: result.verdict })
        yield { type: "prune.skipped", ref, reason: result.verdict }
      }
    }
  }
  const left = skipped.filter(({ reason }) => leavesInventory.has(reason))
  return { deleted, skipped, failures, dropped: [...deleted, ...left].map(({ ref }) => ref) }
}

async function attempt(
  cluster: Cluster,
  { ref, uid }: Target,
  { ownership, signal }: { readonly ownership: Ownership; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly ref: ObjectRef; readonly result: Deletion | ObjectFailure }> {
  try {
    signal?.throwIfAborted()
    return { ref, result: await deleteOurs(cluster, ref, { ownership, signal, ...(uid === undefined ? {} : { uid }) }) }
  } catch (error) {
    signal?.throwIfAborted()
    return { ref, result: failureFrom(ref, error) }
  }
}

/** The targets by kind rank, in reverse order of application: a rank is asked to go before the next one is. */
function groupForDeletion(targets: readonly Target[]): Target[][] {
  const groups = new Map<number, Target[]>()
  for (const target of targets.toSorted((a, b) => compareForApply(b.ref, a.ref))) {
    const rank = rankOf(target.ref.kind)
    groups.set(rank, [...(groups.get(rank) ?? []), target])
  }
  return [...groups.values()]
}

/**
 * Deletes everything of this owner, in reverse order of application, and waits until it is gone: for finalizers. The
 * rules of evidence are those of `prune`: what is not provably ours, or asks to be kept, stays. The inventory keeps
 * what failed or is not gone yet, so that calling it again goes on from there; an empty inventory costs nothing.
 * Throws `ReconcileError` `PruneFailed` (or the one code that all failures share) after trying every object.
 *
 * @example
 * await remove(cluster, { owner: app, inventory, signal })
 */
export function remove(cluster: Cluster, options: RemoveOptions): Steps<PruneEvent, PruneReport> {
  return steps(() => removeAll(cluster, options))
}

async function* removeAll(cluster: Cluster, options: RemoveOptions): AsyncGenerator<PruneEvent, PruneReport, void> {
  const { inventory, signal, timeoutMs = 60_000, clock = systemClock } = options
  const ownership = ownershipOf(options.owner, options.prefix)
  const { refs } = await inventory.load({ signal })
  if (refs.length === 0) return { deleted: [], skipped: [] }
  const deadline = clock.now() + timeoutMs
  const deleted: ObjectRef[] = []
  const skipped: { ref: ObjectRef; reason: SkipReason }[] = []
  const failures: ObjectFailure[] = []
  const dropped: ObjectRef[] = []
  for (const group of groupForDeletion(refs.map((ref) => ({ ref, uid: undefined })))) {
    const outcome = yield* deleteAll(cluster, group, { ...options, ownership })
    skipped.push(...outcome.skipped)
    failures.push(...outcome.failures)
    const waited = outcome.deleted.map(({ ref }) => ref)
    if (waited.length > 0) yield { type: "prune.waiting", refs: waited }
    const uids = new Map(outcome.deleted.map(({ ref, uid }) => [keyOf(ref), uid]))
    const remaining = await remainingOf(cluster, waited, { timeoutMs: deadline - clock.now(), clock, uids, signal })
    const late = new Set(remaining.map(({ ref }) => keyOf(ref)))
    deleted.push(...waited.filter((ref) => !late.has(keyOf(ref))))
    failures.push(...remaining.map(({ ref, object }) => stillThere(ref, object)))
    dropped.push(...outcome.dropped.filter((ref) => !late.has(keyOf(ref))))
  }
  await saveWithout(inventory, dropped, { signal })
  if (failures.length > 0) throw failTogether("PruneFailed", failures)
  return { deleted, skipped }
}

function stillThere(ref: ObjectRef, { metadata }: KubeObject): ObjectFailure {
  const { finalizers = [] } = metadata
  const message =
    finalizers.length === 0 ? "it is not gone yet" : `it is not gone yet: it waits for ${finalizers.join(", ")}`
  return failureOf(ref, "Terminating", { message, retryable: true })
}
