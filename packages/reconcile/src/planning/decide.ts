import {
  digestOf,
  formatRef,
  isClusterError,
  isConfirmed,
  keyOf,
  type Cluster,
  type KubeObject,
  type LiveView,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { confirmationOf } from "../applying/confirm.ts"
import type { FieldChange } from "../diff/compare.ts"
import { diff } from "../diff/diff.ts"
import { withoutIgnored, type IgnoredPointers } from "../diff/ignore.ts"
import { directivesOf } from "../directives.ts"
import type { ObjectFailure } from "../error.ts"
import { failureFrom, failureOf, isImmutableError, isNamespaceTerminating } from "../applying/failure.ts"
import { isOurs, otherOwnerOf, type Ownership } from "../ownership.ts"
import type { PlanEntry, SkipReason } from "../entry.ts"
import { hasForeignManagers, hasOwnManager, withoutTakenOver } from "../applying/take-over.ts"
import type { Desired } from "./resolve.ts"

/** What a decision is made with. */
export interface DecideContext {
  readonly cluster: Cluster
  readonly live: LiveView | undefined
  readonly ownership: Ownership
  readonly fieldManager: string
  readonly ignored: IgnoredPointers
  readonly adopt: "unowned" | "never" | "always"
  readonly force: boolean
  /** What the owner has so far, by `keyOf`. */
  readonly inventory: ReadonlySet<string>
  /** What it is to have, by `keyOf`. */
  readonly desired: ReadonlySet<string>
  readonly signal: AbortSignal | undefined
}

/** An entry of the plan, or why there can be none. */
export type Decision = { readonly entry: PlanEntry } | { readonly failure: ObjectFailure }

/** How often the cluster may move between the dry run and the read before its newest state is taken as it is. */
const rounds = 3

/** What is to happen to one desired object. */
export async function decide(desired: Desired, context: DecideContext): Promise<Decision> {
  const { ref, object } = desired
  const { live, ownership, signal } = context
  signal?.throwIfAborted()
  const digest = digestOf(object)
  const seen = live?.synced(ref) ? live.get(ref) : undefined
  const skip = skipReason(ownership.prefix, object, seen)
  if (skip) return { entry: skipped(ref, skip, digest) }
  if (desired.definedBy) return { entry: { action: "create", ref, digest, waitsFor: desired.definedBy } }
  if (seen && isUnmoved(seen, { digest, ref, desired: object }, context)) {
    return { entry: { action: "unchanged", ref, digest, live: versionOf(seen) } }
  }
  try {
    if (directivesOf(ownership.prefix, object).createOnly && (await context.cluster.get(ref, { signal }))) {
      return { entry: skipped(ref, "CreateOnly", digest) }
    }
    return await decideByDryRun({ ...desired, digest, seen }, context)
  } catch (error) {
    signal?.throwIfAborted()
    return { failure: failureFrom(ref, error, object) }
  }
}

interface Candidate extends Desired {
  readonly digest: string
  /** What the synced view shows. */
  readonly seen: KubeObject | undefined
}

function isUnmoved(
  seen: KubeObject,
  { digest, ref, desired }: { readonly digest: string; readonly ref: ObjectRef; readonly desired: KubeObject },
  { live, ownership, fieldManager }: DecideContext,
): boolean {
  const confirmation = live?.confirmed(ref)
  if (confirmation?.desiredDigest !== digest || seen.metadata.deletionTimestamp) return false
  const merge = directivesOf(ownership.prefix, desired, seen).merge
  if (!isConfirmed(seen, confirmation) || !hasOwnManager(seen, fieldManager)) return false
  return merge || !hasForeignManagers(seen, fieldManager)
}

async function decideByDryRun(candidate: Candidate, context: DecideContext): Promise<Decision> {
  const { ref, object, digest } = candidate
  const { cluster, signal } = context
  const pointers = context.ignored(object)
  let base = candidate.seen
  for (let round = 1; ; round++) {
    const sent = withoutIgnored(object, pointers, { live: base, fieldManager: context.fieldManager })
    let answer: KubeObject
    try {
      answer = await dryRun(sent, context)
    } catch (error) {
      return await decideRefusal(candidate, context, error)
    }
    if (answer.metadata.resourceVersion === undefined) return { entry: { action: "create", ref, digest } }
    const moved = base?.metadata.resourceVersion !== answer.metadata.resourceVersion
    if (moved) base = await cluster.get(ref, { signal })
    if (base === undefined) return { entry: { action: "create", ref, digest } }
    const steady = base.metadata.resourceVersion === answer.metadata.resourceVersion
    // Ignored fields are decided by the live object, so the dry run has to be repeated once that is known.
    const known = pointers.length === 0 || round > 1 || candidate.seen !== undefined
    if ((steady && known) || round >= rounds) return compareWith({ ...candidate, base, answer, steady }, context)
  }
}

function dryRun(object: KubeObject, { cluster, fieldManager, signal }: DecideContext): Promise<KubeObject> {
  return cluster.apply(object, { dryRun: true, force: true, fieldManager, signal })
}

interface Comparison extends Candidate {
  readonly base: KubeObject
  readonly answer: KubeObject
  /** The answer was made on exactly this base. */
  readonly steady: boolean
}

async function compareWith(
  { ref, object, digest, base, answer, steady }: Comparison,
  context: DecideContext,
): Promise<Decision> {
  const { ownership, live, fieldManager } = context
  const skip = skipReason(ownership.prefix, object, base)
  if (skip) return { entry: { ...skipped(ref, skip, digest), live: versionOf(base) } }
  const refusal = refusalOf(ref, { base, desired: object }, context)
  if (refusal) return { failure: refusal }
  const pointers = context.ignored(object)
  const foreign = hasForeignManagers(base, fieldManager) || hasForeignManagers(answer, fieldManager)
  const takeOver = foreign && !directivesOf(ownership.prefix, object, base).merge
  const after = takeOver ? await foreseeTakeOver(answer, context) : answer
  const changes = diff(base, after, pointers)
  if (changes.length === 0 && !takeOver) {
    if (steady) live?.confirm(ref, confirmationOf(answer, { digest, fieldManager, pointers }))
    return { entry: { action: "unchanged", ref, digest, live: versionOf(base) } }
  }
  const entry: PlanEntry = { action: "update", ref, digest, changes, live: versionOf(base) }
  return { entry: takeOver ? { ...entry, takeOver } : entry }
}

// What the taken-over managers alone had goes, but the server puts its defaults in that place: it is asked, by a dry
// run of the result. Who may not update sees the defaults as changes too.
async function foreseeTakeOver(
  answer: KubeObject,
  { cluster, fieldManager, signal }: DecideContext,
): Promise<KubeObject> {
  const without = withoutTakenOver(answer, fieldManager)
  if (without === answer) return answer
  const { managedFields: _managers, ...metadata } = without.metadata
  try {
    return await cluster.update({ ...without, metadata }, { dryRun: true, fieldManager, signal })
  } catch (error) {
    if (isClusterError(error, "Conflict", "Forbidden", "Invalid", "BadRequest", "NotFound")) return without
    throw error
  }
}

function refusalOf(
  ref: ObjectRef,
  { base, desired }: { readonly base: KubeObject; readonly desired: KubeObject },
  { ownership, adopt, inventory }: DecideContext,
): ObjectFailure | undefined {
  if (base.metadata.deletionTimestamp) {
    return failureOf(ref, "Terminating", { message: terminatingText(base), retryable: true })
  }
  if (adopt === "always") return undefined
  const other = otherOwnerOf(base, desired, ownership)
  if (other !== undefined) return failureOf(ref, "OwnedByAnother", { message: `it belongs to ${other}` })
  if (adopt === "unowned" || isOurs(base, ownership) || inventory.has(keyOf(ref))) return undefined
  return failureOf(ref, "NotOurs", { message: "it exists already, and this plan may not adopt it" })
}

function terminatingText({ metadata }: KubeObject): string {
  const { finalizers = [] } = metadata
  return finalizers.length === 0 ? "it is being deleted" : `it is being deleted and waits for ${finalizers.join(", ")}`
}

async function decideRefusal(candidate: Candidate, context: DecideContext, error: unknown): Promise<Decision> {
  const { ref, object, digest } = candidate
  const namespace: ObjectRef = { apiVersion: "v1", kind: "Namespace", name: ref.namespace ?? "" }
  if (isClusterError(error, "NotFound") && ref.namespace && context.desired.has(keyOf(namespace))) {
    return { entry: { action: "create", ref, digest, waitsFor: namespace } }
  }
  if (isNamespaceTerminating(error)) {
    return {
      failure: failureOf(ref, "Terminating", {
        message: `namespace ${ref.namespace} is being deleted`,
        retryable: true,
      }),
    }
  }
  if (!isClusterError(error, "Invalid")) throw error
  const base = await context.cluster.get(ref, { signal: context.signal })
  const failure = failureFrom(ref, error, object)
  if (base === undefined) return { failure }
  const skip = skipReason(context.ownership.prefix, object, base)
  if (skip) return { entry: { ...skipped(ref, skip, digest), live: versionOf(base) } }
  if (!isImmutableError(error)) return { failure }
  const refusal = refusalOf(ref, { base, desired: object }, context)
  if (refusal) return { failure: refusal }
  if (mayRecreate({ object, base }, context)) {
    return { entry: { action: "recreate", ref, digest, live: versionOf(base), changes: changesTo(base, object) } }
  }
  const message = `${failure.message} (${formatRef(ref)} would have to be recreated: force)`
  return { failure: { ...failure, code: "Immutable", message } }
}

// What the live object has beyond the desired one are the server's defaults, which it will get again.
function changesTo(base: KubeObject, object: KubeObject): readonly FieldChange[] {
  return diff(base, object).filter(({ op }) => op !== "remove")
}

const neverRecreated: ReadonlySet<string> = new Set(["Namespace", "CustomResourceDefinition"])
const recreatedOnOwnRequest: ReadonlySet<string> = new Set(["PersistentVolumeClaim", "PersistentVolume"])

function mayRecreate(
  { object, base }: { readonly object: KubeObject; readonly base: KubeObject },
  { ownership, force }: DecideContext,
): boolean {
  if (neverRecreated.has(object.kind) || !isOurs(base, ownership)) return false
  const asked = directivesOf(ownership.prefix, object).force
  return asked || (force && !recreatedOnOwnRequest.has(object.kind))
}

function skipReason(prefix: string, desired: KubeObject, live: KubeObject | undefined): SkipReason | undefined {
  const { ignore } = directivesOf(prefix, desired, live)
  if (ignore) return "ReconcileDisabled"
  return live && directivesOf(prefix, desired).createOnly ? "CreateOnly" : undefined
}

function skipped(ref: ObjectRef, reason: SkipReason, digest: string): PlanEntry {
  return { action: "skip", ref, digest, reason }
}

function versionOf({ metadata }: KubeObject): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: metadata.uid ?? "", resourceVersion: metadata.resourceVersion ?? "" }
}
