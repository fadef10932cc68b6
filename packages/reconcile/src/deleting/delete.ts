import {
  formatRef,
  isClusterError,
  keyOf,
  type Clock,
  type Cluster,
  type KubeObject,
  type ObjectRef,
} from "@gitops-toolkit/kube"
import { mapParallel } from "../applying/concurrent.ts"
import { ReconcileError } from "../error.ts"
import type { Ownership } from "../ownership.ts"
import { findEvidence, type Evidence } from "./evidence.ts"

/** What came of a deletion. */
export type Deletion =
  | { readonly verdict: "deleted"; readonly uid: string }
  | { readonly verdict: Exclude<Evidence["verdict"], "ours"> }

/** What a deletion needs to know. */
export interface DeleteOursOptions {
  readonly ownership: Ownership
  /** Only the object with this uid; another one of its name counts as gone. */
  readonly uid?: string
  readonly signal?: AbortSignal | undefined
}

/** How often an object may change between the evidence and the deletion before that is a failure. */
const attempts = 5

/**
 * Deletes `ref` if its live copy proves to be ours. The server deletes exactly the version that the evidence was found
 * on: when it moved in between, the evidence is looked for again. Already being deleted counts as deleted.
 */
export async function deleteOurs(cluster: Cluster, ref: ObjectRef, options: DeleteOursOptions): Promise<Deletion> {
  const { signal } = options
  for (let attempt = 1; ; attempt++) {
    const evidence = await findEvidence(cluster, ref, options)
    if (evidence.verdict !== "ours") return { verdict: evidence.verdict }
    const { uid = "", resourceVersion = "", deletionTimestamp } = evidence.object.metadata
    if (options.uid !== undefined && uid !== options.uid) return { verdict: "Gone" }
    if (uid === "" || resourceVersion === "") return { verdict: "NotOurs" }
    if (deletionTimestamp) return { verdict: "deleted", uid }
    try {
      await cluster.delete(ref, { preconditions: { uid, resourceVersion }, propagation: "Background", signal })
      return { verdict: "deleted", uid }
    } catch (error) {
      if (attempt >= attempts || !isClusterError(error, "Conflict")) throw error
    }
  }
}

/** How long and for which objects to wait. */
export interface WaitOptions {
  readonly timeoutMs: number
  readonly clock: Clock
  /** The uid of each object by `keyOf`: another one of its name counts as gone. */
  readonly uids: ReadonlyMap<string, string>
  readonly signal?: AbortSignal | undefined
}

/** Resolves when all of `refs` are gone; throws `Terminating`, naming finalizers, when the time is up. */
export async function waitUntilGone(cluster: Cluster, refs: readonly ObjectRef[], options: WaitOptions): Promise<void> {
  const remaining = await remainingOf(cluster, refs, options)
  const [first] = remaining
  if (first === undefined) return
  const texts = remaining.slice(0, 10).map(({ ref, object }) => {
    const finalizers = object.metadata.finalizers ?? []
    return finalizers.length === 0 ? formatRef(ref) : `${formatRef(ref)} (waits for ${finalizers.join(", ")})`
  })
  throw new ReconcileError("Terminating", `still being deleted: ${texts.join(", ")}`, {
    ref: first.ref,
    retryable: true,
  })
}

/** An object that is still there. */
export interface Remaining {
  readonly ref: ObjectRef
  readonly object: KubeObject
}

/** Asks until all of `refs` are gone or the time is up; the ones that are still there then. */
export async function remainingOf(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  { timeoutMs, clock, uids, signal }: WaitOptions,
): Promise<readonly Remaining[]> {
  const deadline = clock.now() + timeoutMs
  let pauseMs = 100
  let remaining: readonly ObjectRef[] = refs
  for (;;) {
    const looks = await mapParallel(remaining, 8, (ref) => look(cluster, ref, { uid: uids.get(keyOf(ref)), signal }))
    const there = looks.flatMap((one) => (one === undefined ? [] : [one]))
    if (there.length === 0 || clock.now() >= deadline) return there
    remaining = there.map(({ ref }) => ref)
    await clock.sleep(Math.min(pauseMs, Math.max(1, deadline - clock.now())), { signal })
    pauseMs = Math.min(2000, pauseMs * 2)
  }
}

async function look(
  cluster: Cluster,
  ref: ObjectRef,
  { uid, signal }: { readonly uid: string | undefined; readonly signal: AbortSignal | undefined },
): Promise<Remaining | undefined> {
  try {
    const object = await cluster.get(ref, { signal })
    if (object === undefined || (uid !== undefined && object.metadata.uid !== uid)) return undefined
    return { ref, object }
  } catch (error) {
    if (isClusterError(error, "KindNotFound")) return undefined
    throw error
  }
}
