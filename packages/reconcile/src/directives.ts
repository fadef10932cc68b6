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
  const says = (key: string, value: string): boolean =>
    objects.some((object) => {
      const { labels, annotations } = object?.metadata ?? {}
      return hasValue(labels, `${prefix}${key}`, value) || hasValue(annotations, `${prefix}${key}`, value)
    })
  return {
    ignore: says("reconcile", "disabled") || says("ssa", "ignore"),
    createOnly: says("ssa", "ifnotpresent"),
    merge: says("ssa", "merge"),
    force: says("force", "enabled"),
    keep: says("prune", "disabled"),
    cascade: says("prune", "cascade"),
  }
}

function hasValue(map: StringMap | undefined, key: string, value: string): boolean {
  if (!map || !Object.hasOwn(map, key)) return false
  const found: unknown = map[key]
  return typeof found === "string" && found.toLowerCase() === value
}
