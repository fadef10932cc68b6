import type { KubeObject } from "@gitops-toolkit/kube"
import { badRequest } from "../answer.ts"
import { type Call, parameter } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import type { StoreListing } from "../store.ts"
import { goJsonError } from "../wire/json-error.ts"
import { bothOf, fieldSelectorOf, labelSelectorOf, parseFieldSelector, type Selector } from "./selectors.ts"
import { checkListVersions, expired, refuseFuture, revisionOf } from "./versions.ts"
import { viewOf } from "./view.ts"

/** One page of a list, with what its `metadata` says. */
export interface Listing {
  readonly objects: readonly KubeObject[]
  readonly metadata: {
    readonly resourceVersion: string
    readonly continue?: string
    readonly remainingItemCount?: number
  }
}

/** The selector that a list or watch asks for. Texts are read first, then come the rules of `check`, then those of the kind. */
export function selectorOf(call: Call, resource: Resource, check: (call: Call) => void): Selector | undefined {
  const labels = labelSelectorOf(parameter(call, "labelSelector"))
  const terms = parseFieldSelector(parameter(call, "fieldSelector") ?? "")
  check(call)
  return bothOf(labels, fieldSelectorOf(terms, resource))
}

/** The store's prefix of a namespace; empty for all. */
export function prefixOf(resource: Resource, namespace: string): string {
  return resource.namespaced && namespace !== "" ? `${namespace}/` : ""
}

interface ContinueToken {
  readonly revision: number
  readonly start: string
}

const tokenVersion = "meta.k8s.io/v1"

function readToken(text: string): ContinueToken {
  const at = /[^A-Za-z0-9_-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : -1)
  if (at >= 0)
    throw badRequest(`invalid continue token: continue key is not valid: illegal base64 data at input byte ${at}`)
  const decoded = Buffer.from(text, "base64url").toString("latin1")
  const fault = goJsonError(decoded)
  if (fault !== undefined) throw badRequest(`invalid continue token: continue key is not valid: ${fault}`)
  const { v, rv, start } = JSON.parse(decoded) as {
    readonly v?: unknown
    readonly rv?: unknown
    readonly start?: unknown
  }
  if (v !== tokenVersion) {
    throw badRequest(
      `invalid continue token: continue key is not valid: server does not recognize this encoded version ${String(v)}`,
    )
  }
  if (typeof rv !== "number" || typeof start !== "string" || start === "") {
    throw badRequest(
      "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    )
  }
  return { revision: rv, start: Buffer.from(start, "latin1").toString("utf8") }
}

function printToken(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start }), "utf8").toString("base64url")
}

/** The limit of a list; 0 when there is none. */
function limitOf(call: Call): number {
  const text = parameter(call, "limit")
  if (text === undefined || text === "") return 0
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Math.max(0, Number(text))
}

/** The objects that a list asks for. */
export function listObjects(
  state: ServerState,
  call: Call,
  { resource, namespace }: { readonly resource: Resource; readonly namespace: string },
): Listing {
  // Whatever version will do comes from a cache, which knows no pages.
  const token = parameter(call, "continue")
  const asked = limitOf(call)
  const limit = parameter(call, "resourceVersion") === "0" && !token ? 0 : asked
  const selector = selectorOf(call, resource, checkListVersions)
  const from = token ? readToken(token) : undefined
  if (from && parameter(call, "resourceVersion") && parameter(call, "resourceVersion") !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue")
  }
  const listing = from
    ? pagesFrom(state, { resource, namespace, from })
    : firstPage(state, call, { resource, namespace, limit })
  return pageOf(listing, { resource, selector, limit, start: from?.start })
}

interface Place {
  readonly resource: Resource
  readonly namespace: string
}

function pagesFrom(
  state: ServerState,
  { resource, namespace, from }: Place & { readonly from: ContinueToken },
): StoreListing {
  const listing = state.store.listAt(resource.table, prefixOf(resource, namespace), from.revision)
  if (listing) return listing
  throw expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
  )
}

function firstPage(
  state: ServerState,
  call: Call,
  { resource, namespace, limit }: Place & { readonly limit: number },
): StoreListing {
  const revision = revisionOf(parameter(call, "resourceVersion"))
  const prefix = prefixOf(resource, namespace)
  if (revision === undefined || revision === 0) return state.store.list(resource.table, prefix)
  refuseFuture(state, revision)
  const match = parameter(call, "resourceVersionMatch")
  if (match !== "Exact" && !(limit > 0 && !match)) return state.store.list(resource.table, prefix)
  const listing = state.store.listAt(resource.table, prefix, revision)
  if (!listing) throw expired("The resourceVersion for the provided list is too old.")
  return listing
}

interface PageOptions {
  readonly resource: Resource
  readonly selector: Selector | undefined
  readonly limit: number
  /** The key behind which the page begins. */
  readonly start: string | undefined
}

function pageOf({ revision, entries }: StoreListing, { resource, selector, limit, start }: PageOptions): Listing {
  const objects: KubeObject[] = []
  let last = ""
  let at = 0
  for (; at < entries.length; at++) {
    const [key, object] = entries[at]!
    if (start !== undefined && key <= start) continue
    if (limit > 0 && objects.length === limit) break
    const view = viewOf(object, resource)
    last = key
    if (!selector || selector(view)) objects.push(view)
  }
  const resourceVersion = String(revision)
  if (at >= entries.length) return { objects, metadata: { resourceVersion } }
  const metadata = { resourceVersion, continue: printToken(revision, last) }
  return { objects, metadata: selector ? metadata : { ...metadata, remainingItemCount: entries.length - at } }
}
