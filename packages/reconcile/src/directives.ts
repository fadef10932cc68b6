import type { KubeObject, StringMap } from "@gitops-toolkit/kube"

/** What an object's own labels or annotations ask of us. Keys and values as Flux has them, under our prefix. */
export interface Directives {
  /** `reconcile: disabled` or `ssa: Ignore`: leave it alone. */
  readonly ignore: boolean
  /** `ssa: IfNotPresent`: create it, never change it. */
  readonly createOnly: boolean
  /** `ssa: Merge`: leave the fields of other managers alone. */
  readonly merge: boolean
  /** `force: enabled`: it may be recreated when a change needs it. */
  readonly force: boolean
  /** `prune: disabled`: never delete it. */
  readonly keep: boolean
  /** `prune: cascade` (not Flux's): a Namespace or definition may be deleted with other people's objects in it. */
  readonly cascade: boolean
}

/**
 * The directives in the labels and annotations of `objects`, taken together. Values are compared without regard to
 * case, as Flux does.
 *
 * @example
 * directivesOf("gitops-toolkit.dev/", desired, live).keep
 */
export function directivesOf(prefix: string, ...objects: readonly (KubeObject | undefined)[]): Directives {
  const said = new Set<string>()
  for (const object of objects) {
    collect(object?.metadata?.labels, prefix, said)
    collect(object?.metadata?.annotations, prefix, said)
  }
  if (said.size === 0) return none
  return {
    ignore: said.has("reconcile: disabled") || said.has("ssa: ignore"),
    createOnly: said.has("ssa: ifnotpresent"),
    merge: said.has("ssa: merge"),
    force: said.has("force: enabled"),
    keep: said.has("prune: disabled"),
    cascade: said.has("prune: cascade"),
  }
}

const none: Directives = {
  ignore: false,
  createOnly: false,
  merge: false,
  force: false,
  keep: false,
  cascade: false,
}

function collect(map: StringMap | undefined, prefix: string, said: Set<string>): void {
  for (const key in map) {
    if (!key.startsWith(prefix) || !Object.hasOwn(map, key)) continue
    const value: unknown = map[key]
    if (typeof value === "string") said.add(`${key.slice(prefix.length)}: ${value.toLowerCase()}`)
  }
}
