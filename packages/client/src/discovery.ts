import { kindKeyOf, type Clock, type KindCatalog, type KindInfo, type KindRef } from "@gitops-toolkit/kube"
import { joinCatalogs, parseAggregated, parseGroupVersions, parseResourceList, type PartialCatalog } from "./catalog.ts"
import { kindNotFound, parseAnswer } from "./error.ts"
import type { ApiRequest } from "./request.ts"
import { abortable } from "./signal.ts"
import type { Wire } from "./wire.ts"

/** Options of a question to discovery. */
export interface DiscoveryOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

/** What the server serves, remembered. */
export interface Discovery {
  /** What is known of a kind. Throws `KindNotFound`, after asking again unless that was done a moment ago. */
  resolve(kind: KindRef, options?: DiscoveryOptions): Promise<KindInfo>
  catalog(options?: DiscoveryOptions & { readonly refresh?: boolean }): Promise<KindCatalog>
  /** A CRD or APIService was written or deleted: ask again. `defines` is the kind that is about to be served. */
  expectChange(defines?: { readonly group: string; readonly kind: string }): void
  /** A kind that was known is not served any more: ask again. */
  forget(): void
}

/** How old an answer must be before a missing kind makes discovery ask again, in milliseconds. */
const minAgeMs = 2000
/** The same for the ten seconds after this client wrote a definition. */
const minAgeAfterWriteMs = 100
const writtenForMs = 10_000
/** A definition is established some moments before discovery shows its kind: so long `resolve` waits for it. */
const expectedForMs = 5000
/** An incomplete catalog is not kept longer than this, in milliseconds. */
const maxIncompleteAgeMs = 10_000

interface Known {
  readonly catalog: KindCatalog
  readonly byKind: ReadonlyMap<string, KindInfo>
  readonly atMs: number
  /** How many times kinds had been said to change when this was asked. */
  readonly epoch: number
}

/** Discovery over `wire`: one request at a time, however many ask. */
export function createDiscovery(wire: Wire, clock: Clock): Discovery {
  let known: Known | undefined
  let asking: { readonly epoch: number; readonly answer: Promise<Known> } | undefined
  let epoch = 0
  let writtenAtMs = Number.NEGATIVE_INFINITY
  const expected = new Map<string, number>()
  const ask = async (askedIn: number): Promise<Known> => {
    try {
      const catalog = await fetchCatalog(wire)
      return (known = { catalog, byKind: indexOf(catalog), atMs: clock.now(), epoch: askedIn })
    } finally {
      asking = undefined
    }
  }
  // An answer that was asked for before kinds changed does not count: it is waited for, then asked again.
  const renew = async (options: DiscoveryOptions): Promise<Known> => {
    if (asking && asking.epoch !== epoch) await abortable(asking.answer, options.signal).catch(() => undefined)
    options.signal?.throwIfAborted()
    asking ??= { epoch, answer: ask(epoch) }
    return abortable(asking.answer, options.signal)
  }
  const mayAsk = (state: Known): boolean => {
    const now = clock.now()
    const minMs = now - writtenAtMs < writtenForMs ? minAgeAfterWriteMs : minAgeMs
    return state.epoch !== epoch || now - state.atMs >= minMs
  }
  const isStale = (state: Known): boolean =>
    state.epoch !== epoch || (!state.catalog.complete && clock.now() - state.atMs >= maxIncompleteAgeMs)
  const current = async (options: DiscoveryOptions): Promise<Known> =>
    known && !isStale(known) ? known : renew(options)
  return {
    async resolve(kind, options = {}) {
      const key = keyOf(kind)
      // A known kind stays known while others change; if it is gone, its own request says so.
      const found = known?.byKind.get(key) ?? (await current(options)).byKind.get(key)
      if (found) return found
      for (;;) {
        const renewed = known && !mayAsk(known) ? known : await renew(options)
        const now = renewed.byKind.get(key)
        if (now) return now
        if (clock.now() - (expected.get(kindKeyOf(kind)) ?? Number.NEGATIVE_INFINITY) >= expectedForMs)
          throw kindNotFound(kind)
        await clock.sleep(minAgeAfterWriteMs, { signal: options.signal })
      }
    },
    async catalog(options = {}) {
      return (options.refresh ? await renew(options) : await current(options)).catalog
    },
    expectChange(defines) {
      epoch++
      writtenAtMs = clock.now()
      if (defines) expected.set(`${defines.group}/${defines.kind}`, writtenAtMs)
    },
    forget() {
      epoch++
      known = undefined
    },
  }
}

function keyOf(kind: KindRef): string {
  return `${kind.apiVersion} ${kind.kind}`
}

/** One kind may be served as several resources; the first one listed counts. */
function indexOf(catalog: KindCatalog): ReadonlyMap<string, KindInfo> {
  const index = new Map<string, KindInfo>()
  for (const kind of catalog.kinds) {
    const key = keyOf(kind)
    if (!index.has(key)) index.set(key, kind)
  }
  return index
}

const aggregated = "g=apidiscovery.k8s.io;v="
const accept = `application/json;${aggregated}v2;as=APIGroupDiscoveryList,application/json;${aggregated}v2beta1;as=APIGroupDiscoveryList,application/json`

async function fetchCatalog(wire: Wire): Promise<KindCatalog> {
  const [core, groups] = await Promise.all([fetchRoot(wire, "/api"), fetchRoot(wire, "/apis")])
  return joinCatalogs([core, groups])
}

async function fetchRoot(wire: Wire, path: string): Promise<PartialCatalog> {
  const { headers, text } = await wire.send(get(path), { accept })
  const value = parseAnswer(text, undefined)
  if (headers["content-type"]?.[0]?.includes("as=APIGroupDiscoveryList")) return parseAggregated(value)
  const parts = await Promise.all(
    parseGroupVersions(value).map((version) => fetchResources(wire, `${path}/${version}`, version)),
  )
  return joinCatalogs(parts)
}

async function fetchResources(wire: Wire, path: string, apiVersion: string): Promise<PartialCatalog> {
  try {
    const { text } = await wire.send(get(path))
    return { kinds: parseResourceList(parseAnswer(text, undefined), apiVersion), missing: [] }
  } catch {
    // An aggregated API that is down must not hide all others; `complete` tells that it is missing.
    return { kinds: [], missing: [apiVersion] }
  }
}

function get(path: string): ApiRequest {
  return { method: "GET", path, query: [], repeatable: "always" }
}
