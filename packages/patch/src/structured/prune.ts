import { intersect, isSubset, subtract, unite } from "../field-set/algebra.ts"
import { emptyFieldSet, hasChildren, type FieldSet } from "../field-set/node.ts"
import type { ManagedSet, Managers, MergeOptions } from "./types.ts"
import type { Topology } from "../topology/types.ts"
import { withDeclaredFields } from "./declared.ts"
import { fieldSetAt } from "./field-set-of.ts"
import { removeItems } from "./remove.ts"
import { convert, topologyIn } from "./versions.ts"

/** What `prune` takes beside the options of the merge. */
export interface PruneOptions extends MergeOptions {
  /** All managers, the applier with its new set. */
  readonly managers: Managers
  readonly merged: unknown
  /** What the applier owned before. */
  readonly last: ManagedSet | undefined
}

/** An object in one version, before and after pruning. */
interface Pair {
  readonly merged: unknown
  readonly pruned: unknown
  /** All fields of the merged object. */
  readonly fields: FieldSet
}

/**
 * The merged object without what the applier owned and no longer wants, unless somebody owns it (or something below
 * it) now.
 */
export function prune(options: PruneOptions): unknown {
  const { merged, last, managers, manager, apiVersion } = options
  if (!last || !hasChildren(last.fields)) return merged
  const present = managers.get(manager)!
  if (last.apiVersion === apiVersion && isSubset(last.fields, present.fields)) return merged
  const topology = topologyIn(options, last.apiVersion)
  if (!topology) return merged
  const before = convert(merged, options, { from: apiVersion, to: last.apiVersion })
  const lastFields = withDeclaredFields(topology, last.fields)
  const originalFields = fieldsOf(topology, before)
  const first = { merged: before, pruned: removeItems(topology, before, lastFields), fields: originalFields }
  const restored = restoreOwned(options, first, last.apiVersion)
  const result = restoreUnowned(options, { ...restored, original: before, originalFields, lastFields })
  return convert(result, options, { from: last.apiVersion, to: apiVersion })
}

/** Everything that somebody owns comes back, version by version, the one that was pruned in first. */
function restoreOwned(options: PruneOptions, first: Pair, prunedIn: string): Pair & { readonly version: string } {
  const owned = ownedByVersion(options.managers)
  const versions = [prunedIn, ...[...owned.keys()].filter((version) => version !== prunedIn)]
  let pair = first
  let at = prunedIn
  for (const version of versions) {
    const fields = owned.get(version)
    const topology = topologyIn(options, version)
    if (!fields || !topology) continue
    const merged = convert(pair.merged, options, { from: at, to: version })
    const pruned = convert(pair.pruned, options, { from: at, to: version })
    const all = version === at ? pair.fields : fieldsOf(topology, merged)
    pair = { merged, pruned: restore(topology, { merged, pruned, fields: all }, fields), fields: all }
    at = version
  }
  return { ...pair, version: at }
}

function ownedByVersion(managers: Managers): ReadonlyMap<string, FieldSet> {
  const owned = new Map<string, FieldSet>()
  for (const { apiVersion, fields } of managers.values()) {
    const known = owned.get(apiVersion)
    owned.set(apiVersion, known ? unite(known, fields) : fields)
  }
  return owned
}

function restore(topology: Topology, { merged, pruned, fields }: Pair, owned: FieldSet): unknown {
  const kept = unite(fieldsOf(topology, pruned), withDeclaredFields(topology, owned))
  return removeItems(topology, merged, subtract(fields, kept) ?? emptyFieldSet)
}

interface Restoring extends Pair {
  readonly version: string
  /** The merged object in the version of the last set. */
  readonly original: unknown
  readonly originalFields: FieldSet
  readonly lastFields: FieldSet
}

/** What nobody owned, the applier neither, comes back too: only what was in its last set may go. */
function restoreUnowned(options: PruneOptions, restoring: Restoring): unknown {
  const { original, originalFields, lastFields, pruned, version } = restoring
  const to = options.last!.apiVersion
  const topology = topologyIn(options, to)!
  const after = fieldsOf(topology, convert(pruned, options, { from: version, to }))
  const gone = subtract(originalFields, after)
  const removed = gone && intersect(gone, lastFields)
  return removeItems(topology, original, removed ?? emptyFieldSet)
}

function fieldsOf(topology: Topology, object: unknown): FieldSet {
  return withDeclaredFields(topology, fieldSetAt(topology, object) ?? emptyFieldSet)
}
