import { isSameSet } from "../field-set/algebra.ts"
import type { FieldSet } from "../field-set/node.ts"
import type { Topology } from "../topology/types.ts"
import { familiarFieldSet } from "./familiar.ts"
import { mergeAt } from "./merge.ts"
import { prune } from "./prune.ts"
import { reconcileFieldSet } from "./reconcile-schema.ts"
import { settleManagers } from "./settle.ts"
import {
  isApplyConflict,
  type ApplyConflict,
  type ManagedSet,
  type MergeApplyOptions,
  type Merged,
  type MergeOptions,
} from "./types.ts"

/** Server-side apply of a `desired` that is known to fit its topology. */
export function mergeDesired(options: MergeApplyOptions): Merged | ApplyConflict {
  const { live, manager, desired, apiVersion, topology, force = false, owned } = options
  const managers = new Map(reconcileManagers(options))
  const merged = mergeAt(topology, live ?? null, desired)
  const all = familiarFieldSet(topology, desired)
  const fields = owned ? owned(all, apiVersion) : all
  const last = managers.get(manager)
  const kept = last && isSameSet(last.fields, fields) ? last.fields : fields
  managers.set(manager, { apiVersion, applied: true, fields: kept })
  const object = prune({ ...options, managers, merged, last })
  const settled = settleManagers({ ...options, managers, object, force })
  return isApplyConflict(settled) ? settled : { object, managers: settled.managers }
}

/** Sets that are as their topology wants them, and are asked about with every write of their object. */
const known = new WeakMap<Topology, WeakSet<FieldSet>>()

function reconciled(topology: Topology, set: FieldSet): FieldSet {
  const sets = known.get(topology) ?? new WeakSet()
  if (sets.has(set)) return set
  const fields = reconcileFieldSet(topology, set)
  known.set(topology, sets.add(fields))
  return fields
}

/** Brings all sets to the present topologies; versions that are gone are dropped. */
export function* reconcileManagers({
  managers,
  apiVersion,
  topology,
  versions,
}: MergeOptions): Generator<[string, ManagedSet]> {
  for (const [manager, set] of managers) {
    const type = set.apiVersion === apiVersion ? topology : versions?.topologyOf(set.apiVersion)
    if (!type) continue
    const fields = reconciled(type, set.fields)
    yield [manager, fields === set.fields ? set : { ...set, fields }]
  }
}
