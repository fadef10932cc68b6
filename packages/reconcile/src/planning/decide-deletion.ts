import { keyOf, type Cluster, type ObjectRef } from "@gitops-toolkit/kube"
import { findEvidence } from "../deleting/evidence.ts"
import { failureFrom } from "../applying/failure.ts"
import type { Ownership } from "../ownership.ts"
import type { PlanEntry, SkipReason } from "../entry.ts"
import { checkAllowed, type Allow } from "../tenancy.ts"
import type { Decision } from "./decide.ts"

/** What the decision over an object that is no longer desired is made with. */
export interface DeletionContext {
  readonly cluster: Cluster
  readonly ownership: Ownership
  /** The server told all of its kinds. */
  readonly discovered: boolean
  /** The build was complete. */
  readonly build: boolean
  readonly allow?: Allow
  readonly prune?: boolean
  /** The uids of live objects that are desired. */
  readonly uids: ReadonlySet<string>
  readonly entries: readonly PlanEntry[]
  readonly signal?: AbortSignal | undefined
}

/** What is to happen to an object of the inventory that nobody desires any more. */
export async function decideDeletion(ref: ObjectRef, context: DeletionContext): Promise<Decision> {
  const skip = (reason: SkipReason): Decision => ({ entry: { action: "skip", ref, reason } })
  if (!(context.prune ?? true)) return skip("PruneOff")
  if (!context.build) return skip("BuildIncomplete")
  if (!context.discovered) return skip("DiscoveryIncomplete")
  if (checkAllowed([ref], context.allow).length > 0) return skip("NotAllowed")
  if (isNamespaceInUse(ref, context.entries)) return skip("InUse")
  try {
    const evidence = await findEvidence(context.cluster, ref, context)
    if (evidence.verdict !== "ours") return skip(evidence.verdict)
    const { uid = "", resourceVersion = "" } = evidence.object.metadata
    if (context.uids.has(uid)) return skip("SameObject")
    return { entry: { action: "prune", ref, live: { uid, resourceVersion } } }
  } catch (error) {
    context.signal?.throwIfAborted()
    return { failure: failureFrom(ref, error) }
  }
}

function isNamespaceInUse(ref: ObjectRef, entries: readonly PlanEntry[]): boolean {
  const isNamespace = keyOf(ref) === keyOf({ apiVersion: "v1", kind: "Namespace", name: ref.name })
  return isNamespace && entries.some((entry) => entry.ref.namespace === ref.name)
}
