import { compareBytes } from "@gitops-toolkit/kube"
import { intersect, subtract, unite } from "../field-set/algebra.ts"
import { hasChildren, type FieldSet } from "../field-set/node.ts"
import { walkPaths } from "../field-set/path.ts"
import type { ApplyConflict, FieldConflict, ManagedSet, Managers, MergeOptions } from "./types.ts"
import { compareAt, type Difference } from "./compare.ts"
import { convert, topologyIn } from "./versions.ts"

/** What `settleManagers` takes: the object before (`live`) and after the write. */
export interface SettleOptions extends MergeOptions {
  readonly object: unknown
  readonly force: boolean
  /** What `changesOf` says, where it is known already. */
  readonly difference?: Difference
}

/** What a write changed in the version that was written. */
export function changesOf(options: SettleOptions): Difference {
  return differenceIn(options, options.apiVersion, new Map())!
}

/** The managers after a write. */
export interface Settled {
  readonly managers: Managers
}

/**
 * Takes what a write changed away from all other managers: changed and added fields are conflicts unless forced,
 * removed ones go silently. Managers of versions that are gone, and those without fields, are forgotten.
 */
export function settleManagers(options: SettleOptions): Settled | ApplyConflict {
  const differences = new Map<string, Difference>()
  if (options.difference) differences.set(options.apiVersion, options.difference)
  const managers = new Map<string, ManagedSet>()
  const conflicts: { manager: string; fields: FieldSet }[] = []
  for (const [manager, set] of options.managers) {
    if (manager === options.manager) {
      if (hasChildren(set.fields)) managers.set(manager, set)
      continue
    }
    const changes = differenceIn(options, set.apiVersion, differences)
    if (!changes) continue
    const taken = takenFrom(set.fields, changes)
    if (taken) conflicts.push({ manager, fields: taken })
    const rest = without(without(set.fields, taken), changes.removed)
    if (rest) managers.set(manager, rest === set.fields ? set : { ...set, fields: rest })
  }
  return conflicts.length > 0 && !options.force ? { conflicts: listConflicts(conflicts) } : { managers }
}

function differenceIn(
  options: SettleOptions,
  apiVersion: string,
  known: Map<string, Difference>,
): Difference | undefined {
  const cached = known.get(apiVersion)
  if (cached) return cached
  const topology = topologyIn(options, apiVersion)
  if (!topology) return undefined
  const step = { from: options.apiVersion, to: apiVersion }
  const before = convert(options.live, options, step) ?? null
  const after = convert(options.object, options, step) ?? null
  const difference = owned(options, apiVersion, compareAt(topology, before, after))
  known.set(apiVersion, difference)
  return difference
}

function owned(options: SettleOptions, apiVersion: string, difference: Difference): Difference {
  const filter = (set: FieldSet | undefined): FieldSet | undefined => set && options.owned?.(set, apiVersion)
  if (!options.owned) return difference
  return {
    removed: filter(difference.removed),
    modified: filter(difference.modified),
    added: filter(difference.added),
  }
}

function takenFrom(fields: FieldSet, { modified, added }: Difference): FieldSet | undefined {
  const changed = modified && added ? unite(modified, added) : (modified ?? added)
  const taken = changed && intersect(fields, changed)
  return taken && hasChildren(taken) ? taken : undefined
}

function without(fields: FieldSet | undefined, taken: FieldSet | undefined): FieldSet | undefined {
  return fields && taken ? subtract(fields, taken) : fields
}

function listConflicts(conflicts: readonly { readonly manager: string; readonly fields: FieldSet }[]): FieldConflict[] {
  return conflicts
    .toSorted((a, b) => compareBytes(a.manager, b.manager))
    .flatMap(({ manager, fields }) => [...walkPaths(fields)].map((path) => ({ manager, path })))
}
