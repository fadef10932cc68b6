import type { Path } from "../field-set/element.ts"
import type { FieldSet } from "../field-set/node.ts"
import type { Topology } from "../topology/types.ts"

/** The fields of one manager. */
export interface ManagedSet {
  /** The version of the kind in which the manager wrote; its paths mean that version. */
  readonly apiVersion: string
  /** True: it applies. False: it updates. */
  readonly applied: boolean
  readonly fields: FieldSet
}

/** Who owns what, by an identity of the manager that the caller chooses. Nobody in it owns nothing. */
export type Managers = ReadonlyMap<string, ManagedSet>

/** The versions of a kind, for managers that wrote in another version than the present one. */
export interface Versions {
  /** Undefined for a version that does not exist any more: its managers are forgotten. */
  topologyOf(apiVersion: string): Topology | undefined
  /** `object` in another version. Throws when that is impossible. */
  convert(object: unknown, from: string, to: string): unknown
}

/** What `mergeApply` and `mergeUpdate` have in common. */
export interface MergeOptions {
  /** The present object, in `apiVersion`; undefined or null when there is none yet. */
  readonly live: unknown
  readonly managers: Managers
  /** The identity of whoever writes. */
  readonly manager: string
  /** The version of the kind in which is written, and its topology. */
  readonly apiVersion: string
  readonly topology: Topology
  /** Default: only `apiVersion` exists. */
  readonly versions?: Versions | undefined
  /** Takes out the fields that nobody may own in a version (`status` on the main endpoint); default: none. */
  readonly owned?: ((fields: FieldSet, apiVersion: string) => FieldSet) | undefined
}

/** What `mergeApply` takes. */
export interface MergeApplyOptions extends MergeOptions {
  /** The fields that the manager wants, and only these. */
  readonly desired: unknown
  /** Take fields over from other managers instead of answering with conflicts; default false. */
  readonly force?: boolean
}

/** The outcome of a merge. */
export interface Merged {
  /** The merged object; `live` itself when nothing changed. */
  readonly object: unknown
  readonly managers: Managers
}

/** A field that another manager owns with another value. */
export interface FieldConflict {
  readonly manager: string
  readonly path: Path
}

/** Why nothing was applied: sorted by manager, then in the order of paths. Never empty. */
export interface ApplyConflict {
  readonly conflicts: readonly FieldConflict[]
}

/**
 * True when `mergeApply` (or `applyManaged`) found conflicts.
 *
 * @example
 * const managers = new Map([["hpa", { apiVersion: "apps/v1", applied: true, fields: parseFieldSet({ "f:spec": { "f:replicas": {} } }) }]])
 * const common = { managers, manager: "me", apiVersion: "apps/v1", topology: topologyOf({ apiVersion: "apps/v1", kind: "Deployment" })! }
 * isApplyConflict(mergeApply({ ...common, live: { spec: { replicas: 5 } }, desired: { spec: { replicas: 3 } } }))   // true
 */
export function isApplyConflict<Result extends object>(result: Result | ApplyConflict): result is ApplyConflict {
  return "conflicts" in result
}
