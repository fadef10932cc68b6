import {
  ClusterError,
  equalJson,
  formatRef,
  isClusterError,
  refOf,
  setOwn,
  type Cluster,
  type KubeObject,
} from "@gitops-toolkit/kube"
import type { ResourceStatus } from "../kind.ts"

/** Writes the status of one object, and only when it changes. */
export interface StatusWriter {
  /** The object as last read or written. */
  object(): KubeObject
  status(): ResourceStatus
  /**
   * Stores what `change` makes of the status; resolves with whether anything was written. `change` is called again on
   * the newest status when somebody else wrote meanwhile. Throws `NotFound` when the object is gone or was replaced.
   */
  write(change: (status: ResourceStatus) => ResourceStatus, signal?: AbortSignal): Promise<boolean>
}

/** Options of `createStatusWriter`. */
export interface StatusWriterOptions {
  readonly fieldManager: string
  readonly signal: AbortSignal
  /** Hears of every version that the server answered. */
  readonly onObject: (object: KubeObject) => void
}

/** How often a write is tried again on the newest version of the object. */
const maxTries = 5

/** A writer that starts from `first`. Its writes happen one after the other. */
export function createStatusWriter(cluster: Cluster, first: KubeObject, options: StatusWriterOptions): StatusWriter {
  const ref = refOf(first)
  let current = first
  let last: Promise<unknown> = Promise.resolve()
  const status = (): ResourceStatus => (current.status ?? {}) as ResourceStatus
  const accept = (object: KubeObject): void => {
    current = object
    options.onObject(object)
  }
  const reread = async (signal: AbortSignal): Promise<void> => {
    const newest = await cluster.get(ref, { signal })
    if (newest === undefined || newest.metadata.uid !== first.metadata.uid) {
      throw new ClusterError("NotFound", `${formatRef(ref)} is gone`, { ref })
    }
    accept(newest)
  }
  const writeNow = async (
    change: (status: ResourceStatus) => ResourceStatus,
    signal: AbortSignal,
  ): Promise<boolean> => {
    for (let tries = 1; ; tries++) {
      const before = status()
      const after = change(before)
      if (after === before || equalJson(before, after)) return false
      const { uid, resourceVersion } = current.metadata
      const patch = { metadata: { uid, resourceVersion }, status: differenceOf(before, after) }
      try {
        const { fieldManager } = options
        accept(await cluster.patch(ref, { type: "merge", patch }, { subresource: "status", fieldManager, signal }))
        return true
      } catch (error) {
        if (!isClusterError(error, "Conflict") || tries >= maxTries) throw error
        await reread(signal)
      }
    }
  }
  return {
    object: () => current,
    status,
    write(change, signal) {
      const both = signal === undefined ? options.signal : AbortSignal.any([options.signal, signal])
      const result = last.then(() => writeNow(change, both))
      // The caller sees the failure; the next write only has to wait for it.
      last = result.catch(() => undefined)
      return result
    },
  }
}

/** The merge patch (RFC 7386) that makes `after` of `before`. */
export function differenceOf(before: unknown, after: unknown): unknown {
  if (!isMap(before) || !isMap(after)) return after
  const patch: { [key: string]: unknown } = {}
  for (const key of Object.keys(before)) {
    if ((Object.hasOwn(after, key) ? after[key] : undefined) === undefined) setOwn(patch, key, null)
  }
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    if (value !== undefined && !equalJson(old, value)) setOwn(patch, key, differenceOf(old, value))
  }
  return patch
}

function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
