import type { LiveChange, ObjectRef } from "@gitops-toolkit/kube"
import type { Caches } from "./caches.ts"
import { versionedKey } from "./confirmations.ts"

/**
 * The present state of each of `refs` as soon as its kind is synced, then every later change. Changes that the reader
 * did not fetch in time are folded into the newest, so that a slow reader holds at most one change for each reference.
 */
export async function* followChanges(
  caches: Caches,
  refs: readonly ObjectRef[],
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveChange, void, void> {
  const user = {}
  const wanted = new Map(refs.map((ref) => [versionedKey(ref), ref]))
  const pending = new Map<string, LiveChange>()
  let wake: () => void = () => undefined
  const note = (key: string, ref: ObjectRef): void => {
    const object = caches.store(ref)?.get(ref)
    pending.set(key, object === undefined ? { ref } : { ref, object })
    wake()
  }
  const stop = (): void => wake()
  caches.demand(user, refs)
  const ends = [
    caches.subscribe((change) => {
      const key = versionedKey(change.ref)
      const ref = wanted.get(key)
      if (ref !== undefined && caches.store(ref)?.synced) note(key, ref)
    }),
  ]
  const told = new Set<string>()
  for (const [key, ref] of wanted) {
    const tellOnce = (): void => {
      if (!told.has(key)) note(key, ref)
      told.add(key)
    }
    ends.push(caches.whenSynced(ref, tellOnce))
  }
  signal?.addEventListener("abort", stop, { once: true })
  try {
    while (signal?.aborted !== true) {
      const changes = [...pending.values()]
      pending.clear()
      yield* changes
      if (pending.size > 0 || signal?.aborted) continue
      await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    signal?.removeEventListener("abort", stop)
    for (const end of ends) end()
    caches.demand(user, [])
  }
}
