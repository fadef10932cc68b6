import { isClusterError, type Cluster, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { directivesOf } from "../directives.ts"
import { isOurs, type Ownership } from "../ownership.ts"
import { isInUse } from "./in-use.ts"

/** Whether an object may be deleted, by what its live copy says. */
export type Evidence =
  | { readonly verdict: "ours"; readonly object: KubeObject }
  | { readonly verdict: "Gone" | "NotOurs" | "KeepRequested" | "InUse" }

/**
 * Reads the object from the server (never from a cache) and looks for evidence: it bears this owner's marks, uid
 * included, and nothing on it asks to be kept. A definition or Namespace that holds objects of others is in use, since
 * deleting it would delete them; unless it says `prune: cascade`. Throws what the requests throw.
 */
export async function findEvidence(
  cluster: Cluster,
  ref: ObjectRef,
  { ownership, signal }: { readonly ownership: Ownership; readonly signal?: AbortSignal | undefined },
): Promise<Evidence> {
  const object = await getServed(cluster, ref, signal)
  if (object === undefined) return { verdict: "Gone" }
  if (!isOurs(object, ownership)) return { verdict: "NotOurs" }
  const { keep, ignore, cascade } = directivesOf(ownership.prefix, object)
  if (keep || ignore) return { verdict: "KeepRequested" }
  if (!cascade && (await isInUse(cluster, object, { ownership, signal }))) return { verdict: "InUse" }
  return { verdict: "ours", object }
}

async function getServed(
  cluster: Cluster,
  ref: ObjectRef,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(ref, { signal })
  } catch (error) {
    if (!isClusterError(error, "KindNotFound")) throw error
    // A kind that is gone has no objects; but a group that does not answer may still have them.
    const { complete } = await cluster.kinds({ signal, refresh: true })
    if (!complete) throw error
    return undefined
  }
}
