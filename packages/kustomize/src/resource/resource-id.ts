import { fixedScopes } from "./scopes.generated.ts"

/** Group, version and kind. */
export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A pattern of group, version and kind: what is empty or absent matches anything. */
export interface GvkSelector {
  readonly group?: string | undefined
  readonly version?: string | undefined
  readonly kind?: string | undefined
}

/** The identity of a resource within a build. */
export interface ResourceId extends Gvk {
  readonly name: string
  readonly namespace: string
}

/** Asks whether a kind is known to be cluster-scoped: a fixed table first, then the OpenAPI in use. */
export type Scopes = (apiVersion: string, kind: string) => boolean

/** `apiVersion` cut at its first slash. */
export function parseApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/")
  return slash < 0
    ? { group: "", version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

const knownGvks = new Map<string, Map<string, Gvk>>()
const mostKnown = 4096
let countKnown = 0

/**
 * Group, version and kind of an object. The same pair gives the same value nearly always, so that what is known of a
 * kind can be remembered by it.
 */
export function gvkFrom(apiVersion: string, kind: string): Gvk {
  const kinds = knownGvks.get(apiVersion)
  return kinds?.get(kind) ?? rememberGvk({ ...parseApiVersion(apiVersion), kind }, kinds ?? new Map(), apiVersion)
}

function rememberGvk(gvk: Gvk, kinds: Map<string, Gvk>, apiVersion: string): Gvk {
  if (countKnown === mostKnown) return gvk
  countKnown++
  kinds.set(gvk.kind, gvk)
  knownGvks.set(apiVersion, kinds)
  return gvk
}

/** Asks something of a kind once only, for as long as the function that results is in use. */
export function oncePerKind<Value>(ask: (gvk: Gvk) => Value): (gvk: Gvk) => Value {
  const answers = new Map<Gvk, Value>()
  return (gvk) => {
    let answer = answers.get(gvk)
    if (answer === undefined) {
      answer = ask(gvk)
      answers.set(gvk, answer)
    }
    return answer
  }
}

/** The reverse of `parseApiVersion`. */
export function apiVersionOf(gvk: Gvk): string {
  return gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`
}

/** What the fixed table says of a kind; absent when it says nothing. */
export function fixedScope(apiVersion: string, kind: string): boolean | undefined {
  const key = `${apiVersion}/${kind}`
  return Object.hasOwn(fixedScopes, key) ? fixedScopes[key] : undefined
}

/** True when `gvk` has every part that the selector names. */
export function isSelectedBy(gvk: Gvk, selector: GvkSelector): boolean {
  return (
    (!selector.group || selector.group === gvk.group) &&
    (!selector.version || selector.version === gvk.version) &&
    (!selector.kind || selector.kind === gvk.kind)
  )
}

/** An id as kustomize prints it: `Deployment.v1.apps/web.prod`. */
export function formatId(id: ResourceId): string {
  return `${formatGvk(id)}/${id.name || "[noName]"}.${id.namespace || "[noNs]"}`
}

/** `Deployment.v1.apps`, with `[noGrp]`, `[noVer]` and `[noKind]` for what is empty. */
export function formatGvk(gvk: Gvk): string {
  return `${gvk.kind || "[noKind]"}.${gvk.version || "[noVer]"}.${gvk.group || "[noGrp]"}`
}

/** Stands for the namespace of what is cluster-scoped. */
export const clusterScoped = "_non_namespaceable_"

/** The namespace that counts when ids are compared: none for what is cluster-scoped, `default` for none. */
export function effectiveNamespace(id: ResourceId, scopes: Scopes): string {
  if (scopes(apiVersionOf(id), id.kind)) return clusterScoped
  return id.namespace === "" ? "default" : id.namespace
}

/** A text that is equal for two ids exactly when kustomize takes them for the same. */
export function keyOfId(id: ResourceId, scopes: Scopes): string {
  return `${apiVersionOf(id)}\u0000${id.kind}\u0000${id.name}\u0000${effectiveNamespace(id, scopes)}`
}
