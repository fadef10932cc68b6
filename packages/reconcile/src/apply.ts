import type { HealthEvent } from "@gitops-toolkit/health"
import {
  keyOf,
  steps,
  type Clock,
  type Cluster,
  type Inventory,
  type LiveView,
  type ObjectRef,
  type Steps,
} from "@gitops-toolkit/kube"
import { carryOut, type Carried } from "./applying/carry-out.ts"
import { waitForStage } from "./applying/wait-stage.ts"
import { inParallel } from "./applying/concurrent.ts"
import { failTogether, ReconcileError, type ObjectFailure } from "./error.ts"
import { sameRefs, subtractRefs, unionOfRefs } from "./inventory/sets.ts"
import type { Plan, PlanEntry } from "./entry.ts"
import { allStages, rankOf, stageOf, type GroupKind } from "./stages.ts"

/** Options of `apply`. */
export interface ApplyPlanOptions {
  /** The inventory that the plan was made with. */
  readonly inventory: Inventory
  /** The watch caches that the plan was made with: what the server answers is recorded there. */
  readonly live?: LiveView | undefined
  /** Writes in flight at once; default 8. */
  readonly concurrency?: number
  /**
   * True: an object that changed in any way since the plan was made, its status included, is not updated but fails as
   * `StalePlan`: for plans that somebody approved. Default false: only another object of the name is refused.
   */
  readonly ifUnmoved?: boolean
  /** Kinds with a stage of their own before the rest; nothing waits for them to be ready. */
  readonly customStage?: readonly GroupKind[]
  /** How long to wait for definitions and classes to be ready before the next stage; default 60,000 ms. */
  readonly stageTimeoutMs?: number
  /** How long to wait for an object to be gone that is recreated; default 60,000 ms. */
  readonly recreateTimeoutMs?: number
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** What `apply` did to one object. */
export interface Applied {
  readonly action: "create" | "update" | "recreate"
  readonly ref: ObjectRef
}

/** What `apply` did. */
export interface ApplyReport {
  /** In order of completion. */
  readonly applied: readonly Applied[]
  readonly unchanged: number
  readonly skipped: number
}

/** What `apply` reports: every write, and the waits between stages. */
export type ApplyEvent =
  | { readonly type: "apply.done"; readonly ref: ObjectRef; readonly action: Applied["action"] }
  | { readonly type: "apply.failed"; readonly ref: ObjectRef; readonly code: string; readonly message: string }
  | { readonly type: "apply.waiting"; readonly refs: readonly ObjectRef[] }
  | Extract<HealthEvent, { readonly type: "health.changed" }>

/**
 * Carries out what `plan` wants created, updated and recreated; deletions are left to `prune`. Sends only what
 * changes, in stages (definitions, Namespaces and ClusterRoles; classes; the rest), and waits until a stage is ready
 * before it begins the next. Inside a stage the kind order holds, and objects of one kind are written together.
 *
 * The inventory is written ahead: before the first write it holds everything it held and everything desired, after
 * the last one what is there. A crash at any point loses nothing; calling `plan` and `apply` again completes the work.
 * A plan without changes whose inventory is right sends nothing at all.
 *
 * Every object of a stage is tried; the stages after a failure are not. Throws `ReconcileError` `ApplyFailed` with all
 * failures, `StalePlan` when the inventory changed since the plan was made; rejects with the signal's reason.
 *
 * @example
 * const report = await apply(cluster, changes, { inventory })
 */
export function apply(cluster: Cluster, plan: Plan, options: ApplyPlanOptions): Steps<ApplyEvent, ApplyReport> {
  return steps(() => applyPlan(cluster, plan, options))
}

const writes: ReadonlySet<string> = new Set(["create", "update", "recreate"])

async function* applyPlan(
  cluster: Cluster,
  plan: Plan,
  options: ApplyPlanOptions,
): AsyncGenerator<ApplyEvent, ApplyReport, void> {
  const { inventory, signal } = options
  signal?.throwIfAborted()
  const changes = plan.entries.filter(({ action }) => writes.has(action))
  const wanted = plan.entries.filter(({ action, digest }) => digest !== undefined && action !== "skip")
  const ahead = unionOfRefs(
    plan.inventory.refs,
    wanted.map(({ ref }) => ref),
  )
  const counts = {
    unchanged: plan.entries.filter(({ action }) => action === "unchanged").length,
    skipped: plan.entries.filter(({ action }) => action === "skip").length,
  }
  if (changes.length === 0 && sameRefs(plan.inventory.refs, ahead)) return { applied: [], ...counts }
  let { version } = await loadUnmoved(inventory, plan, signal)
  if (!sameRefs(plan.inventory.refs, ahead)) ({ version } = await inventory.save(ahead, { ifVersion: version, signal }))
  const { applied, failures, absent } = yield* applyStages(cluster, plan, { ...options, changes })
  const outcome = subtractRefs(ahead, absent)
  if (!sameRefs(ahead, outcome)) await inventory.save(outcome, { ifVersion: version, signal })
  if (failures.length > 0) throw failTogether("ApplyFailed", failures)
  return { applied, ...counts }
}

async function loadUnmoved(inventory: Inventory, plan: Plan, signal: AbortSignal | undefined) {
  const stored = await inventory.load({ signal })
  if (sameRefs(stored.refs, plan.inventory.refs)) return stored
  throw new ReconcileError("StalePlan", "the inventory was changed after the plan was made", { retryable: true })
}

interface Outcome {
  readonly applied: readonly Applied[]
  readonly failures: readonly ObjectFailure[]
  /** Objects that are certainly not there: refused by the server, and never there before. */
  readonly absent: readonly ObjectRef[]
}

async function* applyStages(
  cluster: Cluster,
  plan: Plan,
  options: ApplyPlanOptions & { readonly changes: readonly PlanEntry[] },
): AsyncGenerator<ApplyEvent, Outcome, void> {
  const applied: Applied[] = []
  const failures: ObjectFailure[] = []
  const absent: ObjectRef[] = []
  const staging = { custom: options.customStage ?? [] }
  for (const stage of allStages) {
    const entries = options.changes.filter(({ ref }) => stageOf(ref, staging) === stage)
    if (failures.length > 0) {
      absent.push(...entries.filter((entry) => isNew(entry, plan)).map(({ ref }) => ref))
      continue
    }
    for (const group of groupByRank(entries)) {
      for await (const carried of inParallel(group, options.concurrency ?? 8, (entry) =>
        carryOut(cluster, entry, { ...options, plan }),
      )) {
        yield eventOf(carried)
        if (!carried.failure) applied.push({ action: carried.action, ref: carried.entry.ref })
        else {
          failures.push(carried.failure)
          if (carried.refused && isNew(carried.entry, plan)) absent.push(carried.entry.ref)
        }
      }
    }
    const later = options.changes.filter(({ ref }) => stageOf(ref, staging) > stage)
    if (stage < 2 && failures.length === 0 && later.length > 0) {
      failures.push(...(yield* waitForStage(cluster, entries, { ...options, later })))
    }
  }
  return { applied, failures, absent }
}

function eventOf(carried: Carried): ApplyEvent {
  const { ref } = carried.entry
  if (!carried.failure) return { type: "apply.done", ref, action: carried.action }
  return { type: "apply.failed", ref, code: carried.failure.code, message: carried.failure.message }
}

/** True for an object that was neither in the cluster nor in the inventory when the plan was made. */
function isNew(entry: PlanEntry, plan: Plan): boolean {
  return entry.action === "create" && !plan.inventory.refs.some((ref) => keyOf(ref) === keyOf(entry.ref))
}

function groupByRank(entries: readonly PlanEntry[]): PlanEntry[][] {
  const groups = new Map<number, PlanEntry[]>()
  for (const entry of entries) {
    const rank = rankOf(entry.ref.kind)
    groups.set(rank, [...(groups.get(rank) ?? []), entry])
  }
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group)
}
