import { isClusterError, refOf, type Cluster, type KubeObject, type RequestOptions } from "@gitops-toolkit/kube"

/** Options of `addFinalizer` and `removeFinalizer`. */
export interface FinalizerOptions extends RequestOptions {
  readonly fieldManager?: string
}

/** How often a change is tried again on the newest version of the object. */
const maxTries = 5

/**
 * True when `object` bears the finalizer.
 *
 * @example
 * const metadata = { name: "shop", finalizers: ["apps.example.com/cleanup"] }
 * hasFinalizer({ apiVersion: "example.com/v1", kind: "App", metadata }, "apps.example.com/cleanup")   // true
 */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/**
 * The object bearing the finalizer; the same object when it did already. Undefined when it is gone, was replaced by
 * another of its name, or is being deleted: then it is too late. Never touches other finalizers; a concurrent change is
 * met by reading again, five times at most. Throws `ClusterError`: its last `Conflict`, or whatever else the cluster says.
 *
 * @example
 * const held = await addFinalizer(cluster, app, { finalizer: "apps.example.com/cleanup", signal })
 * if (held !== undefined) await createBucket(held)
 */
export async function addFinalizer(
  cluster: Cluster,
  object: KubeObject,
  options: FinalizerOptions & { readonly finalizer: string },
): Promise<KubeObject | undefined> {
  return change(cluster, object, {
    ...options,
    to: (current, finalizers) => {
      if (current.metadata.deletionTimestamp !== undefined) return undefined
      return finalizers.includes(options.finalizer) ? finalizers : [...finalizers, options.finalizer]
    },
  })
}

/**
 * The object without the finalizer, or undefined when it is gone or was replaced by another of its name. Never touches
 * other finalizers; meets concurrent changes and throws as `addFinalizer` does.
 *
 * @example
 * await deleteBucket(app)
 * await removeFinalizer(cluster, app, { finalizer: "apps.example.com/cleanup", signal })
 */
export async function removeFinalizer(
  cluster: Cluster,
  object: KubeObject,
  options: FinalizerOptions & { readonly finalizer: string },
): Promise<KubeObject | undefined> {
  return change(cluster, object, {
    ...options,
    to: (_current, finalizers) =>
      finalizers.includes(options.finalizer) ? finalizers.filter((name) => name !== options.finalizer) : finalizers,
  })
}

interface Change extends FinalizerOptions {
  readonly finalizer: string
  /** The finalizers to have; the same list for no change, undefined to give up. */
  readonly to: (current: KubeObject, finalizers: readonly string[]) => readonly string[] | undefined
}

async function change(cluster: Cluster, object: KubeObject, options: Change): Promise<KubeObject | undefined> {
  const { finalizer: _finalizer, to, ...request } = options
  const ref = refOf(object)
  let current = object
  for (let tries = 1; ; tries++) {
    const before = current.metadata.finalizers ?? []
    const finalizers = to(current, before)
    if (finalizers === undefined) return undefined
    if (finalizers === before) return current
    const { uid, resourceVersion } = current.metadata
    try {
      const patch = { metadata: { uid, resourceVersion, finalizers } }
      return await cluster.patch(ref, { type: "merge", patch }, request)
    } catch (error) {
      if (isClusterError(error, "NotFound")) return undefined
      if (!isClusterError(error, "Conflict") || tries >= maxTries) throw error
      const newest = await cluster.get(ref, request.signal === undefined ? {} : { signal: request.signal })
      if (newest === undefined || newest.metadata.uid !== uid) return undefined
      current = newest
    }
  }
}
