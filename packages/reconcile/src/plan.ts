import { isJob, type SettleTarget } from "@gitops-toolkit/health"
import {
  digestOf,
  keyOf,
  type Cluster,
  type Inventory,
  type InventoryState,
  type KubeObject,
  type LiveView,
} from "@gitops-toolkit/kube"
import { mapParallel } from "./applying/concurrent.ts"
import { compileIgnoreRules, type IgnoreRule } from "./diff/ignore.ts"
import type { Plan } from "./entry.ts"
import { failTogether, ReconcileError, type ObjectFailure } from "./error.ts"
import { subtractRefs } from "./inventory/sets.ts"
import { ownershipOf, type Owner } from "./ownership.ts"
import { decide, type DecideContext, type Decision } from "./planning/decide.ts"
import { decideDeletion } from "./planning/decide-deletion.ts"
import { missingKinds, resolveObjects, type Desired, type Resolution } from "./planning/resolve.ts"
import { compareForApply } from "./stages.ts"
import { checkAllowed, type Allow } from "./tenancy.ts"

/** Options of `plan`. */
export interface PlanOptions {
  /** Whose the objects are: an object of the cluster (with its uid), or a description. */
  readonly owner: Owner | KubeObject
  /** What this owner has so far. */
  readonly inventory: Inventory
  /** Watch caches: an object that is as it was confirmed needs no request. */
  readonly live?: LiveView | undefined
  /** What may be touched, checked before any request about an object; absent: everything. */
  readonly allow?: Allow
  /** Fields that others look after. */
  readonly ignore?: readonly IgnoreRule[]
  /**
   * Objects that exist and are not ours yet. `unowned` (default): they are taken over, unless another owner's mark is
   * on them (`OwnedByAnother`). `never`: they are refused (`NotOurs`). `always`: they are taken over from anybody.
   */
  readonly adopt?: "unowned" | "never" | "always"
  /** Of labels and annotations; default `gitops-toolkit.dev/`. Flux's is `kustomize.toolkit.fluxcd.io/`. */
  readonly prefix?: string
  /** Default `gitops-toolkit`. */
  readonly fieldManager?: string
  /** For namespaced objects that name no namespace; absent: they are an error. */
  readonly namespace?: string
  /** Recreate objects whose immutable fields change; default false. Never Namespaces and CRDs. */
  readonly force?: boolean
  /** Delete what is no longer desired; default true. */
  readonly prune?: boolean
  /** False: `objects` may lack some (a part of the build failed), so nothing is deleted; default true. */
  readonly complete?: boolean
  /** True: an empty list of objects is meant; default false: it is refused where there is an inventory. */
  readonly allowEmpty?: boolean
  /** Requests in flight at once; default 8. */
  readonly concurrency?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * What it takes to make `objects`, all of them and nothing else, the state of this owner in the cluster. Writes
 * nothing. An object that `live` shows as it was last confirmed costs no request; every other one costs a server-side
 * dry run and, when it exists and `live` does not show its newest state, a read. The answers renew the confirmations.
 *
 * Throws `ReconcileError` with every failure: what the server refuses (with object and field), what `allow` excludes,
 * what belongs to others. So a plan that exists has been accepted by the server as a whole, but for objects whose CRD
 * or Namespace comes with the same plan. Rejects with the signal's reason when it aborts.
 *
 * @example
 * const changes = await plan(cluster, objects, { owner: app, inventory, live, signal })
 * console.log(changes.entries.filter(({ action }) => action !== "unchanged"))
 */
export async function plan(cluster: Cluster, objects: readonly KubeObject[], options: PlanOptions): Promise<Plan> {
  const { inventory, signal, concurrency = 8, fieldManager = "gitops-toolkit" } = options
  const ownership = ownershipOf(options.owner, options.prefix)
  const ignored = compileIgnoreRules(options.ignore ?? [])
  const stored = await inventory.load({ signal })
  refuseEmptyBuild(objects, stored, options)
  const { desired, complete } = await resolve(cluster, objects, { ...options, ownership })
  const context: DecideContext = {
    cluster,
    live: options.live,
    ownership,
    fieldManager,
    ignored,
    adopt: options.adopt ?? "unowned",
    force: options.force ?? false,
    inventory: new Set(stored.refs.map(keyOf)),
    desired: new Set(desired.map(({ ref }) => keyOf(ref))),
    signal,
  }
  const decisions = await mapParallel(desired, concurrency, (one) => decide(one, context))
  const failures = decisions.flatMap((decision) => ("failure" in decision ? [decision.failure] : []))
  if (failures.length > 0) throw failTogether("PlanFailed", failures)
  const entries = decisions.flatMap((decision) => ("entry" in decision ? [decision.entry] : []))
  const stale = subtractRefs(
    stored.refs,
    desired.map(({ ref }) => ref),
  ).toSorted((a, b) => compareForApply(b, a))
  const uids = new Set(entries.flatMap(({ live }) => (live ? [live.uid] : [])))
  const deletions = await mapParallel(stale, concurrency, (ref) =>
    decideDeletion(ref, {
      ...options,
      cluster,
      ownership,
      discovered: complete,
      uids,
      entries,
      build: options.complete ?? true,
    }),
  )
  const refused = deletions.flatMap((decision) => ("failure" in decision ? [decision.failure] : []))
  if (refused.length > 0) throw failTogether("PlanFailed", refused)
  const pruned = deletions.flatMap((decision) => ("entry" in decision ? [decision.entry] : []))
  return {
    owner: ownership.owner,
    prefix: ownership.prefix,
    fieldManager,
    adopt: context.adopt,
    entries: [...entries, ...pruned],
    keeps: keepsOf(desired, decisions),
    inventory: stored,
    ignored: ignoredOf(desired, ignored),
    objects: new Map(desired.map(({ ref, object }) => [keyOf(ref), object])),
  }
}

/**
 * A text that is equal for two plans exactly when they do the same to the same state.
 *
 * @example
 * if (digestOfPlan(changes) !== app.spec.approvedPlan) return
 * await apply(cluster, changes, { inventory, signal })
 */
export function digestOfPlan(plan: Plan): string {
  const { owner, prefix, fieldManager, adopt, entries, ignored, inventory } = plan
  return digestOf({ owner, prefix, fieldManager, adopt, entries, ignored, refs: inventory.refs })
}

function refuseEmptyBuild(objects: readonly KubeObject[], stored: InventoryState, options: PlanOptions): void {
  if (objects.length > 0 || stored.refs.length === 0 || options.allowEmpty) return
  const message = `nothing is desired any more, and ${stored.refs.length} objects would be deleted: use remove, or allowEmpty`
  throw new ReconcileError("EmptyBuild", message)
}

async function resolve(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: PlanOptions & { readonly ownership: ReturnType<typeof ownershipOf> },
): Promise<{ readonly desired: readonly Desired[]; readonly complete: boolean }> {
  const { signal, ownership, namespace, allow } = options
  let catalog = await cluster.kinds({ signal })
  if (missingKinds(objects, catalog)) catalog = await cluster.kinds({ signal, refresh: true })
  const found: Resolution = resolveObjects(objects, { catalog, ownership, namespace })
  const outside: ObjectFailure[] = checkAllowed(
    found.desired.map(({ ref }) => ref),
    allow,
  )
  const failures = [...found.failures, ...outside]
  if (failures.length > 0) throw failTogether("PlanFailed", failures)
  const desired = found.desired.toSorted((a, b) => compareForApply(a.ref, b.ref))
  return { desired, complete: catalog.complete }
}

function keepsOf(desired: readonly Desired[], decisions: readonly Decision[]): SettleTarget[] {
  return desired.flatMap(({ ref, object }, index) => {
    const decision = decisions[index]
    if (!decision || !("entry" in decision) || decision.entry.action === "skip") return []
    return [mayVanish(object) ? { ...ref, mayVanish: true } : ref]
  })
}

/** True for a Job that is deleted some time after it finished: it may be gone before anybody looks. */
export function mayVanish(object: KubeObject): boolean {
  const spec = object.spec as { readonly ttlSecondsAfterFinished?: unknown } | undefined
  return isJob(object) && typeof spec?.ttlSecondsAfterFinished === "number"
}

function ignoredOf(
  desired: readonly Desired[],
  ignored: (object: KubeObject) => readonly string[],
): { readonly [key: string]: readonly string[] } {
  const pairs = desired.map(({ ref, object }) => [keyOf(ref), ignored(object)] as const)
  return Object.fromEntries(pairs.filter(([, pointers]) => pointers.length > 0))
}
