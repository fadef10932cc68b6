import {
  ClusterError,
  isClusterError,
  keyOf,
  systemClock,
  type Clock,
  type Cluster,
  type KubeObject,
  type LiveView,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { confirmationOf } from "./confirm.ts"
import { deleteOurs, waitUntilGone } from "../deleting/delete.ts"
import { withoutIgnored } from "../diff/ignore.ts"
import { ReconcileError, type ObjectFailure } from "../error.ts"
import { failureFrom, failureOf, isNamespaceTerminating } from "./failure.ts"
import type { Plan, PlanEntry } from "../entry.ts"
import { create } from "./create.ts"
import { hasForeignManagers, takeOverPatch } from "./take-over.ts"

/** What became of one entry. */
export interface Carried {
  readonly entry: PlanEntry
  readonly action: "create" | "update" | "recreate"
  readonly failure?: ObjectFailure
  /** The server said no: it certainly did not write. */
  readonly refused?: boolean
}

/** What an entry is carried out with. */
export interface CarryOutOptions {
  readonly plan: Plan
  readonly live?: LiveView | undefined
  readonly ifUnmoved?: boolean
  readonly recreateTimeoutMs?: number
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** Writes one object. A failure of its own is a value; only an abort and defects are thrown. */
export async function carryOut(cluster: Cluster, entry: PlanEntry, options: CarryOutOptions): Promise<Carried> {
  const { plan, live, signal } = options
  const action = entry.action as Carried["action"]
  const object = plan.objects.get(keyOf(entry.ref))
  if (object === undefined) {
    return {
      entry,
      action,
      failure: failureOf(entry.ref, "InvalidPlan", { message: "the plan lacks its object" }),
      refused: true,
    }
  }
  try {
    signal?.throwIfAborted()
    const answer = await write(cluster, { entry, object, action }, options)
    live?.confirm(
      entry.ref,
      confirmationOf(answer, {
        digest: entry.digest ?? "",
        fieldManager: plan.fieldManager,
        pointers: plan.ignored[keyOf(entry.ref)] ?? [],
      }),
    )
    return { entry, action }
  } catch (error) {
    signal?.throwIfAborted()
    return { entry, action, failure: explain(entry.ref, error, object), refused: isRefusal(error) }
  }
}

interface Write {
  readonly entry: PlanEntry
  readonly object: KubeObject
  readonly action: Carried["action"]
}

async function write(
  cluster: Cluster,
  { entry, object, action }: Write,
  options: CarryOutOptions,
): Promise<KubeObject> {
  if (action === "create") return create(cluster, { entry, object }, { ...options, mayExist: !options.ifUnmoved })
  if (action === "recreate") {
    await recreate(cluster, entry, options)
    return create(cluster, { entry, object }, { ...options, mayExist: false })
  }
  return update(cluster, { entry, object, action }, options)
}

async function update(cluster: Cluster, { entry, object }: Write, options: CarryOutOptions): Promise<KubeObject> {
  const { plan, signal } = options
  const { fieldManager } = plan
  const pointers = plan.ignored[keyOf(entry.ref)] ?? []
  const needsLive = entry.takeOver || pointers.length > 0
  const live = needsLive ? await prepareLive(cluster, entry, options) : undefined
  const sent = withoutIgnored(object, pointers, { live, fieldManager })
  const resourceVersion = options.ifUnmoved ? (live?.metadata ?? entry.live)?.resourceVersion : undefined
  const answer = await cluster.apply(bind(sent, entry, resourceVersion), { fieldManager, force: true, signal })
  if (!entry.takeOver || !hasForeignManagers(answer, fieldManager)) return answer
  // An object that had no managers at all got one by the apply itself, with everything that was there before.
  await prepareLive(cluster, entry, { ...options, ifUnmoved: false })
  return cluster.apply(bind(sent, entry), { fieldManager, force: true, signal })
}

/** How often an object may change between its reading and the take-over. */
const attempts = 5

/** The live object; after the take-over of its managers when the entry asks for that. */
async function prepareLive(
  cluster: Cluster,
  entry: PlanEntry,
  options: CarryOutOptions,
): Promise<KubeObject | undefined> {
  const { plan, ifUnmoved, signal } = options
  const { fieldManager } = plan
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.get(entry.ref, { signal })
    if (ifUnmoved && live?.metadata.resourceVersion !== entry.live?.resourceVersion) throw moved()
    const isPlanned = live !== undefined && (entry.live === undefined || live.metadata.uid === entry.live.uid)
    const operations = entry.takeOver && isPlanned ? takeOverPatch(live, fieldManager) : []
    if (operations.length === 0) return live
    try {
      return await cluster.patch(entry.ref, { type: "json", operations }, { fieldManager, signal })
    } catch (error) {
      if (attempt >= attempts || !isClusterError(error, "Conflict")) throw error
    }
  }
}

function moved(): ClusterError {
  return new ClusterError("Conflict", "the object has been modified", { status: 409, retryable: true })
}

// The uid in the body is a precondition: the server refuses to update another object of this name, and to create one.
function bind(object: KubeObject, { live }: PlanEntry, resourceVersion?: string): KubeObject {
  if (!live) return object
  const version = resourceVersion === undefined ? {} : { resourceVersion }
  return { ...object, metadata: { ...object.metadata, uid: live.uid, ...version } }
}

async function recreate(cluster: Cluster, { ref, live }: PlanEntry, options: CarryOutOptions): Promise<void> {
  const { plan, clock = systemClock, recreateTimeoutMs: timeoutMs = 60_000, signal } = options
  const ownership = { owner: plan.owner, prefix: plan.prefix }
  // The evidence is looked for again: the plan may be old.
  const { verdict } = await deleteOurs(cluster, ref, { ownership, signal, ...(live ? { uid: live.uid } : {}) })
  if (verdict !== "deleted" && verdict !== "Gone") {
    throw new ReconcileError("NotOurs", "it must not be deleted, and so cannot be recreated", { ref })
  }
  await waitUntilGone(cluster, [ref], { timeoutMs, clock, signal, uids: new Map(live ? [[keyOf(ref), live.uid]] : []) })
}

function explain(ref: ObjectRef, error: unknown, object: KubeObject): ObjectFailure {
  if (isClusterError(error, "FieldManagerConflict")) {
    return failureOf(ref, "StalePlan", { message: "somebody else created it after the plan was made", retryable: true })
  }
  if (isClusterError(error, "Conflict") || (isClusterError(error, "Invalid") && saysOtherUid(error))) {
    return failureOf(ref, "StalePlan", {
      message: "it changed or was replaced after the plan was made",
      retryable: true,
    })
  }
  if (isNamespaceTerminating(error)) {
    return failureOf(ref, "Terminating", { message: `namespace ${ref.namespace} is being deleted`, retryable: true })
  }
  return failureFrom(ref, error, object)
}

function saysOtherUid({ causes, rawMessage }: ClusterError): boolean {
  return causes.length > 0 ? causes.some(({ field }) => field === "metadata.uid") : rawMessage.includes("metadata.uid:")
}

const refusals = [
  "BadRequest",
  "FieldManagerConflict",
  "Forbidden",
  "Invalid",
  "NotFound",
  "KindNotFound",
  "Unauthorized",
] as const

function isRefusal(error: unknown): boolean {
  return error instanceof ReconcileError || isClusterError(error, ...refusals)
}
