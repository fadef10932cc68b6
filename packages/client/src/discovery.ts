import { parseJson, type Clock, type KindCatalog, type KindInfo, type KindRef } from "@gitops-toolkit/kube"
import { joinCatalogs, parseAggregated, parseGroupVersions, parseResourceList, type PartialCatalog } from "./catalog.ts"
import { kindNotFound } from "./error.ts"
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
  /** Kinds are about to change (a CRD was written), or one that was known is gone: ask again soon. */
  expire(reason: "definitionWritten" | "kindGone"): void
}

/** How old an answer must be before a missing kind makes discovery ask again, in milliseconds. */
const minAgeMs = 2000
/** The same for the ten seconds after this client wrote a definition. */
const minAgeAfterWriteMs = 100
const writtenForMs = 10_000
/** An incomplete catalog is not kept longer than this, in milliseconds. */
const maxIncompleteAgeMs = 10_000

interface Known {
  readonly catalog: KindCatalog
  readonly byKind: ReadonlyMap<string, KindInfo>
  readonly atMs: number
}

/** Discovery over `wire`: one request at a time, however many ask. */
export function createDiscovery(wire: Wire, clock: Clock): Discovery {
  let known: Known | undefined
  let asking: Promise<Known> | undefined
  let writtenAtMs = Number.NEGATIVE_INFINITY
  let outdated = false
  const ask = async (): Promise<Known> => {
    const catalog = await fetchCatalog(wire)
    outdated = false
    return (known = { catalog, byKind: indexOf(catalog), atMs: clock.now() })
  }
  const renew = (options: DiscoveryOptions): Promise<Known> => {
    asking ??= ask().finally(() => (asking = undefined))
    return abortable(asking, options.signal)
  }
  const mayAsk = ({ atMs }: Known): boolean => {
    const now = clock.now()
    return now - atMs >= (now - writtenAtMs < writtenForMs ? minAgeAfterWriteMs : minAgeMs)
  }
  const isStale = (state: Known): boolean =>
    (outdated && mayAsk(state)) || (!state.catalog.complete && clock.now() - state.atMs >= maxIncompleteAgeMs)
  const current = async (options: DiscoveryOptions): Promise<Known> =>
    known && !isStale(known) ? known : renew(options)
  return {
    async resolve(kind, options = {}) {
      const key = keyOf(kind)
      const state = await current(options)
      const found = state.byKind.get(key)
      if (found) return found
      const renewed = mayAsk(state) ? await renew(options) : state
      const now = renewed.byKind.get(key)
      if (!now) throw kindNotFound(kind)
      return now
    },
    async catalog(options = {}) {
      return (options.refresh ? await renew(options) : await current(options)).catalog
    },
    expire(reason) {
      outdated = true
      if (reason === "definitionWritten") writtenAtMs = clock.now()
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
  const value = parseJson(text)
  if (headers["content-type"]?.[0]?.includes("as=APIGroupDiscoveryList")) return parseAggregated(value)
  const parts = await Promise.all(
    parseGroupVersions(value).map((version) => fetchResources(wire, `${path}/${version}`, version)),
  )
  return joinCatalogs(parts)
}

async function fetchResources(wire: Wire, path: string, apiVersion: string): Promise<PartialCatalog> {
  try {
    const { text } = await wire.send(get(path))
    return { kinds: parseResourceList(parseJson(text), apiVersion), missing: [] }
  } catch {
    // An aggregated API that is down must not hide all others; `complete` tells that it is missing.
    return { kinds: [], missing: [apiVersion] }
  }
}

function get(path: string): ApiRequest {
  return { method: "GET", path, query: [], repeatable: "always" }
}
