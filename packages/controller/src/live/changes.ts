import type { LiveChange, ObjectRef } from "@gitops-toolkit/kube"
import { scopeOf, type Caches, type Scope } from "./caches.ts"
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
    const object = caches.find(ref)
    pending.set(key, object === undefined ? { ref } : { ref, object })
    wake()
  }
  const stop = (): void => wake()
  const told = new Set<string>()
  const tellOnce = (key: string, ref: ObjectRef): void => {
    if (!told.has(key)) note(key, ref)
    told.add(key)
  }
  const scopes: Scope[] = refs.map(kindScope)
  const ends: (() => void)[] = []
  const begin = (key: string, ref: ObjectRef): void => {
    if (told.has(key) || caches.find(ref) !== undefined || !caches.isRestricted(ref)) return tellOnce(key, ref)
    const alone = scopeOf(ref)
    scopes.push(alone)
    caches.demand(user, scopes)
    ends.push(caches.whenSynced(alone, () => tellOnce(key, ref)))
  }
  caches.demand(user, scopes)
  ends.push(
    caches.subscribe((change) => {
      const key = versionedKey(change.ref)
      const ref = wanted.get(key)
      if (ref !== undefined && told.has(key)) note(key, ref)
    }),
  )
  for (const [key, ref] of wanted) ends.push(caches.whenSynced(kindScope(ref), () => begin(key, ref)))
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

function kindScope({ apiVersion, kind }: ObjectRef): Scope {
  return { apiVersion, kind }
}
