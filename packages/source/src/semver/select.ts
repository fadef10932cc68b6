import { parseRange, satisfies, type SatisfyOptions, type VersionRange } from "./range.ts"
import { compareVersions, isVersion, parseVersion } from "./version.ts"

/** Options of `selectVersions`. */
export interface SelectVersionsOptions extends SatisfyOptions {
  /** Only names that this accepts; default: all. */
  readonly accept?: (name: string) => boolean
}

/**
 * The names of the highest version that lies in `range`: several when they differ only in build metadata or a `v`
 * (the caller breaks the tie), none when nothing matches. Names that are no version with three numbers do not count.
 * In bytewise order, so that the result does not depend on the order of `names`.
 *
 * @example
 * selectVersions(["v1.0.0", "v1.1.0", "v2.0.0-rc.1", "latest"], "1.x")   // ["v1.1.0"]
 */
export function selectVersions(
  names: Iterable<string>,
  range: string | VersionRange,
  options: SelectVersionsOptions = {},
): string[] {
  const parsed = typeof range === "string" ? parseRange(range) : range
  let best: string[] = []
  for (const name of names) {
    if (!isVersion(name, "tag") || options.accept?.(name) === false) continue
    const version = parseVersion(name, "tag")
    if (!satisfies(version, parsed, options)) continue
    const order = best.length === 0 ? 1 : compareVersions(version, parseVersion(best[0]!, "tag"))
    if (order > 0) best = [name]
    else if (order === 0) best.push(name)
  }
  return best.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
