import { PatchError } from "./error.ts"
import { subtract, unite } from "./field-set/algebra.ts"
import { emptyFieldSet, hasChildren, type FieldSet } from "./field-set/node.ts"
import { compareAt } from "./structured/compare.ts"
import { mergeAt } from "./structured/merge.ts"
import { mergeDesired, reconcileManagers } from "./structured/apply.ts"
import { changesOf, settleManagers } from "./structured/settle.ts"
import {
  isApplyConflict,
  type ApplyConflict,
  type MergeApplyOptions,
  type Merged,
  type MergeOptions,
} from "./structured/types.ts"
import { printFaults, validate, type Fault } from "./structured/validate.ts"
import type { Topology } from "./topology.ts"
import { assertBounded } from "./value/json.ts"

export {
  isApplyConflict,
  type ManagedSet,
  type Managers,
  type Versions,
  type MergeOptions,
  type MergeApplyOptions,
  type Merged,
  type FieldConflict,
  type ApplyConflict,
} from "./structured/types.ts"
export { printFaults, type Fault } from "./structured/validate.ts"

/** What `mergeUpdate` takes. */
export interface MergeUpdateOptions extends MergeOptions {
  /** The object after the update. */
  readonly object: unknown
}

/**
 * Server-side apply as a pure function: `desired` merged into `live`; what the manager applied before and no longer
 * wants is removed unless somebody else owns it; a field that another manager owns with another value is a conflict,
 * or with `force` changes hands. Conflicts are a value; nothing is changed then. Applying the same again changes
 * nothing. Source: structured-merge-diff v6, as in Kubernetes 1.36.
 *
 * Throws `InvalidObject` when `desired` does not fit the topology, holds a list item twice or without its keys.
 *
 * @example
 * const result = mergeApply({ live, managers, manager: "me", desired, apiVersion: "apps/v1", topology })
 * if (isApplyConflict(result)) console.log(result.conflicts.map(({ path }) => formatPath(path)))
 */
export function mergeApply(options: MergeApplyOptions): Merged | ApplyConflict {
  assertBounded(options.live)
  assertValid(options.desired, options.topology)
  return mergeDesired(options)
}

/**
 * Who owns what after an update of any other kind (create, replace, patch): every field that changed or came belongs
 * to the updater and to nobody else; what is gone belongs to nobody. Never a conflict. Source: as for `mergeApply`.
 *
 * @example
 * const topology = topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!
 * const update = { live: undefined, managers: new Map(), manager: "kubectl-edit", apiVersion: "v1", topology }
 * const { managers } = mergeUpdate({ ...update, object: { data: { mode: "dark" } } })
 * printFieldSet(managers.get("kubectl-edit")!.fields)   // { "f:data": { ".": {}, "f:mode": {} } }
 */
export function mergeUpdate(options: MergeUpdateOptions): Merged {
  const { manager, apiVersion, object, owned } = options
  assertBounded(options.live, object)
  const reconciled = new Map(reconcileManagers(options))
  const write = { ...options, managers: reconciled, force: true }
  const difference = changesOf(write)
  const settled = settleManagers({ ...write, difference })
  if (isApplyConflict(settled)) throw new PatchError("PatchFailed", "an update found conflicts")
  const managers = new Map(settled.managers)
  const before = managers.get(manager)?.fields ?? emptyFieldSet
  let fields = difference.removed ? (subtract(before, difference.removed) ?? emptyFieldSet) : before
  if (difference.modified) fields = unite(fields, difference.modified)
  if (difference.added) fields = unite(fields, difference.added)
  if (owned) fields = owned(fields, apiVersion)
  if (hasChildren(fields)) managers.set(manager, { apiVersion, applied: false, fields })
  else managers.delete(manager)
  return { object, managers }
}

/** Options of `validateObject`. */
export interface ValidateOptions {
  /** Sets and keyed lists may hold an item twice, as live objects may; default false. */
  readonly allowDuplicates?: boolean
}

/**
 * How `object` fails to fit `topology`, in the server's words (`.spec.nope: field not declared in schema`); empty when
 * it fits. Structure only: values are not validated, and integers are not told from fractions.
 *
 * @example
 * validateObject({ data: {}, dat: {} }, topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!)
 * // [{ path: ".dat", message: "field not declared in schema" }]
 */
export function validateObject(object: unknown, topology: Topology, options: ValidateOptions = {}): readonly Fault[] {
  return validate(topology, object, options)
}

/**
 * Like `validateObject`, but throws `InvalidObject` with all faults in the message.
 *
 * @example
 * assertValid({ data: { mode: "dark" } }, topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!)   // undefined
 */
export function assertValid(object: unknown, topology: Topology, options: ValidateOptions = {}): void {
  const faults = validate(topology, object, options)
  if (faults.length > 0) throw new PatchError("InvalidObject", printFaults(faults))
}

/** What `compareObjects` finds: the paths that only one side has, and those whose values differ. */
export interface FieldDifference {
  readonly removed: FieldSet
  readonly modified: FieldSet
  readonly added: FieldSet
}

/**
 * Which fields `after` removes, changes and adds compared with `before`; null and undefined stand for no object.
 *
 * @example
 * const topology = topologyOf({ apiVersion: "v1", kind: "ConfigMap" })!
 * const { removed, modified } = compareObjects({ data: { mode: "dark", beta: "on" } }, { data: { mode: "light" } }, topology)
 * printFieldSet(removed)   // { "f:data": { "f:beta": {} } }
 * printFieldSet(modified)   // { "f:data": { "f:mode": {} } }
 */
export function compareObjects(before: unknown, after: unknown, topology: Topology): FieldDifference {
  assertBounded(before, after)
  const { removed, modified, added } = compareAt(topology, before ?? null, after ?? null)
  return { removed: removed ?? emptyFieldSet, modified: modified ?? emptyFieldSet, added: added ?? emptyFieldSet }
}

/**
 * `right` merged over `left` without regard to owners: structured merge alone. Shares structure with `left`.
 *
 * @example
 * const left = { spec: { containers: [{ name: "web", image: "web:1" }, { name: "proxy" }] } }
 * const right = { spec: { containers: [{ name: "web", image: "web:2" }] } }
 * mergeObjects(left, right, topologyOf({ apiVersion: "v1", kind: "Pod" })!)
 * // { spec: { containers: [{ name: "web", image: "web:2" }, { name: "proxy" }] } }
 */
export function mergeObjects(left: unknown, right: unknown, topology: Topology): unknown {
  assertBounded(left, right)
  return mergeAt(topology, left ?? null, right ?? undefined)
}
